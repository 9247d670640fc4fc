//! How long a run waits for a server that gives nothing back.

use std::time::Duration;

/// What is waited for at the end; by default nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Patience {
    /// Closed loop: so long at most are the responses awaited that were under way when the window
    /// ended. They are in no figure of the window, only in
    /// [`AfterWindow`](crate::AfterWindow).
    pub after_window: Duration,
    /// The window ends when so long nothing came from the server although something was awaited:
    /// for runs that last until a number of requests is done.
    pub silence: Option<Duration>,
}
