//! What makes a machine unfit for a profile, in such a way that figures are not what they say.
//! Pure: a profile and facts in, misfits out.

use httpdyno_spec::profile::{Placement, Profile};

use crate::host::Host;
use crate::machine::Machine;

/// The cores that a profile comes to on a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    /// The server's.
    pub server: Vec<u32>,
    /// The load generator's.
    pub generator: Vec<u32>,
    /// The database's; empty where the kernel chooses.
    pub database: Vec<u32>,
}

/// One way in which the machine is not what the profile takes it for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// What it is about, as the doctor calls it.
    pub subject: &'static str,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub remedy: &'static str,
    /// Whether figures are void for it, and the run is not only one that cannot be published.
    pub voids: bool,
}

impl Roles {
    /// As the harness splits them.
    #[must_use]
    pub fn of(placement: &Placement, allowed: &[u32]) -> Self {
        match placement {
            Placement::Split if allowed.len() < 2 => {
                Self { server: allowed.to_vec(), generator: allowed.to_vec(), database: vec![] }
            }
            Placement::Split => {
                let (server, generator) = allowed.split_at(allowed.len() / 2);
                Self { server: server.to_vec(), generator: generator.to_vec(), database: vec![] }
            }
            Placement::Cores(sets) => Self {
                server: sets.server.clone(),
                generator: sets.generator.clone(),
                database: sets.database.clone(),
            },
        }
    }

    /// The server's and the generator's cores, each once.
    #[must_use]
    pub fn measured(&self) -> Vec<u32> {
        let mut cores: Vec<u32> = self.server.iter().chain(&self.generator).copied().collect();
        cores.sort_unstable();
        cores.dedup();
        cores
    }

    /// A core of the server, and one of another role that is the same physical one.
    #[must_use]
    pub fn shared_physical_core(&self, machine: &Machine) -> Option<String> {
        let others = [("generator", &self.generator), ("database", &self.database)];
        let role_of = |core: &u32| {
            // The database may be meant to share the server's cores.
            let other = others.iter().find(|(_, cores)| cores.contains(core));
            other.filter(|_| !self.server.contains(core)).map(|(role, _)| *role)
        };
        self.server.iter().find_map(|&core| {
            machine.siblings_of(core).into_iter().find_map(|sibling| {
                let role = role_of(&sibling)?;
                Some(format!("server core {core} and {role} core {sibling} are one physical core"))
            })
        })
    }

    /// A core that is both the server's and the generator's.
    #[must_use]
    pub fn shared_core(&self) -> Option<u32> {
        self.server.iter().copied().find(|core| self.generator.contains(core))
    }

    /// How much CPU time the control group allows, and whether that is as much as the measured cores
    /// have; nothing where it has no quota.
    #[must_use]
    pub fn quota(&self, machine: &Machine) -> Option<(String, bool)> {
        let quota_ns = machine.cpu_quota_ns_per_s?;
        let needed = self.measured().len() as u64;
        let found = format!(
            "the control group may use {} ms of CPU time per second; {needed} cores use {} ms",
            quota_ns / 1_000_000,
            needed * 1000
        );
        Some((found, quota_ns >= needed * 1_000_000_000))
    }
}

/// What the doctor advises where physical cores are shared.
pub const KEEP_SIBLINGS_TOGETHER: &str = "keep siblings in one role (lscpu -e shows the pairs), or \
     switch simultaneous multithreading off";

/// What the doctor advises where CPU time is rationed.
pub const RAISE_THE_QUOTA: &str =
    "raise the quota (docker run --cpus), or give cores instead (--cpuset-cpus)";

/// What the doctor advises where server and generator share a core.
pub const TAKE_TWO_CORES: &str = "server and generator share a core, so neither is measured alone: \
     use a machine with two cores or more";

/// What the doctor advises where the machine has less memory than the profile declares.
pub const DECLARE_LESS_MEMORY: &str = "choose a profile that declares less";

/// What the doctor advises where a process may open too few files.
pub const RAISE_THE_FILE_LIMIT: &str =
    "raise the hard limit: ulimit -Hn as root, or in limits.conf";

/// Files that the generator and a server need beside their connections.
const OTHER_FILES: u64 = 128;

/// How many files a process must be able to open for `profile`.
#[must_use]
pub fn needed_files(profile: &Profile) -> u64 {
    u64::from(profile.connections.iter().copied().max().unwrap_or(0)) + OTHER_FILES
}

/// How much memory `host` has for a server, in bytes: all of it, or what the control group allows.
#[must_use]
pub fn memory_there(host: &Host) -> u64 {
    let limit = host.machine.as_ref().and_then(|machine| machine.memory_limit_bytes);
    host.memory_bytes.min(limit.unwrap_or(u64::MAX))
}

/// All misfits of `profile` on `host`; none where nothing is known of the machine. Whatever the doctor
/// calls unfit is one, but for what lets no run begin: cores that are not there, no container engine.
#[must_use]
pub fn misfits(profile: &Profile, host: &Host) -> Vec<Misfit> {
    let Some(machine) = &host.machine else { return Vec::new() };
    let roles = Roles::of(&profile.placement, &machine.allowed_cores);
    let shared = roles.shared_core().filter(|_| profile.publishable).map(|core| Misfit {
        subject: "cores",
        found: format!("core {core} is the server's and the generator's"),
        remedy: TAKE_TWO_CORES,
        voids: true,
    });
    let siblings = roles.shared_physical_core(machine).map(|found| Misfit {
        subject: "physical cores",
        found,
        remedy: KEEP_SIBLINGS_TOGETHER,
        // What is no more than a first look is one here too, and says so.
        voids: profile.publishable,
    });
    let quota = roles.quota(machine).filter(|(_, is_enough)| !is_enough);
    let quota = quota.map(|(found, _)| Misfit {
        subject: "no throttling",
        found,
        remedy: RAISE_THE_QUOTA,
        // Whoever uses up the quota is stopped for the rest of each period.
        voids: true,
    });
    let needed = needed_files(profile);
    // 0 is what a record says that does not know it.
    let too_few = (1..needed).contains(&machine.open_files_hard);
    let files = too_few.then(|| Misfit {
        subject: "open files",
        found: format!(
            "a process may open {}, the profile needs {needed}",
            machine.open_files_hard
        ),
        remedy: RAISE_THE_FILE_LIMIT,
        // Whoever lacks a connection is told by the trial.
        voids: false,
    });
    let (declared, there) = (profile.server_memory.map(|size| size.0), memory_there(host));
    let memory = declared.filter(|&declared| declared > there).map(|declared| Misfit {
        subject: "memory",
        found: format!("{there} bytes are there, {declared} are declared for the server"),
        remedy: DECLARE_LESS_MEMORY,
        voids: false,
    });
    [shared, siblings, quota, files, memory].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::{Roles, misfits, needed_files};
    use crate::{Host, Machine};
    use httpdyno_spec::SpecTree;
    use httpdyno_spec::profile::{Placement, Profile};

    fn profile(id: &str) -> Profile {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        let tree = SpecTree::load(root.expect("workspace root")).expect("the repository's spec");
        tree.profile(id).expect("it is there").value.clone()
    }

    fn host(machine: Machine) -> Host {
        let machine = Machine { allowed_cores: vec![0, 1], ..machine };
        Host { machine: Some(machine), ..Host::detect() }
    }

    /// Subjects, and whether figures are void.
    fn found(profile: &Profile, machine: Machine) -> Vec<(&'static str, bool)> {
        let all = misfits(profile, &host(machine));
        all.into_iter().map(|one| (one.subject, one.voids)).collect()
    }

    #[test]
    fn siblings_and_a_quota_make_a_machine_unfit() {
        let (serious, first_look) = (profile("vm-2core"), profile("smoke"));
        assert_eq!(found(&serious, Machine::default()), []);
        let siblings = Machine { smt_siblings: vec![vec![0, 1]], ..Machine::default() };
        assert_eq!(found(&serious, siblings.clone()), [("physical cores", true)]);
        assert_eq!(found(&first_look, siblings), [("physical cores", false)]);
        let quota = |ns| Machine { cpu_quota_ns_per_s: Some(ns), ..Machine::default() };
        assert_eq!(found(&serious, quota(500_000_000)), [("no throttling", true)]);
        assert_eq!(found(&first_look, quota(1_999_999_999)), [("no throttling", true)]);
        assert_eq!(found(&first_look, quota(2_000_000_000)), []);
        let unknown = Host { machine: None, ..Host::detect() };
        assert_eq!(misfits(&serious, &unknown), []);
    }

    #[test]
    fn a_shared_core_and_too_few_files_or_bytes_make_a_machine_unfit_too() {
        let (serious, first_look) = (profile("vm-2core"), profile("smoke"));
        let one_core = Machine { allowed_cores: vec![0], ..Machine::default() };
        let found_on = |profile: &Profile, host: &Host| {
            let all = misfits(profile, host).into_iter();
            all.map(|one| (one.subject, one.voids)).collect::<Vec<_>>()
        };
        let host_of = |machine: Machine| Host { machine: Some(machine), ..Host::detect() };
        let mut split = serious.clone();
        split.placement = Placement::Split;
        assert_eq!(found_on(&split, &host_of(one_core.clone())), [("cores", true)]);
        assert_eq!(found_on(&first_look, &host_of(one_core)), []);

        let files = |limit| Machine { open_files_hard: limit, ..Machine::default() };
        let needed = needed_files(&serious);
        assert_eq!(found(&serious, files(needed - 1)), [("open files", false)]);
        assert_eq!(found(&serious, files(needed)), []);

        let declared = serious.server_memory.expect("the profile declares it").0;
        let memory = |bytes| Machine { memory_limit_bytes: Some(bytes), ..Machine::default() };
        assert_eq!(found(&serious, memory(declared - 1)), [("memory", false)]);
        assert_eq!(found(&serious, memory(declared)), []);
    }

    #[test]
    fn a_database_beside_the_server_shares_its_core_on_purpose() {
        let machine = Machine { smt_siblings: vec![vec![0, 4], vec![1, 5]], ..Machine::default() };
        let roles = |server: &[u32], generator: &[u32], database: &[u32]| Roles {
            server: server.to_vec(),
            generator: generator.to_vec(),
            database: database.to_vec(),
        };
        assert_eq!(roles(&[0, 4], &[1], &[0, 4]).shared_physical_core(&machine), None);
        let apart = roles(&[0], &[1, 5], &[4]).shared_physical_core(&machine);
        let found = "server core 0 and database core 4 are one physical core";
        assert_eq!(apart.as_deref(), Some(found));
    }
}
