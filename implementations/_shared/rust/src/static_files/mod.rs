//! The rules for `GET /static/{file}`, without any I/O but the loading at start.
//!
//! A [`Catalogue`] holds the files of `STATIC_DIR` in memory. Per request an
//! entry finds the file, collects the [`Conditions`] from the request's fields,
//! and [`decide`] says what to answer.

mod catalogue;
mod coding;
mod conditions;
mod decide;
mod field_line;
mod range;
#[cfg(test)]
mod tests;
mod validators;

pub use catalogue::{Catalogue, CatalogueError, Representation, StaticFile};
pub use conditions::Conditions;
pub use decide::{StaticDecision, StaticMethod, StaticStatus, decide};
