//! actix-web, as its documentation sets it up, under the contract of `spec/contract.md`.
//!
//! `main` reads what was asked and serves, `routes` says which handler answers what, `handlers`,
//! `static_file` and `rows` answer, the last with rows of the `database`.
#![forbid(unsafe_code)]

mod database;
mod handlers;
mod routes;
mod rows;
mod static_file;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpServer, rt, web};
use database::Pools;
use entry_shared::database::WorldCache;
use entry_shared::program::{self, Failure};
use entry_shared::{Catalogue, Settings};

/// Connections that may wait to be accepted; the system may allow fewer.
const BACKLOG: u32 = 4096;
/// How long a connection may be without a request. (The default of 5 s would end connections of
/// clients that think for a while.)
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a request head may take.
const HEAD_LIMIT: Duration = Duration::from_secs(10);
/// How long requests in flight may take after SIGTERM, in seconds; the contract asks for an exit
/// within 5 s.
const DRAIN_LIMIT_S: u64 = 4;

fn main() -> ExitCode {
    program::run("rust-actix", concat!("actix-web ", env!("ENGINE_VERSION")), || {
        rt::System::new().block_on(serve(Settings::from_environment()?))
    })
}

async fn serve(settings: Settings) -> Result<(), Failure> {
    // Lives as long as the process, so that static files are sent without a copy.
    let catalogue: &'static Catalogue =
        Box::leak(Box::new(Catalogue::load(settings.static_dir.as_deref())?));
    let workers = settings.workers.get();
    let pools = settings.database.as_ref().map(|database| Pools::new(database, workers));
    let pools = pools.transpose()?;
    let cache = WorldCache::new();
    let started = Arc::new(AtomicUsize::new(0));
    // Runs once on each worker.
    let app = move || {
        let worker = started.fetch_add(1, Ordering::Relaxed);
        let database = pools.as_ref().map(|pools| pools.database(worker, cache.clone()));
        App::new()
            .wrap(DefaultHeaders::new().add(("Server", "actix-web")))
            .app_data(web::Data::new(catalogue))
            .configure(|routes| routes::configure(routes, database))
    };
    let address = settings.address;
    // actix-web handles SIGTERM (and SIGINT) itself.
    let server = HttpServer::new(app)
        .workers(workers)
        .backlog(BACKLOG)
        .tcp_nodelay(true)
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_LIMIT)
        .shutdown_timeout(DRAIN_LIMIT_S)
        .bind(address)
        .map_err(|source| Failure::Listen { address, source })?;
    for address in server.addrs() {
        eprintln!("listening on {address}");
    }
    server.run().await.map_err(Failure::Serve)
}
