//! The two sides: commands, revisions or URLs, both of one kind, so that the ratio is of nothing else.

use std::path::PathBuf;

use httpdyno_runner::{Entry, Own, Service};
use httpdyno_spec::SpecTree;
use httpdyno_spec::command_line::CommandLine;
use httpdyno_spec::id::ImplementationId;
use httpdyno_spec::suite::{Ready, Stop, Suite, SuiteServer};
use httpdyno_spec::workload::Workload;
use httpdyno_target::{CommandContext, Manner};

use super::Options;
use super::builds::{self, Layout};
use super::checkout::{Checkout, Checkouts};
use crate::exit::Failure;
use crate::output::shown;
use crate::own_hosts::host_of;

/// The side that was there, in records.
pub(super) const BASE: &str = "base";

/// The side that is judged.
pub(super) const HEAD: &str = "head";

/// What is measured, and what lies on the disk for that.
pub(super) struct Sides {
    /// The base, then the head.
    pub(super) entries: Vec<Entry>,
    /// What a reader of the record must know.
    pub(super) warnings: Vec<String>,
    /// Removed when dropped.
    _checkouts: Option<Checkouts>,
}

impl Sides {
    /// What the command line names.
    pub(super) fn resolve(
        options: &Options,
        suite: Option<&Suite>,
        tree: &SpecTree,
        workloads: &[Workload],
    ) -> Result<Self, Failure> {
        let here = Here { options, suite, tree, workloads };
        let of_revisions = options.base.as_deref().is_some_and(|base| !is_url(base));
        if options.builds > 1 && !of_revisions {
            return Err(Failure::new(
                "--builds is of revisions, which are built here; a command or a URL is what it is",
            ));
        }
        let commands = (&options.base_command, &options.head_command);
        match (&options.base, &options.head, commands) {
            (Some(base), Some(head), (None, None)) => match [base, head].map(|it| is_url(it)) {
                [true, true] => here.urls([base, head]),
                [false, false] => here.revisions([base, head]),
                _ => Err(unlike()),
            },
            (None, None, (Some(base), Some(head))) => here.commands([base, head]),
            (Some(_), None, (None, Some(_))) | (None, Some(_), (Some(_), None)) => Err(unlike()),
            _ => Err(Failure::new(
                "two sides are compared: name both, as `--base REV --head REV`, `--base URL --head \
                 URL`, or `--base-command COMMAND --head-command COMMAND`",
            )),
        }
    }
}

fn is_url(text: &str) -> bool {
    text.contains("://")
}

fn unlike() -> Failure {
    Failure::new(
        "base and head are not of one kind: a server that runs already is not kept to its cores and not \
         accounted for, one that is started here is, so the ratio would be of that as much as of the \
         servers; give two revisions, two URLs or two commands",
    )
}

/// What is known of where the command was typed.
#[derive(Clone, Copy)]
struct Here<'a> {
    options: &'a Options,
    suite: Option<&'a Suite>,
    tree: &'a SpecTree,
    workloads: &'a [Workload],
}

impl Here<'_> {
    /// How the servers are told where to listen, waited for and stopped.
    fn manner(self) -> Manner {
        let first = self.workloads.first().and_then(|workload| workload.routes.first());
        let mut server = match self.suite {
            Some(suite) => suite.file.server.clone(),
            None => nothing_said(first.map_or("/", |route| &route.request.path)),
        };
        if let Some(ready) = &self.options.ready {
            server.ready = Ready { path: ready.clone(), status: Vec::new() };
        }
        server.port = self.options.port.or(server.port);
        Manner::of_suite(&server)
    }

    fn service(self, version: Option<String>) -> Result<Service, Failure> {
        let manner = self.manner();
        if !manner.ready_path.starts_with('/') {
            let path = shown(&manner.ready_path);
            return Err(Failure::new(format!("--ready `{path}`: expected a path, e.g. /health")));
        }
        Ok(Service { manner, version })
    }

    /// The project's folder: the suite's, else the current one.
    fn project(self) -> Result<PathBuf, Failure> {
        Ok(match self.suite {
            Some(suite) => suite.project.clone(),
            None => std::env::current_dir()?,
        })
    }

    fn urls(self, urls: [&str; 2]) -> Result<Sides, Failure> {
        if self.options.port.is_some() {
            return Err(Failure::new("--port is for servers that are started, and URLs have one"));
        }
        let declared = || self.suite.map_or(Vec::new(), |suite| suite.file.hosts.clone());
        let entry = |(id, url): (&str, &str)| -> Result<Entry, Failure> {
            let entry =
                Entry::of_running_service(self.tree, &id_of(id)?, url, self.service(None)?)?;
            let addresses: Vec<_> = entry.foreign.into_iter().collect();
            self.options.own_host.check(host_of(url), &addresses, declared)?;
            Ok(entry)
        };
        let entries = [BASE, HEAD].into_iter().zip(urls).map(entry);
        let entries: Vec<Entry> = entries.collect::<Result<_, _>>()?;
        if entries[0].foreign == entries[1].foreign {
            return Err(Failure::new(format!(
                "base and head are on one port: {} and {} are the same server, which has nothing to be \
                 compared with",
                shown(urls[0]),
                shown(urls[1])
            )));
        }
        let warning =
            "somebody else runs both servers: nothing is enforced on them, and their CPU time \
                       and memory are not measured"
                .to_owned();
        Ok(Sides { entries, warnings: vec![warning], _checkouts: None })
    }

    fn commands(self, lines: [&str; 2]) -> Result<Sides, Failure> {
        let folder = self.project()?;
        let context = CommandContext::new(&folder, &folder);
        let entry = |(id, line): (&str, &str)| -> Result<Entry, Failure> {
            let run = line
                .parse::<CommandLine>()
                .map_err(|error| Failure::new(format!("--{id}-command: {error}")))?;
            self.started(id, line, &run, None, &context, None)
        };
        let entries = [BASE, HEAD].into_iter().zip(lines).map(entry);
        let entries = entries.collect::<Result<_, _>>()?;
        Ok(Sides { entries, warnings: Vec::new(), _checkouts: None })
    }

    fn revisions(self, revisions: [&str; 2]) -> Result<Sides, Failure> {
        let Some(suite) = self.suite else {
            return Err(Failure::new(format!(
                "how revisions {} and {} are built and started stands in a suite, and there is none \
                 here; `httpdyno init` writes one (or give --base-command and --head-command)",
                shown(revisions[0]),
                shown(revisions[1])
            )));
        };
        let file = &suite.file;
        let Some(run) = &file.server.run else {
            return Err(Failure::new(format!(
                "{}: the server runs already (`url`), so no revision of it can be started; say with \
                 `run` how it is, or give two URLs",
                file.path.display()
            )));
        };
        let builds = self.options.builds;
        let all = [BASE, HEAD].into_iter().zip(revisions).flat_map(|(side, revision)| {
            builds::names(side, builds).into_iter().map(move |name| (name, revision))
        });
        let checkouts = Checkouts::make(&suite.project, all)?;
        let entry = |checked: &Checkout| {
            // Each builds into its own folder, wherever this one would have it built.
            let mut context = CommandContext::new(&checked.project, &checked.project);
            context.cargo_target = checked.project.join("target");
            let name = format!("{} at {}", file.name, checked.revision);
            let version = Some(checked.commit.clone());
            if builds == 1 {
                return self.started(
                    &checked.name,
                    &name,
                    run,
                    file.build.as_ref(),
                    &context,
                    version,
                );
            }
            let layout = Layout::of(checkouts.folder(), &checked.name, self.options.seed)?;
            context.environment = layout.build;
            let (id, build) = (&checked.name, file.build.as_ref());
            let mut entry = self.started(id, &name, run, build, &context, version)?;
            if let Some(service) = &mut entry.service {
                service.manner.environment.extend(layout.server);
            }
            Ok(entry)
        };
        let entries = checkouts.all.iter().map(entry).collect::<Result<Vec<_>, _>>()?;
        let is_same = checkouts.all[0].commit == checkouts.all[checkouts.all.len() - 1].commit;
        let warning = format!("base and head are one revision, {}", checkouts.all[0].commit);
        let warnings = is_same.then_some(warning).into_iter().collect();
        Ok(Sides { entries, warnings, _checkouts: Some(checkouts) })
    }

    fn started(
        self,
        id: &str,
        name: &str,
        run: &CommandLine,
        build: Option<&CommandLine>,
        context: &CommandContext,
        version: Option<String>,
    ) -> Result<Entry, Failure> {
        let id = id_of(id)?;
        let told = self.suite.and_then(|suite| suite.file.server.version.as_ref());
        let own = Own { id: &id, name, build, run, version: told, context };
        Ok(Entry::of_service(self.tree, &own, self.service(version)?))
    }
}

fn id_of(side: &str) -> Result<ImplementationId, Failure> {
    Ok(side.parse()?)
}

/// Of a server that no suite tells of.
fn nothing_said(ready: &str) -> SuiteServer {
    // Values of variables stand for parts of other paths.
    let ready = if ready.contains('{') { "/" } else { ready };
    SuiteServer {
        run: None,
        url: None,
        env: Default::default(),
        port: None,
        ready: Ready { path: ready.to_owned(), status: Vec::new() },
        stop: Stop::default(),
        version: None,
    }
}
