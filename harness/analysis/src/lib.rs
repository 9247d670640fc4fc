//! From a record to what it says: points and their figures, ratios, ranks, drift, and how far all
//! of it can be trusted. Runner and report both ask here, so that each figure is derived once. Pure.

#![forbid(unsafe_code)]

pub mod capacity;
pub mod claims;
pub mod compare;
pub mod comparison;
pub mod composite;
pub mod container_tax;
pub mod curve;
pub mod distribution;
pub mod drift;
pub mod figures;
pub mod history;
pub mod legible;
#[cfg(test)]
mod made_up;
pub mod noise;
pub mod number;
pub mod oddities;
pub mod pairs;
pub mod point_key;
pub mod provenance;
pub mod quantity;
pub mod ranking;
pub mod scale;
pub mod series;
pub mod stalls;
pub mod unranked;
pub mod used;
pub mod validity;
pub mod versus;
pub mod void;
pub mod weak;

pub use comparison::{Comparison, ComparisonError};
pub use provenance::Provenance;
