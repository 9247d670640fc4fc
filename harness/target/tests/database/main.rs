//! The database, with the PostgreSQL of this machine.

mod container;
mod counting;
mod faults;
mod fetching;
mod leftovers;
mod lifecycle;
mod rows;
mod somebody_elses;
mod support;
