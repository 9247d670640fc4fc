//! A whole run: threads, their common start, progress, and one report from all.

mod crew;
mod merge;
mod progress;
mod task;

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::compile::CompiledPlan;
use crate::engine::{Engine, Epoll, Uring, probe_io_uring};
use crate::error::LoadError;
use crate::observer::Observer;
use crate::plan::{EngineChoice, LoadPlan};
use crate::report::LoadReport;
use crew::Crew;

/// Carries out a plan. Returns when it is over, or soon after `stop` became true; then the
/// report holds what was measured until then and says `interrupted`.
///
/// # Errors
/// The plan is contradictory, the engine not available, or not one connection could be made.
/// Whatever the server does wrong is not an error but counted in the report.
pub fn run(
    plan: LoadPlan,
    stop: &AtomicBool,
    observer: &mut dyn Observer,
) -> Result<LoadReport, LoadError> {
    let plan = Arc::new(CompiledPlan::new(plan)?);
    raise_descriptor_limit();
    let engine = choose(plan.plan.engine, probe_io_uring())?;
    let mut crew = Crew::start(&plan, engine)?;
    let outcome = crew.supervise(&plan, engine, stop, observer);
    // Whatever happened: no thread outlives the run.
    let results = crew.join();
    let flat = outcome?;
    let mut report = merge::merge(&plan, engine.name(), results?);
    report.warmup.flat = flat;
    Ok(report)
}

/// An engine that is known to work here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Available {
    IoUring,
    Epoll,
}

impl Available {
    fn name(self) -> &'static str {
        match self {
            Self::IoUring => Uring::NAME,
            Self::Epoll => Epoll::NAME,
        }
    }
}

/// `probed` says whether io_uring works here.
fn choose(choice: EngineChoice, probed: io::Result<()>) -> Result<Available, LoadError> {
    match (choice, probed) {
        (EngineChoice::Epoll, _) | (EngineChoice::Auto, Err(_)) => Ok(Available::Epoll),
        (_, Ok(())) => Ok(Available::IoUring),
        (EngineChoice::IoUring, Err(source)) => {
            Err(LoadError::Engine { engine: Uring::NAME, source })
        }
    }
}

/// Ten thousand connections need as many descriptors; the soft limit is often 1024.
fn raise_descriptor_limit() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // If it is refused, connecting says what is missing.
    let _ = setrlimit(Resource::Nofile, limit);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_what_was_asked_for_or_what_the_kernel_allows() {
        let refused = || Err(io::Error::from(io::ErrorKind::PermissionDenied));
        for (choice, probed, expected) in [
            (EngineChoice::Auto, Ok(()), Some(Available::IoUring)),
            (EngineChoice::Auto, refused(), Some(Available::Epoll)),
            (EngineChoice::Epoll, Ok(()), Some(Available::Epoll)),
            (EngineChoice::Epoll, refused(), Some(Available::Epoll)),
            (EngineChoice::IoUring, Ok(()), Some(Available::IoUring)),
            (EngineChoice::IoUring, refused(), None),
        ] {
            let chosen = choose(choice, probed);
            assert_eq!(chosen.as_ref().ok().copied(), expected, "{choice:?}: {chosen:?}");
            if let Err(error) = chosen {
                assert!(matches!(error, LoadError::Engine { engine: "io_uring", .. }), "{error}");
            }
        }
    }
}
