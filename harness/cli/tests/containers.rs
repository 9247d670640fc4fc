//! Entries in containers, from the command line: the Docker engine of this machine, or none.

#[path = "support/docker.rs"]
mod docker;
#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use httpdyno_record::{Record, Role, TrialRecord};
use httpdyno_report::{Comparison, bench_text};

/// A root with the spec, an implementation with a Dockerfile around a program, and one without.
fn root_with(program: &Path) -> tempfile::TempDir {
    let root = tree::empty();
    let dockerfile = "container: { dockerfile: Dockerfile }\n";
    tree::add_implementation(root.path(), "contained", program, dockerfile);
    tree::add_implementation(root.path(), "bare", program, "");
    let contained = root.path().join("implementations/contained");
    if program.exists() {
        fs::copy(program, contained.join("server")).expect("copy");
    }
    let dockerfile = "FROM debian:bookworm-slim\n\
                      COPY implementations/contained/server /usr/local/bin/server\nUSER nobody\n\
                      ENTRYPOINT [\"/usr/local/bin/server\", \"--queue\", \"mutex\"]\n";
    fs::write(contained.join("Dockerfile"), dockerfile).expect("Dockerfile");
    root
}

fn httpdyno(root: &Path, arguments: &[&str], docker_host: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.args(arguments).arg("--root").arg(root).stdin(Stdio::null());
    command.envs(docker_host.map(|host| ("DOCKER_HOST", host)));
    command.output().expect("httpdyno runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_an_engine_one_line_says_what_is_skipped_and_what_to_do() {
    let root = root_with(Path::new("/nonexistent/server"));
    let nowhere = format!("unix://{}", root.path().join("docker.sock").display());
    let verbs: [&[&str]; 3] = [
        &["bench", "--impl", "contained", "bare", "--isolation", "container"],
        &["conform", "--isolation", "container"],
        &["capacity", "contained", "bare", "--isolation", "container"],
    ];
    for verb in verbs {
        let output = httpdyno(root.path(), verb, Some(&nowhere));
        let written = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{verb:?}: {written}");
        for told in [nowhere.as_str(), "dockerd", "skipped", "contained", "bare"] {
            assert!(written.contains(told), "`{told}` is missing: {written}");
        }
        assert_eq!(written.trim().lines().count(), 1, "{written}");
    }
}

#[test]
fn a_profile_says_how_entries_are_isolated_unless_the_option_does() {
    let root = root_with(Path::new("/nonexistent/server"));
    let spec = root.path().join("spec");
    fs::remove_file(&spec).expect("the link to the spec");
    tree::copy(&tree::root().join("spec"), &spec);
    let smoke = spec.join("profiles/smoke.yaml");
    let profile = fs::read_to_string(&smoke).expect("the profile");
    let contained = profile.replace("isolation: process", "isolation: container");
    assert_ne!(profile, contained);
    fs::write(smoke, contained).expect("written");

    let nowhere = format!("unix://{}", root.path().join("docker.sock").display());
    let verbs: [&[&str]; 2] = [&["bench", "--impl", "bare"], &["capacity", "bare"]];
    for verb in verbs {
        let declared = httpdyno(root.path(), verb, Some(&nowhere));
        let written = text(&declared.stderr);
        assert!(written.contains(&nowhere) && written.contains("dockerd"), "{verb:?}: {written}");
        // As a process it gets as far as its program.
        let asked = [verb, &["--isolation", "process", "--workload", "json"]].concat();
        let written = text(&httpdyno(root.path(), &asked, Some(&nowhere)).stderr);
        assert!(written.contains("/nonexistent/server"), "{verb:?}: {written}");
        assert!(!written.contains("dockerd"), "{verb:?}: {written}");
    }
}

#[test]
fn an_entry_in_a_container_conforms_and_one_that_cannot_is_skipped_by_name() {
    if !docker::has_engine() {
        return;
    }
    let root = root_with(&tree::server("rust-std"));
    let output = httpdyno(root.path(), &["conform", "--isolation", "container"], None);
    let (found, written) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(0), "{found}{written}");
    assert!(written.contains("skipped: bare: it has no Dockerfile"), "{written}");

    let only = ["conform", "--isolation", "container", "--impl", "bare"];
    let output = httpdyno(root.path(), &only, None);
    assert_eq!(output.status.code(), Some(2), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("no entry is left"), "{}", text(&output.stderr));
}

/// The record of a short bench in containers, and what was printed and written.
fn bench_in_containers(root: &Path) -> (Record, String, String) {
    let results = root.join("results");
    let results_text = results.display().to_string();
    let mut arguments = vec!["bench", "--isolation", "container", "--workload", "json"];
    arguments.extend(["--impl", "contained", "bare"]);
    arguments.extend(["--connections", "4", "--blocks", "2", "--results", &results_text]);
    let output = httpdyno(root, &arguments, None);
    let (printed, written) = (text(&output.stdout), text(&output.stderr));
    // 1: one entry was skipped.
    assert_eq!(output.status.code(), Some(1), "{printed}{written}");
    let folder = results::record_in(&results).expect("a record");
    (Record::read(&folder).expect("a record"), printed, written)
}

#[test]
fn a_bench_records_what_was_enforced_and_prints_the_containers_tax() {
    if !docker::has_engine() {
        return;
    }
    let root = root_with(&tree::server("rust-std"));
    let (mut record, printed, written) = bench_in_containers(root.path());
    let row = |name: &str| record.run.entries.iter().find(|one| one.entry == name).expect("a row");
    assert!(row("bare").excluded.as_ref().is_some_and(|why| why.contains("no Dockerfile")));
    let image = row("contained").image_digest.clone().expect("an image");
    assert!(row("contained").version.as_ref().is_some_and(|version| version.starts_with("std")));
    assert_eq!(row("null-server").role, Role::NullServer);
    assert!(row("null-server").image_digest.is_some());
    assert_eq!(row("null-server@process").role, Role::NullProcess);

    let of = |name: &str| -> Vec<&TrialRecord> {
        record.trials.iter().filter(|trial| trial.entry == name).collect()
    };
    for (name, isolation) in [
        ("contained", "container"),
        ("null-server", "container"),
        ("null-server@process", "process"),
    ] {
        let trials = of(name);
        assert_eq!(trials.len(), 2, "{name}: {written}");
        for trial in trials {
            let measured = trial.measurement();
            let measured = measured.unwrap_or_else(|| panic!("{name}: {:?}", trial.outcome));
            assert!(measured.server_cpu_ns > 0 && measured.responses > 0, "{name}");
            assert!(measured.server.steady_rss_bytes.is_some_and(|bytes| bytes > 0), "{name}");
            let enforced = &trial.enforced;
            assert_eq!(enforced.isolation.as_deref(), Some(isolation), "{name}");
            assert!(enforced.cores.is_some(), "{name}: {:?}", enforced.departures);
            assert_eq!(enforced.image_digest.is_some(), isolation == "container", "{name}");
        }
    }
    assert_eq!(of("contained")[0].enforced.image_digest, Some(image));
    assert_eq!(of("contained")[0].enforced.seccomp.as_deref(), Some("unconfined"));

    assert!(printed.contains("the container's tax"), "{printed}");
    // Gates judge this machine at this moment; here the report of what was measured is looked at.
    for trial in &mut record.trials {
        if let httpdyno_record::TrialOutcome::Measured(measurement) = &mut trial.outcome {
            measurement.failed_gates.clear();
        }
    }
    let comparison = Comparison::of(&record).expect("a comparison");
    let tax = comparison.points[0].container_tax.as_ref().expect("both ways");
    assert!(tax.throughput.is_some() && tax.cpu.is_some(), "{tax:?}");
    let printed = bench_text::render(&record, &comparison, 160);
    assert!(printed.contains("CPU per request") && printed.contains("95 % interval"), "{printed}");
}
