//! What a proof says, in words.

use httpdyno_runner::prove::{
    Comparison, Coverage, Found, PlantedCost, PlantedSummary, Setup, Summary,
};

/// What was decided before the first comparison.
pub(super) fn setup(setup: &Setup) -> String {
    format!(
        "{} requests per second on {} connections cost {}.{:03} ns each; the costlier server \
         spends {} ns more ({} ppm)\ndecides: the verdict on CPU time per response (the CPU \
         used at this load, sleeping and batching included), with a margin of {} ppm and an interval \
         of 95 %",
        setup.rate_per_s,
        setup.connections,
        setup.cost_ps / 1000,
        setup.cost_ps % 1000,
        setup.extra_cpu_ns,
        setup.difference_ppm,
        setup.margin_ppm
    )
}

/// One comparison, in a line.
pub(super) fn comparison(comparison: &Comparison) -> String {
    format!(
        "{}: {} [{}, {}] {} (sign {}), {} blocks, spread {} ppm, detectable {} ppm, {} ms",
        comparison.record,
        ratio(comparison.ratio_ppm),
        ratio(comparison.low_ppm),
        ratio(comparison.high_ppm),
        comparison.verdict,
        comparison.sign,
        comparison.blocks,
        comparison.spread_ppm,
        comparison.detectable_ppm,
        comparison.took_ms
    )
}

/// What all comparisons came to.
pub(super) fn summary(summary: &Summary) -> String {
    format!(
        "the same server: {} of {} comparisons told it apart from itself ({} intervals do not \
         have 1 in them)\n\
         a server that costs {} ppm more: found in {} of {} ({} intervals lie above 1, {} with \
         the wrong sign)\n\
         what was stated {}",
        summary.false_verdicts,
        summary.same.len(),
        summary.false_signs,
        summary.setup.difference_ppm,
        summary.found,
        summary.costlier.len(),
        summary.right_signs,
        summary.wrong,
        if summary.holds() { "holds" } else { "does not hold" }
    )
}

/// A ratio of parts per million, with four digits.
fn ratio(ppm: u64) -> String {
    format!("{}.{:04}", ppm / 1_000_000, ppm % 1_000_000 / 100)
}

/// A planted cost at one point, in a line.
pub(super) fn planted_cost(planted_cost: &PlantedCost) -> String {
    let load = match planted_cost.offered_per_s {
        Some(rate) => format!("{rate}/s"),
        None => "closed loop".to_owned(),
    };
    let all =
        [("CPU", &planted_cost.cpu), ("user", &planted_cost.user), ("rate", &planted_cost.rate)];
    let found = |(name, it): (_, &Option<Found>)| it.as_ref().map(|it| found(name, it));
    let figures: Vec<String> = all.into_iter().filter_map(found).collect();
    let figures =
        if figures.is_empty() { "no valid figure".to_owned() } else { figures.join("; ") };
    format!(
        "{}, {} connections, {load}: {} ns planted on {}.{:03} ns ({} ppm in the closed loop): {}",
        planted_cost.entry,
        planted_cost.connections,
        planted_cost.extra_cpu_ns,
        planted_cost.base_cpu_ps / 1000,
        planted_cost.base_cpu_ps % 1000,
        planted_cost.cost_ppm,
        figures
    )
}

fn found(name: &str, found: &Found) -> String {
    let truth = match (found.truth_ppm, found.holds()) {
        (Some(truth), Some(true)) => format!(", truly {}", ratio(truth)),
        (Some(truth), _) => format!(", truly {} (missed)", ratio(truth)),
        (None, _) => String::new(),
    };
    format!(
        "{name} {} [{}, {}]{truth} {}",
        ratio(found.ratio_ppm),
        ratio(found.low_ppm),
        ratio(found.high_ppm),
        found.verdict
    )
}

/// What all planted costs came to.
pub(super) fn planted(summary: &PlantedSummary) -> String {
    let share = |coverage: Coverage| format!("{} of {}", coverage.held, coverage.all);
    format!(
        "{} planted costs, {} blocks each\n\
         CPU time per response in the closed loop: {} intervals of 95 % have the truth in them\n\
         CPU time per response at a fixed rate (sleeping and batching included): {}\n\
         its part in user mode, at every load: {}\n\
         figures with a false verdict: {}\n\
         what was stated (the first and the last of these) {}",
        summary.planted_costs.len(),
        summary.blocks,
        share(summary.cpu_in_closed_loop()),
        share(summary.cpu_at_rates()),
        share(summary.user()),
        summary.false_verdicts(),
        if summary.holds() { "holds" } else { "does not hold" }
    )
}
