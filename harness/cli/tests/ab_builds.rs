//! `ab --builds`: each revision is built several times, every time laid out in another way, and the build is
//! a source of variance of its own.

#[path = "support/projects.rs"]
mod projects;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use projects::Project;

/// A project whose server is linked of several objects where the build asks for that.
fn project() -> Project {
    let project = Project::new();
    let server =
        fs::read_to_string(projects::server().with_file_name("main.rs")).expect("readable");
    project.write("main.rs", &server);
    project.write("make.sh", "set -e\nmkdir -p built\nrustc --edition 2021 -C codegen-units=16 -o built/server main.rs\n");
    project.write(
        "serve.sh",
        "printf '%s\\n' \"$HTTPDYNO_PADDING\" >> paddings\nexec built/server 0\n",
    );
    let run = ["init", "--build", "sh make.sh", "--run", "sh serve.sh", "--ready", "/health"];
    let (text, errors, code) = project.run(&run);
    assert_eq!(code, Some(0), "{text}{errors}");
    let loose = fs::read_to_string(project.path().join("loose.yaml")).expect("readable");
    project.write("httpdyno/profiles/loose.yaml", &loose);
    project.replace("httpdyno/suite.yaml", "profile: local", "profile: loose");
    for arguments in [&["init", "--quiet"][..], &["add", "."], &["commit", "-qm", "first"]] {
        project.git(arguments);
    }
    project.write("main.rs", &format!("{server}\n// Nothing but layout.\n"));
    project.git(&["commit", "-qam", "padding"]);
    project
}

/// What `ab` finds. On a busy machine no trial may be good for anything, so it is asked again.
fn found(project: &Project, arguments: &[&str]) -> Value {
    const ATTEMPTS: usize = 5;
    let mut said = String::new();
    for _ in 0..ATTEMPTS {
        let (text, errors, code) = project.run(&[arguments, &["--format", "json"]].concat());
        assert!(matches!(code, Some(0 | 3)), "{text}{errors}");
        let found: Value = serde_json::from_str(&text).expect("JSON");
        if !found["points"][0]["ratios"].as_array().expect("ratios").is_empty() {
            return found;
        }
        fs::remove_dir_all(project.path().join("httpdyno/results")).expect("records");
        said = text + &errors;
    }
    panic!("nothing could be compared in {ATTEMPTS} attempts: {said}");
}

#[test]
fn builds_differ_and_a_change_of_layout_alone_is_no_regression() {
    let project = project();
    // The program itself is named, so that its bytes are in the record.
    project.replace("httpdyno/suite.yaml", "[\"sh\",\"serve.sh\"]", "[\"built/server\",\"0\"]");
    let sides = ["ab", "--base", "HEAD~1", "--head", "HEAD", "--builds", "2", "--margin", "60%"];
    let found = found(&project, &sides);
    assert_eq!((&found["candidate"], &found["base"]), (&"head".into(), &"base".into()));
    for ratio in found["points"][0]["ratios"].as_array().expect("ratios") {
        let sources = &ratio["sources"];
        let share = |name: &str| sources[name].as_u64().expect("a share");
        let all = share("build_ppm") + share("block_ppm") + share("start_ppm");
        assert_eq!((all, &sources["builds"]), (1_000_000, &2.into()), "{ratio}");
        let verdict = ratio["versus"]["verdict"].as_str().expect("a verdict");
        assert!(["equivalent", "unresolved"].contains(&verdict), "{ratio}");
    }
    let line = found["lines"][0].as_str().expect("a line");
    assert!(
        line.contains("of the variance of a start's") && line.contains("is the build's"),
        "{line}"
    );
    let digests: BTreeSet<String> = entries(&project)
        .iter()
        .map(|entry| entry["program_digest"].as_str().expect("a digest").to_owned())
        .collect();
    assert!(digests.len() >= 3, "the same objects in one order are one program: {digests:?}");
    // Nothing is left of it.
    assert_eq!(project.git(&["worktree", "list"]).lines().count(), 1);
    assert_eq!(project.left(), [""; 0]);
}

/// The entries of the newest record.
fn entries(project: &Project) -> Vec<Value> {
    let results = project.path().join("httpdyno/results");
    let records =
        fs::read_dir(results).expect("records").flatten().map(|it| it.path().join("run.json"));
    let mut records: Vec<_> = records.filter(|path| path.is_file()).collect();
    records.sort();
    let text = fs::read_to_string(records.last().expect("a record")).expect("readable");
    let run: Value = serde_json::from_str(&text).expect("JSON");
    let entries = run["entries"].as_array().expect("entries").clone();
    let names: Vec<&str> = entries.iter().filter_map(|it| it["entry"].as_str()).collect();
    assert_eq!(names, ["base-1", "base-2", "head-1", "head-2"]);
    entries
}

#[test]
fn the_environment_of_each_build_has_a_size_of_its_own() {
    let project = project();
    let paddings = project.path().join("paddings");
    project.write(
        "serve.sh",
        &format!(
            "printf '%s\\n' \"$HTTPDYNO_PADDING\" >> '{}'\nexec built/server 0\n",
            paddings.display()
        ),
    );
    project.git(&["commit", "-qam", "tells"]);
    let sides = ["ab", "--base", "HEAD", "--head", "HEAD", "--builds", "2", "--blocks", "2"];
    let found = found(&project, &[&sides[..], &["--margin", "90%"]].concat());
    assert_eq!(found["points"][0]["ratios"][0]["sources"]["builds"], 2, "{found}");
    let told = fs::read_to_string(paddings).expect("told");
    let lengths: BTreeSet<usize> = told.lines().map(str::len).collect();
    assert_eq!(lengths.len(), 4, "{lengths:?}");
}

#[test]
fn what_is_not_built_here_has_one_build() {
    let project = Project::new();
    for sides in [
        ["--base", "http://127.0.0.1:9", "--head", "http://127.0.0.1:8"],
        ["--base-command", "true", "--head-command", "true"],
    ] {
        let (text, errors, code) = project.run(&[&["ab", "--builds", "3"][..], &sides].concat());
        assert_eq!((code, text.as_str()), (Some(2), ""), "{errors}");
        assert!(errors.contains("--builds is of revisions"), "{errors}");
    }
    let (_, errors, code) = project.run(&["ab", "--builds", "0", "--base", "a", "--head", "b"]);
    assert_eq!(code, Some(2), "{errors}");
}
