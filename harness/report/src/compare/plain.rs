//! What a comparison says of each point, in a line that a person understands; and whether that is what
//! a gate is to stop. The verdict is always on the candidate.

use httpdyno_analysis::compare::NOT_MEASURED;

use super::{Compared, ComparedPoint, ComparedRatio, ComparedVoid, place_name};
use crate::legible::one_line;
use crate::quantity::{percent, ratio};
use crate::series::Quantity;
use crate::versus::Versus;

/// What of the candidate ends a gate in red.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailOn {
    /// It is worse in some quantity, by more than the margin, or failed. What is unresolved is not
    /// worse.
    Slower,
    /// It is not shown to be equivalent in each quantity: worse, better and unresolved alike. What
    /// nobody could measure is no matter.
    NotEquivalent,
    /// Nothing.
    Never,
}

impl FailOn {
    /// Whether it stops at such a ratio.
    #[must_use]
    pub fn stops_at(self, versus: &Versus) -> bool {
        match self {
            Self::Slower => versus.verdict == "slower",
            Self::NotEquivalent => is_different(versus) || versus.verdict == "unresolved",
            Self::Never => false,
        }
    }

    /// Whether it stops where there is no ratio.
    #[must_use]
    pub fn stops_without(self, void: &ComparedVoid) -> bool {
        match self {
            Self::Slower => void.candidate_failed,
            Self::NotEquivalent => !is_out_of_reach(void),
            Self::Never => false,
        }
    }
}

/// Which quantities, and where, the gate stops at: `json, 16 connections: throughput`.
#[must_use]
pub fn stops(compared: &Compared, fail_on: FailOn) -> Vec<String> {
    let of_point = |point: &ComparedPoint| {
        let ratios = point.ratios.iter().filter(|one| fail_on.stops_at(&one.versus));
        let voids = point.void.iter().filter(|one| fail_on.stops_without(one));
        let quantities = ratios.map(|one| one.quantity).chain(voids.map(|one| one.quantity));
        let place = place(point);
        quantities.map(move |it| format!("{place}: {}", it.name())).collect::<Vec<_>>()
    };
    compared.points.iter().flat_map(of_point).collect()
}

/// A line for each point.
#[must_use]
pub fn lines(compared: &Compared) -> Vec<String> {
    compared.points.iter().map(|point| line(compared, point)).collect()
}

fn line(compared: &Compared, point: &ComparedPoint) -> String {
    let (who, whom) = names(compared, point);
    let place = place(point);
    let with = |verdict: &str| -> Vec<&ComparedRatio> {
        point.ratios.iter().filter(|one| one.versus.verdict == verdict).collect()
    };
    let (slower, faster, open) = (with("slower"), with("faster"), with("unresolved"));
    let is_whole = point.void.iter().all(is_out_of_reach);
    let failed = point.void.iter().any(|void| void.candidate_failed);
    let mut line = if failed {
        format!("{who} failed at {place}")
    } else if point.ratios.is_empty() {
        format!("nothing can be said of {who} at {place}: no quantity could be compared")
    } else if !slower.is_empty() {
        let what = if only_memory(&slower) { "takes more memory" } else { "is slower" };
        let better = match faster.is_empty() {
            true => String::new(),
            false => format!("; but better: {}", of(&faster, &whom)),
        };
        format!("{who} {what} at {place}: {}{better}", of(&slower, &whom))
    } else if !faster.is_empty() {
        let what = if only_memory(&faster) { "takes less memory" } else { "is faster" };
        format!("{who} {what} at {place}: {}", of(&faster, &whom))
    } else if open.is_empty() && is_whole {
        let margin = percent(compared.margin_ppm.into());
        format!(
            "{who} is equivalent to {whom} at {place}: no difference of {margin} or more, {}",
            of(&point.ratios.iter().collect::<Vec<_>>(), &whom)
        )
    } else {
        format!("it is unresolved whether {who} differs from {whom} at {place}")
    };
    if !open.is_empty() {
        let found = |one: &&ComparedRatio| {
            let (quantity, least) = (one.quantity.name(), one.versus.detectable_ppm);
            match least < DOUBLE_PPM {
                true => format!("{quantity} (would have shown {})", percent(least.into())),
                false => format!("{quantity} (would not even have shown a double)"),
            }
        };
        let open: Vec<String> = open.iter().map(found).collect();
        line = format!("{line}; unresolved: {}", open.join(", "));
    }
    let mut with_sources = point.ratios.iter().filter_map(|one| Some((one.quantity, one.sources?)));
    if let Some((quantity, sources)) = with_sources.next() {
        let name = quantity.name();
        line = format!("{line}; of the variance of a start's {name}, {}", sources.words());
    }
    for ComparedVoid { quantity, reason, .. } in &point.void {
        line = format!("{line}; no {}: {}", quantity.name(), one_line(reason));
    }
    line
}

/// A difference beyond which its size says nothing any more.
const DOUBLE_PPM: u32 = 1_000_000;

/// How the two are called in a sentence.
fn names(compared: &Compared, point: &ComparedPoint) -> (String, String) {
    match compared.paired {
        true => (one_line(&compared.candidate), one_line(&compared.base)),
        false => (format!("the candidate's {}", one_line(&point.entry)), "the base".to_owned()),
    }
}

fn place(point: &ComparedPoint) -> String {
    one_line(&place_name(&(point.workload.clone(), point.connections, point.offered_per_s)))
}

/// `0.930 [0.910, 0.950] of base's throughput, ...`.
fn of(ratios: &[&ComparedRatio], whom: &str) -> String {
    let one = |(index, found): (usize, &&ComparedRatio)| {
        let versus = &found.versus;
        let [mid, low, high] = [versus.ratio_ppm, versus.low_ppm, versus.high_ppm].map(ratio);
        let whose = if index == 0 { format!("{whom}'s") } else { "its".to_owned() };
        format!("{mid} [{low}, {high}] of {whose} {}", found.quantity.name())
    };
    ratios.iter().enumerate().map(one).collect::<Vec<_>>().join(", ")
}

fn only_memory(ratios: &[&ComparedRatio]) -> bool {
    ratios.iter().all(|one| one.quantity == Quantity::Memory)
}

fn is_different(versus: &Versus) -> bool {
    versus.verdict == "slower" || versus.verdict == "faster"
}

/// No gate took it: it could not be had of these servers.
fn is_out_of_reach(void: &ComparedVoid) -> bool {
    void.reason.contains(NOT_MEASURED)
}
