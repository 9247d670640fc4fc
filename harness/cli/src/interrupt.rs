//! Ctrl-C and SIGTERM: the first asks the run to stop and keep what it has, the second ends it.
//! Where nothing is kept, the first one ends it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use httpdyno_target::docker::remove_own;

use crate::exit::Failure;
use crate::output;
use crate::screen;

/// How long a run of which nothing is kept has to end by itself, everything removed. Then it is ended,
/// and who watches over its processes and folders removes them.
const TO_END: Duration = Duration::from_millis(700);

/// A flag that is set when somebody wants the run to stop.
pub(crate) fn watch() -> Result<Arc<AtomicBool>, Failure> {
    set_handler(|first| {
        if !first {
            end_at_once();
        }
        if !screen::tell_stopping() {
            output::tell("stopping; what was measured is kept (once more to end at once)");
        }
    })
}

/// The same for a run that has nothing to keep, whatever it does at the moment.
pub(crate) fn watch_what_is_not_kept() -> Result<Arc<AtomicBool>, Failure> {
    set_handler(|first| {
        if first {
            std::thread::spawn(|| {
                std::thread::sleep(TO_END);
                end_at_once();
            });
        } else {
            end_at_once();
        }
    })
}

/// `on_signal` is told whether it is the first one.
fn set_handler(on_signal: impl Fn(bool) + Send + 'static) -> Result<Arc<AtomicBool>, Failure> {
    let stop = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&stop);
    ctrlc::set_handler(move || on_signal(!asked.swap(true, Ordering::SeqCst)))
        .map_err(|error| Failure::new(format!("cannot watch for Ctrl-C: {error}")))?;
    Ok(stop)
}

fn end_at_once() {
    // Processes die with this one: the kernel sends them SIGKILL (see `target`).
    remove_own();
    screen::restore();
    std::process::exit(130);
}
