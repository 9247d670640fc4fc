//! One trial of a run: who and what, made, recorded, told.

use std::sync::atomic::Ordering;

use httpdyno_record::{Figure, Purpose, TrialOutcome, TrialRecord};
use httpdyno_spec::id::EntryId;
use httpdyno_spec::workload::{Pacing, Workload};
use jiff::Timestamp;

use super::Drive;
use crate::bench::BenchError;
use crate::ceiling::Shape;
use crate::entry::Entry;
use crate::event::{Event, TrialKey};
use crate::schedule::{Point, Slot, Who};
use crate::trial::{Trial, TrialPlan, run_trial};

impl Drive<'_> {
    /// Makes one trial and records it. A trial that was cut short from outside is not recorded: it
    /// says nothing about the server.
    pub(super) fn trial(
        &mut self,
        point: &Point,
        slot: Slot,
        purpose: Option<Purpose>,
    ) -> Result<(), BenchError> {
        let workload = self.workload(point);
        match slot.who {
            Who::Entry(entry) => {
                let entry = self.entries[entry];
                let id = entry.id.clone();
                self.make(id, entry, None, workload, point, slot, purpose)
            }
            Who::NullServer | Who::NullProcess => {
                let entry = self.null_servers.as_ref().map(|servers| servers.entry(slot.who));
                let shape = self.shapes.get(workload.id.as_str()).cloned();
                let (Some(entry), Some(shape)) = (entry, shape) else { return Ok(()) };
                let id = entry.id.clone();
                self.make(id, &entry, Some(&shape), workload, point, slot, purpose)
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one trial is these things")]
    fn make(
        &mut self,
        id: EntryId,
        entry: &Entry,
        shape: Option<&Shape>,
        workload: &Workload,
        point: &Point,
        slot: Slot,
        purpose: Option<Purpose>,
    ) -> Result<(), BenchError> {
        let key = TrialKey {
            trial: u32::try_from(self.trials.len()).unwrap_or(u32::MAX),
            of: self.planned,
            block: slot.block,
            entry: id,
            workload: point.workload.clone(),
            connections: point.connections,
            offered_per_s: point.rate_per_s.or(offered_per_s(workload)),
        };
        self.observer.observe(&Event::TrialStarted(key.clone()));
        let started_at = Timestamp::now();
        let arrivals = self.plan.profile.fixed_rates.as_ref().map(|rates| rates.arrivals);
        let trial_plan = TrialPlan {
            entry,
            workload,
            connections: point.connections,
            rate: point.rate_per_s.map(|rate| (rate, arrivals.unwrap_or_default())),
            // The same for all entries of a block and point: they get the same requests.
            seed: self.plan.seed ^ (u64::from(slot.block) << 32) ^ slot.point as u64,
            shape,
            null_per_s: self.null_rates.get(&(slot.block, slot.point)).copied(),
            null_cost_ns: self.null_costs.get(&(slot.block, slot.point)).copied(),
        };
        let Trial { outcome, histogram_log, enforced } = run_trial(self.context, trial_plan)
            .map_err(|source| BenchError::Workload { workload: workload.id.to_string(), source })?;
        if self.context.stop.load(Ordering::SeqCst) {
            return Ok(());
        }
        let at_rate = point.rate_per_s.map(|_| Purpose::FixedRate);
        let trial = TrialRecord {
            trial: key.trial,
            block: key.block,
            entry: key.entry.to_string(),
            workload: key.workload.to_string(),
            connections: key.connections,
            purpose: purpose.or(at_rate).unwrap_or(Purpose::Compare),
            offered_per_s: key.offered_per_s,
            started_at,
            enforced,
            outcome,
        };
        self.writer.append_trial(&trial, histogram_log.as_deref())?;
        self.keep(&trial, slot);
        self.observer.observe(&Event::TrialFinished(Box::new(trial)));
        Ok(())
    }

    /// Counts it, and remembers what later decisions of this run need.
    fn keep(&mut self, trial: &TrialRecord, slot: Slot) {
        if trial.measurement().is_none() {
            self.measured.failed_trials += 1;
        }
        // A null server that was disturbed shows no ceiling, and accuses no entry.
        if slot.who == Who::NullServer
            && let Some(measured) = trial.valid_for(Figure::Throughput)
        {
            let rate = measured.responses_per_s();
            self.null_rates.insert((slot.block, slot.point), rate);
            if let Some(cost) = measured.server_cpu_ns.checked_div(measured.responses) {
                self.null_costs.insert((slot.block, slot.point), cost);
            }
        }
        self.departures.note(trial);
        let mut kept = trial.clone();
        if let TrialOutcome::Measured(measured) = &mut kept.outcome {
            measured.latency_hdr.clear();
            measured.routes.clear();
        }
        self.trials.push(kept);
    }
}

/// Whether none of its figures is a number.
pub(super) fn is_void(trial: &TrialRecord) -> bool {
    let figures = [Figure::Throughput, Figure::Latency, Figure::Cost];
    let is_measured = trial.measurement().is_some();
    is_measured && !figures.into_iter().any(|figure| trial.valid_for(figure).is_some())
}

/// The rate that a workload asks for itself.
fn offered_per_s(workload: &Workload) -> Option<u64> {
    match &workload.pacing {
        Pacing::Open(open) => Some(open.rate_per_s),
        Pacing::Closed | Pacing::Think(_) => None,
    }
}
