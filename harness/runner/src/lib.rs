//! Planning a run and driving it: the only stage with effects, which it has through `target`
//! (the server) and `loadgen` (the load). It tells the world through one [`Event`] type and
//! leaves a record behind.

#![forbid(unsafe_code)]

mod behind;
pub mod bench;
pub mod capacity;
pub mod ceiling;
pub mod claims;
pub mod conform;
mod contract_cases;
mod database;
mod departures;
pub mod design;
pub mod entry;
pub mod error;
pub mod event;
pub mod faults;
mod gates;
mod guard;
mod histogram_log;
mod kept;
pub mod lacks;
pub mod load_plan;
#[cfg(test)]
mod made_up;
mod null_servers;
pub mod plan;
mod prepare;
pub mod prove;
mod rates;
mod reference;
pub mod run;
mod run_record;
pub mod scale;
pub mod schedule;
mod served;
pub mod server;
mod server_url;
pub mod service;
mod side_by_side;
mod trial;
mod verify;

pub use bench::bench;
pub use capacity::{CapacityPlan, capacity};
pub use ceiling::{NULL_SERVER, null_entry};
pub use conform::{ConformOptions, conform_entry, conform_url, count_cases, count_cases_of_entry};
pub use database::needs_database;
pub use design::BudgetedDesign;
pub use entry::{Entry, Given};
pub use error::{ConformError, RunError};
pub use event::{Event, Observer, TrialKey};
pub use faults::{check_faults, fault_ids};
pub use httpdyno_conformance::Filter;
pub use null_servers::NULL_PROCESS;
pub use plan::RunPlan;
pub use prove::{PlantedPlan, ProvePlan, prove, prove_planted};
pub use run::RunSummary;
pub use scale::{ScalePlan, scale};
pub use server::{
    OwnServer, ServerCheck, ServerVerdicts, case_ids, conform_server, conform_service,
};
pub use service::{Own, Service};
