//! OpenTelemetry's metrics as OTLP/JSON: one `ExportMetricsServiceRequest`, as a collector takes it at
//! `/v1/metrics` and its file receiver from a file. Its rules for JSON: 64-bit integers are texts, enums
//! are numbers. The published crate with these types brings a whole SDK and protobuf for them, to write
//! what is few lines here.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use httpdyno_loadgen::{Histogram, LoadPlan, LoadReport};
use serde_json::{Value, json};

use super::{bounds_ns, failures, in_bounds, seconds, sum_ns};

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: u8 = 2;

/// The window, as every point names it.
#[derive(Clone)]
struct Window {
    from: String,
    to: String,
}

pub(super) fn render(plan: &LoadPlan, report: &LoadReport, begun: SystemTime) -> Value {
    let ended = begun + Duration::from_nanos(report.elapsed_ns);
    let window = Window { from: unix_ns(begun), to: unix_ns(ended) };
    let server = text("server.address", &plan.authority);
    let of_routes: Vec<(Vec<Value>, &httpdyno_loadgen::RouteReport)> = plan
        .routes
        .iter()
        .zip(&report.routes)
        .map(|(route, found)| {
            let method = text("http.request.method", &route.request.method);
            (vec![server.clone(), method, text("url.template", &found.name)], found)
        })
        .collect();
    let durations = |of: fn(&httpdyno_loadgen::RouteReport) -> &Histogram| -> Vec<Value> {
        of_routes.iter().map(|(labels, found)| window.histogram(labels, of(found))).collect()
    };
    let requests = of_routes.iter().map(|(labels, found)| window.number(labels, found.requests));
    let by_code = report.total.status_codes.iter().map(|(code, count)| {
        let status = json!({ "key": "http.response.status_code", "value": { "intValue": code.to_string() } });
        window.number(&[server.clone(), status], *count)
    });
    let by_cause = failures(report);
    let by_cause = by_cause
        .iter()
        .map(|(cause, count)| window.number(&[server.clone(), text("error.type", cause)], *count));
    let held = window.number(std::slice::from_ref(&server), report.connections.established);
    let metrics = [
        histogram(
            "http.client.request.duration",
            "From sending to the response.",
            durations(|it| &it.service),
        ),
        histogram(
            "httpdyno.latency",
            "From when it was due to the response.",
            durations(|it| &it.latency),
        ),
        sum("httpdyno.requests", "{request}", requests.collect()),
        sum("httpdyno.responses", "{response}", by_code.collect()),
        sum("httpdyno.failures", "{request}", by_cause.collect()),
        sum(
            "httpdyno.received",
            "By",
            vec![window.number(std::slice::from_ref(&server), report.received_bytes)],
        ),
        sum(
            "httpdyno.sent",
            "By",
            vec![window.number(std::slice::from_ref(&server), report.sent_bytes)],
        ),
        json!({
            "name": "http.client.open_connections", "unit": "{connection}",
            "gauge": { "dataPoints": [held] },
        }),
    ];
    json!({ "resourceMetrics": [{
        "resource": { "attributes": [
            text("service.name", "httpdyno"), text("service.version", env!("CARGO_PKG_VERSION")),
        ] },
        "scopeMetrics": [{
            "scope": { "name": "httpdyno.load", "version": env!("CARGO_PKG_VERSION") },
            "metrics": metrics,
        }],
    }] })
}

fn unix_ns(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

impl Window {
    fn number(&self, attributes: &[Value], number: u64) -> Value {
        json!({
            "attributes": attributes, "startTimeUnixNano": self.from, "timeUnixNano": self.to,
            "asInt": number.to_string(),
        })
    }

    fn histogram(&self, attributes: &[Value], histogram: &Histogram) -> Value {
        let counts: Vec<String> = in_bounds(histogram).iter().map(u64::to_string).collect();
        let bounds: Vec<Value> = bounds_ns().map(seconds).collect();
        let mut point = json!({
            "attributes": attributes, "startTimeUnixNano": self.from, "timeUnixNano": self.to,
            "count": histogram.count().to_string(), "sum": seconds(sum_ns(histogram)),
            "bucketCounts": counts, "explicitBounds": bounds,
        });
        if !histogram.is_empty() {
            point["min"] = seconds(histogram.min_ns());
            point["max"] = seconds(histogram.max_ns());
        }
        point
    }
}

fn histogram(name: &str, description: &str, points: Vec<Value>) -> Value {
    json!({
        "name": name, "description": description, "unit": "s",
        "histogram": { "aggregationTemporality": CUMULATIVE, "dataPoints": points },
    })
}

fn sum(name: &str, unit: &str, points: Vec<Value>) -> Value {
    json!({
        "name": name, "unit": unit,
        "sum": { "aggregationTemporality": CUMULATIVE, "isMonotonic": true, "dataPoints": points },
    })
}
