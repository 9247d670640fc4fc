//! What a container costs: the null server in one beside the null server as a process.

use httpdyno_record::{Record, Role, TrialRecord};
use serde::Serialize;

use crate::quantity::ratio;
use crate::series::Quantity;
use crate::versus::{Method, Versus};

/// The null server in a container against itself as a process at one point, paired by block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ContainerTax {
    /// Right responses per second; absent where the rate is given, and where fewer than two blocks
    /// hold both.
    pub throughput: Option<Versus>,
    /// CPU time per request.
    pub cpu: Option<Versus>,
}

impl ContainerTax {
    /// None where the null server did not run both ways.
    pub(crate) fn of(
        record: &Record,
        trials: &[&TrialRecord],
        is_open: bool,
        method: Method,
    ) -> Option<Self> {
        let named = |role: Role| {
            let found = record.run.entries.iter().find(|entry| entry.role == role)?;
            trials.iter().any(|trial| trial.entry == found.entry).then_some(found.entry.as_str())
        };
        let (container, process) = (named(Role::NullServer)?, named(Role::NullProcess)?);
        let versus = |quantity| Versus::of(trials, container, process, quantity, method);
        let throughput = if is_open { None } else { versus(Quantity::Throughput) };
        Some(Self { throughput, cpu: versus(Quantity::CpuPerRequest) })
    }

    /// One line.
    #[must_use]
    pub fn text(&self) -> String {
        let figure = |name: &str, versus: &Option<Versus>| {
            let Some(Versus { ratio_ppm, low_ppm, high_ppm, .. }) = versus else { return None };
            let [middle, low, high] = [*ratio_ppm, *low_ppm, *high_ppm].map(ratio);
            Some(format!("{name} {middle} ({low} .. {high})"))
        };
        let figures = [figure("rate", &self.throughput), figure("CPU per request", &self.cpu)];
        let figures: Vec<String> = figures.into_iter().flatten().collect();
        match figures.as_slice() {
            [] => {
                "the container's tax is not known: fewer than two blocks hold valid trials of the \
                   null server both ways"
                    .to_owned()
            }
            known => format!(
                "the container's tax: the null server in a container has, of itself as a process, \
                 {}, each with its 95 % interval",
                known.join(" and ")
            ),
        }
    }
}
