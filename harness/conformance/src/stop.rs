//! A run that somebody may stop, with Ctrl-C say.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often the flag is looked at.
const EVERY: Duration = Duration::from_millis(20);

/// A flag that stops a run as soon as somebody sets it; without one, nothing does.
#[derive(Clone, Debug, Default)]
pub struct Stop(Option<Arc<AtomicBool>>);

impl From<Arc<AtomicBool>> for Stop {
    fn from(flag: Arc<AtomicBool>) -> Self {
        Self(Some(flag))
    }
}

impl Stop {
    /// Whether somebody wants the run to stop.
    #[must_use]
    pub fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|flag| flag.load(Ordering::SeqCst))
    }

    /// What `run` comes to, unless it is stopped: then it is left where it stands.
    pub(crate) async fn or<T>(&self, run: impl Future<Output = T>) -> io::Result<T> {
        let asked = async {
            while !self.is_asked() {
                tokio::time::sleep(EVERY).await;
            }
        };
        tokio::select! {
            found = run => Ok(found),
            () = asked => Err(io::Error::new(io::ErrorKind::Interrupted, "the run was stopped")),
        }
    }
}
