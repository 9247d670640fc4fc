//! `conform --known` and `--write-known`: what a server is known to fail. Red is what is new, and what
//! passes now.

#[path = "support/projects.rs"]
mod projects;

use std::fs;

use httpdyno_testkit::{ConversationQuirk, Server};
use serde_json::Value;

use projects::Project;

/// What both quirks are looked at with; all pass of a right server.
const CASES: [&str; 2] = ["--case", "h1/host-values"];
const OF_USERINFO: [&str; 2] = ["h1/host-values/user-and-password", "h1/host-values/userinfo"];
const OF_BACKSLASH: &str = "h1/host-values/backslash";

fn broken(quirks: &[ConversationQuirk]) -> Server {
    Server::with(quirks.iter().copied())
}

fn conform(project: &Project, server: &Server, more: &[&str]) -> (String, String, Option<i32>) {
    let url = format!("http://{}", server.address());
    let arguments = [&["conform", "--deadline", "120s", "--url", &url], &CASES[..], more].concat();
    project.run(&arguments)
}

fn read(project: &Project, file: &str) -> String {
    fs::read_to_string(project.path().join(file)).expect("readable")
}

#[test]
fn only_what_is_new_and_what_passes_now_is_red() {
    use ConversationQuirk::{HostEndsAtBackslash, HostMayHaveUser};
    let project = Project::new();
    let old = broken(&[HostMayHaveUser]);
    let (text, errors, code) = conform(&project, &old, &[]);
    assert_eq!(code, Some(1), "{text}{errors}");
    let write = ["--write-known", "known.yaml", "--reason", "an old proxy: \"ticket\" 17"];
    let (text, errors, code) = conform(&project, &old, &write);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("known.yaml: 2 known failures, 2 of them new; 0 taken out"), "{text}");
    let written = read(&project, "known.yaml");
    assert!(OF_USERINFO.iter().all(|case| written.contains(case)), "{written}");
    // The same server is green, in every form, with the reason.
    for format in ["text", "json", "junit"] {
        let known = ["--known", "known.yaml", "--format", format];
        let (text, errors, code) = conform(&project, &old, &known);
        assert_eq!(code, Some(0), "{format}: {text}{errors}");
        // The text puts together what was observed alike; what is known has its reason in the file.
        let has_reason = format == "text" || text.contains("an old proxy");
        assert!(text.contains("known-deviation") && has_reason, "{text}");
    }
    // What is new is red, alone.
    let worse = broken(&[HostMayHaveUser, HostEndsAtBackslash]);
    let (text, errors, code) = conform(&project, &worse, &["--known", "known.yaml"]);
    assert_eq!(code, Some(1), "{text}{errors}");
    assert!(text.contains("1 fail") && text.contains(OF_BACKSLASH), "{text}");
    // What passes now is red, and its lines are named.
    let (text, errors, code) = conform(&project, &Server::perfect(), &["--known", "known.yaml"]);
    assert_eq!(code, Some(1), "{text}{errors}");
    let lines: Vec<String> = (1..)
        .zip(written.lines())
        .filter(|(_, line)| line.contains("- case: "))
        .map(|(number, line)| format!("lines {number} to {}: {}", number + 1, &line[10..]))
        .collect();
    assert_eq!(lines.len(), 2);
    assert!(lines.iter().all(|line| text.contains(line)), "{lines:?}: {text}");
    let known = ["--known", "known.yaml", "--format"];
    let (json, _, code) = conform(&project, &Server::perfect(), &[&known[..], &["json"]].concat());
    assert_eq!(code, Some(1));
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let cases = json[0]["cases"].as_array().expect("cases");
    let told = cases.iter().filter(|case| case["status"] == "unexpected-pass");
    let told: Vec<&str> = told.filter_map(|case| case["reason"].as_str()).collect();
    let says_what_to_do =
        |text: &&str| text.contains("an old proxy") && text.contains("delete its item, lines ");
    assert!(told.len() == 2 && told.iter().all(says_what_to_do), "{told:?}");
    let (junit, _, code) =
        conform(&project, &Server::perfect(), &[&known[..], &["junit"]].concat());
    assert_eq!(code, Some(1));
    assert!(junit.contains("failures=\"2\"") && junit.contains("delete its item"), "{junit}");
}

#[test]
fn a_file_written_again_keeps_reasons_and_loses_what_passes() {
    use ConversationQuirk::{HostEndsAtBackslash, HostMayHaveUser};
    let project = Project::new();
    let both = broken(&[HostMayHaveUser, HostEndsAtBackslash]);
    let (text, errors, code) = conform(&project, &both, &["--write-known", "known.yaml"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("3 known failures, 3 of them new") && text.contains("say why"), "{text}");
    let (text, _, code) = conform(&project, &both, &["--known", "known.yaml"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("3 known failures have no reason yet"), "{text}");
    let first = read(&project, "known.yaml");
    let item = first.find(OF_BACKSLASH).expect("it is there");
    let reason = first[item..].find("no reason is given yet").expect("said") + item;
    let end = first[reason..].find('"').expect("an end") + reason;
    project.write("known.yaml", &format!("{}ours: it stays{}", &first[..reason], &first[end..]));
    // The other two are mended; of what is not asked nothing is known.
    let more = "  - { case: h1/chunked/one-chunk, reason: not asked here }\n";
    let text = read(&project, "known.yaml") + more;
    project.write("known.yaml", &text);
    let one = broken(&[HostEndsAtBackslash]);
    let again = ["--known", "known.yaml", "--write-known"];
    let (text, errors, code) = conform(&project, &one, &again);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("2 known failures, 0 of them new; 2 taken out"), "{text}");
    let written = read(&project, "known.yaml");
    assert!(written.contains("ours: it stays") && written.contains("not asked here"), "{written}");
    assert!(!OF_USERINFO.iter().any(|case| written.contains(case)), "{written}");
    assert_eq!(conform(&project, &one, &["--known", "known.yaml"]).2, Some(0));
}

#[test]
fn a_wrong_file_is_refused_with_its_line_and_what_to_do() {
    let project = Project::new();
    let server = Server::perfect();
    let item = |case: &str, reason: &str| format!("  - case: {case}\n    reason: {reason}\n");
    let list = |items: &str| format!("version: 1\nknown_failures:\n{items}");
    let right = item("h1/host/missing", "why");
    for (text, words) in [
        (
            list(&item("h1/host/mising", "why")),
            &["known.yaml:3:", "did you mean `h1/host/missing`"][..],
        ),
        (list(&item("h1/quite/elsewhere", "why")), &["known.yaml:3:", "httpdyno list cases"]),
        (list(&item("host", "why")), &["known.yaml:3:", "case id"]),
        (list(&item("h1/host/missing", "''")), &["known.yaml:4:", "reason is empty; say why"]),
        (list(&item("h1/host/missing", "\" \\t\"")), &["known.yaml:4:", "reason is empty"]),
        (list("  - case: h1/host/missing\n"), &["known.yaml:3:", "missing field `reason`"]),
        (list(&(right.clone() + &right)), &["known.yaml:5:", "twice; delete one"]),
        (list(&(right.clone() + "    resaon: x\n")), &["known.yaml:5:", "unknown field `resaon`"]),
        (format!("version: 2\nknown_failures:\n{right}"), &["known.yaml:1:", "version 2"]),
        ("version: 1\n".to_owned(), &["known.yaml:", "missing field `known_failures`"]),
        ("known_failures: [\n".to_owned(), &["known.yaml:", "bracket"]),
        (String::new(), &["known.yaml:"]),
    ] {
        project.write("known.yaml", &text);
        for more in [&["--known", "known.yaml"][..], &["--write-known", "known.yaml"]] {
            let (out, errors, code) = conform(&project, &server, more);
            assert_eq!((code, out.as_str()), (Some(2), ""), "{text}: {errors}");
            assert!(words.iter().all(|word| errors.contains(word)), "{text}: {errors}");
            assert_eq!(read(&project, "known.yaml"), text, "it is left as it was");
        }
    }
    for (more, words) in [
        (&["--known", "none.yaml"][..], "there is no file none.yaml"),
        (&["--write-known"], "name the file"),
        (&["--write-known", "x.yaml", "--reason", " "], "--reason is empty"),
        (&["--write-known", "no/folder/x.yaml"], "cannot write no/folder/x.yaml"),
    ] {
        let (_, errors, code) = conform(&project, &server, more);
        assert_eq!(code, Some(2), "{more:?}: {errors}");
        assert!(errors.contains(words), "{more:?}: {errors}");
    }
    let (_, errors, code) = project.run(&["conform", "--known", "known.yaml"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("--known is of somebody's own server"), "{errors}");
}

/// The suite's server is built and started for it, and its file is taken without being named.
#[test]
fn the_server_of_a_suite_is_checked_and_its_file_is_found() {
    let project = Project::new();
    let run = format!("exec '{}' 0\n", projects::server().display());
    project.write("serve.sh", &run);
    let init = ["init", "--build", "touch built", "--run", "sh serve.sh", "--ready", "/health"];
    assert_eq!(project.run(&init).2, Some(0));
    // It answers everything with 200, so that many cases fail.
    let cases = ["conform", "--case", "h1/host", "h1/methods"];
    let (text, errors, code) = project.run(&cases);
    assert_eq!(code, Some(1), "{text}{errors}");
    assert!(errors.contains("on the page /health;"), "{errors}");
    assert!(project.path().join("built").exists());
    let write = [&cases[..], &["--write-known"]].concat();
    let (text, errors, code) = project.run(&write);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(project.path().join("httpdyno/known.yaml").is_file());
    let (text, errors, code) = project.run(&cases);
    assert_eq!(code, Some(0), "{text}{errors}");
    assert!(text.contains("known-deviation"), "{text}");
    let elsewhere = tempfile::tempdir().expect("a folder");
    let suite = project.path().join("httpdyno").display().to_string();
    let mut named = project.command(&[&cases[..], &["--suite", &suite]].concat());
    let output = named.current_dir(elsewhere.path()).output().expect("httpdyno runs");
    assert_eq!(output.status.code(), Some(0), "{output:?}");
}
