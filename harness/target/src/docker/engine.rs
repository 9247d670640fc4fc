//! Reaching the engine.

use testcontainers::bollard::Docker;
use tokio::runtime::Runtime;

/// Why no engine can be used. One line, with the remedy.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is none, or it does not run.
    #[error(
        "no Docker engine answers at {at} ({reason}); start it (`systemctl start docker`, or \
         `dockerd`), or name another with DOCKER_HOST"
    )]
    Missing {
        /// The address.
        at: String,
        /// What came of the attempt.
        reason: String,
    },
    /// It runs, but not for us.
    #[error(
        "the Docker engine at {at} refuses this user ({reason}); add the user to the group \
         `docker`, or run as root"
    )]
    Refused {
        /// The address.
        at: String,
        /// What came of the attempt.
        reason: String,
    },
}

/// A connection to the engine, for callers that are not asynchronous.
#[derive(Debug)]
pub struct Engine {
    docker: Docker,
    runtime: Runtime,
}

impl Engine {
    /// Reaches the engine that `DOCKER_HOST` names, or the one of this machine.
    ///
    /// # Errors
    /// When none answers, or it refuses this user.
    pub fn connect() -> Result<Self, EngineError> {
        let named = std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty());
        Self::connect_to(named.as_deref().unwrap_or("unix:///var/run/docker.sock"))
    }

    fn connect_to(at: &str) -> Result<Self, EngineError> {
        let missing = |reason: String| EngineError::Missing { at: at.to_owned(), reason };
        if let Some(error) = at.strip_prefix("unix://").and_then(socket_error) {
            let (at, reason) = (at.to_owned(), error.to_string());
            return Err(match error.kind() {
                std::io::ErrorKind::PermissionDenied => EngineError::Refused { at, reason },
                _ => EngineError::Missing { at, reason },
            });
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| missing(error.to_string()))?;
        let docker = Docker::connect_with_host(at).map_err(|error| missing(error.to_string()))?;
        runtime.block_on(docker.ping()).map_err(|error| missing(error.to_string()))?;
        Ok(Self { docker, runtime })
    }

    /// Asks the engine for something, and waits for it.
    pub(crate) fn ask<T: Send>(&self, request: impl AsyncFnOnce(&Docker) -> T + Send) -> T {
        let wait = || self.runtime.block_on(request(&self.docker));
        if tokio::runtime::Handle::try_current().is_err() {
            return wait();
        }
        // Whoever checks a server does so in a runtime of its own, and asks about its container then; no
        // thread may wait for a second one.
        std::thread::scope(|scope| {
            let asked = scope.spawn(wait).join();
            asked.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        })
    }
}

/// What keeps us from the socket: the client itself only says that there was an error.
fn socket_error(path: &str) -> Option<std::io::Error> {
    std::os::unix::net::UnixStream::connect(path).err()
}

#[cfg(test)]
mod tests {
    use super::{Engine, EngineError};

    #[test]
    fn an_engine_that_is_not_there_is_told_in_one_line_with_the_remedy() {
        let folder = tempfile::tempdir().expect("folder");
        let at = format!("unix://{}", folder.path().join("docker.sock").display());
        let error = Engine::connect_to(&at).expect_err("nobody listens");
        let text = error.to_string();
        assert!(matches!(error, EngineError::Missing { .. }), "{text}");
        assert!(text.contains(&at) && text.contains("dockerd") && !text.contains('\n'), "{text}");
    }

    #[test]
    fn an_engine_is_asked_within_another_runtime_too() {
        let docker = super::Docker::connect_with_http_defaults().expect("an address");
        let own = || tokio::runtime::Builder::new_current_thread().enable_all().build();
        let engine = Engine { docker, runtime: own().expect("a runtime") };
        let asked = own().expect("a runtime").block_on(async { engine.ask(async |_| 7) });
        assert_eq!((asked, engine.ask(async |_| 8)), (7, 8));
    }

    #[test]
    fn an_address_that_is_none_is_told_too() {
        let error = Engine::connect_to("nonsense://x").expect_err("no address");
        assert!(error.to_string().contains("nonsense"), "{error}");
    }
}
