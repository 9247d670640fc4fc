//! The test program itself, started again as a server under the contract: what is tried takes a process
//! that is started, offered a database and stopped like any entry.

use std::net::{IpAddr, SocketAddr};

use httpdyno_record::Role;
use httpdyno_runner::Entry;
use httpdyno_spec::manifest::{Manifest, Variant};
use httpdyno_target::{CommandContext, Isolation};
use httpdyno_testkit::Server;
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

use crate::support::root;

/// Serves until SIGTERM what `start` makes of the address, DATABASE_URL and DATABASE_POOL.
pub(crate) fn serve(start: impl FnOnce(SocketAddr, &str, u32) -> Server) -> ! {
    let given = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let host: IpAddr = given("HOST").parse().expect("an address");
    let address = SocketAddr::new(host, given("PORT").parse().expect("a port"));
    let connections = given("DATABASE_POOL").parse().expect("a number");
    let mut signals = Signals::new([SIGTERM]).expect("a signal handler");
    let server = start(address, &given("DATABASE_URL"), connections);
    signals.forever().next();
    server.prepare_to_end();
    std::process::exit(0);
}

/// This program, of which the test `serve_under_the_contract` is to call [`serve`] where the
/// environment says so.
pub(crate) fn entry(environment: &str) -> Entry {
    let text = "{id: cheat, name: cheat, language: rust, framework: {name: std, url: ''}, \
        concurrency: a thread per connection, process: {run: [], version: [echo, testkit]}, \
        protocols: [http/1.1], \
        endpoints: [plaintext, db, queries, updates, cached-queries, fortunes]}";
    let mut manifest: Manifest = serde_yaml::from_str(text).expect("a manifest");
    let program = std::env::current_exe().expect("own path").display().to_string();
    let arguments = ["--exact", "serve_under_the_contract", "--nocapture"].map(str::to_owned);
    manifest.process.run = [program].into_iter().chain(arguments).collect();
    let text = format!("{{id: one, summary: one, env: {{{environment}}}}}");
    let variant: Variant = serde_yaml::from_str(&text).expect("a variant");
    Entry {
        id: "cheat".parse().expect("id"),
        manifest,
        variant: Some(variant),
        context: CommandContext::new(&root(), &root()),
        role: Role::Entry,
        isolation: Isolation::Process,
        foreign: None,
        service: None,
    }
}
