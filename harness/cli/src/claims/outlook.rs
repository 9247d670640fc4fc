//! What a run of claims would be: its trials, its time, and what it could find.

use std::fmt::Write as _;

use httpdyno_report::claims::judge_by;
use httpdyno_runner::RunPlan;
use httpdyno_runner::claims::{Outlook, Part};
use httpdyno_spec::Loaded;
use httpdyno_spec::claim::Claim;
use serde_json::json;

use super::Format;
use crate::Outcome;
use crate::exit::Exit;

pub(super) fn put(
    outlook: &Outlook,
    part: &Part,
    plan: &RunPlan,
    chosen: &[&Loaded<Claim>],
    format: Format,
) -> Outcome {
    let text = match format {
        Format::Json => in_json(outlook, part, plan)? + "\n",
        Format::Text | Format::Markdown => in_words(outlook, part, plan, chosen),
    };
    crate::output::print(&text)?;
    Ok(Exit::Done)
}

fn in_words(outlook: &Outlook, part: &Part, plan: &RunPlan, chosen: &[&Loaded<Claim>]) -> String {
    let mut text = String::new();
    for claim in chosen {
        let judged = judge_by(claim, "", None);
        let says = match judged.verdict {
            Some(verdict) => format!("{verdict}, without a run: {}", judged.decided_by),
            None => format!("{} comparisons of two entries", claim.cells().len()),
        };
        let _ = writeln!(text, "{}: {says}", claim.id);
    }
    if outlook.trials == 0 {
        text.push_str("no trial is needed\n");
        return text;
    }
    let _ = writeln!(
        text,
        "\n{} trials of entries in each block (two alone at a point run as ABBA), and {} of the null \
         server; each serves all claims that need it:",
        outlook.trials, outlook.null_trials
    );
    for arm in part.arms() {
        let (entry, workload, held) = (&arm.entry, &arm.workload, arm.connections);
        let _ = writeln!(text, "  {entry}, {workload}, {held} connections");
    }
    let _ = writeln!(
        text,
        "{} blocks of profile {}, {} min in all without building and checking the entries",
        outlook.blocks,
        plan.profile.id,
        outlook.time.as_secs().div_ceil(60)
    );
    let _ = writeln!(
        text,
        "a true difference of {} is found 8 times of 10, if a block has the usual noise (1.5 %)",
        outlook.detectable
    );
    text
}

fn in_json(outlook: &Outlook, part: &Part, plan: &RunPlan) -> Result<String, serde_json::Error> {
    let measured: Vec<_> = part
        .arms()
        .map(|arm| {
            json!({
                "entry": arm.entry,
                "workload": arm.workload.as_str(),
                "connections": arm.connections,
            })
        })
        .collect();
    serde_json::to_string_pretty(&json!({
        "format_version": 1,
        "profile": plan.profile.id.as_str(),
        "blocks": outlook.blocks,
        "measured": measured,
        "trials_in_each_block": outlook.trials,
        "null_server_trials_in_each_block": outlook.null_trials,
        "time_ns": nanoseconds(outlook),
        "detectable_ppm": outlook.detectable.ppm(),
    }))
}

fn nanoseconds(outlook: &Outlook) -> u64 {
    u64::try_from(outlook.time.as_nanos()).unwrap_or(u64::MAX)
}
