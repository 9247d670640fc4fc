//! The load of a trial, and what its answers are compared with.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use httpdyno_conformance::Answer;
use httpdyno_loadgen::{FlatRule, LoadPlan};
use httpdyno_spec::SpecTree;
use httpdyno_stats::Effect;

use super::{TrialContext, TrialPlan};
use crate::load_plan::{LoadSettings, WorkloadError, load_plan, open_loop, spin};
use crate::served::Served;
use crate::verify::{Unverified, audit, contents, verify_workload};

/// What each route is answered with, by the full rules of the spec; the null server,
/// which knows no rules, is compared byte for byte under load.
pub(super) fn verified(
    tree: &SpecTree,
    plan: &TrialPlan<'_>,
    server: &Served,
    seed: u64,
) -> Result<BTreeMap<String, Answer>, Unverified> {
    match plan.shape {
        Some(_) => Ok(BTreeMap::new()),
        None => verify_workload(tree, plan.workload, server.address(), seed),
    }
}

/// The same after the load, with other values.
pub(super) fn verified_again(
    tree: &SpecTree,
    plan: &TrialPlan<'_>,
    server: &Served,
) -> Result<(), Unverified> {
    verified(tree, plan, server, plan.seed.wrapping_add(1)).map(drop)
}

/// The load plan of a trial.
pub(super) fn load(
    context: TrialContext<'_>,
    plan: &TrialPlan<'_>,
    target: SocketAddr,
    verified: &BTreeMap<String, Answer>,
) -> Result<LoadPlan, WorkloadError> {
    let settings = LoadSettings {
        target,
        connections: plan.connections,
        cores: context.cores.generator.clone(),
        alone: context.cores.generator_is_alone(context.database_for(plan.workload).is_some()),
        warmup: context.profile.warmup.duration(),
        measure: context.profile.measure.duration(),
        seed: plan.seed,
        payloads: context.tree.payloads(),
        verified: plan.shape.map_or_else(|| contents(verified), |it| it.verified.clone()),
    };
    let mut load = load_plan(plan.workload, &settings)?;
    let tolerance = Effect::from_ppm(context.profile.gates.flat_ppm);
    load.flat = (tolerance != Effect::NONE).then(|| FlatRule { tolerance, ..FlatRule::default() });
    if let Some((per_s, arrivals)) = plan.rate {
        load.pacing = open_loop(per_s, arrivals, spin(settings.alone));
    }
    match plan.shape {
        Some(shape) => shape.expect_in(&mut load),
        None => load.audit = Some(audit(&load.routes, plan.entry.is_checked())),
    }
    Ok(load)
}
