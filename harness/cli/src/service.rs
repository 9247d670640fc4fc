//! The server of a suite, as it stands in its project's folder.

use httpdyno_runner::{Entry, Own, Service};
use httpdyno_spec::SpecTree;
use httpdyno_spec::suite::Suite;
use httpdyno_target::{CommandContext, Manner};

use crate::exit::Failure;
use crate::own_hosts::{OwnHostOption, host_of};

/// What it is called in records.
const SERVICE: &str = "service";

/// The server, built and started here, or running wherever the suite says.
pub(crate) fn entry(
    suite: &Suite,
    tree: &SpecTree,
    own_host: OwnHostOption,
) -> Result<Entry, Failure> {
    let (file, server) = (&suite.file, &suite.file.server);
    let id = SERVICE.parse()?;
    let service = Service { manner: Manner::of_suite(server), version: None };
    match (&server.run, &server.url) {
        (Some(run), _) => {
            let own = Own {
                id: &id,
                name: &file.name,
                build: file.build.as_ref(),
                run,
                version: server.version.as_ref(),
                context: &CommandContext::new(&suite.project, &suite.project),
            };
            Ok(Entry::of_service(tree, &own, service))
        }
        (None, url) => {
            let url = url.as_deref().unwrap_or_default();
            let entry = Entry::of_running_service(tree, &id, url, service)?;
            let addresses = Vec::from_iter(entry.foreign);
            own_host.check(host_of(url), &addresses, || file.hosts.clone())?;
            Ok(entry)
        }
    }
}
