//! Ctrl-C and SIGTERM: the first asks the run to stop and keep what it has, the second ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use httpdyno_target::docker::remove_own;

use crate::exit::Failure;
use crate::output;
use crate::screen;

/// A flag that is set when somebody wants the run to stop.
pub(crate) fn watch() -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || {
        if asked.swap(true, Ordering::SeqCst) {
            // Processes die with this one: the kernel sends them SIGKILL (see `target`).
            remove_own();
            screen::restore();
            std::process::exit(130);
        }
        if !screen::tell_stopping() {
            output::tell("stopping; what was measured is kept (once more to end at once)");
        }
    })
    .map_err(|error| Failure::new(format!("cannot watch for Ctrl-C: {error}")))?;
    Ok(stop)
}
