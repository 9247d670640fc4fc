//! What a machine is made of, as far as figures depend on it: cores and their siblings, clocks,
//! memory, limits, and what stands between the hardware and this process.

mod parse;
mod read;

pub(crate) use parse::{field, kibibytes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The facts of one machine. What the kernel does not tell is absent or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Machine {
    /// Logical cores that are online, by the kernel's number.
    pub online_cores: Vec<u32>,
    /// Those that this process may run on (its affinity, or the cpuset of its container).
    pub allowed_cores: Vec<u32>,
    /// Logical cores that share a physical one: one list for each physical core with several.
    pub smt_siblings: Vec<Vec<u32>>,
    /// The logical cores of each NUMA node.
    pub numa_nodes: Vec<Vec<u32>>,
    /// Cores that the scheduler leaves alone (`isolcpus`).
    pub isolated_cores: Vec<u32>,
    /// Cores without a periodic tick (`nohz_full`).
    pub tickless_cores: Vec<u32>,
    /// The frequency governors in use, each once; empty where the kernel does not set frequencies.
    pub governors: Vec<String>,
    /// Whether cores may run above their nominal frequency.
    pub turbo: Option<bool>,
    /// The kernel's clock source, e.g. `tsc`.
    pub clocksource: Option<String>,
    /// What virtualises this machine, in the words of its firmware; `unknown` where only the
    /// processor says that there is something.
    pub hypervisor: Option<String>,
    /// The container that this process runs in, where it can tell.
    pub container: Option<String>,
    /// The version of the control groups: 1, 2, or 0 for none.
    pub cgroup_version: u8,
    /// CPU time that this process's control group may use per second of time, in nanoseconds.
    pub cpu_quota_ns_per_s: Option<u64>,
    /// Memory that this process's control group may use.
    pub memory_limit_bytes: Option<u64>,
    /// Swap space.
    pub swap_bytes: u64,
    /// Open files that this process may have now.
    pub open_files_soft: u64,
    /// Open files to which it may raise that, and which servers get.
    pub open_files_hard: u64,
    /// The longest queue of connections that wait for `accept` (`net.core.somaxconn`).
    pub listen_backlog: Option<u32>,
    /// Whether address spaces are randomised: 0 not, 2 fully (`kernel.randomize_va_space`).
    pub address_randomisation: Option<u8>,
    /// What `perf` may look at (`kernel.perf_event_paranoid`); absent where there is no `perf`.
    pub perf_event_paranoid: Option<i32>,
    /// Whether the energy counters of the processor's package can be read.
    pub energy: Energy,
    /// Whether `/dev/cpu_dma_latency` can be written, by which deep sleep of cores is forbidden.
    pub can_forbid_deep_sleep: bool,
}

/// The energy counters (RAPL) of the processor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Energy {
    /// There are none, as on most virtual machines.
    #[default]
    Absent,
    /// There are, but this user may not read them.
    Unreadable,
    /// They can be read.
    Readable,
}

impl Machine {
    /// The facts that make figures of two machines incomparable, one per line, for a fingerprint.
    /// What a process can be given anew (its affinity, its limits) is not among them.
    #[must_use]
    pub(crate) fn identity(&self) -> String {
        format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            self.online_cores,
            self.smt_siblings,
            self.numa_nodes,
            self.isolated_cores,
            self.tickless_cores,
            self.governors,
            self.turbo,
            self.clocksource,
            self.hypervisor,
            self.cpu_quota_ns_per_s,
            self.memory_limit_bytes,
        )
    }

    /// The other logical cores of `core`'s physical core.
    #[must_use]
    pub fn siblings_of(&self, core: u32) -> Vec<u32> {
        let shared = self.smt_siblings.iter().find(|group| group.contains(&core));
        shared.into_iter().flatten().copied().filter(|&other| other != core).collect()
    }

    /// The NUMA node of `core`.
    #[must_use]
    pub fn node_of(&self, core: u32) -> Option<usize> {
        self.numa_nodes.iter().position(|node| node.contains(&core))
    }
}
