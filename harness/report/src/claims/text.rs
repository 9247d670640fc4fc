//! Claims as text for a terminal: the list of them, and what became of them.

use std::fmt::Write as _;

use httpdyno_spec::claim::Claim;

use super::{AtLevel, DEFINITIONS, Judged, TERMS, artefacts};
use crate::legible::one_line;
use crate::text_table::plain_table;

/// The claims with what can be said of them without a run.
#[must_use]
pub fn list(claims: &[(&Claim, Judged)]) -> String {
    let rows = claims.iter().map(|(claim, judged)| {
        let verdict = verdict(judged);
        vec![claim.id.to_string(), verdict, one_line(claim.title.trim())]
    });
    plain_table(["claim", "verdict", "what is claimed"], rows, 3).to_string() + "\n"
}

/// What became of the claims: a table, and each with all that decided it.
#[must_use]
pub fn render(claims: &[(&Claim, Judged)]) -> String {
    let mut rows = Vec::new();
    for (claim, judged) in claims {
        let published = one_line(claim.source.figure.trim());
        let mut cells = vec![claim.id.to_string(), published, verdict(judged)];
        let author = judged.levels.iter().find(|at| at.changed.is_none());
        cells.insert(2, author.map_or_else(|| "-".to_owned(), in_short));
        rows.push(cells);
    }
    let header = ["claim", "published", "found, as the author had it", "verdict"];
    let mut text = plain_table(header, rows, 4).to_string() + "\n";
    for (claim, judged) in claims {
        text.push_str(&card(claim, judged));
    }
    text.push('\n');
    for (verdict, definition) in DEFINITIONS {
        let _ = writeln!(text, "{verdict}: {definition}.");
    }
    let _ = writeln!(text, "{TERMS}");
    text
}

fn card(claim: &Claim, judged: &Judged) -> String {
    let mut text = format!("\n{}: {}\n", claim.id, one_line(claim.title.trim()));
    let _ = writeln!(text, "  {}", verdict(judged));
    let _ = writeln!(text, "  decided by: {}", one_line(&judged.decided_by));
    let _ = writeln!(
        text,
        "  published: {} ({}, {})",
        one_line(claim.source.figure.trim()),
        one_line(claim.source.document.trim()),
        claim.source.date
    );
    let with = artefacts(claim.ours.artefacts);
    let _ = writeln!(text, "  tested with: {with}: {}", one_line(claim.ours.stands_for.trim()));
    for sum in &judged.on_paper {
        let holds = if sum.holds { "holds" } else { "does not hold" };
        let _ = writeln!(text, "  on paper: {}: {}: {holds}", one_line(sum.about.trim()), sum.sum);
    }
    for at in &judged.levels {
        let level = at.changed.as_deref().unwrap_or("as the author had it");
        let outcome = at.outcome.map_or_else(|| "unresolved".to_owned(), |it| it.to_string());
        let _ = writeln!(
            text,
            "  {} ({level}): {}; published {}; found {}: {outcome}",
            at.comparison,
            at.what,
            at.published,
            found(at)
        );
    }
    for one in &judged.interactions {
        let _ = writeln!(
            text,
            "  {}: {} = {} over {}: {:.2} {:.2}",
            one.comparison, one.factor, one.levels.0, one.levels.1, one.ratio, one.interval
        );
    }
    for caveat in &claim.caveats {
        let _ = writeln!(text, "  caveat: {}", one_line(caveat.trim()));
    }
    for left in &claim.not_varied {
        let _ = writeln!(
            text,
            "  not varied: {}: published: {}; here: {}",
            one_line(left.what.trim()),
            left.published,
            one_line(left.here.trim())
        );
    }
    for missing in &claim.missing {
        let what = one_line(missing.what.trim());
        let _ = writeln!(text, "  missing: {what}: {}", one_line(missing.why.trim()));
    }
    for note in &judged.notes {
        let _ = writeln!(text, "  note: {}", one_line(note));
    }
    text
}

fn in_short(at: &AtLevel) -> String {
    at.found.map_or_else(|| "no number".to_owned(), |found| found.in_words())
}

fn found(at: &AtLevel) -> String {
    match &at.found {
        Some(found) => format!("{}, {} blocks", found.in_words(), found.blocks),
        None => format!("nothing ({})", one_line(at.why_not.as_deref().unwrap_or("no trial"))),
    }
}

/// In a word; what has no verdict yet has to be run.
pub(super) fn verdict(judged: &Judged) -> String {
    judged.verdict.as_ref().map_or_else(|| "not run yet".to_owned(), ToString::to_string)
}
