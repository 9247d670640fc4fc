//! Which cores, and who else is on them.

use httpdyno_record::fitness::{KEEP_SIBLINGS_TOGETHER, TAKE_TWO_CORES};

use super::{Case, Finding, finding};
use crate::doctor::Standing;

pub(super) fn placement(case: &Case<'_>) -> Finding {
    let (roles, allowed) = (&case.roles, &case.machine.allowed_cores);
    let declared = roles.server.iter().chain(&roles.generator).chain(&roles.database);
    let mut missing: Vec<u32> = declared.copied().filter(|core| !allowed.contains(core)).collect();
    missing.sort_unstable();
    missing.dedup();
    let found = format!(
        "server on {:?}, generator on {:?}, database on {}; this process may use {allowed:?}",
        roles.server,
        roles.generator,
        if roles.database.is_empty() { "any".to_owned() } else { format!("{:?}", roles.database) },
    );
    if !missing.is_empty() {
        return finding("cores", Standing::Unfit, found).remedy(format!(
            "cores {missing:?} are not there: choose another profile, or run with a wider cpuset"
        ));
    }
    if roles.shared_core().is_some() {
        let standing = if case.profile.publishable { Standing::Unfit } else { Standing::HopedFor };
        return finding("cores", standing, found).remedy(TAKE_TWO_CORES);
    }
    finding("cores", Standing::Enforced, found)
}

pub(super) fn isolation(case: &Case<'_>) -> Finding {
    let subject = "nobody else there";
    let measured = case.roles.measured();
    let isolated = |core: &u32| case.machine.isolated_cores.contains(core);
    let busy = match case.around.busy_ppm {
        Some(ppm) => format!("; others use {} of them now", crate::quantity::percent(ppm)),
        None => String::new(),
    };
    if !measured.is_empty() && measured.iter().all(isolated) {
        let found = format!("isolcpus keeps {measured:?} free{busy}");
        return finding(subject, Standing::Enforced, found);
    }
    finding(subject, Standing::HopedFor, format!("the scheduler may put others there{busy}"))
        .remedy("boot with isolcpus and nohz_full for these cores, or stop everything else")
}

pub(super) fn siblings(case: &Case<'_>) -> Finding {
    let subject = "physical cores";
    if let Some(found) = case.roles.shared_physical_core(case.machine) {
        return finding(subject, Standing::Unfit, found).remedy(KEEP_SIBLINGS_TOGETHER);
    }
    let server = &case.roles.server;
    let siblings = server.iter().flat_map(|&core| case.machine.siblings_of(core));
    let has_no_role = |core: &u32| {
        let roles = [server, &case.roles.generator, &case.roles.database];
        !roles.into_iter().any(|cores| cores.contains(core))
    };
    let (idle, own): (Vec<u32>, Vec<u32>) = siblings.partition(has_no_role);
    if !idle.is_empty() {
        let found = format!("siblings {idle:?} of the server's cores have no role");
        return finding(subject, Standing::HopedFor, found).remedy(
            "whatever runs there slows the server: switch simultaneous multithreading off \
             (echo off > /sys/devices/system/cpu/smt/control)",
        );
    }
    if !own.is_empty() {
        let found = "the server has both threads of its physical cores".to_owned();
        return finding(subject, Standing::Enforced, found);
    }
    finding(subject, Standing::Enforced, "no core of the server has a sibling")
}

pub(super) fn nodes(case: &Case<'_>) -> Finding {
    let subject = "memory nodes";
    let mut nodes: Vec<usize> =
        case.roles.measured().iter().filter_map(|&core| case.machine.node_of(core)).collect();
    nodes.sort_unstable();
    nodes.dedup();
    match nodes.as_slice() {
        [] | [_] => finding(subject, Standing::Enforced, "server and generator are on one node"),
        several => finding(
            subject,
            Standing::HopedFor,
            format!("server and generator are spread over nodes {several:?}"),
        )
        .remedy("put them on one node, or count the way between nodes as part of the result"),
    }
}
