//! What the two sides are asked, and on which hardware: of a suite, of files, or of paths alone.

use std::collections::BTreeMap;

use httpdyno_spec::SpecTree;
use httpdyno_spec::exchange::{BodyRule, RequestTemplate, ResponseRule};
use httpdyno_spec::id::{RouteId, WorkloadId};
use httpdyno_spec::profile::{IsolationKind, Profile};
use httpdyno_spec::suite::Suite;
use httpdyno_spec::units::Span;
use httpdyno_spec::workload::{Pacing, Route, Workload};

use super::Options;
use crate::asked;
use crate::exit::Failure;

/// A request that has no response after this is an error.
const TIMEOUT: Span = Span(std::time::Duration::from_secs(10));

/// The profile, with what the command line changes in it, and the workloads.
pub(super) fn choose(
    options: &Options,
    suite: Option<&Suite>,
    tree: &SpecTree,
) -> Result<(Profile, Vec<Workload>), Failure> {
    let mut profile = asked::profile(options.profile.as_deref(), suite, tree)?;
    let workloads = workloads(options, suite.is_some(), &profile, tree)?;
    profile.workloads = workloads.iter().map(|workload| workload.id.clone()).collect();
    profile.implementations.clear();
    // Containers are of entries.
    profile.isolation = IsolationKind::Process;
    change(&mut profile, options)?;
    Ok((profile, workloads))
}

fn workloads(
    options: &Options,
    is_suite: bool,
    profile: &Profile,
    tree: &SpecTree,
) -> Result<Vec<Workload>, Failure> {
    let found = |name: &str| asked::workload(name, true, tree);
    if !options.workloads.is_empty() {
        return options.workloads.iter().map(|name| found(name)).collect();
    }
    match (options.paths.as_slice(), is_suite) {
        ([], true) => profile.workloads.iter().map(|id| found(id.as_str())).collect(),
        ([], false) => of_paths(&["/".to_owned()]),
        (paths, _) => of_paths(paths),
    }
}

fn change(profile: &mut Profile, options: &Options) -> Result<(), Failure> {
    if !options.connections.is_empty() {
        profile.connections.clone_from(&options.connections);
        if let Some(rates) = &mut profile.fixed_rates
            && !profile.connections.contains(&rates.connections)
        {
            rates.connections = profile.connections.iter().copied().max().unwrap_or(1);
        }
    }
    profile.measure = options.measure.unwrap_or(profile.measure);
    profile.warmup = options.warmup.unwrap_or(profile.warmup);
    profile.blocks = options.blocks.unwrap_or(profile.blocks);
    if profile.connections.contains(&0) || profile.measure.duration().is_zero() {
        return Err(Failure::new("--connections and --measure must be more than 0"));
    }
    if options.budget.is_none() && profile.blocks < 2 {
        return Err(Failure::new(format!(
            "{} block says nothing of chance, so there would be no verdict; --blocks 3 or more, or \
             --budget TIME, gives one",
            profile.blocks
        )));
    }
    Ok(())
}

/// A workload for each path: GET, and 200.
fn of_paths(paths: &[String]) -> Result<Vec<Workload>, Failure> {
    let mut workloads: Vec<Workload> = Vec::new();
    for path in paths {
        let right = |letter: char| letter.is_ascii_graphic() && !"{}#\"<>\\^`|".contains(letter);
        if !path.starts_with('/') || !path.chars().all(right) {
            return Err(Failure::new(format!(
                "--path `{}`: expected a path that begins with `/`, percent-encoded where need be",
                crate::output::shown(path)
            )));
        }
        let named = name_of(path);
        let id = (1..)
            .map(|number| if number == 1 { named.clone() } else { format!("{named}-{number}") })
            .find(|name| workloads.iter().all(|other| other.id.as_str() != name))
            .unwrap_or(named.clone());
        workloads.push(of_path(path, &id)?);
    }
    Ok(workloads)
}

fn of_path(path: &str, id: &str) -> Result<Workload, Failure> {
    let request = RequestTemplate {
        method: Default::default(),
        path: path.to_owned(),
        headers: BTreeMap::new(),
        body: None,
        framing: Default::default(),
    };
    let expect = ResponseRule { status: vec![200], headers: BTreeMap::new(), body: BodyRule::Any };
    let route = Route {
        id: RouteId::new(id)?,
        endpoint: None,
        weight: 1,
        vars: BTreeMap::new(),
        request,
        expect,
    };
    Ok(Workload {
        version: 1,
        id: WorkloadId::new(id)?,
        summary: format!("GET {path}"),
        routes: vec![route],
        pacing: Pacing::Closed,
        pipeline: 1,
        reconnect_after: None,
        timeout: TIMEOUT,
    })
}

/// A path as an id: its letters and digits.
pub(crate) fn name_of(path: &str) -> String {
    let lower = |it: char| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' };
    let text: String = path.chars().map(lower).collect();
    let words: Vec<&str> = text.split('-').filter(|word| !word.is_empty()).collect();
    match words.join("-") {
        name if name.is_empty() => "root".to_owned(),
        name if name.starts_with(|first: char| first.is_ascii_digit()) => format!("path-{name}"),
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::{name_of, of_paths};

    #[test]
    fn paths_become_names_and_no_two_are_the_same() {
        for (path, name) in
            [("/", "root"), ("/json", "json"), ("/a/B?c=1", "a-b-c-1"), ("/7", "path-7")]
        {
            assert_eq!(name_of(path), name, "{path}");
        }
        let paths = ["/a?b", "/a/b", "/a-b"].map(str::to_owned);
        let workloads = of_paths(&paths).expect("workloads");
        let ids: Vec<&str> = workloads.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["a-b", "a-b-2", "a-b-3"]);
        for wrong in ["json", "/a b", "/\u{e4}", ""] {
            assert!(of_paths(&[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
