//! What this run cannot have, found out by trying at its beginning, and told once.

use httpdyno_loadgen::granted_niceness;
use httpdyno_record::lack::warning;
use httpdyno_record::{Lack, Privilege};
use httpdyno_spec::profile::Profile;
use httpdyno_target::accounting::{EnergyMeter, can_count_syscalls};
use httpdyno_target::idle_guard::GuardLacks;
use httpdyno_target::privileges::{GroupLacks, control_group_lacks, user};
use httpdyno_target::{CoreSplit, IdleGuard};

use crate::load_plan::PREFERRED;

/// What a run of `profile` on these cores cannot have, and the one warning of it.
pub(crate) fn find_out(
    profile: &Profile,
    cores: &CoreSplit,
    guard: Option<&IdleGuard>,
) -> (Vec<Lack>, Option<String>) {
    let lacks = of_this_process(profile, cores.shared, guard.map(IdleGuard::lacks));
    let text = warning(&lacks, user());
    (lacks, text)
}

/// What this process cannot have of all that a run of `profile` asks for; `guard` is what its idle
/// guard lacks, where it has one.
#[must_use]
pub fn of_this_process(
    profile: &Profile,
    shares_cores: bool,
    guard: Option<GuardLacks>,
) -> Vec<Lack> {
    let memory_bytes = profile.server_memory.map(|limit| limit.0);
    let GroupLacks { accounting, memory_limit } = control_group_lacks(memory_bytes);
    let GuardLacks { task_groups, deep_sleep } = guard.unwrap_or_default();
    let niceness = granted_niceness(PREFERRED);
    let niceness = (niceness > PREFERRED)
        .then(|| format!("it asked for {PREFERRED} and was granted {niceness}"));
    let deep_sleep = deep_sleep.then(|| "/dev/cpu_dma_latency cannot be written".to_owned());
    let mut found = vec![
        (Privilege::ControlGroup, accounting),
        (Privilege::MemoryLimit, memory_limit),
        (Privilege::GeneratorNiceness, niceness),
        (Privilege::NoTaskGroups, task_groups),
        (Privilege::NoDeepSleep, deep_sleep),
    ];
    // To root it is a matter of the machine, which each trial tells as not measured.
    if user() != 0 {
        let forbidden = |why: String| why.contains("ermission denied").then_some(why);
        let energy = EnergyMeter::find_in(EnergyMeter::POWERCAP.as_ref()).err();
        found.push((Privilege::SystemCalls, can_count_syscalls().err()));
        found.push((Privilege::Energy, energy.and_then(forbidden)));
    }
    let lack = |(privilege, reason): (Privilege, Option<String>)| {
        reason.map(|reason| Lack { privilege, reason })
    };
    let found = found.into_iter().filter_map(lack);
    found.filter(|lack| lack.privilege.is_wanted(profile, shares_cores)).collect()
}
