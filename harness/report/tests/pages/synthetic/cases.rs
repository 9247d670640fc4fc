//! Verdicts.

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_spec::exchange::Level;

use super::noise::Noise;
use super::{Shape, status};
use crate::texts::{GROUPS, HOSTILE};

pub(super) fn of(entry: &str, index: usize, shape: Shape, noise: &mut Noise) -> Vec<CaseRecord> {
    let names = GROUPS.iter().flat_map(|group| {
        (0..shape.cases_per_group).map(move |number| format!("{group}/rule-{number}"))
    });
    names.enumerate().map(|(number, name)| case(entry, index, number, name, noise)).collect()
}

fn case(entry: &str, index: usize, number: usize, name: String, noise: &mut Noise) -> CaseRecord {
    let status = status(index, number);
    let unless_passed = |text: &str| match status {
        CaseStatus::Pass => String::new(),
        _ => text.to_owned(),
    };
    let port = 20_000 + (noise.share() * 20_000.0) as u32;
    CaseRecord {
        entry: entry.to_owned(),
        title: format!("a request that tries rule {number}"),
        level: [Level::Must, Level::Should, Level::May][number % 3],
        source: format!("RFC 9112 section {}.{}", number % 9 + 1, number % 4 + 1),
        requires: format!("A server must do what rule {number} of {name} says."),
        status,
        observed: unless_passed(&format!("200 {HOSTILE}")),
        reason: unless_passed("status 200 is not 400"),
        expected: unless_passed("400, then closed\n400, then open"),
        sent: format!("GET /{number} HTTP/1.1\\r\\n\nHost: 127.0.0.1:{port}\\r\\n\n\\r\\n"),
        received: format!("HTTP/1.1 200 OK\\r\\n\nX-Port: {port}\\r\\n\n\\r\\n{HOSTILE}"),
        duration_ns: 1_500_000,
        case: name,
    }
}
