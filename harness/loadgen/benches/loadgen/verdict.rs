//! Figures beside their targets.

/// Prints one line: what, how much, what it should be, and whether it is.
pub(crate) fn print(what: &str, figure: String, target: &str, met: bool) {
    let verdict = if met { "met" } else { "MISSED" };
    println!("  -> {what:<58} {figure:>10}  target {target:<12} {verdict}");
}
