//! `httpdyno load --output`: what is written for k6, oha, Prometheus and OpenTelemetry is as their own
//! documents say, and the figures are those of the report.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use httpdyno_testkit::{End, Nobody, Script, ScriptedResponder, Server};
use serde_json::Value;

fn load(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("load").args(arguments).current_dir(folder).stdin(Stdio::null());
    command.output().expect("httpdyno runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn json(folder: &Path, file: &str) -> Value {
    let text = std::fs::read_to_string(folder.join(file)).expect(file);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}: {text}"))
}

/// All forms of one load, in files, with its report.
struct Written {
    folder: tempfile::TempDir,
    report: Value,
}

const FILES: [&str; 5] =
    ["json=report.json", "k6=k6.json", "oha=oha.json", "otlp=otlp.json", "prometheus=all.prom"];

fn written(arguments: &[&str], code: i32) -> Written {
    let folder = tempfile::tempdir().expect("a folder");
    let outputs = FILES.iter().flat_map(|file| ["--output", file]);
    let all: Vec<&str> = arguments.iter().copied().chain(outputs).collect();
    let output = load(folder.path(), &all);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{}{}",
        text(&output.stdout),
        text(&output.stderr)
    );
    assert!(text(&output.stdout).contains("requests/s"), "the text is printed beside files");
    let report = json(folder.path(), "report.json");
    Written { folder, report }
}

/// A load on two routes of a right server, one on a server that is always wrong, and one of an open loop.
fn loads() -> [Written; 3] {
    let server = Server::perfect();
    let url = format!("http://{}/json", server.authority());
    let few = ["-c", "4", "--warmup", "0"];
    let closed = [&[&url, "-n", "400", "--also", "1=/plaintext"], &few[..]].concat();
    let open =
        [&[&url, "--rate", "200", "-d", "2s", "--allow-unanswered", "1000000"], &few[..]].concat();
    let answer = "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno";
    let broken = ScriptedResponder::start([Script::answer(answer, End::Again)]);
    let wrong = format!("http://{}/", broken.address());
    let wrong = [&[&wrong, "-n", "40", "--expect-status", "200"], &few[..]].concat();
    [written(&closed, 0), written(&wrong, 1), written(&open, 0)]
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
fn every_form_is_as_its_reader_documents_it() {
    for Written { folder, report } in loads() {
        k6(&json(folder.path(), "k6.json"), &report);
        oha(&json(folder.path(), "oha.json"), &report);
        otlp(&json(folder.path(), "otlp.json"), &report);
        let exposed = std::fs::read_to_string(folder.path().join("all.prom")).expect("readable");
        prometheus(&exposed, &report);
    }
}

/// The metrics lie flat: a counter has `count` and `rate`, a rate `passes`, `fails` and `value`, a trend its
/// statistics, in milliseconds.
fn k6(found: &Value, report: &Value) {
    assert_eq!(found["root_group"]["name"], "");
    assert!(found["root_group"]["groups"].is_object() && found["root_group"]["checks"].is_object());
    let metrics = found["metrics"].as_object().expect("metrics");
    for counter in ["http_reqs", "iterations", "data_received", "data_sent"] {
        assert!(
            metrics[counter]["count"].is_u64() && metrics[counter]["rate"].is_f64(),
            "{counter}"
        );
    }
    for rate in ["http_req_failed", "checks"] {
        let (passes, fails) = (&metrics[rate]["passes"], &metrics[rate]["fails"]);
        let all = number(passes) + number(fails);
        assert!((number(&metrics[rate]["value"]) - number(passes) / all).abs() < 1e-6, "{rate}");
    }
    for trend in ["http_req_duration", "httpdyno_latency"] {
        let at = |name: &str| number(&metrics[trend][name]);
        let order = ["min", "med", "p(90)", "p(95)", "max"].map(at);
        assert!(order.is_sorted(), "{order:?}");
        assert!(at("avg") <= at("max"), "{trend}");
    }
    for gauge in ["vus", "vus_max"] {
        assert!(["value", "min", "max"].iter().all(|name| metrics[gauge][*name] == 4), "{gauge}");
    }
    let total = &report["total"];
    assert_eq!(metrics["http_reqs"]["count"], total["responses"]);
    assert_eq!(metrics["http_req_failed"]["fails"], total["ok"]);
    assert_eq!(metrics["checks"]["passes"], total["ok"]);
    assert_eq!(metrics["data_received"]["count"], report["received_bytes"]);
    assert_eq!(metrics.contains_key("dropped_iterations"), report["open_loop"].is_object());
}

/// By the schema in oha's repository: these members, all required, are numbers or objects of them.
fn oha(found: &Value, report: &Value) {
    let numbers = |object: &Value, names: &[&str]| {
        for name in names {
            assert!(object[*name].is_number(), "{name} in {object}");
        }
    };
    let percentiles = ["p10", "p25", "p50", "p75", "p90", "p95", "p99", "p99.9", "p99.99"];
    numbers(&found["summary"], &["successRate", "total", "slowest", "fastest", "average"]);
    numbers(&found["summary"], &["requestsPerSec", "totalData", "sizePerRequest", "sizePerSec"]);
    numbers(&found["latencyPercentiles"], &percentiles);
    numbers(&found["rps"], &["mean", "stddev", "max"]);
    numbers(&found["rps"]["percentiles"], &percentiles);
    for part in ["DNSDialup", "DNSLookup"] {
        numbers(&found["details"][part], &["average", "fastest", "slowest"]);
    }
    assert!(found["summary"]["totalData"].is_u64() && found["summary"]["sizePerRequest"].is_u64());
    let steps = found["responseTimeHistogram"].as_object().expect("steps");
    assert!(steps.keys().all(|key| key.parse::<f64>().is_ok()), "{steps:?}");
    let counted: u64 = steps.values().map(|count| count.as_u64().expect("a count")).sum();
    let total = &report["total"];
    assert_eq!(counted, total["ok"].as_u64().expect("a count"));
    let statuses = found["statusCodeDistribution"].as_object().expect("statuses");
    assert_eq!(statuses.values().map(number).sum::<f64>(), number(&total["responses"]));
    let wrong = found["errorDistribution"].as_object().expect("errors").values();
    assert_eq!(wrong.map(number).sum::<f64>(), number(&total["responses"]) - number(&total["ok"]));
    let seconds = number(&report["elapsed_ns"]) / 1e9;
    assert!((number(&found["summary"]["total"]) - seconds).abs() < 1e-6);
    let at = |name: &str| number(&found["latencyPercentiles"][name]);
    assert!(percentiles.map(at).is_sorted());
}

/// By the rules of OTLP/JSON: names in lowerCamelCase, 64-bit integers as texts, enums as numbers.
fn otlp(found: &Value, report: &Value) {
    let resource = &found["resourceMetrics"][0];
    let attributes = resource["resource"]["attributes"].as_array().expect("attributes");
    assert!(
        attributes
            .iter()
            .any(|it| { it["key"] == "service.name" && it["value"]["stringValue"] == "httpdyno" })
    );
    let metrics = resource["scopeMetrics"][0]["metrics"].as_array().expect("metrics");
    let whole = |value: &Value| -> u64 {
        value.as_str().and_then(|it| it.parse().ok()).unwrap_or_else(|| panic!("{value}"))
    };
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for metric in metrics {
        let name = metric["name"].as_str().expect("a name");
        let kinds = ["sum", "gauge", "histogram"].map(|kind| metric[kind].is_object());
        assert_eq!(kinds.iter().filter(|is| **is).count(), 1, "{name}");
        for kind in ["sum", "histogram"].iter().filter(|kind| metric[**kind].is_object()) {
            assert_eq!(metric[*kind]["aggregationTemporality"], 2, "{name}");
        }
        let points = ["sum", "gauge", "histogram"]
            .iter()
            .find_map(|it| metric[*it]["dataPoints"].as_array());
        for point in points.expect("points") {
            let (from, to) = (whole(&point["startTimeUnixNano"]), whole(&point["timeUnixNano"]));
            assert_eq!(to - from, report["elapsed_ns"].as_u64().expect("a time"), "{name}");
            for attribute in point["attributes"].as_array().expect("attributes") {
                assert!(attribute["key"].is_string() && attribute["value"].is_object());
            }
            if metric["histogram"].is_object() {
                let counts = point["bucketCounts"].as_array().expect("counts");
                let bounds = point["explicitBounds"].as_array().expect("bounds");
                assert_eq!(counts.len(), bounds.len() + 1);
                assert!(bounds.iter().map(number).is_sorted());
                assert_eq!(counts.iter().map(whole).sum::<u64>(), whole(&point["count"]));
                assert!(point["sum"].is_number());
                *sums.entry(name).or_default() += whole(&point["count"]);
            } else {
                *sums.entry(name).or_default() += whole(&point["asInt"]);
            }
        }
    }
    let total = &report["total"];
    assert_eq!(sums["http.client.request.duration"], total["ok"]);
    assert_eq!(sums["httpdyno.requests"], total["requests"]);
    assert_eq!(sums["httpdyno.responses"], total["responses"]);
}

/// A metric's name and its labels.
fn sample(line: &str) -> (&str, BTreeMap<&str, &str>, f64) {
    let (series, value) = line.rsplit_once(' ').expect("a value");
    let (name, labels) = series.split_once('{').expect("labels");
    let labels = labels.strip_suffix('}').expect("an end");
    let pairs = labels.split("\",").map(|pair| pair.split_once("=\"").expect("a label"));
    let labels = pairs.map(|(name, value)| (name, value.trim_end_matches('"'))).collect();
    (name, labels, value.parse().expect("a number"))
}

/// By the rules of the exposition format: each family together under its HELP and TYPE, no series twice,
/// counters end in `_total`, and the buckets of a histogram count up to `+Inf`.
fn prometheus(exposed: &str, report: &Value) {
    assert!(exposed.ends_with('\n'));
    let (mut kinds, mut series) = (BTreeMap::new(), BTreeSet::new());
    let mut values: BTreeMap<String, f64> = BTreeMap::new();
    let mut buckets: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    let mut family = "";
    let mut lines = exposed.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            family = help.split(' ').next().expect("a name");
            let kind = lines.peek().and_then(|next| next.strip_prefix("# TYPE "));
            let (name, kind) = kind.and_then(|kind| kind.split_once(' ')).expect("a type");
            assert_eq!(name, family);
            assert!(kinds.insert(family, kind).is_none(), "{family} is there twice");
            assert_eq!(kind == "counter", family.ends_with("_total"), "{family}");
            lines.next();
            continue;
        }
        let (name, labels, value) = sample(line);
        assert!(series.insert(line.rsplit_once(' ').expect("a value").0), "{line} twice");
        let suffix =
            name.strip_prefix(family).unwrap_or_else(|| panic!("{line} is not of {family}"));
        assert_eq!(kinds[family] == "histogram", !suffix.is_empty(), "{line}");
        let is_name = |it: &&str| it.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
        assert!(labels.keys().all(is_name) && is_name(&name), "{line}");
        *values.entry(name.to_owned()).or_default() += value;
        if suffix == "_bucket" {
            let bound = if labels["le"] == "+Inf" {
                f64::INFINITY
            } else {
                labels["le"].parse().expect("le")
            };
            let of = format!("{family}{:?}", labels.get("route"));
            buckets.entry(of).or_default().push((bound, value));
        }
    }
    for (of, buckets) in &buckets {
        assert!(buckets.windows(2).all(|two| two[0].0 < two[1].0 && two[0].1 <= two[1].1), "{of}");
        assert_eq!(buckets.last().map(|last| last.0), Some(f64::INFINITY));
    }
    let last = buckets.iter().filter(|(of, _)| of.starts_with("httpdyno_latency_seconds"));
    let last: f64 = last.filter_map(|(_, buckets)| buckets.last()).map(|last| last.1).sum();
    assert_eq!(last, values["httpdyno_latency_seconds_count"]);
    let total = &report["total"];
    assert_eq!(values["httpdyno_right_responses_total"], number(&total["ok"]));
    assert_eq!(values["httpdyno_responses_total"], number(&total["responses"]));
}

#[test]
fn one_form_is_printed_and_two_are_not() {
    let server = Server::perfect();
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("http://{}/json?a=%22", server.authority());
    let few = [&url, "-n", "5", "-c", "1", "--warmup", "0"];
    for (form, words) in [("k6", "\"http_reqs\""), ("prometheus", "# TYPE "), ("json", "\"total\"")]
    {
        let output = load(folder.path(), &[&few[..], &["--output", form]].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains(words), "{form}");
    }
    for (more, words) in [
        (&["--output", "k6", "--json"][..], "cannot both be printed"),
        (&["--output", "k6", "--output", "oha"], "cannot both be printed"),
        (&["--output", "k6=x", "--output", "oha=x"], "names x twice"),
        (&["--output", "k6=no/folder/x"], "cannot write no/folder/x"),
        (&["--output", "k9"], "there are json, k6, oha, prometheus, otlp"),
        (&["--summary-export", "x"], "k6=FILE"),
        (&["--out", "json=x"], "--output json=FILE"),
    ] {
        let output = load(folder.path(), &[&few[..], more].concat());
        let errors = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{more:?}: {errors}");
        assert!(errors.contains(words) && output.stdout.is_empty(), "{more:?}: {errors}");
    }
}

/// Nothing that came to nothing makes a document that cannot be read.
#[test]
fn of_no_response_there_is_a_document_all_the_same() {
    let nobody = Nobody::listens();
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("http://{}/", nobody.address());
    for form in ["k6", "oha", "otlp", "prometheus"] {
        let few = [&url, "-n", "2", "-c", "1", "-d", "1s", "--warmup", "0", "--timeout", "200ms"];
        let output = load(folder.path(), &[&few[..], &["--output", form]].concat());
        let printed = text(&output.stdout);
        assert!(!printed.contains("NaN") && !printed.contains("null"), "{form}: {printed}");
        if form != "prometheus" && !printed.is_empty() {
            serde_json::from_str::<Value>(&printed).expect(form);
        }
    }
}
