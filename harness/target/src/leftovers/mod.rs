//! What servers and builds leave running: finding it, ending it, and saying what it was.
//!
//! A process can leave its group, its session and its control group, and change its parent by
//! letting that end. So there is more than one means: a marker in the environment, which is
//! inherited by whatever it starts; the harness and each server as subreapers (prctl(2)), so that
//! orphans stay in their tree; and a watcher that outlives a killed harness.

mod ending;
mod marker;
mod watcher;

use std::sync::Once;

pub(crate) use ending::{await_end, described, end_all, is_running};
pub(crate) use marker::{Marker, owner_is_dead};
pub(crate) use watcher::Watcher;

/// Makes this process the parent of whatever its descendants orphan, and ends what killed
/// harnesses have left. Once in the life of a process; both cost next to nothing again.
pub(crate) fn prepare() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Refused by no kernel that can run this; without it, orphans go to the first process.
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        crate::control_group::sweep_all();
        end_all(marker::orphaned);
    });
}
