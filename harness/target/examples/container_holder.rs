//! A harness for tests that holds a server in a container until it is killed: it prints the id of
//! the server's process, or why there is none.

#![forbid(unsafe_code)]

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use httpdyno_spec::manifest::{Framework, Manifest, ProcessCommands, Protocol};
use httpdyno_target::{CommandContext, Confinement, Containers, Contract, Isolation, Launch};

const DOCKERFILE: &str =
    "FROM debian:bookworm-slim\nCOPY program /server\nENTRYPOINT [\"/server\"]\n";

fn main() {
    let program = std::env::args().nth(1).expect("the program to run in a container");
    let manifest = Manifest {
        id: "held-in-a-container".parse().expect("id"),
        name: "held".to_owned(),
        language: "rust".to_owned(),
        framework: Framework { name: "std".to_owned(), url: String::new() },
        concurrency: String::new(),
        process: ProcessCommands { needs: vec![], build: vec![], run: vec![], version: vec![] },
        container: None,
        protocols: vec![Protocol::Http11],
        endpoints: vec![],
        unavailable_status: None,
        tags: vec![],
        variants: vec![],
        known_deviations: vec![],
    };
    let contract = Contract {
        host: "127.0.0.1".parse().expect("address"),
        workers: 1,
        static_dir: "/nonexistent".into(),
        database: None,
        null_response: None,
    };
    let containers = Containers::reach().expect("an engine");
    let built = containers.build_around(
        &manifest.id,
        Path::new(&program),
        DOCKERFILE,
        Path::new("/"),
        &AtomicBool::new(false),
    );
    built.expect("an image");
    let server = Isolation::Container(containers).start(&Launch {
        manner: &Default::default(),
        manifest: &manifest,
        variant: None,
        context: &CommandContext::new(Path::new("/"), Path::new("/")),
        contract: &contract,
        confinement: Confinement::default(),
        ready_within: Duration::from_secs(120),
    });
    match server {
        Ok(server) => {
            println!("{}", server.id());
            loop {
                std::thread::park();
            }
        }
        Err(error) => println!("{error}"),
    }
}
