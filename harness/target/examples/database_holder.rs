//! A harness for tests that holds a private database until it is killed: it prints the folder
//! of the cluster and then the ids of its processes, each on a line of its own; or why there is
//! none.

#![forbid(unsafe_code)]

use httpdyno_target::{Database, DatabaseSource};

fn main() {
    let source = DatabaseSource::Private { bin_dir: None };
    let database = match Database::start(&source, &[]) {
        Ok(database) => database,
        Err(error) => return println!("{error}"),
    };
    println!("{}", database.folder().expect("private").display());
    for process in database.processes() {
        println!("{process}");
    }
    println!("end");
    loop {
        std::thread::park();
    }
}
