//! Which profile fits a machine best.

use httpdyno_record::Host;
use httpdyno_spec::profile::{Placement, Profile};

use super::{Diagnosis, Surroundings};

/// Of the profiles that can be run here as they are declared, the one that declares the most cores
/// for the server; of equals, one whose results may be published. A profile that takes whatever
/// cores there are comes last: it describes no machine.
#[must_use]
pub fn best_profile<'a>(
    profiles: impl IntoIterator<Item = &'a Profile>,
    host: &Host,
    around: &Surroundings,
) -> Option<&'a Profile> {
    let fits = |profile: &&Profile| Diagnosis::of(profile, host, around).fits();
    let merit = |profile: &&Profile| match &profile.placement {
        Placement::Split => (0, profile.publishable),
        Placement::Cores(sets) => (sets.server.len(), profile.publishable),
    };
    profiles.into_iter().filter(fits).max_by_key(merit)
}
