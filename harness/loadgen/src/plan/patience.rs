//! How long a run waits for a server that gives nothing back.

use std::time::Duration;

/// What is waited for at the end; by default nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patience {
    /// So long at most are the responses awaited that were under way when the window ended. In the
    /// closed loop they are in no figure of the window, only in
    /// [`AfterWindow`](crate::AfterWindow); the open loop waits for one timeout where this is 0 or
    /// more than that.
    pub after_window: Duration,
    /// Warm-up and window end when so long nothing came from the server although something was awaited:
    /// for runs that last until a number of requests is done.
    pub silence: Option<Duration>,
}
