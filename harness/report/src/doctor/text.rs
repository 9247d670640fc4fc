//! A diagnosis for a terminal.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Diagnosis, Standing};
use crate::style::{Palette, styled};

/// One line for each finding, and below it what to do.
#[must_use]
pub fn render(diagnosis: &Diagnosis) -> String {
    let heading = format!("profile {}", diagnosis.profile);
    let mut text = format!("{}\n", styled(Palette::HEADING, &heading));
    let width = diagnosis.findings.iter().map(|one| one.subject.len()).max().unwrap_or(0);
    for finding in &diagnosis.findings {
        let (word, style) = shown(finding.standing);
        let _ = writeln!(
            text,
            "  {} {:width$}  {}",
            styled(style, &format!("{word:11}")),
            finding.subject,
            finding.found
        );
        if !finding.remedy.is_empty() {
            let _ = writeln!(text, "  {:11} {:width$}  -> {}", "", "", finding.remedy);
        }
    }
    let _ = writeln!(
        text,
        "{}: {} enforced, {} hoped for, {} unfit",
        if diagnosis.fits() { "it fits this machine" } else { "it does not fit this machine" },
        diagnosis.count(Standing::Enforced),
        diagnosis.count(Standing::HopedFor),
        diagnosis.count(Standing::Unfit),
    );
    text
}

fn shown(standing: Standing) -> (&'static str, Style) {
    match standing {
        Standing::Enforced => ("enforced", AnsiColor::Green.on_default()),
        Standing::HopedFor => ("hoped for", AnsiColor::Yellow.on_default()),
        Standing::Unfit => ("unfit", AnsiColor::Red.on_default().bold()),
        Standing::Available => ("available", AnsiColor::Green.on_default()),
        Standing::Unavailable => ("unavailable", Palette::DIM),
    }
}
