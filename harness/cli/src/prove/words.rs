//! What a proof says, in words.

use httpdyno_runner::prove::{Comparison, Setup, Summary};

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
    let ratio = |ppm: u64| format!("{}.{:04}", ppm / 1_000_000, ppm % 1_000_000 / 100);
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
