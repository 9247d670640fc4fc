//! The idle guard of a run.

use httpdyno_loadgen::LoadPlan;
use httpdyno_spec::profile::Profile;
use httpdyno_target::idle_guard::Resting;
use httpdyno_target::{CoreSplit, IdleGuard};

use crate::error::RunError;
use crate::load_plan::never_sleeps;

/// Starts it where the profile asks for one, with a warning where it takes from what is measured.
pub(crate) fn idle_guard(
    profile: &Profile,
    cores: &CoreSplit,
) -> Result<(Option<IdleGuard>, Option<String>), RunError> {
    if !profile.idle_guard {
        return Ok((None, None));
    }
    let guard = IdleGuard::start(&cores.measured()).map_err(RunError::IdleGuard)?;
    let warning = guard.takes_from_others();
    Ok((Some(guard), warning))
}

/// It rests on the generator's cores while a generator that never sleeps keeps them busy.
pub(crate) fn rest_for<'g>(
    load: &LoadPlan,
    guard: Option<&'g IdleGuard>,
    cores: &CoreSplit,
) -> Option<Resting<'g>> {
    guard.filter(|_| never_sleeps(load)).map(|guard| guard.rest(&cores.generator))
}
