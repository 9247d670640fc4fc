//! The scripts of `integrations/` with a made-up event, a made-up verdict, and nobody on the network: a
//! `curl` that writes down what it is asked.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use httpdyno_testkit::{tell_skipped, write_program};
use serde_json::{Value, json};

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../integrations").canonicalize().expect("there")
}

/// A repository with a base, and a head that is checked out; the programs of a runner beside it.
struct Runner {
    folder: tempfile::TempDir,
    base: String,
    head: String,
}

impl Runner {
    fn new() -> Option<Self> {
        if Command::new("jq").arg("--version").output().is_err() {
            tell_skipped(&"jq is not installed");
            return None;
        }
        let folder = tempfile::tempdir().expect("folder");
        let mut runner = Self { folder, base: String::new(), head: String::new() };
        runner.git(&["init", "--quiet"]);
        for _ in 0..2 {
            runner.git(&["commit", "--quiet", "--allow-empty", "-m", "one"]);
        }
        (runner.base, runner.head) =
            (runner.git(&["rev-parse", "HEAD~1"]), runner.git(&["rev-parse", "HEAD"]));
        let event = json!({ "pull_request": {
            "number": 7, "base": { "sha": runner.base }, "head": { "sha": runner.head },
        }});
        runner.write("event.json", &event.to_string());
        Some(runner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        fs::write(path, text).expect("written");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.path(&format!("bin/{name}"));
        fs::create_dir_all(path.parent().expect("a folder")).expect("created");
        write_program(&path, &format!("#!/bin/sh\n{script}"));
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgSign=false"]);
        let output = git.arg("-C").arg(self.folder.path()).args(arguments).output().expect("git");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    fn run(&self, script: &str, arguments: &[&str]) -> (String, Option<i32>) {
        let path = std::env::var("PATH").expect("a path");
        let mut command = Command::new("bash");
        command.arg(scripts().join(script)).args(arguments).current_dir(self.folder.path());
        command.env("PATH", format!("{}:{path}", self.path("bin").display()));
        command.env("GITHUB_ACTIONS", "true").env("GITHUB_EVENT_PATH", self.path("event.json"));
        command.env("GITHUB_TOKEN", "a-token").env("GITHUB_REPOSITORY", "some/body");
        command.env("GITHUB_API_URL", "http://nobody.invalid").env("SEEN", self.path("seen"));
        command.env("HTTPDYNO_OPTIONS", "--margin 3%");
        for name in
            ["HTTPDYNO", "HTTPDYNO_BASE", "HTTPDYNO_OUTPUT", "CI_MERGE_REQUEST_DIFF_BASE_SHA"]
        {
            command.env_remove(name);
        }
        let Output { status, stdout, stderr } = command.output().expect("bash runs");
        let text = [stdout, stderr].map(|it| String::from_utf8_lossy(&it).into_owned()).concat();
        (text, status.code())
    }

    /// An `httpdyno` that finds this, and ends so.
    fn finds(&self, line: &str, verdict: &str, code: u8) {
        let versus = json!({
            "ratio_ppm": 930_000, "low_ppm": 910_000, "high_ppm": 950_000,
            "verdict": verdict, "detectable_ppm": 41_000,
        });
        let point = json!({
            "workload": "json", "connections": 16,
            "ratios": [{ "quantity": "throughput", "versus": versus }],
        });
        let found = json!({ "lines": [line], "points": [point] });
        self.write("found.json", &found.to_string());
        let found = self.path("found.json").display().to_string();
        self.program(
            "httpdyno",
            &format!("echo \"$@\" >\"$SEEN\"\ncp '{found}' \"$9\"\nexit {code}\n"),
        );
    }
}

const SLOWER: &str =
    "head is slower at json, 16 connections: 0.930 [0.910, 0.950] of base's throughput";

#[test]
fn a_change_is_judged_against_where_it_branched_off() {
    let Some(runner) = Runner::new() else { return };
    runner.finds(SLOWER, "slower", 1);
    let (text, code) = runner.run("ab.sh", &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains(&format!("::error title=httpdyno::{SLOWER}")), "{text}");
    let asked = format!("ab --base {} --head {} --format json", runner.base, runner.head);
    let seen = runner.read("seen");
    assert!(seen.starts_with(&asked) && seen.contains("--margin 3%"), "{seen}");
    let comment = runner.read("httpdyno-ab/comment.md");
    assert!(comment.starts_with("<!-- httpdyno-ab -->\n"), "{comment}");
    assert!(comment.contains("The head is worse") && comment.contains(SLOWER), "{comment}");
    let row = "| `json, 16 connections` | throughput | 0.93 | 0.91 .. 0.95 | slower | 4.1 % |";
    assert!(comment.contains(row), "{comment}");
    assert!(comment.contains("Differences of less than 4.1 %"), "{comment}");

    runner.finds("it is unresolved whether head differs from base", "unresolved", 0);
    let (text, code) = runner.run("ab.sh", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(!text.contains("::error"), "{text}");
    assert!(runner.read("httpdyno-ab/comment.md").contains("No regression"), "{text}");
}

#[test]
fn what_could_not_be_compared_leaves_no_comment_of_an_older_run() {
    let Some(runner) = Runner::new() else { return };
    runner.finds(SLOWER, "slower", 1);
    runner.run("ab.sh", &[]);
    runner.program("httpdyno", "echo 'error: head: it does not build' >&2\nexit 2\n");
    let (text, code) = runner.run("ab.sh", &[]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("it does not build"), "{text}");
    assert!(!runner.path("httpdyno-ab/comment.md").exists());
    runner.write("event.json", "{}");
    let (text, code) = runner.run("ab.sh", &[]);
    assert_eq!(code, Some(2), "{text}");
    assert!(text.contains("HTTPDYNO_BASE"), "{text}");
}

#[test]
fn one_comment_is_made_and_then_changed() {
    let Some(runner) = Runner::new() else { return };
    runner.write("comment.md", "<!-- httpdyno-ab -->\nit says \"so\"\n");
    // Asked for comments it gives those of a file; what is sent comes on its standard input.
    let curl = "echo \"$@\" >>\"$SEEN\"\ncase \"$*\" in *--request*) cat >sent.json ;; *) cat there.json ;; esac\n";
    runner.program("curl", curl);
    for (there, wanted) in [
        (
            json!([{ "id": 1, "body": "somebody else's" }]),
            "POST http://nobody.invalid/repos/some/body/issues/7/comments",
        ),
        (
            json!([{ "id": 1, "body": "x" }, { "id": 42, "body": "<!-- httpdyno-ab -->\nold" }]),
            "PATCH http://nobody.invalid/repos/some/body/issues/comments/42",
        ),
    ] {
        runner.write("there.json", &there.to_string());
        let (text, code) = runner.run("comment.sh", &["comment.md"]);
        assert_eq!(code, Some(0), "{text}");
        assert_eq!(text.trim(), wanted);
        let sent: Value = serde_json::from_str(&runner.read("sent.json")).expect("JSON");
        assert_eq!(sent, json!({ "body": runner.read("comment.md") }));
    }
    assert!(
        runner.read("seen").contains("Authorization: Bearer a-token"),
        "{}",
        runner.read("seen")
    );
    runner.write("event.json", "{}");
    let (text, code) = runner.run("comment.sh", &["comment.md"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("no pull request"), "{text}");
}
