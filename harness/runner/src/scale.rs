//! The same entries on 1, 2, 4, ... cores: throughput, efficiency, CPU time per request.

use std::sync::atomic::AtomicBool;

use httpdyno_record::Purpose;
use httpdyno_spec::SpecTree;
use httpdyno_stats::Seeded;

use crate::error::RunError;
use crate::event::Observer;
use crate::plan::RunPlan;
use crate::run::{Asked, Run, RunSummary};

/// What is to be measured.
#[derive(Clone, Debug)]
pub struct ScalePlan {
    /// Entries, profile, workloads, seed and where the record is put.
    pub bench: RunPlan,
    /// Connections held.
    pub connections: u32,
}

/// 1, 2, 4, ... and at last all of `cores`.
#[must_use]
pub fn steps(cores: usize) -> Vec<usize> {
    let mut steps: Vec<usize> =
        std::iter::successors(Some(1), |step| Some(step * 2)).take_while(|&n| n < cores).collect();
    steps.extend((cores > 0).then_some(cores));
    steps
}

/// Measures every entry on every number of cores, once in each block, in random order; `stop` ends
/// it early.
///
/// # Errors
/// When the run cannot be made at all, or its record cannot be written.
pub fn scale(
    tree: &SpecTree,
    plan: &ScalePlan,
    observer: &mut dyn Observer,
    stop: &AtomicBool,
) -> Result<RunSummary, RunError> {
    let mut run = Run::open(tree, &plan.bench, observer, stop)?;
    let cores = run.cores.server.clone();
    if cores.len() < 2 {
        run.warn(Some(format!(
            "the server has {} core here, so nothing can be said about scaling: throughput and \
             cost on one core is all there is; choose a profile that gives the server more",
            cores.len()
        )))?;
    }
    let entries = run.entries.clone();
    let mut random = Seeded::new(plan.bench.seed);
    let mut slots: Vec<(u32, usize, usize, usize)> = Vec::new();
    for block in 0..plan.bench.profile.blocks {
        let of_block = slots.len();
        for (workload, of) in plan.bench.workloads.iter().enumerate() {
            let used: Vec<_> = of.endpoints().cloned().collect();
            for entry in (0..entries.len()).filter(|&entry| entries[entry].serves(&used)) {
                let steps = steps(cores.len()).into_iter();
                slots.extend(steps.map(|step| (block, workload, entry, step)));
            }
        }
        random.shuffle(&mut slots[of_block..]);
    }
    run.announce(slots.len(), plan.bench.profile.blocks);
    for (block, workload, entry, step) in slots {
        let asked = Asked {
            purpose: Purpose::Scale,
            block,
            server_cores: Some(&cores[..step]),
            ..Asked::of(entries[entry], &plan.bench.workloads[workload], plan.connections)
        };
        if run.trial(asked)?.is_none() {
            break;
        }
    }
    run.close()
}

#[cfg(test)]
mod tests {
    use super::steps;

    #[test]
    fn cores_double_and_end_with_all_of_them() {
        assert_eq!(steps(0), Vec::<usize>::new());
        assert_eq!(steps(1), [1]);
        assert_eq!(steps(2), [1, 2]);
        assert_eq!(steps(6), [1, 2, 4, 6]);
        assert_eq!(steps(8), [1, 2, 4, 8]);
    }
}
