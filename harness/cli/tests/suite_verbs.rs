//! A suite, its profiles and its workloads, by each verb: `bench`, `capacity`, `load`; named, or as files.

#[path = "support/projects.rs"]
mod projects;

use std::fs;

use httpdyno_testkit::{End, Script, ScriptedResponder};
use serde_json::Value;

use projects::Project;

/// A suite of the server that answers everything with `ok`.
fn project() -> Project {
    let project = Project::new();
    project.write("serve.sh", &format!("exec '{}' 0\n", projects::server().display()));
    let init = ["init", "--build", "true", "--run", "sh serve.sh", "--ready", "/health"];
    let (text, errors, code) = project.run(&init);
    assert_eq!(code, Some(0), "{text}{errors}");
    let loose = fs::read_to_string(project.path().join("loose.yaml")).expect("readable");
    project.write("httpdyno/profiles/loose.yaml", &loose);
    project.replace("httpdyno/suite.yaml", "profile: local", "profile: loose");
    project
}

fn workload(id: &str, body: &str) -> String {
    format!(
        "version: 1\nid: {id}\nsummary: One.\nroutes:\n  - id: one\n    vars: {{ n: {{ sequence: {{}} }} }}\n    \
         request:\n      method: POST\n      path: \"/orders/{{n}}\"\n      headers: {{ x-n: \"{{n}}\" }}\n      \
         body: {{ json: {{ amount: \"{{n}}\" }} }}\n    expect: {{ status: [200], body: {{ text: {body} }} }}\n"
    )
}

#[test]
fn a_suite_that_is_named_is_measured_with_files_of_ones_own() {
    let project = project();
    project.write(
        "mine/get.yaml",
        &workload("get", "ok")
            .replace("POST", "GET")
            .replace("      body: { json: { amount: \"{n}\" } }\n", ""),
    );
    let elsewhere = tempfile::tempdir().expect("a folder");
    let at = |file: &str| project.path().join(file).display().to_string();
    let (suite, profile, workload) = (at("httpdyno"), at("loose.yaml"), at("mine/get.yaml"));
    let named = ["bench", "--suite", &suite, "--profile", &profile, "--workload", &workload];
    let mut command = project.command(&[&named[..], &["--blocks", "2"]].concat());
    let output = command.current_dir(elsewhere.path()).output().expect("httpdyno runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 3)), "{text}{output:?}");
    assert!(text.contains("service") && text.contains("get"), "{text}");
    assert!(project.path().join("httpdyno/results").is_dir());
    let (_, errors, code) = project.run(&["bench", "--workload", "none.yaml"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("none.yaml: cannot be read"), "{errors}");
    let (_, errors, code) = project.run(&["bench", "--suite", "mine"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("no suite.yaml in mine"), "{errors}");
}

#[test]
fn the_capacity_of_the_suites_server_is_found() {
    let project = project();
    let short = ["capacity", "--measure", "150ms", "--soak", "200ms", "--no-curve", "--json"];
    let (text, errors, code) = project.run(&[&short[..], &["--slo", "p99=2s"]].concat());
    // On a busy machine the rate that is asked for may not be met.
    assert!(matches!(code, Some(0 | 3)), "{text}{errors}");
    let found: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(found["searches"][0]["entry"], "service", "{text}");
    assert_eq!(found["searches"][0]["workload"], "first", "{text}");
    let alone = Project::new();
    let (_, errors, code) = alone.run(&["capacity"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("--url") && errors.contains("httpdyno init"), "{errors}");
}

#[test]
fn load_asks_what_a_workload_says_and_checks_what_it_says() {
    // Announced, so that no request is sent into an end.
    let answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
    let server = ScriptedResponder::start([Script::answer(answer, End::Close)]);
    let url = format!("http://{}", server.address());
    let project = Project::new();
    project.write("right.yaml", &workload("right", "ok"));
    project.write("wrong.yaml", &workload("wrong", "no"));
    let few = ["-n", "6", "-c", "1", "--warmup", "0", "--json"];
    let load = |more: &[&str]| project.run(&[&["load"][..], more, &few].concat());
    let (text, errors, code) = load(&[&url, "--workload", "right.yaml"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((&report["total"]["ok"], &report["routes"][0]["name"]), (&6.into(), &"one".into()));
    let (text, errors, code) = load(&[&url, "--workload", "wrong.yaml"]);
    assert_eq!(code, Some(1), "{text}{errors}");
    let report: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(report["total"]["mismatches"]["body"], 6, "{report}");
    // Of a suite by name, at the URL that it says.
    assert_eq!(project.run(&["init", "--url", &url]).2, Some(0));
    project.write("httpdyno/workloads/right.yaml", &workload("right", "ok"));
    let (text, errors, code) = load(&["--workload", "right"]);
    assert_eq!(code, Some(0), "{text}{errors}");
    for (more, words) in [
        (&["--workload", "rihgt"][..], "did you mean `right`"),
        (&[&url, "--workload", "none.yaml"], "none.yaml: cannot be read"),
        (&[&url, "--workload", "right", "-X", "PUT"], "cannot be used with"),
    ] {
        let (text, errors, code) = load(more);
        assert_eq!((code, text.as_str()), (Some(2), ""), "{more:?}: {errors}");
        assert!(errors.contains(words), "{more:?}: {errors}");
    }
    let alone = Project::new();
    let (_, errors, code) = alone.run(&["load", &url, "--workload", "right"]);
    assert_eq!(code, Some(2), "{errors}");
    assert!(errors.contains("there is no suite here"), "{errors}");
}
