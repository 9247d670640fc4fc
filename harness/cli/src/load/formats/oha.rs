//! The JSON of oha: times in seconds, from when a request was due, as oha counts with
//! `--latency-correction`. What is not measured here (names looked up, connections made) is 0, since its
//! schema asks for a number.

use std::collections::BTreeMap;

use httpdyno_loadgen::{Histogram, LoadReport};
use serde_json::{Map, Value, json};

use super::{decimal, failures, fraction, mean_ns, per_second, quantile_ns, seconds, share};

/// Name and hundredths of a per cent.
const PERCENTILES: [(&str, u32); 9] = [
    ("p10", 1_000),
    ("p25", 2_500),
    ("p50", 5_000),
    ("p75", 7_500),
    ("p90", 9_000),
    ("p95", 9_500),
    ("p99", 9_900),
    ("p99.9", 9_990),
    ("p99.99", 9_999),
];

/// Its histogram has so many steps.
const STEPS: u64 = 10;

pub(super) fn render(report: &LoadReport) -> Value {
    let total = &report.total;
    let ended = total.responses + total.error_count();
    let (fastest, slowest) = ends(&total.latency);
    let of_latency =
        PERCENTILES.map(|(name, at)| (name.to_owned(), seconds(quantile_ns(&total.latency, at))));
    let statuses = total.status_codes.iter().map(|(code, count)| (code.to_string(), json!(count)));
    let errors = failures(report).into_iter().map(|(cause, count)| (cause, json!(count)));
    let nothing = json!({ "average": 0.0, "fastest": 0.0, "slowest": 0.0 });
    json!({
        "summary": {
            "successRate": share(total.responses, ended),
            "total": seconds(report.elapsed_ns),
            "slowest": seconds(slowest),
            "fastest": seconds(fastest),
            "average": seconds(mean_ns(&total.latency)),
            "requestsPerSec": per_second(total.responses, report),
            "totalData": total.body_bytes,
            "sizePerRequest": total.body_bytes / total.responses.max(1),
            "sizePerSec": per_second(total.body_bytes, report),
        },
        "responseTimeHistogram": histogram(&total.latency),
        "latencyPercentiles": Map::from_iter(of_latency),
        "rps": rates(report),
        "details": { "DNSDialup": nothing, "DNSLookup": nothing },
        "statusCodeDistribution": Map::from_iter(statuses),
        "errorDistribution": Map::from_iter(errors),
    })
}

fn ends(histogram: &Histogram) -> (u64, u64) {
    match histogram.is_empty() {
        true => (0, 0),
        false => (histogram.min_ns(), histogram.max_ns()),
    }
}

/// How many values are up to each of eleven times from the fastest to the slowest.
fn histogram(latency: &Histogram) -> Value {
    let (fastest, slowest) = ends(latency);
    let edge = |step: u64| fastest + (slowest - fastest) / STEPS * step;
    let mut counts: BTreeMap<u64, u64> = (0..STEPS).map(|step| (edge(step), 0)).collect();
    counts.insert(slowest, 0);
    for (lowest, _, count) in latency.iter() {
        let at = counts.range(lowest..).next().map_or(slowest, |(edge, _)| *edge);
        *counts.entry(at).or_default() += count;
    }
    Map::from_iter(counts.into_iter().map(|(edge, count)| (decimal(edge, 9), json!(count)))).into()
}

/// Responses in each whole second of the window.
fn rates(report: &LoadReport) -> Value {
    let whole = usize::try_from(report.elapsed_ns / 1_000_000_000).unwrap_or(usize::MAX);
    let of_second = report.seconds.iter().take(whole).map(|it| it.ok + it.mismatches);
    let mut rates: Vec<u64> = of_second.collect();
    rates.sort_unstable();
    let count = rates.len().max(1) as u64;
    let mean_milli = rates.iter().sum::<u64>() * 1000 / count;
    let squares = rates.iter().map(|rate| u128::from((rate * 1000).abs_diff(mean_milli)).pow(2));
    let spread_milli = (squares.sum::<u128>() / u128::from(count)).isqrt();
    let at = |hundredths: u32| {
        let rank = (rates.len() * hundredths as usize).div_ceil(10_000).max(1) - 1;
        rates.get(rank).copied().unwrap_or(0)
    };
    let of_rate =
        PERCENTILES.map(|(name, hundredths)| (name.to_owned(), fraction(at(hundredths), 0)));
    json!({
        "mean": fraction(mean_milli, 3),
        "stddev": fraction(u64::try_from(spread_milli).unwrap_or(u64::MAX), 3),
        "max": fraction(at(10_000), 0),
        "min": fraction(at(0), 0),
        "percentiles": Map::from_iter(of_rate),
    })
}
