//! Runs a case as often as its delivery asks, and sums up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use httpdyno_spec::case::{Case, Delivery};
use tokio::task::JoinSet;

use super::doorway::Doorway;
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
    let steps = match script::steps(case, &target.authority) {
        Ok(steps) => steps,
        Err(why) => return unusable(why),
    };
    match case.delivery {
        Delivery::Whole => once(case, &steps, target, payloads).await,
        Delivery::ByteByByte => once(case, &script::byte_by_byte(steps), target, payloads).await,
        Delivery::SplitAtEveryByte => at_every_byte(case, steps, target, payloads, doorway).await,
    }
}

fn unusable(why: String) -> Finding {
    Finding {
        held: false,
        observed: "unusable case".into(),
        why: vec![why],
        sent: Excerpt::default(),
        received: Excerpt::default(),
    }
}

async fn once(case: &Case, steps: &[Step], target: &Target, payloads: &Path) -> Finding {
    let performance = perform(case, steps, target, payloads).await;
    let judgement = judge(case, &performance.seen, payloads);
    finding(judgement, performance.sent, performance.received)
}

fn finding(judgement: Judgement, sent: Transcript, received: Transcript) -> Finding {
    Finding {
        held: judgement.accepted.is_some(),
        observed: judgement.label,
        why: judgement.why,
        sent: sent.excerpt(),
        received: received.excerpt(),
    }
}

/// One connection for each position. The first position that fails stands for the case.
async fn at_every_byte(
    case: &Arc<Case>,
    steps: Vec<Step>,
    target: &Target,
    payloads: &Path,
    doorway: &Arc<Doorway>,
) -> Finding {
    let cuts = script::cuts(&steps);
    let steps: Arc<[Step]> = steps.into();
    let mut running = JoinSet::new();
    for position in 1..=cuts {
        let (case, steps, doorway) = (Arc::clone(case), Arc::clone(&steps), Arc::clone(doorway));
        let (target, payloads) = (target.clone(), PathBuf::from(payloads));
        running.spawn(async move {
            let _permit = doorway.enter().await;
            let cut = script::cut_at(&steps, position);
            let performance = perform(&case, &cut, &target, &payloads).await;
            let judgement = judge(&case, &performance.seen, &payloads);
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
        let fails = judgement.accepted.is_none();
        failed += usize::from(fails);
        labels.insert(judgement.label.clone());
        let replaces = shown.as_ref().is_none_or(|(at, other, _)| {
            (judgement.accepted.is_some(), position) < (other.accepted.is_some(), *at)
        });
        if replaces {
            shown = Some((position, judgement, performance));
        }
    }
    summary(labels, shown, failed, cuts)
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
