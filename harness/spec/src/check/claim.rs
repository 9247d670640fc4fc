//! Rules for `spec/claims/*.yaml`: what would make a claim that nobody can object to, or a test
//! that could not fail.

use std::collections::BTreeSet;

use super::{At, Check, in_range, named_like_file, not_blank, not_empty, version};
use crate::claim::{
    Claim, Comparison, Decision, Experiment, Factor, Kind, Level, Outcome, PaperCheck, Stated, Sum,
};
use crate::suggest::unknown;

/// A whole, in parts per million.
const ALL_PPM: u64 = 1_000_000;

impl Check for Claim {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        named_like_file(at.field("id"), "claim", self.id.as_str());
        not_blank(at.field("title"), "the title", &self.title);
        texts(self, at);
        for (index, check) in self.on_paper.iter().enumerate() {
            paper(at.field("on_paper").item(index), check);
        }
        if let Some(experiment) = &self.experiment {
            let at = at.field("experiment");
            if self.kind == Kind::Absolute {
                at.say(
                    "a figure with a unit depends on its machine and can not be tested on another; \
                     name what is `missing`, or test a ratio",
                );
            }
            one_experiment(at, experiment);
        } else if self.missing.is_empty() && self.on_paper.is_empty() {
            at.say(
                "nothing decides this claim: give an `experiment`, sums `on_paper`, or say what is \
                 `missing` to test it",
            );
        }
    }
}

fn texts(claim: &Claim, at: At<'_>) {
    let stated = |at: At<'_>, what: &str, stated: &Stated| not_blank(at, what, &stated.0);
    let source = at.field("source");
    not_blank(source.field("document"), "the document", &claim.source.document);
    stated(source.field("date"), "the date", &claim.source.date);
    not_blank(source.field("figure"), "the figure", &claim.source.figure);
    let published = at.field("published");
    let there = &claim.published;
    for (name, text) in [
        ("hardware", &there.hardware),
        ("cores", &there.cores),
        ("client", &there.client),
        ("connections", &there.connections),
        ("connection_use", &there.connection_use),
        ("duration", &there.duration),
        ("repetitions", &there.repetitions),
        ("workers", &there.workers),
        ("versions", &there.versions),
    ] {
        stated(published.field(name), name, text);
    }
    let ours = at.field("ours");
    not_blank(ours.field("stands_for"), "what stands for what", &claim.ours.stands_for);
    not_blank(ours.field("versions"), "the text on versions", &claim.ours.versions);
    let baseline = at.field("baseline");
    not_blank(baseline.field("what"), "the baseline", &claim.baseline.what);
    let configuration = baseline.field("configuration");
    stated(configuration, "the baseline's configuration", &claim.baseline.configuration);
    for (index, caveat) in claim.caveats.iter().enumerate() {
        not_blank(at.field("caveats").item(index), "the caveat", caveat);
    }
    for (index, left) in claim.not_varied.iter().enumerate() {
        let at = at.field("not_varied").item(index);
        not_blank(at.field("what"), "what is not varied", &left.what);
        stated(at.field("published"), "how it was published", &left.published);
        not_blank(at.field("here"), "how it is here", &left.here);
    }
    for (index, missing) in claim.missing.iter().enumerate() {
        let at = at.field("missing").item(index);
        not_blank(at.field("what"), "what is missing", &missing.what);
        not_blank(at.field("why"), "why it is missing", &missing.why);
    }
}

fn paper(at: At<'_>, check: &PaperCheck) {
    not_blank(at.field("about"), "what the sum is about", &check.about);
    in_range(at.field("tolerance_ppm"), "the tolerance", check.tolerance_ppm.into(), 0..=ALL_PPM);
    let at = at.field("sum");
    let least = 1..=u64::MAX;
    match &check.sum {
        Sum::LittlesLaw(little) => {
            let at = at.field("littles-law");
            in_range(at.field("connections"), "connections", little.connections.into(), 1..=65_535);
            in_range(at.field("rate_per_s"), "the rate", little.rate_per_s, least);
            super::positive(at.field("latency"), "the latency", little.latency);
        }
        Sum::Quotient(quotient) => {
            let at = at.field("quotient");
            in_range(at.field("of"), "the figure", quotient.of, least.clone());
            in_range(at.field("by"), "the divisor", quotient.by, least);
            if quotient.at_least > quotient.at_most {
                at.field("at_most").say(format!(
                    "the published ratio is at most {} and at least {}",
                    quotient.at_most, quotient.at_least
                ));
            }
        }
        Sum::Parts(parts) => {
            let at = at.field("parts");
            if parts.parts_ns.values().all(|time| *time == 0) {
                at.field("parts_ns").say("the parts take no time");
            }
            in_range(at.field("at_least_per_s"), "the rate", parts.at_least_per_s, least);
        }
        Sum::Same(same) => {
            let at = at.field("same");
            in_range(at.field("first"), "the first figure", same.first, least.clone());
            in_range(at.field("second"), "the second figure", same.second, least);
        }
    }
}

fn one_experiment(at: At<'_>, experiment: &Experiment) {
    let connections = u64::from(experiment.connections);
    in_range(at.field("connections"), "the number of connections", connections, 1..=65_535);
    not_empty(at.field("comparisons"), "the list of comparisons", &experiment.comparisons);
    let decision = at.field("decision");
    for (name, confidence) in [
        ("confidence_ppm", experiment.decision.confidence_ppm),
        ("equivalence_ppm", experiment.decision.equivalence_ppm),
    ] {
        in_range(decision.field(name), name, confidence.into(), 500_000..=ALL_PPM - 1);
    }
    not_empty(decision.field("rules"), "the list of rules", &experiment.decision.rules);
    for (index, way) in experiment.decision.rules.iter().enumerate() {
        not_empty(decision.field("rules").item(index).field("when"), "the rule", &way.when);
    }
    let mut seen = BTreeSet::new();
    for (index, comparison) in experiment.comparisons.iter().enumerate() {
        let at = at.field("comparisons").item(index);
        if !seen.insert(&comparison.id) {
            at.field("id").say(format!("comparison `{}` is defined twice", comparison.id));
        }
        one_comparison(at, comparison, &experiment.decision, decision);
    }
    let mut seen = BTreeSet::new();
    for (index, factor) in experiment.factors.iter().enumerate() {
        let at = at.field("factors").item(index);
        if !seen.insert(&factor.id) {
            at.field("id").say(format!("factor `{}` is defined twice", factor.id));
        }
        one_factor(at, factor, experiment);
    }
}

fn one_comparison(at: At<'_>, comparison: &Comparison, decision: &Decision, decision_at: At<'_>) {
    workload(at.field("workload"), comparison.workload.as_str());
    entry(at.field("subject"), &comparison.subject);
    entry(at.field("baseline"), &comparison.baseline);
    if comparison.subject == comparison.baseline {
        at.field("baseline").say(format!("`{}` is compared with itself", comparison.subject));
    }
    let (tolerance, published) = (&comparison.tolerance, comparison.published);
    let (from, to) = tolerance.ends_ppm();
    if from > to {
        at.field("tolerance").say(format!("nothing lies within the tolerance, {tolerance}"));
    } else if !tolerance.contains(published) {
        at.field("tolerance").say(format!(
            "the published ratio {published} is outside of its own tolerance, {tolerance}: the \
             author's own figure would not count as reproduced"
        ));
    } else if !decision.can_give(Outcome::NotReproduced, published, tolerance) {
        decision_at.field("rules").say(format!(
            "no finding of `{}` can give `not-reproduced` by these rules and the tolerance {tolerance}: \
             an experiment that could not fail proves nothing",
            comparison.id
        ));
    } else if !decision.can_give(Outcome::Reproduced, published, tolerance) {
        decision_at.field("rules").say(format!(
            "no finding of `{}` can give `reproduced` by these rules and the tolerance {tolerance}",
            comparison.id
        ));
    }
}

fn one_factor(at: At<'_>, factor: &Factor, experiment: &Experiment) {
    not_blank(at.field("about"), "what the factor is about", &factor.about);
    let names = || factor.levels.iter().map(|level| level.id.as_str());
    let has_author = names().any(|level| level == factor.author.as_str());
    if !has_author {
        at.field("author").say_unknown(unknown("level", factor.author.as_str(), names()));
    }
    if factor.levels.len() < 2 {
        at.field("levels").say("a factor has two levels or more; one alone makes no difference");
    }
    let mut seen = BTreeSet::new();
    for (index, level) in factor.levels.iter().enumerate() {
        let at = at.field("levels").item(index);
        if !seen.insert(&level.id) {
            at.field("id").say(format!("level `{}` is defined twice", level.id));
        }
        not_blank(at.field("about"), "what the level means", &level.about);
        match (level.id == factor.author, level.changes_something()) {
            (true, true) => at.say(format!(
                "level `{}` is the author's and must change nothing: write it into the experiment",
                level.id
            )),
            (false, false) if has_author => at.say(format!(
                "level `{}` changes nothing: name `connections`, `workloads` or `entries`",
                level.id
            )),
            _ => changes(at, level, experiment),
        }
    }
}

/// What a level changes must be there, and be changed into something that is there.
fn changes(at: At<'_>, level: &Level, experiment: &Experiment) {
    if let Some(connections) = level.connections {
        let at = at.field("connections");
        in_range(at, "the number of connections", connections.into(), 1..=65_535);
    }
    let comparisons = &experiment.comparisons;
    for (from, to) in &level.workloads {
        let at = at.field("workloads");
        let used = || comparisons.iter().map(|one| one.workload.as_str());
        if !used().any(|workload| workload == from.as_str()) {
            let unused = unknown("workload of the experiment", from.as_str(), used());
            at.name(from.as_str()).say_unknown(unused);
        }
        workload(at.field(from.as_str()), to.as_str());
    }
    for (from, to) in &level.entries {
        let at = at.field("entries");
        let used =
            || comparisons.iter().flat_map(|one| [one.subject.as_str(), one.baseline.as_str()]);
        if !used().any(|entry| entry == from) {
            at.name(from).say_unknown(unknown("entry of the experiment", from, used()));
        }
        entry(at.field(from), to);
    }
}

fn workload(at: At<'_>, id: &str) {
    let Some(known) = at.known().workloads else { return };
    if !known.contains(id) {
        at.say_unknown(unknown("workload", id, known.iter().map(String::as_str)));
    }
}

fn entry(at: At<'_>, id: &str) {
    let Some(known) = at.known().entries else { return };
    if !known.contains(id) {
        at.say_unknown(unknown("entry", id, known.iter().map(String::as_str)));
    }
}
