//! What the generator itself used: an instrument says how hard it worked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The generator's own use of the machine in the measured window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GeneratorReport {
    /// Each thread.
    pub threads: Vec<ThreadReport>,
    /// CPU time of all threads over window times threads, in millionths. Near 1000000 the
    /// generator, not the server, may be what was measured.
    pub cpu_share_ppm: u64,
}

impl GeneratorReport {
    /// CPU time of all threads, in nanoseconds.
    #[must_use]
    pub fn cpu_ns(&self) -> u64 {
        self.threads.iter().map(|thread| thread.cpu_ns).sum()
    }
}

/// One generator thread in the measured window.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ThreadReport {
    /// The core it was pinned to.
    pub core: Option<usize>,
    /// Its connections.
    pub connections: u64,
    /// CPU time by the thread's own clock, in nanoseconds.
    pub cpu_ns: u64,
    /// Of that in user mode, in nanoseconds (to the resolution of the kernel's ticks).
    pub user_ns: u64,
    /// Of that in the kernel, in nanoseconds (to the resolution of the kernel's ticks).
    pub system_ns: u64,
    /// Time it was ready to run and something else had its core, in nanoseconds; absent where
    /// the kernel does not say.
    pub run_delay_ns: Option<u64>,
    /// How often something else took its core from it; absent where the kernel does not say.
    pub preemptions: Option<u64>,
    /// It ran in the real-time class.
    pub realtime: bool,
    /// Its niceness.
    pub nice: i32,
    /// How often it asked the kernel for events.
    pub waits: u64,
}
