//! Somebody's own project: `init`, a suite, two revisions of it, and httpdyno without a checkout.

#[path = "support/projects.rs"]
mod projects;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use projects::Project;

/// A project under git whose server takes the CPU time for each request that the file `cost` names, as
/// `make.sh` builds it.
fn project() -> Project {
    let project = Project::new();
    let run = format!("exec '{}' $(cat built/cost)\n", projects::server().display());
    project.write("serve.sh", &run);
    project.write("make.sh", "set -e\nmkdir -p built\ncp cost built/cost\n");
    project.write("cost", "0");
    let arguments = ["init", "--build", "sh make.sh", "--run", "sh serve.sh", "--ready", "/health"];
    let (text, errors, code) = project.run(&arguments);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("httpdyno ab --base HEAD~1 --head HEAD"), "{text}");
    let loose = std::fs::read_to_string(project.path().join("loose.yaml")).expect("readable");
    project.write("httpdyno/profiles/loose.yaml", &loose);
    project.replace("httpdyno/suite.yaml", "profile: local", "profile: loose");
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "-qm", "first"]] {
        project.git(arguments);
    }
    project.write("cost", "3000");
    project.git(&["commit", "-qam", "slower"]);
    project
}

#[test]
fn two_revisions_are_built_apart_and_compared() {
    let project = project();
    let arguments = ["ab", "--margin", "20%", "--base", "HEAD~1", "--head", "HEAD"];
    let (text, errors, code) = project.run(&arguments);
    assert_eq!(code, Some(1), "{text}{errors}");
    assert!(text.contains("candidate: head\nbase: base"), "{text}");
    assert!(text.contains("head is slower at first, 2 connections: "), "{text}{errors}");
    let swapped = ["ab", "--margin", "20%", "--base", "HEAD", "--head", "HEAD~1"];
    let (text, _, code) = project.run(&swapped);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("head is faster at first"), "{text}");
    // Nothing of it is left: no work tree, no folder, no change of the project.
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(project.left(), [""; 0]);
    assert_eq!(project.git(&["status", "--porcelain"]), "");
    assert!(project.path().join("httpdyno/results/index.html").is_file());
}

#[test]
fn a_revision_that_cannot_be_had_or_built_says_why_and_nothing_is_left() {
    let project = project();
    project.write("make.sh", "echo no such compiler >&2\nexit 1\n");
    project.git(&["commit", "-qam", "broken"]);
    for (base, head, words) in [
        ("HEAD~1", "HEAD", "no such compiler"),
        ("nothing-of-that-name", "HEAD~1", "base: `nothing-of-that-name` is no revision"),
        ("HEAD~1", "--upload-pack=x", "is no revision"),
    ] {
        let sides = [format!("--base={base}"), format!("--head={head}")];
        let (text, errors, code) = project.run(&["ab", &sides[0], &sides[1]]);
        assert_eq!((code, text.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains(words), "{errors}");
    }
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(project.left(), [""; 0]);
}

#[test]
fn what_is_wrong_in_a_suite_is_said_with_its_line() {
    let project = project();
    for (file, from, to, words) in [
        (
            "suite.yaml",
            "name:",
            "nmae: x\nname:",
            &["httpdyno/suite.yaml:", "unknown field `nmae`"][..],
        ),
        ("suite.yaml", "path: \"/health\"", "path: health", &["httpdyno/suite.yaml:", "no path"]),
        ("suite.yaml", "[\"sh\",\"make.sh\"]", "a && b", &["httpdyno/suite.yaml:", "sh -c"]),
        ("suite.yaml", "\"serve.sh\"]", "\"{prot}\"]", &["no placeholder `prot`", "`port`"]),
        ("suite.yaml", "  run:", "  url: http://127.0.0.1\n  run:", &["`run` and `url`"]),
        ("suite.yaml", "profile: loose", "profile: losoe", &["no profile `losoe`", "`loose`"]),
        (
            "workloads/first.yaml",
            "  - id: first",
            "  - id: first\n    endpoint: json",
            &["contract"],
        ),
        ("workloads/first.yaml", "status: [200]", "status: [2000]", &["first.yaml:", "2000"]),
        ("workloads/first.yaml", "path: \"/\"", "pth: /", &["unknown field `pth`"]),
    ] {
        let file = format!("httpdyno/{file}");
        project.replace(&file, from, to);
        let (text, errors, code) = project.run(&["ab", "--base", "HEAD~1", "--head", "HEAD"]);
        assert_eq!((code, text.as_str()), (Some(2), ""), "{to}: {errors}");
        assert!(words.iter().all(|words| errors.contains(words)), "{to}: {errors}");
        project.replace(&file, to, from);
    }
}

#[test]
fn a_second_init_touches_nothing_and_one_that_cannot_guess_asks() {
    let project = Project::new();
    let (_, errors, code) = project.run(&["init"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("--run") && errors.contains("--url"), "{errors}");
    assert!(!project.path().join("httpdyno").exists());
    project.write("Cargo.toml", "[package]\nname = \"shop\"\n");
    assert_eq!(project.run(&["init"]).2, Some(0));
    let suite = std::fs::read_to_string(project.path().join("httpdyno/suite.yaml")).expect("there");
    assert!(suite.contains("target/release/shop") && suite.contains("cargo"), "{suite}");
    for schema in ["suite", "workload", "profile"] {
        assert!(project.path().join(format!("httpdyno/schema/{schema}.schema.json")).is_file());
    }
    project.write("httpdyno/suite.yaml", "mine");
    let (_, errors, code) = project.run(&["init"]);
    assert_eq!(code, Some(2), "{errors}");
    let suite = std::fs::read_to_string(project.path().join("httpdyno/suite.yaml")).expect("there");
    assert_eq!(suite, "mine");
}

#[test]
fn the_program_needs_no_checkout() {
    let project = Project::new();
    let (text, errors, code) = project.run(&["list", "profiles"]);
    assert_eq!(code, Some(0), "{errors}");
    assert!(text.contains("smoke") && text.contains("vm-2core"), "{text}");
    let (_, errors, code) = project.run(&["schema"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("--root"), "{errors}");
    assert_eq!(project.left(), [""; 0]);
}

#[test]
fn the_service_alone_is_measured_too() {
    let project = project();
    let (text, errors, code) = project.run(&["bench", "--blocks", "2"]);
    // On a busy machine a gate may have taken figures.
    assert!(matches!(code, Some(0 | 3)), "{text}{errors}");
    assert!(text.contains("service"), "{text}");
    let (listed, errors, code) = project.run(&["history"]);
    assert_eq!(code, Some(0), "{listed}{errors}");
    assert_eq!(project.git(&["status", "--porcelain"]), "?? built/");
}

#[test]
fn no_verb_puts_load_on_somebody_elses_machine() {
    let project = Project::new();
    // Of a block for documentation (RFC 5737): nobody is there.
    let strange = "http://203.0.113.7:80";
    let init = ["init", "--url", strange];
    assert_eq!(project.run(&init).2, Some(0));
    let elsewhere = ["load", "http://127.0.0.1:9/", "--connect-to", "::203.0.113.7:80"];
    for arguments in [
        &["load", "http://203.0.113.7/"][..],
        &elsewhere,
        &["capacity", "--url", strange],
        &["bench"],
        &["ab", "--base", strange, "--head", "http://127.0.0.1:9"],
    ] {
        let (text, errors, code) = project.run(arguments);
        assert_eq!((code, text.as_str()), (Some(2), ""), "{arguments:?}: {errors}");
        assert!(errors.contains("--i-may-load-this-host"), "{arguments:?}: {errors}");
    }
    // Declared in the suite, it is one's own; the two sides are one server all the same.
    project.replace("httpdyno/suite.yaml", "# hosts: [staging.example]", "hosts: [203.0.113.7]");
    let (_, errors, code) = project.run(&["ab", "--base", strange, "--head", strange]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("on one port"), "{errors}");
}

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(120);

fn wait_for(what: &str, mut is_there: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_there() {
        assert!(Instant::now() < deadline, "{what} never came");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn however_it_ends_no_work_tree_is_left() {
    let project = project();
    // It never ends by itself.
    project.write("make.sh", "touch begun\nexec sleep 86398.75\n");
    project.git(&["commit", "-qam", "endless"]);
    for signal in [Signal::INT, Signal::KILL] {
        let mut command = project.command(&["ab", "--base", "HEAD", "--head", "HEAD~1"]);
        let mut child =
            command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("httpdyno runs");
        let trees = || project.git(&["worktree", "list"]).lines().count();
        wait_for("a build", || {
            let left = project.left();
            let begun = |name: &String| project.temporary(name).join("base/begun").exists();
            left.iter().any(begun)
        });
        assert_eq!(trees(), 3, "the project's own and those of both sides");
        kill_process(Pid::from_child(&child), signal).expect("it runs");
        let status = child.wait().expect("it ends");
        let expected = if signal == Signal::INT { Some(130) } else { None };
        assert_eq!(status.code(), expected, "{signal:?}");
        wait_for("the end of the folder", || project.left().is_empty());
        wait_for("the end of the work trees", || trees() == 1);
        let build_runs = || {
            let running = Command::new("ps").args(["-eo", "args"]).output().expect("ps runs");
            String::from_utf8_lossy(&running.stdout).contains("sleep 86398.75")
        };
        wait_for("the end of the build", || !build_runs());
    }
}
