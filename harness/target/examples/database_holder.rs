//! A harness for tests that holds a database (private, or of the source named) until it is killed:
//! it prints the folder of the cluster (of another source a dash) and then the ids of its
//! processes, each on a line of its own; or why there is none.

#![forbid(unsafe_code)]

use std::path::Path;

use httpdyno_target::{Database, DatabaseSource};

fn main() {
    let asked = std::env::args().nth(1).unwrap_or_else(|| "private".to_owned());
    let source: DatabaseSource = asked.parse().expect("a source");
    let database = match Database::start(&source, &[]) {
        Ok(database) => database,
        Err(error) => return println!("{error}"),
    };
    println!("{}", database.folder().unwrap_or(Path::new("-")).display());
    for process in database.processes() {
        println!("{process}");
    }
    println!("end");
    loop {
        std::thread::park();
    }
}
