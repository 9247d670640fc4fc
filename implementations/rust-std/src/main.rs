//! An HTTP/1.1 server on the Rust standard library: a pool of threads with
//! blocking reads and writes. `README.md` says why it is built as it is.
//!
//! `server` accepts connections into slots; `pool` hands slots to threads; `conn`
//! serves one connection with `http` (bytes) and `app` (endpoints), with rows of the `database`.
#![forbid(unsafe_code)]

mod app;
mod args;
mod conn;
mod database;
mod http;
mod pool;
mod server;

use std::error::Error;
use std::process::ExitCode;

use app::App;
use args::{Command, Queue};
use database::{Config, Database, Desk};
use entry_shared::{Catalogue, DatabaseSettings, Settings};

fn main() -> ExitCode {
    match args::parse(std::env::args().skip(1)) {
        Ok(Command::Version) => println!("std {}", env!("RUSTC_VERSION")),
        Ok(Command::Help) => println!("{}", args::USAGE),
        Ok(Command::Serve(queue)) => {
            if let Err(error) = serve(queue) {
                eprintln!("rust-std: {error}");
                return ExitCode::FAILURE;
            }
        }
        Err(mistake) => {
            eprintln!("rust-std: {mistake}\n{}", args::USAGE);
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn serve(queue: Queue) -> Result<(), Box<dyn Error>> {
    let settings = Settings::from_environment()?;
    let files = Catalogue::load(settings.static_dir.as_deref())?;
    let database = settings.database.as_ref().map(database).transpose()?;
    server::run(&settings, queue, App::new(files, database))?;
    Ok(())
}

fn database(settings: &DatabaseSettings) -> Result<Database, Box<dyn Error>> {
    let desk = Desk::open(Config::of(settings)?, settings.pool.get())?;
    Ok(Database::new(desk))
}
