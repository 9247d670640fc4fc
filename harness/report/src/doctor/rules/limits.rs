//! What this process and its servers may have.

use httpdyno_record::Privilege;
use httpdyno_record::fitness::{
    DECLARE_LESS_MEMORY, RAISE_THE_FILE_LIMIT, RAISE_THE_QUOTA, memory_there, needed_files,
};

use super::{Case, Finding, finding, lacking};
use crate::doctor::Standing;
use crate::quantity::{bytes, count};

fn most_connections(case: &Case<'_>) -> u64 {
    case.profile.connections.iter().copied().max().unwrap_or(0).into()
}

pub(super) fn cpu_quota(case: &Case<'_>) -> Finding {
    let subject = "no throttling";
    let standing = |is_enough| if is_enough { Standing::Enforced } else { Standing::Unfit };
    match case.roles.quota(case.machine) {
        None => finding(subject, Standing::Enforced, "the control group has no quota of CPU time"),
        Some((found, is_enough)) => {
            let told = finding(subject, standing(is_enough), found);
            if is_enough { told } else { told.remedy(RAISE_THE_QUOTA) }
        }
    }
}

pub(super) fn open_files(case: &Case<'_>) -> Finding {
    let subject = "open files";
    let needed = needed_files(case.profile);
    let limit = case.machine.open_files_hard;
    let may_have = if limit == u64::MAX { "any number".to_owned() } else { count(limit) };
    let found = format!("a process may open {may_have}, the profile needs {}", count(needed));
    if limit >= needed {
        return finding(subject, Standing::Enforced, found);
    }
    finding(subject, Standing::Unfit, found).remedy(RAISE_THE_FILE_LIMIT)
}

pub(super) fn listen_backlog(case: &Case<'_>) -> Finding {
    let subject = "listen backlog";
    let needed = most_connections(case);
    match case.machine.listen_backlog {
        Some(longest) if u64::from(longest) < needed => {
            let found = format!(
                "net.core.somaxconn = {longest}, the profile opens {needed} connections at once"
            );
            finding(subject, Standing::HopedFor, found)
                .remedy(format!("sysctl net.core.somaxconn={}", needed.next_power_of_two()))
        }
        Some(longest) => {
            let found = format!("net.core.somaxconn = {longest} is enough for {needed}");
            finding(subject, Standing::Enforced, found)
        }
        None => finding(subject, Standing::HopedFor, "the kernel does not tell net.core.somaxconn"),
    }
}

pub(super) fn server_memory(case: &Case<'_>) -> Finding {
    let subject = "memory";
    let there = memory_there(case.host);
    let Some(declared) = case.profile.server_memory else {
        let found = format!("{} there, the profile limits no server", bytes(there));
        return finding(subject, Standing::HopedFor, found)
            .remedy("set server_memory in the profile");
    };
    let found = format!("{} there, {} declared for the server", bytes(there), bytes(declared.0));
    if declared.0 > there {
        return finding(subject, Standing::Unfit, found).remedy(DECLARE_LESS_MEMORY);
    }
    if let Some(lack) = case.around.lack(Privilege::MemoryLimit) {
        return lacking(subject, Standing::HopedFor, lack);
    }
    let enforced = "enforced where the control group can be divided; each trial records what was";
    finding(subject, Standing::HopedFor, format!("{found}; {enforced}"))
}

/// What confines servers in cores and memory beside their affinity.
pub(super) fn control_groups(case: &Case<'_>) -> Finding {
    let subject = "control groups";
    if let Some(lack) = case.around.lack(Privilege::ControlGroup) {
        return lacking(subject, Standing::Unavailable, lack);
    }
    match case.machine.cgroup_version {
        0 => finding(
            subject,
            Standing::Unavailable,
            "none: servers are held to their cores by affinity alone, and to no memory limit",
        )
        .remedy("mount /sys/fs/cgroup"),
        version => finding(
            subject,
            Standing::Available,
            format!("version {version}; each trial records what could be enforced by them"),
        ),
    }
}

/// What gives the generator its core before others.
pub(super) fn generator_niceness(case: &Case<'_>) -> Finding {
    let subject = "generator's niceness";
    match case.around.lack(Privilege::GeneratorNiceness) {
        Some(lack) => lacking(subject, Standing::HopedFor, lack),
        None => {
            finding(subject, Standing::Enforced, "lower than that of others, where it is alone")
        }
    }
}

pub(super) fn swap(case: &Case<'_>) -> Finding {
    match case.machine.swap_bytes {
        0 => finding("no swapping", Standing::Enforced, "there is no swap space"),
        size => {
            finding("no swapping", Standing::HopedFor, format!("{} of swap space", bytes(size)))
                .remedy("swapoff -a")
        }
    }
}

pub(super) fn address_randomisation(case: &Case<'_>) -> Finding {
    let subject = "memory layouts";
    match case.machine.address_randomisation {
        Some(0) => finding(
            subject,
            Standing::HopedFor,
            "kernel.randomize_va_space = 0: every start has the same layout, with its luck",
        )
        .remedy("sysctl kernel.randomize_va_space=2, so that blocks average over layouts"),
        Some(level) => finding(
            subject,
            Standing::Enforced,
            format!("kernel.randomize_va_space = {level}: each start draws one, blocks average"),
        ),
        None => finding(subject, Standing::HopedFor, "the kernel does not tell"),
    }
}
