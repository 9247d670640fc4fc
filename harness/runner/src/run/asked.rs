//! One trial of a run, as it is asked for.

use std::time::Duration;

use httpdyno_record::Purpose;
use httpdyno_spec::workload::{Arrivals, Workload};

use crate::ceiling::Shape;
use crate::entry::Entry;

/// One trial to be made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'b> {
    pub(crate) entry: &'b Entry,
    pub(crate) workload: &'b Workload,
    pub(crate) connections: u32,
    pub(crate) purpose: Purpose,
    /// Requests per second and how they are spread; absent: the workload's own pace.
    pub(crate) rate: Option<(u64, Arrivals)>,
    pub(crate) block: u32,
    /// Which point of the block: all entries get the same requests there.
    pub(crate) point: usize,
    /// The server's cores; absent: those of the profile.
    pub(crate) server_cores: Option<&'b [u32]>,
    /// The measured time; absent: that of the profile.
    pub(crate) measure: Option<Duration>,
    /// The one response that the null server gives.
    pub(crate) shape: Option<&'b Shape>,
    /// The null server's rate at the same point of the same block.
    pub(crate) null_per_s: Option<u64>,
    /// What it costs there per response, in nanoseconds of CPU time.
    pub(crate) null_cost_ns: Option<u64>,
}

impl<'b> Asked<'b> {
    /// The first trial of an entry at the workload's own pace: a start to change fields of.
    pub(crate) fn of(entry: &'b Entry, workload: &'b Workload, connections: u32) -> Self {
        Self {
            entry,
            workload,
            connections,
            purpose: Purpose::Compare,
            rate: None,
            block: 0,
            point: 0,
            server_cores: None,
            measure: None,
            shape: None,
            null_per_s: None,
            null_cost_ns: None,
        }
    }
}
