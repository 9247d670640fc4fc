//! Claims as Markdown and JSON.

use std::fmt::Write as _;

use httpdyno_spec::claim::Claim;
use serde_json::{Value, json};

use super::text::verdict;
use super::{AtLevel, DEFINITIONS, Interaction, Judged, TERMS, artefacts};
use crate::legible::one_line;

/// One row for each claim: what was claimed, what became of it, and what decided that.
#[must_use]
pub fn summary(claims: &[(&Claim, Judged)]) -> String {
    let mut text =
        "| claim | published | verdict | what decided it |\n|---|---|---|---|\n".to_owned();
    for (claim, judged) in claims {
        let _ = writeln!(
            text,
            "| [{id}](spec/claims/{id}.yaml) {} | {} | {} | {} |",
            cell(&claim.title),
            cell(&claim.source.figure),
            cell(&verdict(judged)),
            cell(&decided(claim, judged)),
            id = claim.id,
        );
    }
    text
}

/// What decided it; what has not been run is told with the command that runs it.
fn decided(claim: &Claim, judged: &Judged) -> String {
    match judged.verdict {
        None => format!("run it: `httpdyno claims {}`", claim.id),
        Some(_) => judged.decided_by.clone(),
    }
}

/// The same with everything that decided it, and what the verdicts mean.
#[must_use]
pub fn markdown(claims: &[(&Claim, Judged)]) -> String {
    let mut text = format!("## Published claims, tested\n\n{}", summary(claims));
    for (claim, judged) in claims.iter().filter(|(_, judged)| !judged.levels.is_empty()) {
        let with = artefacts(claim.ours.artefacts);
        let _ = write!(
            text,
            "\n### {}: {}\n\n| comparison | level | published | found | blocks | verdict |\n\
             |---|---|---|---|---|---|\n",
            claim.id,
            verdict(judged),
        );
        for at in &judged.levels {
            text.push_str(&row(at));
        }
        let _ = writeln!(text, "\nTested with {with}: {}", cell(&claim.ours.stands_for));
        for note in &judged.notes {
            let _ = writeln!(text, "\n- {}", cell(note));
        }
    }
    text.push('\n');
    for (verdict, definition) in DEFINITIONS {
        let _ = writeln!(text, "- *{verdict}*: {definition}.");
    }
    let _ = writeln!(text, "\n{TERMS}");
    text
}

fn row(at: &AtLevel) -> String {
    let found =
        at.found.map_or_else(|| at.why_not.clone().unwrap_or_default(), |found| found.in_words());
    format!(
        "| {}: {} | {} | {} | {} | {} | {} |\n",
        cell(&at.comparison),
        cell(&at.what),
        cell(at.changed.as_deref().unwrap_or("the author's")),
        cell(&at.published),
        cell(&found),
        at.found.map_or(0, |found| found.blocks),
        at.outcome.map_or_else(|| "unresolved".to_owned(), |outcome| outcome.to_string()),
    )
}

/// A text that stays in its cell of a table.
fn cell(text: &str) -> String {
    let escaped = one_line(text.trim()).replace('|', "\\|").replace('<', "&lt;");
    escaped.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// For programs; ratios in parts per million.
#[must_use]
pub fn json(claims: &[(&Claim, Judged)]) -> Value {
    let each: Vec<Value> = claims.iter().map(|(claim, judged)| one(claim, judged)).collect();
    json!({ "format_version": 1, "claims": each })
}

fn one(claim: &Claim, judged: &Judged) -> Value {
    let on_paper: Vec<Value> = judged
        .on_paper
        .iter()
        .map(|sum| json!({ "about": sum.about.trim(), "sum": sum.sum, "holds": sum.holds }))
        .collect();
    json!({
        "id": claim.id.as_str(),
        "title": claim.title.trim(),
        "claim": claim,
        "verdict": judged.verdict.as_ref().map(ToString::to_string),
        "decided_by": decided(claim, judged),
        "on_paper": on_paper,
        "levels": judged.levels.iter().map(level).collect::<Vec<_>>(),
        "interactions": judged.interactions.iter().map(interaction).collect::<Vec<_>>(),
        "notes": judged.notes,
    })
}

fn level(at: &AtLevel) -> Value {
    let found = at.found.map(|found| {
        json!({
            "ratio_ppm": found.ratio.ppm(),
            "low_ppm": found.interval.low.ppm(),
            "high_ppm": found.interval.high.ppm(),
            "equivalence_low_ppm": found.equivalence.low.ppm(),
            "equivalence_high_ppm": found.equivalence.high.ppm(),
            "blocks": found.blocks,
            "detectable_ppm": found.detectable.ppm(),
        })
    });
    json!({
        "comparison": at.comparison,
        "changed": at.changed,
        "what": at.what,
        "published": at.published,
        "found": found,
        "outcome": at.outcome.map_or_else(|| "unresolved".to_owned(), |it| it.to_string()),
        "why_not": at.why_not,
    })
}

fn interaction(one: &Interaction) -> Value {
    json!({
        "comparison": one.comparison,
        "factor": one.factor,
        "levels": [one.levels.0, one.levels.1],
        "ratio_ppm": one.ratio.ppm(),
        "low_ppm": one.interval.low.ppm(),
        "high_ppm": one.interval.high.ppm(),
        "excludes_one": one.excludes_one(),
        "verdicts_differ": one.differs,
    })
}
