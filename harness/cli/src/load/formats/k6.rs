//! The summary of k6, as its `--summary-export` writes it: times in milliseconds. Its durations begin when
//! a request is sent; what counts from when it was due is a metric of its own, as k6 has for scripts.

use httpdyno_loadgen::{Histogram, LoadReport};
use serde_json::{Map, Value, json};

use super::{fraction, mean_ns, per_second, quantile_ns, share};

/// What k6 calls the group that all others are in: the MD5 of nothing.
const ROOT_GROUP: &str = "d41d8cd98f00b204e9800998ecf8427e";

pub(super) fn render(report: &LoadReport) -> Value {
    let total = &report.total;
    let ended = total.responses + total.error_count();
    let failed = total.error_count() + total.mismatches.total();
    let counted = |count: u64| json!({ "count": count, "rate": per_second(count, report) });
    let held = report.connections.established;
    let mut metrics = Map::from_iter([
        ("http_reqs".to_owned(), counted(ended)),
        ("http_req_duration".to_owned(), trend(&total.service)),
        // Of this one, what passes is what is true of it: the failures.
        ("http_req_failed".to_owned(), rate(failed, total.ok)),
        ("httpdyno_latency".to_owned(), trend(&total.latency)),
        ("checks".to_owned(), rate(total.ok, total.mismatches.total())),
        ("iterations".to_owned(), counted(ended)),
        ("data_received".to_owned(), counted(report.received_bytes)),
        ("data_sent".to_owned(), counted(report.sent_bytes)),
        ("vus".to_owned(), json!({ "value": held, "min": held, "max": held })),
    ]);
    let most = report.connections.wanted;
    metrics.insert("vus_max".to_owned(), json!({ "value": most, "min": most, "max": most }));
    if let Some(open) = &report.open_loop {
        metrics.insert("dropped_iterations".to_owned(), counted(open.unsent));
    }
    let groups = json!({});
    json!({
        "root_group": {
            "name": "", "path": "", "id": ROOT_GROUP, "groups": groups, "checks": groups,
        },
        "metrics": metrics,
    })
}

fn rate(passes: u64, fails: u64) -> Value {
    json!({ "passes": passes, "fails": fails, "value": share(passes, passes + fails) })
}

fn trend(histogram: &Histogram) -> Value {
    let ms = |ns: u64| fraction(ns, 6);
    let at = |hundredths| ms(quantile_ns(histogram, hundredths));
    let (min, max) = match histogram.is_empty() {
        true => (0, 0),
        false => (histogram.min_ns(), histogram.max_ns()),
    };
    json!({
        "avg": ms(mean_ns(histogram)), "min": ms(min), "med": at(5_000), "max": ms(max),
        "p(90)": at(9_000), "p(95)": at(9_500), "p(99)": at(9_900), "p(99.9)": at(9_990),
    })
}
