//! What is measured beside the entries: the reference of a point.

use std::sync::atomic::Ordering;

use httpdyno_record::{Purpose, TrialRecord};
use jiff::Timestamp;

use super::Drive;
use crate::bench::BenchError;
use crate::event::Event;
use crate::reference;
use crate::schedule::Point;

impl Drive<'_> {
    /// Runs pgbench where a point asks for what it does, once in each block.
    pub(super) fn reference(&mut self, point: &Point, block: u32) -> Result<(), BenchError> {
        let workload = self.workload(point);
        let database = self.context.database.filter(|_| reference::applies(workload));
        let (Some(database), None) = (database, point.rate_per_s) else { return Ok(()) };
        let started_at = Timestamp::now();
        let measure = self.plan.profile.measure.duration();
        let (outcome, enforced) = reference::measure(database, self.context.cores, measure);
        if self.context.stop.load(Ordering::SeqCst) {
            return Ok(());
        }
        let trial = TrialRecord {
            trial: u32::try_from(self.trials.len()).unwrap_or(u32::MAX),
            block,
            entry: reference::PGBENCH.to_owned(),
            workload: point.workload.to_string(),
            connections: point.connections,
            purpose: Purpose::Compare,
            offered_per_s: None,
            started_at,
            enforced,
            outcome,
        };
        self.writer.append_trial(&trial, None)?;
        self.trials.push(trial.clone());
        self.observer.observe(&Event::TrialFinished(Box::new(trial)));
        Ok(())
    }
}
