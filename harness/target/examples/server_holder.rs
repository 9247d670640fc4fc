//! Starts a server under the contract and holds it until it is killed: what tests of killed
//! harnesses kill. The arguments are the server's program and its own.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use httpdyno_target::{CommandContext, Confinement, Contract, Isolation, Launch};

#[path = "../testing/misbehaving.rs"]
#[allow(dead_code, reason = "only the manifest is needed")]
mod misbehaving;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (program, rest) = arguments.split_first().expect("a program");
    let rest: Vec<&str> = rest.iter().map(String::as_str).collect();
    let manifest = misbehaving::manifest("held", Path::new(program), &rest);
    let contract = Contract {
        host: "127.0.0.1".parse().expect("address"),
        workers: 1,
        static_dir: PathBuf::from("/nonexistent"),
        database: None,
        null_response: None,
    };
    let _server = Isolation::Process.start(&Launch {
        manner: &Default::default(),
        manifest: &manifest,
        variant: None,
        context: &CommandContext::new(Path::new("/"), Path::new("/")),
        contract: &contract,
        confinement: Confinement { control_group: true, ..Confinement::default() },
        ready_within: Duration::from_secs(60),
    });
    println!("started");
    std::io::stdout().flush().expect("written");
    loop {
        std::thread::park();
    }
}
