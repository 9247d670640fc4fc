//! How every entry asks its database, read off the wire between them: with statements prepared once,
//! and one after the other or without waiting (pipelining).

mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

use httpdyno_runner::{Entry, Given};
use httpdyno_spec::SpecTree;
use httpdyno_target::contract::DatabaseOffer;
use httpdyno_target::database::Database;
use httpdyno_testkit::{Heard, Wiretap};

/// Connections in total, as `DATABASE_POOL` says.
const POOL: u32 = 4;
/// Statements of the endpoints, and what a client asks for its own use on a new connection.
const MOST_PARSED_PER_CONNECTION: u64 = 8;
/// Rows of a request, each read by a statement of its own.
const ROWS: usize = 20;
/// Long enough for a loaded machine; only a server that does not pipeline waits so long.
const PATIENCE: Duration = Duration::from_secs(20);
/// What waits for nothing is held no longer than this.
const IN_VAIN: Duration = Duration::from_millis(100);

/// The entries that send all statements of a request before the first is answered.
const PIPELINE: [&str; 11] = [
    "go-fiber",
    "go-gin",
    "go-nethttp",
    "node-fastify",
    "python-fastapi",
    "python-granian",
    "python-robyn",
    "rust-actix",
    "rust-axum",
    "rust-hyper",
    "rust-may",
];
/// Those that send each when the one before is answered.
const IN_TURN: [&str; 2] = ["python-flask", "rust-std"];

#[test]
fn every_entry_keeps_its_statements_prepared_and_pipelines_them_where_that_is_said() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root");
    let tree = SpecTree::load(root).expect("the repository's spec");
    let Some(database) = support::database() else { return };
    let entries = tree.entries().map(|entry| Entry::resolve(&tree, &entry));
    for entry in entries.filter(|entry| entry.uses_database(&tree)) {
        let id = entry.manifest.id.as_str();
        if !support::is_wanted(id) || !support::builds(&entry.manifest, &entry.context) {
            continue;
        }
        let heard = listen_in(&tree, &entry, &database);
        println!("{}: {heard:?}", entry.id);
        let (pipelines, in_turn) = (PIPELINE.contains(&id), IN_TURN.contains(&id));
        if !pipelines && !in_turn {
            // Another entry may do as it likes (spec/contract.md).
            continue;
        }
        let most = MOST_PARSED_PER_CONNECTION * u64::from(POOL);
        assert!(heard.executed > 10 * most, "{id}: {heard:?}: that many show nothing");
        assert!(heard.parsed <= most, "{id}: {heard:?}: it does not keep its statements");
        let waiting = if pipelines { ROWS } else { 1 };
        assert_eq!(heard.most_waiting, waiting, "{id}: {heard:?}");
    }
    database.stop().expect("nothing is left");
}

/// What is heard of an entry while it is asked for rows.
fn listen_in(tree: &SpecTree, entry: &Entry, database: &Database) -> Heard {
    let offer = database.offer(POOL);
    let address: SocketAddr = authority(&offer.url).parse().expect("an address in the URL");
    let wire = Wiretap::to(address);
    let url = offer.url.replace(authority(&offer.url), &wire.address().to_string());
    let database = Some(DatabaseOffer { url, pool: POOL });
    let server = entry.start(tree, Given { database, ..Given::default() });
    let server = server.unwrap_or_else(|error| panic!("{}: {error}", entry.id));
    for _ in 0..20 {
        for path in ["/queries?queries=20", "/updates?queries=5", "/db", "/fortunes"] {
            assert_well(server.address(), path);
        }
    }
    let pipelines = PIPELINE.contains(&entry.manifest.id.as_str());
    wire.hold(ROWS, if pipelines { PATIENCE } else { IN_VAIN });
    assert_well(server.address(), "/queries?queries=20");
    wire.heard()
}

/// Host and port of a URL.
fn authority(url: &str) -> &str {
    let (_, after) = url.split_once('@').expect("a user in it");
    after.split('/').next().expect("split gives one at least")
}

fn assert_well(server: SocketAddr, path: &str) {
    let mut stream = TcpStream::connect(server).expect("it listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a time");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {server}\r\nConnection: close\r\n\r\n")
        .expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("answered");
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 200 "), "GET {path}: {answer}");
}
