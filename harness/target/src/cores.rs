//! Which cores there are, and which role gets which.

use std::io;

use httpdyno_spec::profile::Placement;
use serde::{Deserialize, Serialize};

/// The cores of each role, by the kernel's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoreSplit {
    /// The server under test.
    pub server: Vec<u32>,
    /// The load generator.
    pub generator: Vec<u32>,
    /// The database; empty means the kernel chooses.
    pub database: Vec<u32>,
    /// Whether server and generator have a core in common, so that neither is measured alone.
    pub shared: bool,
}

/// Why a placement does not fit this machine.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    /// The kernel does not tell.
    #[error("cannot read the cores this process may use: {0}")]
    Unreadable(#[from] io::Error),
    /// The profile names a core that is not there.
    #[error(
        "the profile gives core {core} to the {role}, but this process may use only {allowed:?}; \
         choose another profile or change its placement"
    )]
    NotAllowed {
        /// The core named.
        core: u32,
        /// The role it is for.
        role: &'static str,
        /// The cores there are.
        allowed: Vec<u32>,
    },
}

/// The cores that this process may run on, in ascending order.
///
/// # Errors
/// When the kernel refuses to tell.
pub fn allowed_cores() -> io::Result<Vec<u32>> {
    let set = rustix::thread::sched_getaffinity(None)?;
    let most = u32::try_from(rustix::thread::CpuSet::MAX_CPU).unwrap_or(u32::MAX);
    Ok((0..most).filter(|&core| set.is_set(core as usize)).collect())
}

impl CoreSplit {
    /// Fits `placement` to the cores of this machine.
    ///
    /// # Errors
    /// When the placement names a core that this process may not use.
    pub fn resolve(placement: &Placement) -> Result<Self, CoreError> {
        Self::among(placement, &allowed_cores()?)
    }

    fn among(placement: &Placement, allowed: &[u32]) -> Result<Self, CoreError> {
        let (server, generator, database) = match placement {
            Placement::Split if allowed.len() < 2 => (allowed.to_vec(), allowed.to_vec(), vec![]),
            Placement::Split => {
                let (server, generator) = allowed.split_at(allowed.len() / 2);
                (server.to_vec(), generator.to_vec(), vec![])
            }
            Placement::Cores(sets) => {
                (sets.server.clone(), sets.generator.clone(), sets.database.clone())
            }
        };
        for (role, cores) in
            [("server", &server), ("generator", &generator), ("database", &database)]
        {
            if let Some(&core) = cores.iter().find(|core| !allowed.contains(core)) {
                return Err(CoreError::NotAllowed { core, role, allowed: allowed.to_vec() });
            }
        }
        let shared = server.iter().any(|core| generator.contains(core));
        Ok(Self { server, generator, database, shared })
    }

    /// The cores that are measured on: the server's and the generator's.
    #[must_use]
    pub fn measured(&self) -> Vec<u32> {
        let mut cores: Vec<u32> = self.server.iter().chain(&self.generator).copied().collect();
        cores.sort_unstable();
        cores.dedup();
        cores
    }

    /// Whether the generator has its cores for itself; `with_database` says whether there is one
    /// that could be placed on them.
    #[must_use]
    pub fn generator_is_alone(&self, with_database: bool) -> bool {
        let placed_elsewhere = !self.database.is_empty()
            && self.database.iter().all(|core| !self.generator.contains(core));
        !self.shared && (placed_elsewhere || !with_database)
    }
}

#[cfg(test)]
mod tests {
    use super::{CoreError, CoreSplit};
    use httpdyno_spec::profile::{CoreSets, Placement};

    #[test]
    fn split_gives_each_role_half() {
        let split = CoreSplit::among(&Placement::Split, &[0, 1, 2, 3, 4]).expect("fits");
        assert_eq!((split.server, split.generator), (vec![0, 1], vec![2, 3, 4]));
        assert!(!split.shared);
    }

    #[test]
    fn a_single_core_is_shared_and_says_so() {
        let split = CoreSplit::among(&Placement::Split, &[3]).expect("fits");
        assert!(split.shared);
        assert_eq!(split.measured(), [3]);
    }

    #[test]
    fn a_generator_is_alone_where_nobody_else_can_be_placed() {
        let split = |server: &[u32], database: &[u32]| {
            let sets = CoreSets {
                server: server.to_vec(),
                generator: vec![1],
                database: database.to_vec(),
            };
            CoreSplit::among(&Placement::Cores(sets), &[0, 1, 2]).expect("fits")
        };
        for (server, database, without, with) in [
            (&[0][..], &[0][..], true, true),
            (&[0], &[2], true, true),
            (&[0], &[], true, false),
            (&[0], &[1, 2], true, false),
            (&[0, 1], &[2], false, false),
        ] {
            let split = split(server, database);
            let found = (split.generator_is_alone(false), split.generator_is_alone(true));
            assert_eq!(found, (without, with), "{split:?}");
        }
    }

    #[test]
    fn a_core_that_is_not_there_is_refused_by_name() {
        let sets = CoreSets { server: vec![0], generator: vec![9], database: vec![] };
        let error = CoreSplit::among(&Placement::Cores(sets), &[0, 1]).expect_err("refused");
        assert!(matches!(error, CoreError::NotAllowed { core: 9, role: "generator", .. }));
    }
}
