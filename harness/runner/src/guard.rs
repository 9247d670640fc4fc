//! The idle guard of a run.

use httpdyno_loadgen::LoadPlan;
use httpdyno_spec::profile::Profile;
use httpdyno_target::idle_guard::Resting;
use httpdyno_target::{CoreSplit, IdleGuard};

use crate::error::RunError;
use crate::load_plan::never_sleeps;

/// Starts it where the profile asks for one.
pub(crate) fn idle_guard(
    profile: &Profile,
    cores: &CoreSplit,
) -> Result<Option<IdleGuard>, RunError> {
    let wanted = profile.idle_guard.then(|| IdleGuard::start(&cores.measured()));
    wanted.transpose().map_err(RunError::IdleGuard)
}

/// It rests on the generator's cores while a generator that never sleeps keeps them busy.
pub(crate) fn rest_for<'g>(
    load: &LoadPlan,
    guard: Option<&'g IdleGuard>,
    cores: &CoreSplit,
) -> Option<Resting<'g>> {
    guard.filter(|_| never_sleeps(load)).map(|guard| guard.rest(&cores.generator))
}

/// It rests on the cores of a database that is used, where task groups stay on: each of its
/// connections is a session of its own, which would wait for whole slices of the spinner's. (The
/// server is of the harness's session, which the spinner gives way to.)
pub(crate) fn rest_beside_database<'g>(
    guard: Option<&'g IdleGuard>,
    cores: &CoreSplit,
) -> Option<Resting<'g>> {
    let guard = guard.filter(|guard| guard.lacks().task_groups.is_some())?;
    let anywhere = cores.measured();
    Some(guard.rest(if cores.database.is_empty() { &anywhere } else { &cores.database }))
}
