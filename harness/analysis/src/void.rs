//! Figures that a row does not have: what stands in their cells.

use httpdyno_record::Figure;
use httpdyno_record::rows::VoidFigure;

use crate::legible::one_line;

/// What took the figure, and how many of the blocks it left: `headroom 2/6`. Nothing where the row
/// has it.
#[must_use]
pub fn text(void: &[VoidFigure], figure: Figure) -> Option<String> {
    let found = void.iter().find(|one| one.figure == figure)?;
    // A cell is narrow: of a failure, the stage is enough.
    let cause = found.cause.strip_prefix("failed at ").unwrap_or(&found.cause);
    Some(format!("{} {}/{}", one_line(cause), found.valid, found.blocks))
}

/// The same as a sentence, for what has no cells.
pub(crate) fn sentence(void: &VoidFigure) -> String {
    let VoidFigure { figure, cause, valid, blocks } = void;
    format!("no {figure}: valid in {valid} of {blocks} blocks, {} took others", one_line(cause))
}

#[cfg(test)]
mod tests {
    use super::text;
    use httpdyno_record::Figure;
    use httpdyno_record::rows::VoidFigure;

    #[test]
    fn a_cell_has_the_reason_and_how_many() {
        let (figure, cause) = (Figure::Throughput, "headroom".to_owned());
        let void = [VoidFigure { figure, cause, valid: 2, blocks: 6 }];
        assert_eq!(text(&void, Figure::Throughput).as_deref(), Some("headroom 2/6"));
        assert_eq!(text(&void, Figure::Cost), None);
    }
}
