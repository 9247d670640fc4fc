//! Prometheus' text exposition format, version 0.0.4: for its Pushgateway, or the textfile collector of the
//! node exporter.

use httpdyno_loadgen::{Histogram, LoadPlan, LoadReport};

use super::{bounds_ns, decimal, failures, in_bounds, push_line, sum_ns};

pub(super) fn render(plan: &LoadPlan, report: &LoadReport) -> String {
    let mut out = String::new();
    let server = label("server", &plan.authority);
    let total = &report.total;
    let of_routes = |number: fn(&httpdyno_loadgen::RouteReport) -> u64| {
        let routes = report.routes.iter();
        routes.map(|route| (vec![label("route", &route.name)], number(route).to_string())).collect()
    };
    let mut family = |name: &str, kind: &str, help: &str, samples: Vec<(Vec<String>, String)>| {
        push_line(&mut out, &format!("# HELP httpdyno_{name} {help}"));
        push_line(&mut out, &format!("# TYPE httpdyno_{name} {kind}"));
        for (labels, value) in samples {
            let labels = [std::slice::from_ref(&server), labels.as_slice()].concat().join(",");
            push_line(&mut out, &format!("httpdyno_{name}{{{labels}}} {value}"));
        }
    };
    let one = |value: u64| vec![(Vec::new(), value.to_string())];
    family(
        "requests_total",
        "counter",
        "Requests issued in the window.",
        of_routes(|it| it.requests),
    );
    family(
        "right_responses_total",
        "counter",
        "Responses that passed every check.",
        of_routes(|it| it.ok),
    );
    let by_code = total.status_codes.iter();
    let by_code = by_code.map(|(code, n)| (vec![label("code", &code.to_string())], n.to_string()));
    family("responses_total", "counter", "Responses by status code.", by_code.collect());
    let by_cause = failures(report).into_iter();
    let by_cause = by_cause.map(|(cause, n)| (vec![label("cause", &cause)], n.to_string()));
    family(
        "failures_total",
        "counter",
        "Wrong responses, and requests without one, by cause.",
        by_cause.collect(),
    );
    family(
        "received_bytes_total",
        "counter",
        "Bytes received in the window.",
        one(report.received_bytes),
    );
    family("sent_bytes_total", "counter", "Bytes sent in the window.", one(report.sent_bytes));
    family("connections", "gauge", "Connections held.", one(report.connections.established));
    let window = vec![(Vec::new(), decimal(report.elapsed_ns, 9))];
    family("window_seconds", "gauge", "Length of the measured window.", window);
    for (name, help, of) in HISTOGRAMS {
        let full = format!("httpdyno_{name}_seconds");
        push_line(&mut out, &format!("# HELP {full} {help}"));
        push_line(&mut out, &format!("# TYPE {full} histogram"));
        for route in &report.routes {
            let labels = format!("{server},{}", label("route", &route.name));
            histogram(&mut out, &full, &labels, of(route));
        }
    }
    out
}

/// Name, help, and which histogram of a route.
type OfRoute = (&'static str, &'static str, fn(&httpdyno_loadgen::RouteReport) -> &Histogram);

const HISTOGRAMS: [OfRoute; 2] = [
    ("latency", "From when a request was due to its response; right ones only.", |it| &it.latency),
    ("service", "From when a request was sent to its response; right ones only.", |it| &it.service),
];

/// Counts up to each bound, those below it too.
fn histogram(out: &mut String, name: &str, labels: &str, histogram: &Histogram) {
    let counts = in_bounds(histogram);
    let bounds = bounds_ns().map(|bound| decimal(bound, 9)).chain(["+Inf".to_owned()]);
    let mut seen = 0;
    for (bound, count) in bounds.zip(counts) {
        seen += count;
        push_line(out, &format!("{name}_bucket{{{labels},le=\"{bound}\"}} {seen}"));
    }
    push_line(out, &format!("{name}_sum{{{labels}}} {}", decimal(sum_ns(histogram), 9)));
    push_line(out, &format!("{name}_count{{{labels}}} {}", histogram.count()));
}

fn label(name: &str, value: &str) -> String {
    let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{name}=\"{value}\"")
}
