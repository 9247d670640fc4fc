//! One cause per case: what fails is tried again without what the case is about.

use httpdyno_spec::case::{Case, Control};

use super::deliver::{Asking, once};
use super::script;
use crate::finding::Finding;

/// Looks at the control of a case that did not hold, or that held but for an announced close: a
/// server may end any connection, but not because of what the case is about.
pub(super) async fn check(
    case: &Case,
    finding: Finding,
    closed_as_announced: bool,
    asking: Asking<'_>,
) -> Finding {
    let settled = finding.held && !closed_as_announced;
    let Some(control) = case.control.as_ref().filter(|_| !settled) else {
        return finding;
    };
    let case = Case { send: control.send.clone(), control: None, ..case.clone() };
    let Ok(steps) = script::steps(&case, &asking.target.authority) else {
        return finding;
    };
    let (without, closes_anyway) = once(&case, &steps, asking).await;
    conclude(finding, without, closes_anyway, control)
}

fn conclude(finding: Finding, without: Finding, closes_anyway: bool, control: &Control) -> Finding {
    let cause = &control.without;
    let closed = finding.held || finding.not_here.is_some();
    match (closed, without.held) {
        (true, true) if !closes_anyway => Finding {
            held: false,
            not_here: None,
            why: vec![format!(
                "the connection is closed, as announced; without {cause} it stays open: that is \
                 the cause"
            )],
            ..finding
        },
        (false, true) => {
            let why = finding.why.iter();
            let why = why.map(|why| format!("{why}; without {cause} it holds: that is the cause"));
            Finding { why: why.collect(), ..finding }
        }
        (false, false) => other_cause(without, cause),
        _ => finding,
    }
}

/// Nothing is said of a case whose cause is not what fails; another case is about what does.
pub(super) fn other_cause(without: Finding, cause: &str) -> Finding {
    let seen = without.why.first().or(without.not_here.as_ref()).cloned().unwrap_or_default();
    Finding {
        held: false,
        observed: "another cause".into(),
        not_here: Some(format!("the same without {cause} does not hold either: {seen}")),
        why: Vec::new(),
        ..without
    }
}
