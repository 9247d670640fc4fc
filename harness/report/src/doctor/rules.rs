//! One function for each subject.

mod cores;
mod limits;
mod time;

use httpdyno_record::fitness::Roles;
use httpdyno_record::{Energy, Host, Lack, Machine};
use httpdyno_spec::profile::{IsolationKind, Profile};

use super::{Finding, Standing, Surroundings};

/// What every rule looks at.
struct Case<'a> {
    profile: &'a Profile,
    host: &'a Host,
    machine: &'a Machine,
    around: &'a Surroundings,
    roles: Roles,
}

/// All findings.
pub(super) fn all(profile: &Profile, host: &Host, around: &Surroundings) -> Vec<Finding> {
    let unknown = Machine::default();
    let machine = host.machine.as_ref().unwrap_or(&unknown);
    let roles = Roles::of(&profile.placement, &machine.allowed_cores);
    let case = Case { profile, host, machine, around, roles };
    vec![
        cores::placement(&case),
        cores::isolation(&case),
        cores::siblings(&case),
        cores::nodes(&case),
        limits::cpu_quota(&case),
        time::frequency(&case),
        time::virtualisation(&case),
        time::halting(&case, around),
        time::clock(&case),
        limits::open_files(&case),
        limits::listen_backlog(&case),
        limits::server_memory(&case),
        limits::control_groups(&case),
        limits::generator_niceness(&case),
        limits::swap(&case),
        limits::address_randomisation(&case),
        perf(&case),
        system_calls(around),
        energy(&case),
        container_engine(&case),
        postgresql(around.postgresql.as_deref()),
    ]
}

fn finding(subject: &'static str, standing: Standing, found: impl Into<String>) -> Finding {
    Finding { subject, standing, found: found.into(), remedy: String::new() }
}

/// What this user may not have.
fn lacking(subject: &'static str, standing: Standing, lack: &Lack) -> Finding {
    let Lack { privilege, reason } = lack;
    let found = format!("{} ({reason})", privilege.consequence());
    finding(subject, standing, found).remedy(format!("run as root, or: {}", privilege.remedy()))
}

impl Finding {
    fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }
}

/// The paranoia at which an unprivileged user may not even count its own events in the kernel.
const KERNEL_EVENTS_FORBIDDEN: i32 = 2;

fn perf(case: &Case<'_>) -> Finding {
    let subject = "performance events";
    match case.machine.perf_event_paranoid {
        None => finding(subject, Standing::Unavailable, "this kernel has none"),
        Some(level) if level >= KERNEL_EVENTS_FORBIDDEN => {
            finding(subject, Standing::Unavailable, format!("kernel.perf_event_paranoid = {level}"))
                .remedy("to have them: sysctl kernel.perf_event_paranoid=1")
        }
        Some(level) => {
            finding(subject, Standing::Available, format!("kernel.perf_event_paranoid = {level}"))
        }
    }
}

fn system_calls(around: &Surroundings) -> Finding {
    let subject = "system calls";
    match &around.syscalls_not_counted {
        None => finding(subject, Standing::Available, "can be counted, after each measured window"),
        // The reason holds its remedy.
        Some(why) => finding(subject, Standing::Unavailable, why),
    }
}

fn energy(case: &Case<'_>) -> Finding {
    let subject = "energy counters";
    match case.machine.energy {
        Energy::Readable => finding(subject, Standing::Available, "RAPL can be read"),
        Energy::Unreadable => {
            finding(subject, Standing::Unavailable, "RAPL is there, but this user may not read it")
                .remedy("to measure joules: chmod a+r /sys/class/powercap/*/energy_uj")
        }
        Energy::Absent => {
            finding(subject, Standing::Unavailable, "no RAPL here: joules are not measured")
        }
    }
}

fn container_engine(case: &Case<'_>) -> Finding {
    let subject = "container engine";
    let found = installed(subject, case.around.container_engine.as_deref());
    if case.profile.isolation == IsolationKind::Process || found.standing == Standing::Available {
        return found;
    }
    finding(subject, Standing::Unfit, "not found; the profile has servers in containers")
        .remedy("start one (DOCKER_HOST says where it listens), or ask for --isolation process")
}

fn postgresql(version: Option<&str>) -> Finding {
    let found = installed("PostgreSQL", version);
    match found.standing {
        Standing::Available => found,
        _ => found.remedy(
            "for workloads with a database: install it (e.g. the package `postgresql`), or ask for \
             --database fetched, which downloads it",
        ),
    }
}

fn installed(subject: &'static str, version: Option<&str>) -> Finding {
    match version {
        Some(version) => finding(subject, Standing::Available, version),
        None => finding(subject, Standing::Unavailable, "not found"),
    }
}
