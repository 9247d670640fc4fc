//! Where the thread that drives a run is.

use httpdyno_target::{allowed_cores, pin_current_thread};

/// Keeps the thread that drives the run, and reads counters at the edges of windows, off the
/// server's cores. Where that is refused, it stays where it is.
#[derive(Default)]
pub(super) struct Place {
    /// Where it was before; none: it has not moved.
    before: Option<Vec<u32>>,
}

impl Place {
    pub(super) fn with_the_generator(cores: &[u32]) -> Self {
        let before = allowed_cores().ok();
        let _ = pin_current_thread(cores);
        Self { before }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let _ = pin_current_thread(before);
        }
    }
}
