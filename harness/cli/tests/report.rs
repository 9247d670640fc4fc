//! `httpdyno report` on a record of the first format version, in every form.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use httpdyno_stats::Histogram;
use serde_json::{Value, json};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.args(arguments).stdin(Stdio::null()).output().expect("httpdyno runs")
}

/// What is printed by a command that succeeds.
fn printed(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// A record of version 1, below `results`.
fn record(results: &Path) -> PathBuf {
    let folder = results.join("2026-02-03-smoke-0badcafe");
    fs::create_dir_all(folder.join("histograms")).expect("folders");
    let lines = |values: &[Value]| values.iter().map(|it| format!("{it}\n")).collect::<String>();
    fs::write(folder.join("run.json"), run_record().to_string()).expect("run.json");
    fs::write(folder.join("conformance.jsonl"), lines(&[case()])).expect("cases");
    let trials: Vec<Value> = (0..6).map(trial).collect();
    fs::write(folder.join("trials.jsonl"), lines(&trials)).expect("trials");
    folder
}

fn run_record() -> Value {
    json!({
        "format_version": 1, "httpdyno_version": "0.1.0", "git_revision": null,
        "command_line": ["httpdyno", "bench"], "started_at": "2026-02-03T04:05:06Z",
        "finished_at": "2026-02-03T04:06:06Z", "ending": "complete", "seed": 7,
        "profile": {
            "version": 1, "id": "smoke", "summary": "for tests", "publishable": false,
            "placement": "split", "idle_guard": true, "workloads": ["json"], "connections": [16],
            "warmup": "100ms", "measure": "1s", "blocks": 3, "start_timeout": "5s",
            "gates": { "errors_ppm": 0, "littles_law_ppm": 20000, "steal_ppm": 10000 }
        },
        "spec_digest": "00",
        "host": {
            "fingerprint": "0badcafe", "cpu_model": "A Processor", "cores": 2,
            "memory_bytes": 1 << 30, "kernel": "Linux 6.1", "architecture": "x86_64",
            "virtualised": false
        },
        "cores": { "server": [0], "generator": [1], "database": [] },
        "entries": [entry("fast"), entry("slow")],
        "warnings": []
    })
}

fn entry(name: &str) -> Value {
    json!({ "entry": name, "name": name, "language": "rust", "version": "1.2.3",
        "program_digest": null, "conformance": null, "excluded": null })
}

fn case() -> Value {
    json!({ "entry": "fast", "case": "h1/host/missing", "title": "a request without Host",
        "level": "must", "source": "RFC 9112 section 3.2", "requires": "400", "status": "fail",
        "observed": "200", "reason": "200 is not 400", "expected": "400", "sent": "GET /",
        "received": "HTTP/1.1 200 OK", "duration_ns": 1_000_000 })
}

fn trial(number: u64) -> Value {
    let mut latency = Histogram::new();
    (0..1000).for_each(|step| latency.record(100_000 + step * (number + 10)));
    let name = if number.is_multiple_of(2) { "fast" } else { "slow" };
    let responses = 90_000 - 30_000 * (number % 2) + number * 100;
    json!({
        "trial": number, "block": number / 2, "entry": name, "workload": "json",
        "connections": 16, "started_at": "2026-02-03T04:05:07Z",
        "outcome": { "measured": {
            "elapsed_ns": 1_000_000_000, "responses": responses, "received_bytes": responses * 150,
            "errors": {}, "latency": { "mean_ns": 1, "p50_ns": 1, "p90_ns": 1, "p99_ns": 1,
                "p999_ns": 1, "max_ns": 1 },
            "latency_hdr": latency.to_hdr_v2(), "established": 16, "littles_law_ppm": 100,
            "server_cpu_ns": 900_000_000, "generator_cpu_ns": 500_000_000,
            "server_peak_rss_bytes": 5 << 20, "start_to_ready_ns": 4_000_000, "steal_ns": 0,
            "engine": "epoll", "failed_gates": []
        } }
    })
}

#[test]
fn a_record_is_shown_in_every_form() {
    let results = tempfile::tempdir().expect("folder");
    let folder = record(results.path());
    let folder = folder.to_str().expect("UTF-8");
    for (format, sign) in [
        ("text", "slow"),
        ("html", "<!doctype html>"),
        ("markdown", "| `slow` |"),
        ("json", "\"generated_by\""),
        ("csv", "record,profile,host,trial"),
        ("junit", "<testcase name=\"h1/host/missing\""),
        ("svg", "<svg "),
    ] {
        let text = printed(&["report", folder, "--format", format, "--output", "-"]);
        assert!(text.contains(sign), "{format}: {text}");
    }
    let told = printed(&["report", folder, "--format", "hdr"]);
    assert!(told.contains("4 files"), "{told}");
    let log = Path::new(folder).join("hdr/compare.json.fast.16.hlog");
    assert!(fs::read_to_string(log).expect("a log").contains("httpdyno report"));
}

#[test]
fn two_records_are_compared_in_every_form() {
    let results = tempfile::tempdir().expect("folder");
    let [a, b] = ["one", "other"].map(|name| record(&results.path().join(name)));
    let [a, b] = [&a, &b].map(|folder| folder.to_str().expect("UTF-8"));
    for (format, sign) in [
        ("text", "fast: json, 16 connections"),
        ("html", "<!doctype html>"),
        ("markdown", "| `slow` |"),
        ("json", "\"generated_by\""),
        ("csv", "candidate,base,paired,entry"),
        ("junit", "<testsuite name=\"base: fast\""),
    ] {
        let text = printed(&["compare", "--candidate", a, "--base", b, "--format", format]);
        assert!(text.contains(sign), "{format}: {text}");
        let is_named = text.contains("httpdyno compare ") && text.contains("--format");
        assert!(is_named || format == "text", "{format} does not tell its command: {text}");
    }
    let folder = results.path().join("logs");
    let output = folder.to_str().expect("UTF-8");
    let sides = ["--candidate", a, "--base", b, "--format", "hdr", "--output", output];
    let told = printed(&[&["compare"], &sides[..]].concat());
    assert!(told.contains("6 files"), "{told}");
    for name in ["hlog", "candidate.hgrm", "base.hgrm"] {
        let file = folder.join(format!("compare.json.fast.16.{name}"));
        let text = fs::read_to_string(file).expect("a file");
        assert!(text.contains("httpdyno compare ") && text.contains("--format hdr"), "{text}");
    }
}

#[test]
fn what_has_nothing_in_common_is_no_comparison() {
    let results = tempfile::tempdir().expect("folder");
    let [a, b] = ["one", "other"].map(|name| record(&results.path().join(name)));
    let trials = b.join("trials.jsonl");
    let text = fs::read_to_string(&trials).expect("readable");
    let other = text.replace("\"workload\":\"json\"", "\"workload\":\"echo\"");
    assert_ne!(other, text);
    fs::write(&trials, other).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("compare").arg("--candidate").arg(&a).arg("--base").arg(&b);
    let output = command.args(["--format", "junit"]).output().expect("httpdyno runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{told}");
    assert!(told.contains("nothing to compare") && told.contains("echo"), "{told}");
}

#[test]
fn a_page_lies_beside_its_record_and_the_index_links_to_it() {
    let results = tempfile::tempdir().expect("folder");
    let folder = record(results.path());
    fs::create_dir(results.path().join("broken")).expect("a folder");
    fs::write(results.path().join("broken/run.json"), "{}").expect("a file");
    let told = printed(&["report", folder.to_str().expect("UTF-8"), "--format", "html"]);
    let page = folder.join("report.html");
    assert_eq!(told.trim(), page.to_str().expect("UTF-8"));
    assert!(page.is_file());

    let told = printed(&["report", "--index", results.path().to_str().expect("UTF-8")]);
    let index = fs::read_to_string(told.trim()).expect("index.html");
    assert!(index.contains("href=\"./2026-02-03-smoke-0badcafe/report.html\""), "{index}");
    assert!(index.contains("6 of 6") && index.contains("cannot be read"), "{index}");
}

#[test]
fn a_record_without_a_page_is_listed_with_the_command_that_makes_one() {
    let results = tempfile::tempdir().expect("folder");
    record(results.path());
    let told = printed(&["report", "--index", results.path().to_str().expect("UTF-8")]);
    let index = fs::read_to_string(told.trim()).expect("index.html");
    let name = results.path().file_name().expect("a name").to_string_lossy().into_owned();
    let command = format!("httpdyno report {name}/2026-02-03-smoke-0badcafe --format html");
    assert!(index.contains(&command) && !index.contains("href="), "{index}");
}

#[test]
fn the_records_of_a_proof_are_listed_together_with_what_it_came_to() {
    let results = tempfile::tempdir().expect("folder");
    let proof = results.path().join("2026-02-04-proof");
    let folder = record(&proof);
    fs::write(folder.join("report.html"), "").expect("a page");
    fs::create_dir(results.path().join("something-else")).expect("a folder");
    let setup = json!({ "rate_per_s": 20000, "connections": 1, "cost_ps": 1, "extra_cpu_ns": 1,
        "difference_ppm": 30000, "margin_ppm": 10000, "budget_ms": 1, "warmup_ms": 1,
        "measure_ms": 1, "seed": 1, "host_fingerprint": "0badcafe", "git_revision": null });
    let summary = json!({ "format_version": 1, "setup": setup, "same": [], "costlier": [],
        "false_verdicts": 0, "false_signs": 0, "found": 0, "wrong": 0, "right_signs": 0 });
    fs::write(proof.join("summary.json"), summary.to_string()).expect("summary.json");
    let told = printed(&["report", "--index", results.path().to_str().expect("UTF-8")]);
    let index = fs::read_to_string(told.trim()).expect("index.html");
    let link = "href=\"./2026-02-04-proof/2026-02-03-smoke-0badcafe/report.html\"";
    for part in ["<bdi>2026-02-04-proof</bdi>", "a server that costs 30000 ppm more: found", link] {
        assert!(index.contains(part), "{part}: {index}");
    }
    assert!(!index.contains("something-else"), "{index}");
}

#[test]
fn what_does_not_fit_together_is_refused() {
    let results = tempfile::tempdir().expect("folder");
    let folder = record(results.path());
    let folder = folder.to_str().expect("UTF-8");
    for (arguments, words) in [
        (vec!["report"], "<RUN>"),
        (vec!["report", folder, "--index", folder], "cannot be used with"),
        (vec!["report", folder, "--format", "svg", "--workload", "jsno"], "json, 16 connections"),
        (vec!["report", folder, "--format", "csv", "--output", "/proc/none"], "cannot write"),
    ] {
        let output = run(&arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_full_disk_leaves_the_page_that_was_there_and_no_part_of_a_new_one() {
    let results = tempfile::tempdir().expect("folder");
    let folder = record(results.path());
    let page = folder.join("report.html");
    for before in [None, Some("the page of yesterday")] {
        if let Some(text) = before {
            fs::write(&page, text).expect("written");
        }
        // A file may have 4 KiB; a page has more.
        let output = Command::new("sh")
            .args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$@\"", "sh"])
            .args([env!("CARGO_BIN_EXE_httpdyno"), "report", "--format", "html", "--output"])
            .args([&page, &folder])
            .output()
            .expect("sh runs");
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("cannot write") && told.contains("report.html"), "{told}");
        assert_eq!(fs::read_to_string(&page).ok().as_deref(), before);
        let left = fs::read_dir(&folder).expect("readable").flatten();
        let left: Vec<_> = left.map(|item| item.file_name()).collect();
        assert!(!left.iter().any(|name| name.to_string_lossy().ends_with(".new")), "{left:?}");
    }
}

#[test]
fn what_cannot_be_printed_is_no_success() {
    let results = tempfile::tempdir().expect("folder");
    let days = tempfile::tempdir().expect("folder");
    records_of_days(days.path());
    let folder = record(results.path());
    let folder = folder.to_str().expect("UTF-8");
    let all = days.path().to_str().expect("UTF-8");
    let forms = ["text", "csv", "json", "markdown", "junit"];
    let reports = forms.map(|form| vec!["report", folder, "--format", form]);
    let server = httpdyno_testkit::Server::perfect();
    let url = format!("http://{}", server.address());
    let conform = ["text", "json", "junit"].map(|form| {
        vec!["conform", "--url", &url, "--case", "h1/content-length", "--format", form]
    });
    let others = [
        vec!["history", "--results", all, "--reference", "slow"],
        vec!["compare", "--base", folder, "--candidate", folder],
        vec!["list", "cases"],
        vec!["doctor"],
    ];
    let others = others.into_iter().chain(conform);
    for arguments in reports.into_iter().chain(others) {
        let full = File::options().write(true).open("/dev/full").expect("/dev/full");
        let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
        let output = command.args(&arguments).stdout(full).output().expect("httpdyno runs");
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        let times = told.matches("cannot write to standard output").count();
        assert_eq!(times, 1, "{arguments:?}: {told}");
    }
}

/// Records of twelve days; from the seventh on, `fast` has nine tenths of what it had.
fn records_of_days(results: &Path) {
    for day in 0..12_u64 {
        let folder = record(results);
        let edit = |name: &str, change: &dyn Fn(&mut Value)| {
            let text = fs::read_to_string(folder.join(name)).expect(name);
            let edited = text.lines().map(|line| {
                let mut value = serde_json::from_str(line).expect("JSON");
                change(&mut value);
                format!("{value}\n")
            });
            fs::write(folder.join(name), edited.collect::<String>()).expect(name);
        };
        edit("run.json", &|run| {
            run["started_at"] = json!(format!("2026-02-{:02}T04:05:06Z", day + 1));
            run["git_revision"] = json!(format!("{day:040x}"));
            run["entries"][1]["program_digest"] = json!("the reference is frozen");
        });
        edit("trials.jsonl", &|trial| {
            let responses = trial["outcome"]["measured"]["responses"].as_u64().expect("a count");
            if day >= 6 && trial["entry"] == "fast" {
                trial["outcome"]["measured"]["responses"] = json!(responses * 9 / 10);
            }
        });
        fs::rename(&folder, results.join(format!("day-{day:02}"))).expect("renamed");
    }
}

#[test]
fn a_folder_of_records_is_looked_through_for_changes() {
    let results = tempfile::tempdir().expect("folder");
    records_of_days(results.path());
    let unfinished = record(results.path()).join("run.json");
    let text = fs::read_to_string(&unfinished).expect("run.json");
    fs::write(&unfinished, text.replace("\"complete\"", "\"unfinished\"")).expect("run.json");
    fs::create_dir(results.path().join("a-proof")).expect("a folder");
    let folder = results.path().to_str().expect("UTF-8");
    let history = ["history", "--results", folder, "--reference", "slow"];
    let text = printed(&history);
    for part in [
        "12 records, each entry as a ratio",
        "fast: json, 16 connections: throughput changed to 0.900 of what it was",
        &format!("between {folder}/day-05 and {folder}/day-06"),
        "git worktree add ../ab/before 0000000000000000000000000000000000000005",
        "httpdyno bench --impl fast slow --baseline slow --profile smoke",
        "an alarm and no verdict",
        "left out",
        "a-proof: it has no run.json",
        "2026-02-03-smoke-0badcafe: the run was interrupted or did not come to its end",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let document: Value =
        serde_json::from_str(&printed(&[&history[..], &["--format", "json"]].concat()))
            .expect("JSON");
    assert_eq!(document["records"], 12);
    assert_eq!(document["left_out"].as_array().map(Vec::len), Some(2));
    let markdown = printed(&[&history[..], &["--format", "markdown"]].concat());
    assert!(markdown.contains("### `fast: json, 16 connections`"), "{markdown}");
    let elsewhere = printed(&[&history[..], &["--impl", "fast", "--workload", "json"]].concat());
    assert!(elsewhere.contains("throughput changed"), "{elsewhere}");
}

#[test]
fn a_folder_without_a_record_that_can_be_used_is_refused() {
    let results = tempfile::tempdir().expect("folder");
    let folder = results.path().to_str().expect("UTF-8");
    let refused = |arguments: &[&str], words: &str| {
        let output = run(arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(words), "{words}: {text}");
    };
    refused(&["history", "--results", "/proc/none"], "--results names a folder of records");
    refused(&["history", "--results", folder], "no record that can be used");
    record(results.path());
    refused(&["history", "--results", folder], "no null server");
    let asked = ["history", "--results", folder, "--reference", "slow", "--workload", "db"];
    refused(&asked, "nothing of what was asked for");
}
