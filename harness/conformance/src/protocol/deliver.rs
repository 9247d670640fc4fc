//! Runs a case as often as its delivery asks, and sums up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use httpdyno_spec::case::{Case, Delivery};
use tokio::task::JoinSet;

use super::doorway::Doorway;
use super::isolate;
use super::judge::{Judgement, judge};
use super::perform::{Performance, perform};
use super::script::{self, Step};
use crate::excerpt::{Excerpt, Transcript};
use crate::finding::Finding;
use crate::plan::Target;

/// Runs the case against the server. `doorway` is the one of all cases of the run.
pub(crate) async fn run_case(
    case: &Arc<Case>,
    target: &Target,
    payloads: &Path,
    doorway: &Arc<Doorway>,
) -> Finding {
    let case = &patient(case, target.patience);
    let steps = match script::steps(case, &target.authority) {
        Ok(steps) => steps,
        Err(why) => return unusable(why),
    };
    let setting = Asking { target, payloads };
    let (finding, alone) = match case.delivery {
        Delivery::Whole => once(case, &steps, setting).await,
        Delivery::ByteByByte => once(case, &script::byte_by_byte(steps), setting).await,
        Delivery::SplitAtEveryByte => {
            return cut_everywhere(case, steps, setting, doorway).await;
        }
    };
    isolate::check(case, finding, alone, setting).await
}

/// The case with a deadline so many times as long.
fn patient(case: &Arc<Case>, times: u32) -> Arc<Case> {
    let mut case = Arc::clone(case);
    if times > 1 {
        let deadline = &mut Arc::make_mut(&mut case).deadline;
        deadline.0 = deadline.0.saturating_mul(times);
    }
    case
}

/// Who is asked, and where payloads are.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) target: &'a Target,
    pub(super) payloads: &'a Path,
}

fn unusable(why: String) -> Finding {
    Finding {
        held: false,
        observed: "unusable case".into(),
        not_here: None,
        why: vec![why],
        sent: Excerpt::default(),
        received: Excerpt::default(),
    }
}

/// Runs the case, and again on a new connection when the server ended the first as announced before
/// all could be seen. Says whether the connection was closed as announced, too.
pub(super) async fn once(case: &Case, steps: &[Step], asking: Asking<'_>) -> (Finding, bool) {
    let (judgement, performance) = seen_and_judged(case, steps, asking).await;
    let closed = judgement.closed_as_announced;
    (finding(judgement, performance.sent, performance.received), closed)
}

async fn seen_and_judged(
    case: &Case,
    steps: &[Step],
    asking: Asking<'_>,
) -> (Judgement, Performance) {
    let performance = perform(case, steps, asking.target, asking.payloads).await;
    let judgement = judge(case, &performance.seen, asking.payloads);
    if judgement.excused.is_none() || performance.seen.out_of_time {
        return (judgement, performance);
    }
    let performance = perform(case, steps, asking.target, asking.payloads).await;
    (judge(case, &performance.seen, asking.payloads), performance)
}

fn finding(judgement: Judgement, sent: Transcript, received: Transcript) -> Finding {
    let label = match judgement.excused {
        Some(_) => judgement.excused_label.into(),
        None => judgement.label,
    };
    Finding {
        held: judgement.accepted.is_some(),
        observed: label,
        not_here: judgement.excused,
        why: judgement.why,
        sent: sent.excerpt(),
        received: received.excerpt(),
    }
}

/// Cuts the bytes only where they are answered rightly uncut: else cutting is not what is wrong.
async fn cut_everywhere(
    case: &Arc<Case>,
    steps: Vec<Step>,
    asking: Asking<'_>,
    doorway: &Arc<Doorway>,
) -> Finding {
    let (uncut, alone) = once(case, &steps, asking).await;
    let uncut = isolate::check(case, uncut, alone, asking).await;
    if uncut.not_here.is_some() {
        return uncut;
    }
    if !uncut.held {
        return isolate::other_cause(uncut, "a cut");
    }
    at_every_byte(case, steps, asking, doorway).await
}

/// One connection for each position. The first position that fails stands for the case.
async fn at_every_byte(
    case: &Arc<Case>,
    steps: Vec<Step>,
    asking: Asking<'_>,
    doorway: &Arc<Doorway>,
) -> Finding {
    let cuts = script::cuts(&steps);
    let steps: Arc<[Step]> = steps.into();
    let mut running = JoinSet::new();
    for position in 1..=cuts {
        let (case, steps, doorway) = (Arc::clone(case), Arc::clone(&steps), Arc::clone(doorway));
        let (target, payloads) = (asking.target.clone(), PathBuf::from(asking.payloads));
        running.spawn(async move {
            let _permit = doorway.enter().await;
            let cut = script::cut_at(&steps, position);
            let asking = Asking { target: &target, payloads: &payloads };
            let (judgement, performance) = seen_and_judged(&case, &cut, asking).await;
            (position, judgement, performance)
        });
    }
    let mut labels = BTreeSet::new();
    let mut shown: Option<(usize, Judgement, Performance)> = None;
    let mut failed = 0_usize;
    while let Some(result) = running.join_next().await {
        let Ok((position, judgement, performance)) = result else {
            continue;
        };
        let fails = judgement.accepted.is_none() && judgement.excused.is_none();
        failed += usize::from(fails);
        labels.insert(judgement.label.clone());
        let replaces = shown
            .as_ref()
            .is_none_or(|(at, other, _)| (rank(&judgement), position) < (rank(other), *at));
        if replaces {
            shown = Some((position, judgement, performance));
        }
    }
    summary(labels, shown, failed, cuts)
}

/// A failure stands for the case before what could not be seen, and that before what held.
fn rank(judgement: &Judgement) -> (bool, bool) {
    (judgement.accepted.is_some(), judgement.excused.is_some())
}

fn summary(
    labels: BTreeSet<String>,
    shown: Option<(usize, Judgement, Performance)>,
    failed: usize,
    cuts: usize,
) -> Finding {
    let Some((position, judgement, performance)) = shown else {
        return unusable("there is no position to cut the bytes at".into());
    };
    let held = judgement.accepted.is_some();
    let mut finding = finding(judgement, performance.sent, performance.received);
    if finding.not_here.is_some() {
        return finding;
    }
    // Where it fails, chance has a part in what each position shows.
    finding.observed = match held {
        true => labels.into_iter().collect::<Vec<_>>().join(" | "),
        false => "fails when cut".into(),
    };
    if !held {
        let where_ = format!("cut after byte {position} ({failed} of {cuts} positions fail)");
        finding.why = finding.why.iter().map(|why| format!("{where_}: {why}")).collect();
    }
    finding
}
