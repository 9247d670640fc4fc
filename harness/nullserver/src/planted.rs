//! A cost planted in another server, for servers of the workspace that are built with the feature
//! `planted`: what the harness should find there is known beforehand.

use std::cell::RefCell;
use std::sync::OnceLock;

use crate::ExtraCpu;

/// The environment variable that says how many nanoseconds of CPU time each request costs more.
pub const VARIABLE: &str = "HTTPDYNO_PLANTED_NS";

/// Found once by the thread that asks first, so that all threads do the same work.
static CALIBRATED: OnceLock<ExtraCpu> = OnceLock::new();

thread_local! {
    static OWN: RefCell<ExtraCpu> = RefCell::new(CALIBRATED.get_or_init(calibrated).clone());
}

/// Spends on the calling thread what [`VARIABLE`] says; nothing where it is not set.
///
/// # Panics
/// When the variable is no number, or when the core is too restless to find out how long the work
/// takes: a server that spends something else proves nothing.
pub fn spend() {
    OWN.with_borrow_mut(ExtraCpu::spend);
}

fn calibrated() -> ExtraCpu {
    let Ok(text) = std::env::var(VARIABLE) else { return ExtraCpu::none() };
    let declared_ns =
        text.parse().unwrap_or_else(|error| panic!("{VARIABLE} is `{text}`: {error}"));
    match ExtraCpu::calibrate(declared_ns) {
        Ok((extra, _)) => extra,
        Err(error) => panic!("{error}"),
    }
}
