//! What decides how fast a core is, and how time is told.

use httpdyno_record::Privilege;

use super::{Case, Finding, finding, lacking};
use crate::doctor::{Standing, Surroundings};
use crate::quantity::percent;

pub(super) fn frequency(case: &Case<'_>) -> Finding {
    let (subject, machine) = ("frequency", case.machine);
    if machine.governors.is_empty() {
        let found = match machine.hypervisor {
            Some(_) => "the host decides; the guest cannot see it",
            None => "this kernel tells no governor",
        };
        return finding(subject, Standing::HopedFor, found);
    }
    let turbo = match machine.turbo {
        Some(true) => "on",
        Some(false) => "off",
        None => "unknown",
    };
    let found = format!("governor {}, turbo {turbo}", machine.governors.join(" and "));
    if machine.governors == ["performance"] && machine.turbo == Some(false) {
        return finding(subject, Standing::Enforced, found);
    }
    finding(subject, Standing::HopedFor, found).remedy(
        "cpupower frequency-set -g performance, and turbo off (echo 1 > \
         /sys/devices/system/cpu/intel_pstate/no_turbo, or echo 0 > \
         /sys/devices/system/cpu/cpufreq/boost)",
    )
}

pub(super) fn virtualisation(case: &Case<'_>) -> Finding {
    let subject = "no hypervisor";
    let steal = match case.around.steal_ppm {
        Some(ppm) => format!("steal now {}", percent(ppm)),
        None => "steal unknown".to_owned(),
    };
    match &case.machine.hypervisor {
        None => finding(subject, Standing::Enforced, format!("none seen; {steal}")),
        Some(name) => finding(
            subject,
            Standing::HopedFor,
            format!(
                "{name}; {steal}, a trial with more than {} does not count",
                percent(case.profile.gates.steal_ppm.into())
            ),
        )
        .remedy("absolute rates are the host's mood: read ratios and CPU time per request"),
    }
}

pub(super) fn halting(case: &Case<'_>, around: &Surroundings) -> Finding {
    let subject = "no halting cores";
    if case.profile.idle_guard {
        if let Some(lack) = around.lack(Privilege::NoTaskGroups) {
            return lacking(subject, Standing::HopedFor, lack);
        }
        let deep = match case.machine.can_forbid_deep_sleep {
            true => ", and no core may sleep deeply (/dev/cpu_dma_latency)",
            false => "",
        };
        let found = format!("the profile's idle guard keeps them awake{deep}");
        return finding(subject, Standing::Enforced, found);
    }
    let found = "the profile has no idle guard: an idle core sleeps, and waking it takes time";
    finding(subject, Standing::HopedFor, found).remedy("set idle_guard: true in the profile")
}

/// Clock sources that are read without a system call.
const FAST_CLOCKS: [&str; 6] = [
    "tsc",
    "kvm-clock",
    "hyperv_clocksource_tsc_page",
    "arch_sys_counter",
    "riscv_clocksource",
    "tod",
];

pub(super) fn clock(case: &Case<'_>) -> Finding {
    let subject = "clock";
    match case.machine.clocksource.as_deref() {
        Some(name) if FAST_CLOCKS.contains(&name) => {
            finding(subject, Standing::Enforced, format!("{name}, read without a system call"))
        }
        Some(name) => {
            finding(subject, Standing::HopedFor, format!("{name}: each reading is a system call"))
                .remedy("boot with clocksource=tsc where the processor's counter is stable")
        }
        None => finding(subject, Standing::HopedFor, "the kernel does not name its clock"),
    }
}
