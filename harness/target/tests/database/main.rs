//! The database, with the PostgreSQL of this machine.

mod container;
mod counting;
mod faults;
mod fetching;
mod leftovers;
mod lifecycle;
#[path = "../../testing/needs.rs"]
mod needs;
#[path = "../../testing/processes.rs"]
mod processes;
mod rows;
mod somebody_elses;
mod support;
