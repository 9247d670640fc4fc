//! What a trial used: the server, the generator, the database; and what was enforced on them.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::trial::LatencySummary;

/// What the processes of the server used. Absent figures have their reason in `not_measured`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ServerResources {
    /// CPU time in user mode in the window.
    pub user_ns: Option<u64>,
    /// CPU time in the kernel in the window.
    pub system_ns: Option<u64>,
    /// CPU time of the ready and idle server per second of wall time, before the load.
    pub idle_cpu_ns_per_s: Option<u64>,
    /// Resident memory of the ready and idle server, before the load.
    pub idle_rss_bytes: Option<u64>,
    /// Proportional set size of the ready and idle server.
    pub idle_pss_bytes: Option<u64>,
    /// Resident memory at the end of the window.
    pub steady_rss_bytes: Option<u64>,
    /// Proportional set size at the end of the window: shared pages are shared out.
    pub steady_pss_bytes: Option<u64>,
    /// Context switches in the window that the server asked for by waiting.
    pub voluntary_switches: Option<u64>,
    /// Context switches in the window that the kernel forced.
    pub involuntary_switches: Option<u64>,
    /// Time in the window that its threads were ready to run and had no core, all together; they
    /// wait for each other as well.
    pub run_delay_ns: Option<u64>,
    /// The longest of these waits of one thread, without what the others of the server ran
    /// meanwhile: somebody else had its core.
    pub waited_for_others_ns: Option<u64>,
    /// Threads at the end of the window.
    pub threads: Option<u32>,
    /// System calls in a short window of their own after the measured one, under the same load:
    /// counting them slows the server down.
    pub syscalls: Option<u64>,
    /// Right responses in that window.
    pub syscalls_responses: Option<u64>,
    /// Length of that window.
    pub syscalls_window_ns: Option<u64>,
    /// Energy of the processor package in the window, in microjoules, with all that ran on it.
    pub package_energy_uj: Option<u64>,
    /// Power of the processor package while the server was ready and idle, in microwatts.
    pub idle_package_power_uw: Option<u64>,
    /// Where CPU time was read: `process-clocks`, `control-group`, or
    /// `process-clocks-and-reaped-children`. The total is exact to the nanosecond with the first;
    /// its parts (user, system) are divided as the kernel's tick-based counters divide them.
    pub cpu_source: Option<String>,
    /// What could not be measured, and why, by the name of the field.
    pub not_measured: BTreeMap<String, String>,
}

impl ServerResources {
    /// Energy of the package in a window of `elapsed_ns` beyond what it takes with an idle server,
    /// in microjoules; 0 where the window took less than that.
    #[must_use]
    pub fn package_energy_above_idle_uj(&self, elapsed_ns: u64) -> Option<u64> {
        let idle = u128::from(self.idle_package_power_uw?) * u128::from(elapsed_ns) / 1_000_000_000;
        Some(self.package_energy_uj?.saturating_sub(u64::try_from(idle).unwrap_or(u64::MAX)))
    }

    /// System calls per right response, in thousandths, rounded down.
    #[must_use]
    pub fn syscalls_per_response_milli(&self) -> Option<u64> {
        let milli = u128::from(self.syscalls?) * 1_000;
        u64::try_from(milli.checked_div(u128::from(self.syscalls_responses?))?).ok()
    }
}

/// CPU time in the window on the cores of each role that was nobody's of the trial: neither the
/// server's, the generator's, the database's nor the idle guard's. Absent where that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct ForeignTime {
    /// On the server's cores.
    pub server_ns: Option<u64>,
    /// On the generator's.
    pub generator_ns: Option<u64>,
    /// On the database's, where it has cores of its own and was used.
    pub database_ns: Option<u64>,
    /// The programs that used most CPU time from before the load until after it, on any core.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
}

/// What the load generator used, and how punctual it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct GeneratorUse {
    /// CPU time over window times threads, in parts per million.
    pub cpu_share_ppm: u64,
    /// Time its threads were ready to run and something else had their core.
    pub run_delay_ns: Option<u64>,
    /// From the actual sending to the complete response.
    pub service: LatencySummary,
    /// From when a request was due and had an idle connection to its actual sending.
    pub send_lag: LatencySummary,
    /// Requests that were neither answered nor failed when the window ended.
    pub in_flight_at_stop: u64,
    /// Connections that were made anew in the window.
    pub reconnects: Option<u64>,
    /// Connections that the server ended with RST in the window.
    pub resets: Option<u64>,
    /// The open loop's accounts; absent in a closed loop.
    pub open_loop: Option<OpenLoopUse>,
}

/// What became of the requests that an open loop offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OpenLoopUse {
    /// Requests that were due in the window.
    pub offered: u64,
    /// Of these: sent later than the limit after they were due.
    pub late: u64,
    /// Of these: sent, but not when they were due, since no connection was idle then.
    #[serde(default)]
    pub waited: u64,
    /// Of these: never sent, because no connection became idle.
    pub unsent: u64,
    /// Right responses that were complete before the window ended.
    pub completed_in_window: u64,
}

/// What the database did for one trial, in the measured window.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct DatabaseUse {
    /// CPU time of all its processes; absent where they are not on this machine or somebody else's.
    pub cpu_ns: Option<u64>,
    /// Statements that the server under test had it execute; absent where they cannot be counted.
    pub statements: Option<u64>,
    /// Rows these returned or changed.
    pub rows: Option<u64>,
    /// How long the database took to say how many, at the slower edge of the window.
    pub count_delay_ns: Option<u64>,
    /// Connections that the server under test had at the edges of the window, the more of both.
    pub connections: Option<u64>,
}

/// What was enforced on the server for one trial. Absent means that nothing enforced it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Enforced {
    /// The cores that every thread of the server was confined to, as read back after the load.
    pub cores: Option<Vec<u32>>,
    /// `WORKERS` as told to the server.
    pub workers: Option<u32>,
    /// Connections to the database in all, as told to the server.
    pub database_pool: Option<u32>,
    /// Memory limit of its control group.
    pub memory_limit_bytes: Option<u64>,
    /// RLIMIT_NOFILE, soft and hard alike.
    pub open_files: Option<u64>,
    /// How it was isolated: `process` or `container`.
    pub isolation: Option<String>,
    /// Whether the kernel filtered its system calls (seccomp), as read back: `unconfined` or
    /// `filtered`.
    pub seccomp: Option<String>,
    /// Digest of the image that its container was made of; absent for a process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_digest: Option<String>,
    /// Names of the environment variables it was given.
    pub environment: Vec<String>,
    /// Its working directory, relative to the repository where it lies inside.
    pub working_directory: Option<String>,
    /// Address space layout randomisation: 0 off, 1 partly, 2 whole (randomize_va_space).
    pub aslr: Option<u32>,
    /// Frequency governors of its cores as found, each once; none in a virtual machine.
    pub governors: Vec<String>,
    /// Whether the processor may exceed its nominal frequency, as found; absent where that is not
    /// told.
    pub turbo: Option<bool>,
    /// What was asked for and could not be enforced, in words.
    pub departures: Vec<String>,
    /// The scheduling policies and nicenesses of its threads, e.g. `other, nice 0`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduling: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::ServerResources;

    #[test]
    fn what_an_idle_server_takes_is_no_energy_of_the_load() {
        // 12 W in a window of 2.5 s, of which 4 W flow anyhow.
        let measured = ServerResources {
            package_energy_uj: Some(30_000_000),
            idle_package_power_uw: Some(4_000_000),
            ..ServerResources::default()
        };
        assert_eq!(measured.package_energy_above_idle_uj(2_500_000_000), Some(20_000_000));
        assert_eq!(measured.package_energy_above_idle_uj(10_000_000_000), Some(0));
        let no_idle = ServerResources { idle_package_power_uw: None, ..measured.clone() };
        assert_eq!(no_idle.package_energy_above_idle_uj(1), None);
        let no_counter = ServerResources { package_energy_uj: None, ..measured };
        assert_eq!(no_counter.package_energy_above_idle_uj(1), None);
    }
}
