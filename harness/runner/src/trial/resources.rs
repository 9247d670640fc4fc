//! What a server used and what was enforced on it, in the words of the record.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use httpdyno_record::{Enforced, ServerResources};
use httpdyno_target::Enforcement;
use httpdyno_target::accounting::{Energy, EnergyMeter, Memory};

use super::syscalls::SyscallCount;
use super::window::Used;
use crate::served::{FOREIGN, Served};

/// The ready server before any load.
#[derive(Clone, Debug)]
pub(super) struct Idle {
    memory: Memory,
    /// CPU time per second of wall time; absent where it was not watched.
    cpu_ns_per_s: Option<u64>,
    /// Microwatts of the processor packages, or why there is no such figure.
    package_power_uw: Result<u64, String>,
}

/// Why nothing is known of the idle server.
const NOT_WATCHED: &str = "the profile watches the idle server for no time (`idle`)";

/// A counter of a package that was there and is not any more.
pub(super) const COUNTER_GONE: &str = "a RAPL counter could not be read";

impl Idle {
    /// Watches `server` for `period` without asking anything of it.
    pub(super) fn watch(
        server: &Served,
        period: Duration,
        meter: &Result<EnergyMeter, String>,
    ) -> Self {
        if period.is_zero() || server.is_foreign() {
            let package_power_uw = Err(NOT_WATCHED.to_owned());
            return Self { memory: server.memory(), cpu_ns_per_s: None, package_power_uw };
        }
        let (before, since) = (server.reading(), Instant::now());
        let energy = meter.as_ref().map(EnergyMeter::read);
        std::thread::sleep(period);
        let used = before.until(&server.reading()).cpu.total_ns;
        let elapsed = since.elapsed();
        let power = |meter: &EnergyMeter| power_uw(meter, &energy.unwrap_or_default(), elapsed);
        Self {
            cpu_ns_per_s: per_s(used, elapsed),
            package_power_uw: meter.as_ref().map_err(Clone::clone).and_then(power),
            memory: server.memory(),
        }
    }
}

/// Microwatts of the packages since `before`, which was `elapsed` ago.
fn power_uw(meter: &EnergyMeter, before: &Energy, elapsed: Duration) -> Result<u64, String> {
    let used = meter.between(before, &meter.read());
    used.and_then(|used| per_s(used, elapsed)).ok_or_else(|| COUNTER_GONE.to_owned())
}

fn per_s(amount: u64, elapsed: Duration) -> Option<u64> {
    u64::try_from(u128::from(amount) * 1_000_000_000 / elapsed.as_nanos().max(1)).ok()
}

/// Everything but the CPU time itself; `steady` is the memory at the end of the window.
pub(super) fn server_resources(
    idle: &Idle,
    used: &Used,
    steady: &Memory,
    syscalls: Result<SyscallCount, String>,
) -> ServerResources {
    let mut not_measured = BTreeMap::new();
    let mut reason = |field: &str, why: &str| not_measured.insert(field.to_owned(), why.to_owned());
    if let Err(why) = &syscalls {
        reason("syscalls", why);
    }
    if idle.cpu_ns_per_s.is_none() {
        reason("idle_cpu_ns_per_s", NOT_WATCHED);
    }
    if steady.pss_bytes.is_none() {
        reason("steady_pss_bytes", "the kernel shows no smaps_rollup of the server's processes");
    }
    if used.server.switches.is_none() {
        reason("voluntary_switches", "the server has too many threads to ask each");
        reason("involuntary_switches", "the server has too many threads to ask each");
    }
    if let Err(why) = &used.package_energy_uj {
        reason("package_energy_uj", why);
    }
    if let Err(why) = &idle.package_power_uw {
        reason("idle_package_power_uw", why);
    }
    if used.server.waits.is_none() {
        let why = "the kernel counts no waits, or the server has too many threads to ask each";
        reason("run_delay_ns", why);
        reason("waited_for_others_ns", why);
    }
    let (switches, waits) = (used.server.switches, used.server.waits);
    let syscalls = syscalls.ok();
    ServerResources {
        user_ns: Some(used.server.cpu.user_ns),
        system_ns: Some(used.server.cpu.system_ns),
        idle_cpu_ns_per_s: idle.cpu_ns_per_s,
        idle_rss_bytes: Some(idle.memory.rss_bytes),
        idle_pss_bytes: idle.memory.pss_bytes,
        steady_rss_bytes: Some(steady.rss_bytes),
        steady_pss_bytes: steady.pss_bytes,
        voluntary_switches: switches.map(|switches| switches.voluntary),
        involuntary_switches: switches.map(|switches| switches.involuntary),
        run_delay_ns: waits.map(|waits| waits.run_delay_ns),
        waited_for_others_ns: waits.map(|waits| waits.for_others_ns),
        threads: Some(steady.threads),
        syscalls: syscalls.map(|count| count.calls),
        syscalls_responses: syscalls.map(|count| count.responses),
        syscalls_window_ns: syscalls.map(|count| count.window_ns),
        package_energy_uj: used.package_energy_uj.clone().ok(),
        idle_package_power_uw: idle.package_power_uw.clone().ok(),
        cpu_source: Some(used.server.cpu.source.to_string()),
        not_measured,
    }
}

/// Nothing is known of a server that somebody else runs.
pub(super) fn foreign_resources() -> ServerResources {
    let figures = ["server_cpu_ns", "server_peak_rss_bytes", "start_to_ready_ns", "syscalls"];
    let reason = |figure: &str| (figure.to_owned(), FOREIGN.to_owned());
    ServerResources { not_measured: figures.map(reason).into(), ..ServerResources::default() }
}

/// What was read back from the kernel, and what the server was told.
pub(super) fn enforced(found: Enforcement, workers: u32, root: &Path) -> Enforced {
    let relative = |folder: &Path| match folder.strip_prefix(root) {
        Ok(inside) if inside.as_os_str().is_empty() => ".".to_owned(),
        Ok(inside) => inside.display().to_string(),
        Err(_) => folder.display().to_string(),
    };
    Enforced {
        cores: found.cores,
        workers: Some(workers),
        memory_limit_bytes: found.memory_limit_bytes,
        open_files: found.open_files,
        isolation: Some(found.isolation.to_owned()),
        seccomp: found.seccomp.map(str::to_owned),
        image_digest: found.image,
        environment: found.environment,
        working_directory: found.working_directory.as_deref().map(relative),
        aslr: found.aslr,
        governors: found.governors,
        turbo: found.turbo,
        departures: found.departures,
        scheduling: found.scheduling,
        ..Enforced::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{COUNTER_GONE, power_uw};
    use httpdyno_target::accounting::EnergyMeter;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn power_is_the_energy_of_all_packages_over_time() {
        let powercap = tempfile::tempdir().expect("folder");
        let zone = powercap.path().join("intel-rapl:0");
        fs::create_dir(&zone).expect("a zone");
        let write = |file: &str, text: &str| fs::write(zone.join(file), text).expect("a file");
        write("name", "package-0\n");
        write("energy_uj", "1000000\n");
        let meter = EnergyMeter::find_in(powercap.path()).expect("a package");
        let before = meter.read();
        write("energy_uj", "2500000\n");
        // 1.5 J in a quarter of a second.
        let quarter = Duration::from_millis(250);
        assert_eq!(power_uw(&meter, &before, quarter), Ok(6_000_000));
        write("energy_uj", "not a number\n");
        assert_eq!(power_uw(&meter, &before, quarter), Err(COUNTER_GONE.to_owned()));
    }
}
