//! Base against head, from the command line to the exit code: a head that is slower by a large factor is
//! found however busy this machine is, equals are not told apart, and what cannot be compared says why.

#[path = "support/projects.rs"]
mod projects;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use projects::{PROGRAM, Project};

/// A server that takes so much CPU time for each request.
fn server(cost_us: u32) -> String {
    format!("'{}' {cost_us}", projects::server().display())
}

/// Large against what a request costs, even of a debug build on a busy machine.
const SLOW_US: u32 = 3_000;

const ARGUMENTS: [&str; 5] = ["ab", "--profile", "./loose.yaml", "--path", "/x"];

fn with<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ARGUMENTS.iter().copied().chain(more.iter().copied()).collect()
}

#[test]
fn a_head_that_is_slower_is_found_and_named_in_every_form() {
    let project = Project::new();
    let (fast, slow) = (server(0), server(SLOW_US));
    // What a server of a few megabytes holds more or less of is no matter here.
    let sides = ["--base-command", &fast, "--head-command", &slow, "--margin", "20%"];
    let (text, errors, code) = project.run(&with(&[&sides[..], &["--format", "json"]].concat()));
    assert_eq!(code, Some(1), "{text}{errors}");
    let found: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}{errors}"));
    assert_eq!((&found["candidate"], &found["base"]), (&"head".into(), &"base".into()));
    let line = found["lines"][0].as_str().expect("a line");
    assert!(line.starts_with("head is slower at x, 2 connections: "), "{line}");
    assert!(line.contains("of base's "), "{line}");
    // What other programs take of this machine is in all of them, and least in the cost: a gate may have
    // taken the others.
    let point = &found["points"][0];
    let listed = |list: &str| point[list].as_array().expect("a list").clone();
    let all: BTreeSet<String> = [listed("ratios"), listed("void")]
        .concat()
        .iter()
        .map(|it| it["quantity"].as_str().expect("a quantity").to_owned())
        .collect();
    let quantities = ["cpu-per-request", "latency-p50", "latency-p99", "memory", "throughput"];
    assert!(all.iter().eq(quantities), "{found}");
    let costs = listed("ratios").into_iter().find(|it| it["quantity"] == "cpu-per-request");
    assert_eq!(costs.expect("a cost")["versus"]["verdict"], "slower", "{found}");
    assert!(errors.contains("head is stopped by: x, 2 connections: "), "{errors}");
    assert!(errors.contains("x, 2 connections: CPU per request"), "{errors}");

    // The same the other way round: the verdict is on the head, wherever it stands.
    let swapped =
        ["--head-command", &fast, "--base-command", &slow, "--format", "junit", "--margin", "20%"];
    let (text, errors, code) = project.run(&with(&swapped));
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("candidate head against base base"), "{text}");
    assert!(!text.contains("<failure"), "{text}");
    let (text, _, code) =
        project.run(&with(&[&swapped[..], &["--fail-on", "not-equivalent"]].concat()));
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("<failure"), "{text}");
    assert_eq!(project.left(), [""; 0], "nothing is left among the temporary files");
    assert!(project.path().join("httpdyno/results/index.html").is_file(), "records are here");
}

#[test]
fn equals_are_not_told_apart() {
    let project = Project::new();
    let same = server(200);
    let sides = ["--base-command", &same, "--head-command", &same, "--margin", "90%"];
    let (text, errors, code) =
        project.run(&with(&[&sides[..], &["--format", "markdown"]].concat()));
    // On a busy machine a gate may have taken figures.
    assert!(matches!(code, Some(0 | 3)), "{text}{errors}");
    assert!(text.contains("candidate `head` against base `base`"), "{text}");
    assert!(text.contains("The margin is 90.0 %"), "{text}");
    assert!(!text.contains("head is slower"), "{text}");
}

/// A server that somebody else runs.
struct Elses {
    child: Child,
    url: String,
}

impl Elses {
    fn start() -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("null-server").stdin(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("runs");
        let mut line = String::new();
        BufReader::new(child.stderr.take().expect("piped")).read_line(&mut line).expect("a line");
        let address = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        Self { url: format!("http://{address}"), child }
    }
}

impl Drop for Elses {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_a_server_that_runs_already_cannot_give_is_said() {
    let (project, old, new) = (Project::new(), Elses::start(), Elses::start());
    let sides = ["--base", &old.url, "--head", &new.url, "--fail-on", "never"];
    let (text, errors, code) =
        project.run(&with(&[&sides[..], &["--format", "markdown"]].concat()));
    // On a busy machine a gate may have taken figures.
    assert!(matches!(code, Some(0 | 3)), "{text}{errors}");
    let said = "candidate: not measured, somebody else runs this server";
    assert!(text.contains("no CPU per request: ") && text.contains(said), "{text}");
    assert!(text.contains("throughput") && text.contains("p50 latency"), "{text}");
    assert!(errors.contains("nothing is enforced on them"), "{errors}");
    // They go on.
    for Elses { url, .. } in [&old, &new] {
        let address = url.trim_start_matches("http://");
        assert!(std::net::TcpStream::connect(address).is_ok(), "{url}");
    }
    let (_, errors, code) = project.run(&with(&["--base", &old.url, "--head", &old.url]));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("on one port"), "{errors}");
}

#[test]
fn what_cannot_be_compared_says_why() {
    let project = Project::new();
    let (fast, elses) = (server(0), Elses::start());
    let strange = "http://93.184.216.34:80";
    for (more, words) in [
        (&[][..], "name both"),
        (&["--base", "HEAD"], "name both"),
        (&["--base-command", &fast], "name both"),
        (&["--base", &elses.url, "--head-command", &fast], "not of one kind"),
        (&["--base", &elses.url, "--head", "HEAD"], "not of one kind"),
        (&["--base", strange, "--head", &elses.url], "--i-may-load-this-host"),
        (&["--base", "HEAD~1", "--head", "HEAD"], "httpdyno init"),
        (&["--base-command", "a && b", "--head-command", &fast], "sh -c"),
        (&["--base-command", &fast, "--head-command", &fast, "--blocks", "1"], "--blocks 3"),
        (&["--base-command", &fast, "--head-command", &fast, "--margin", "0"], "3%"),
        (&["--base", "https://127.0.0.1", "--head", &elses.url], "http://"),
        (&["--base-command", &fast, "--head-command", "./not-there"], "head: cannot run"),
        (
            &["--base-command", &fast, "--head-command", "sh -c 'echo because >&2; exit 3'"],
            "because",
        ),
    ] {
        let (text, errors, code) = project.run(&with(more));
        assert_eq!((code, text.as_str()), (Some(2), ""), "{more:?}: {errors}");
        assert!(errors.contains(words), "{more:?}: {errors}");
    }
}

#[test]
fn a_head_that_never_answers_is_no_verdict_and_leaves_nothing_running() {
    let project = Project::new();
    // The base has as long, on however busy a machine.
    project.replace("loose.yaml", "start_timeout: 20s", "start_timeout: 5s");
    let (slept, fast) = ("86399.25", server(0));
    let sleeper = format!("sleep {slept}");
    let sides = ["--base-command", &fast, "--head-command", &sleeper];
    let (text, errors, code) = project.run(&with(&sides));
    assert_eq!((code, text.as_str()), (Some(2), ""), "{errors}");
    assert!(errors.contains("head: `sleep 86399.25` did not answer GET /x"), "{errors}");
    assert!(errors.contains("{port}") && errors.contains("PORT"), "{errors}");
    let running = Command::new("ps").args(["-eo", "args"]).output().expect("ps runs");
    let running = String::from_utf8_lossy(&running.stdout).into_owned();
    assert!(!running.contains(slept), "{running}");
}

#[test]
fn a_fixed_port_that_somebody_has_is_refused() {
    let (project, elses, fast) = (Project::new(), Elses::start(), server(0));
    let port = elses.url.rsplit(':').next().expect("a port");
    let sides = ["--base-command", &fast, "--head-command", &fast, "--port", port];
    let (_, errors, code) = project.run(&with(&sides));
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("something listens there already"), "{errors}");
}
