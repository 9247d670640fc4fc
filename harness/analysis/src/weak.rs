//! Figures that are weaker than they should be, since the run could not have everything: how they are
//! marked. Which they are, the record decides.

use httpdyno_record::lack::MARK;
use httpdyno_record::{Figure, WeakFigure};

/// What stands before a figure of this kind.
#[must_use]
pub fn mark(weak: &[WeakFigure], figure: Figure) -> &'static str {
    if weak.iter().any(|one| one.figure == figure) { MARK } else { "" }
}

/// The same of a figure of a kind that is weaker or not.
#[must_use]
pub fn mark_of(kinds: &[Figure], figure: Figure) -> &'static str {
    if kinds.contains(&figure) { MARK } else { "" }
}

/// What the mark means, below a table that has it.
pub const LEGEND: &str =
    "~ weaker than it should be, for what this run could not have: see its warning";

#[cfg(test)]
mod tests {
    use super::{LEGEND, mark};
    use httpdyno_record::lack::MARK;
    use httpdyno_record::{Figure, WeakFigure};

    #[test]
    fn what_is_weak_is_marked_and_nothing_else() {
        let weak = [WeakFigure { figure: Figure::Cost, without: vec![] }];
        assert_eq!(mark(&weak, Figure::Cost), MARK);
        assert_eq!(mark(&weak, Figure::Throughput), "");
        assert!(LEGEND.starts_with(MARK));
    }
}
