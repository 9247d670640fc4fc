//! Sums over published figures: what can be known of a claim before any trial.

use httpdyno_spec::claim::{Little, PaperCheck, Parts, Quotient, Same, Sum};

use crate::quantity::{count, duration, percent};

/// A whole, in parts per million.
const ALL: u128 = 1_000_000;

/// A sum that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summed {
    /// What it is about, as the claim says.
    pub about: String,
    /// Whether the figures agree, within the tolerance.
    pub holds: bool,
    /// The sum, with its numbers.
    pub sum: String,
}

/// Makes the sum.
#[must_use]
pub fn summed(check: &PaperCheck) -> Summed {
    let tolerance = u128::from(check.tolerance_ppm);
    let (holds, sum) = match &check.sum {
        Sum::LittlesLaw(little) => littles_law(little, tolerance),
        Sum::Quotient(quotient) => one_quotient(quotient, tolerance),
        Sum::Parts(parts) => all_parts(parts, tolerance),
        Sum::Same(same) => both(same, tolerance),
    };
    Summed { about: check.about.clone(), holds, sum }
}

/// Connections in use are rate times latency: as many as were held where each always has one
/// request.
fn littles_law(little: &Little, tolerance: u128) -> (bool, String) {
    let latency_ns = little.latency.duration().as_nanos();
    // In thousandths of a connection.
    let busy = u128::from(little.rate_per_s) * latency_ns / 1_000_000;
    let held = u128::from(little.connections) * 1_000;
    let too_few = busy * (ALL + tolerance) < held * ALL;
    let too_many = busy * ALL > held * (ALL + tolerance);
    let mean = held * 1_000_000 / u128::from(little.rate_per_s.max(1));
    let is = if little.at_most { "at most " } else { "" };
    let sum = format!(
        "{} requests/s x {is}{} = {is}{} connections in use, of {} held; with all of them in use the \
         mean latency is {}",
        count(little.rate_per_s),
        little.latency,
        thousandths(busy),
        little.connections,
        duration(fitting(mean))
    );
    (!too_few && (little.at_most || !too_many), sum)
}

fn one_quotient(quotient: &Quotient, tolerance: u128) -> (bool, String) {
    let found = u128::from(quotient.of) * ALL / u128::from(quotient.by.max(1));
    let (least, most) = (u128::from(quotient.at_least.0), u128::from(quotient.at_most.0));
    let holds = found * (ALL + tolerance) >= least * ALL && found * ALL <= most * (ALL + tolerance);
    let published = match least == most {
        true => quotient.at_least.to_string(),
        false => format!("{} to {}", quotient.at_least, quotient.at_most),
    };
    let sum = format!(
        "{} / {} = {}x, published as {published}",
        count(quotient.of),
        count(quotient.by),
        thousandths((found + 500) / 1_000)
    );
    (holds, sum)
}

/// A core that does nothing else makes one request in the time of its parts.
fn all_parts(parts: &Parts, tolerance: u128) -> (bool, String) {
    let total: u64 = parts.parts_ns.values().fold(0, |sum, time| sum.saturating_add(*time));
    let most = 1_000_000_000 / u128::from(total.max(1));
    let claimed = u128::from(parts.at_least_per_s);
    let each: Vec<String> =
        parts.parts_ns.iter().map(|(name, time)| format!("{name} {} ns", count(*time))).collect();
    let sum = format!(
        "{} = {} ns for a request, at most {} a second on one core, published as {} or more",
        each.join(" + "),
        count(total),
        count(fitting(most)),
        count(parts.at_least_per_s)
    );
    (claimed * ALL <= most * (ALL + tolerance), sum)
}

fn both(same: &Same, tolerance: u128) -> (bool, String) {
    let (less, more) = (same.first.min(same.second), same.first.max(same.second));
    let apart = u128::from(more) * ALL / u128::from(less.max(1)) - ALL;
    let sum = format!(
        "{} and {} for the same thing, {} apart",
        count(same.first),
        count(same.second),
        percent(fitting(apart))
    );
    (apart <= tolerance, sum)
}

fn thousandths(value: u128) -> String {
    let hundredths = (value + 5) / 10;
    format!("{}.{:02}", count(fitting(hundredths / 100)), hundredths % 100)
}

fn fitting(value: u128) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Summed, summed};
    use httpdyno_spec::claim::{Little, PaperCheck, Parts, Quotient, Same, Sum};

    fn of(sum: Sum, tolerance_ppm: u32) -> Summed {
        summed(&PaperCheck { about: "a sum".to_owned(), sum, tolerance_ppm })
    }

    fn little(rate_per_s: u64, latency: &str, at_most: bool) -> Summed {
        let latency = latency.parse().expect("a time");
        of(Sum::LittlesLaw(Little { connections: 50, rate_per_s, latency, at_most }), 20_000)
    }

    #[test]
    fn rate_times_latency_is_the_connections_that_were_held() {
        assert!(little(10_000, "5ms", false).holds);
        assert!(little(10_000, "5100us", false).holds, "2 % too many is the tolerance");
        assert!(!little(10_000, "5101us", false).holds);
        assert!(little(10_000, "4902us", false).holds);
        assert!(!little(10_000, "4901us", false).holds);
        let found = little(371, "63480us", false);
        assert!(!found.holds);
        assert_eq!(
            found.sum,
            "371 requests/s x 63480us = 23.55 connections in use, of 50 held; with all of them in use \
             the mean latency is 135 ms"
        );
    }

    #[test]
    fn a_bound_on_the_latency_bounds_the_connections_from_above_alone() {
        assert!(little(10_000, "9ms", true).holds, "the mean may be less");
        assert!(!little(10_000, "3ms", true).holds);
    }

    #[test]
    fn a_quotient_is_within_what_was_published_and_rounding() {
        let quotient = |of_: u64, at_least: &str, at_most: &str| {
            let at_least = at_least.parse().expect("a ratio");
            let at_most = at_most.parse().expect("a ratio");
            of(Sum::Quotient(Quotient { of: of_, by: 371, at_least, at_most }), 1_500)
        };
        assert!(quotient(4_497, "12.13x", "12.13x").holds);
        assert!(!quotient(4_400, "12.13x", "12.13x").holds);
        assert!(!quotient(4_600, "12.13x", "12.13x").holds);
        assert!(quotient(4_497, "10x", "25x").holds);
        let found = quotient(3_000, "10x", "25x");
        assert!(!found.holds);
        assert_eq!(found.sum, "3 000 / 371 = 8.09x, published as 10x to 25x");
    }

    #[test]
    fn a_core_makes_no_more_requests_than_their_parts_have_time() {
        let parts = |at_least_per_s: u64| {
            let times = [("json", 1_000), ("head", 1_000)];
            let parts_ns = times.map(|(name, time)| (name.to_owned(), time)).into();
            of(Sum::Parts(Parts { parts_ns, at_least_per_s }), 0)
        };
        assert!(parts(500_000).holds);
        let found = parts(500_001);
        assert!(!found.holds);
        assert_eq!(
            found.sum,
            "head 1 000 ns + json 1 000 ns = 2 000 ns for a request, at most 500 000 a second on one \
             core, published as 500 001 or more"
        );
    }

    #[test]
    fn one_thing_is_not_two_things() {
        let same = |first, second| of(Sum::Same(Same { first, second }), 100_000);
        assert!(same(100, 110).holds && same(110, 100).holds);
        let found = same(184_370, 71_083);
        assert!(!found.holds);
        assert_eq!(found.sum, "184 370 and 71 083 for the same thing, 159.4 % apart");
    }
}
