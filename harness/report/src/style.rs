//! Colours for a terminal. Whether they are shown is the caller's business: the command line
//! strips them when the output is no terminal.

use anstyle::{AnsiColor, Style};
use httpdyno_record::CaseStatus;

/// The styles that texts are written with.
#[derive(Clone, Copy, Debug, Default)]
pub struct Palette;

impl Palette {
    pub(crate) const HEADING: Style = Style::new().bold();
    pub(crate) const DIM: Style = Style::new().dimmed();
    pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default();

    /// The style of a case's status.
    #[must_use]
    pub fn of_status(status: CaseStatus) -> Style {
        match status {
            CaseStatus::Pass => AnsiColor::Green.on_default(),
            CaseStatus::Fail | CaseStatus::UnexpectedPass => AnsiColor::Red.on_default().bold(),
            CaseStatus::Warn => AnsiColor::Yellow.on_default(),
            CaseStatus::Info | CaseStatus::KnownDeviation => AnsiColor::Cyan.on_default(),
            CaseStatus::NotApplicable => Self::DIM,
        }
    }
}

/// `text` in `style`.
pub(crate) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}
