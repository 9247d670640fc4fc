//! Made-up machines.

use anstream::adapter::strip_str;
use httpdyno_record::{Energy, Host, Lack, Machine, Privilege};
use httpdyno_spec::profile::{CoreSets, DatabaseShare, Gates, IsolationKind, Placement, Profile};

use super::{Diagnosis, Finding, Standing, Surroundings, best_profile, render};

fn profile(id: &str, publishable: bool, cores: Option<(&[u32], &[u32])>) -> Profile {
    let sets = |(server, generator): (&[u32], &[u32])| {
        let (server, generator) = (server.to_vec(), generator.to_vec());
        Placement::Cores(CoreSets { server, generator, database: vec![] })
    };
    Profile {
        version: 1,
        id: id.parse().expect("id"),
        summary: "for tests".to_owned(),
        publishable,
        placement: cores.map_or(Placement::Split, sets),
        isolation: IsolationKind::Process,
        idle_guard: true,
        workloads: vec!["json".parse().expect("id")],
        connections: vec![16, 256],
        warmup: "1s".parse().expect("span"),
        measure: "1s".parse().expect("span"),
        blocks: 10,
        database: DatabaseShare::default(),
        server_memory: Some("1GiB".parse().expect("size")),
        start_timeout: "5s".parse().expect("span"),
        build_timeout: "600s".parse().expect("span"),
        gates: Gates::default(),
        fixed_rates: None,
        implementations: vec![],
        idle: "0ms".parse().expect("span"),
    }
}

/// The profiles of `spec/`, as far as doctor looks at them.
fn profiles() -> Vec<Profile> {
    vec![
        profile("smoke", false, None),
        profile("vm-2core", true, Some((&[0], &[1]))),
        profile("laptop", false, Some((&[2, 3], &[4, 5]))),
        profile("workstation", true, Some((&[2, 3, 4, 5], &[6, 7, 8, 9, 10, 11]))),
        profile(
            "bare-metal",
            true,
            Some((&[2, 3, 4, 5, 6, 7, 8, 9], &[10, 11, 12, 13, 14, 15, 16, 17])),
        ),
    ]
}

/// A tuned machine of its own, with `cores` cores and none of them a sibling.
fn bare_metal(cores: u32) -> Machine {
    Machine {
        online_cores: (0..cores).collect(),
        allowed_cores: (0..cores).collect(),
        numa_nodes: vec![(0..cores).collect()],
        isolated_cores: (2..cores).collect(),
        governors: vec!["performance".to_owned()],
        turbo: Some(false),
        clocksource: Some("tsc".to_owned()),
        cgroup_version: 2,
        open_files_soft: 1024,
        open_files_hard: 1 << 20,
        listen_backlog: Some(4096),
        address_randomisation: Some(2),
        perf_event_paranoid: Some(1),
        energy: Energy::Readable,
        ..Machine::default()
    }
}

fn vm(cores: u32) -> Machine {
    Machine {
        isolated_cores: vec![],
        governors: vec![],
        turbo: None,
        hypervisor: Some("QEMU".to_owned()),
        energy: Energy::Absent,
        perf_event_paranoid: Some(2),
        ..bare_metal(cores)
    }
}

fn laptop() -> Machine {
    Machine {
        smt_siblings: vec![vec![0, 1], vec![2, 3], vec![4, 5], vec![6, 7]],
        isolated_cores: vec![],
        governors: vec!["powersave".to_owned()],
        turbo: Some(true),
        swap_bytes: 8 << 30,
        energy: Energy::Unreadable,
        ..bare_metal(8)
    }
}

fn host(machine: Machine) -> Host {
    Host {
        fingerprint: "0badcafe".to_owned(),
        cpu_model: "A Processor".to_owned(),
        cores: machine.online_cores.len() as u32,
        memory_bytes: 32 << 30,
        kernel: "Linux 6.1".to_owned(),
        architecture: "x86_64".to_owned(),
        virtualised: machine.hypervisor.is_some(),
        machine: Some(machine),
    }
}

fn diagnose(id: &str, machine: Machine) -> Diagnosis {
    let profiles = profiles();
    let profile = profiles.iter().find(|profile| profile.id.as_str() == id).expect("a profile");
    Diagnosis::of(profile, &host(machine), &Surroundings::default())
}

fn finding<'a>(diagnosis: &'a Diagnosis, subject: &str) -> &'a Finding {
    diagnosis.findings.iter().find(|one| one.subject == subject).expect(subject)
}

fn best(machine: Machine) -> String {
    let profiles = profiles();
    let best = best_profile(&profiles, &host(machine), &Surroundings::default());
    best.expect("smoke at least").id.to_string()
}

#[test]
fn each_machine_gets_the_profile_that_describes_it() {
    assert_eq!(best(bare_metal(32)), "bare-metal");
    assert_eq!(best(bare_metal(16)), "workstation");
    assert_eq!(best(laptop()), "laptop");
    assert_eq!(best(vm(2)), "vm-2core");
    assert_eq!(best(bare_metal(1)), "smoke");
}

#[test]
fn a_profile_with_containers_does_not_fit_without_an_engine() {
    let contained =
        Profile { isolation: IsolationKind::Container, ..profile("bare-metal", true, None) };
    let standing = |profile: &Profile, engine: Option<&str>| {
        let around =
            Surroundings { container_engine: engine.map(str::to_owned), ..Surroundings::default() };
        let diagnosis = Diagnosis::of(profile, &host(bare_metal(32)), &around);
        finding(&diagnosis, "container engine").standing
    };
    assert_eq!(standing(&contained, None), Standing::Unfit);
    assert_eq!(standing(&contained, Some("Docker 27.3.1")), Standing::Available);
    let bare = profile("bare-metal", true, None);
    assert_eq!(standing(&bare, None), Standing::Unavailable);
}

#[test]
fn a_tuned_machine_enforces_all_but_the_memory() {
    let diagnosis = diagnose("bare-metal", bare_metal(32));
    let hoped: Vec<&str> = diagnosis
        .findings
        .iter()
        .filter(|finding| finding.standing == Standing::HopedFor)
        .map(|finding| finding.subject)
        .collect();
    assert_eq!(hoped, ["memory"]);
    assert!(diagnosis.fits());
}

#[test]
fn siblings_in_two_roles_do_not_fit_and_idle_ones_are_hoped_to_stay_so() {
    let pairs = (0..16).map(|core| vec![core, core + 16]).collect();
    let with_pairs = Machine { smt_siblings: pairs, ..bare_metal(32) };
    // Cores 2 to 9 and 10 to 17: only 0 and 1 have siblings among the generator's.
    let diagnosis = diagnose("bare-metal", with_pairs.clone());
    assert_eq!(finding(&diagnosis, "physical cores").standing, Standing::HopedFor);
    let neighbours = (0..16).map(|pair| vec![2 * pair + 1, 2 * pair + 2]).collect();
    let diagnosis = diagnose("workstation", Machine { smt_siblings: neighbours, ..bare_metal(32) });
    let found = finding(&diagnosis, "physical cores");
    assert_eq!(found.standing, Standing::Unfit);
    assert_eq!(found.found, "server core 5 and generator core 6 are one physical core");
    assert!(!diagnosis.fits());
    let diagnosis = diagnose("laptop", laptop());
    assert_eq!(finding(&diagnosis, "physical cores").standing, Standing::Enforced);
}

#[test]
fn a_single_core_fits_nothing_that_may_be_published() {
    let diagnosis = diagnose("smoke", bare_metal(1));
    assert_eq!(finding(&diagnosis, "cores").standing, Standing::HopedFor);
    let shared = Profile { publishable: true, ..profiles().remove(0) };
    let diagnosis = Diagnosis::of(&shared, &host(bare_metal(1)), &Surroundings::default());
    assert!(!diagnosis.fits());
}

#[test]
fn a_container_is_told_by_its_cpuset_and_its_quota() {
    let narrow = Machine { allowed_cores: vec![4, 5], ..vm(8) };
    let diagnosis = diagnose("vm-2core", narrow.clone());
    let found = finding(&diagnosis, "cores");
    assert_eq!(found.standing, Standing::Unfit);
    assert!(found.remedy.contains("cores [0, 1] are not there"), "{}", found.remedy);
    assert!(diagnose("smoke", narrow).fits());
    let throttled = Machine { cpu_quota_ns_per_s: Some(1_500_000_000), ..vm(2) };
    assert_eq!(
        finding(&diagnose("vm-2core", throttled), "no throttling").standing,
        Standing::Unfit
    );
    let generous = Machine { cpu_quota_ns_per_s: Some(2_000_000_000), ..vm(2) };
    assert!(diagnose("vm-2core", generous).fits());
}

#[test]
fn limits_are_held_against_what_the_profile_needs() {
    let standing = |change: fn(&mut Machine), subject| {
        let mut machine = vm(2);
        change(&mut machine);
        finding(&diagnose("vm-2core", machine), subject).standing
    };
    assert_eq!(standing(|one| one.open_files_hard = 384, "open files"), Standing::Enforced);
    assert_eq!(standing(|one| one.open_files_hard = 383, "open files"), Standing::Unfit);
    assert_eq!(
        standing(|one| one.listen_backlog = Some(128), "listen backlog"),
        Standing::HopedFor
    );
    assert_eq!(standing(|one| one.swap_bytes = 1, "no swapping"), Standing::HopedFor);
    assert_eq!(standing(|one| one.memory_limit_bytes = Some(1 << 29), "memory"), Standing::Unfit);
    let hpet = |one: &mut Machine| one.clocksource = Some("hpet".to_owned());
    assert_eq!(standing(hpet, "clock"), Standing::HopedFor);
    let fixed = |one: &mut Machine| one.address_randomisation = Some(0);
    assert_eq!(standing(fixed, "memory layouts"), Standing::HopedFor);
}

#[test]
fn what_keeps_cores_awake_and_servers_confined_is_told() {
    let plain = diagnose("smoke", Machine { cgroup_version: 2, ..bare_metal(8) });
    let groups = finding(&plain, "control groups");
    assert_eq!(groups.standing, Standing::Available);
    assert!(groups.found.starts_with("version 2"), "{}", groups.found);
    assert!(!finding(&plain, "no halting cores").found.contains("cpu_dma_latency"));
    let without = Machine { cgroup_version: 0, can_forbid_deep_sleep: true, ..bare_metal(8) };
    let without = diagnose("smoke", without);
    assert_eq!(finding(&without, "control groups").standing, Standing::Unavailable);
    assert!(finding(&without, "no halting cores").found.contains("/dev/cpu_dma_latency"));
}

#[test]
fn two_nodes_are_told() {
    let two = Machine { numa_nodes: vec![(0..8).collect(), (8..16).collect()], ..bare_metal(16) };
    assert_eq!(finding(&diagnose("workstation", two), "memory nodes").standing, Standing::HopedFor);
}

#[test]
fn what_this_user_may_not_have_is_no_guarantee_and_says_what_to_do() {
    let found = |lacks: Vec<Lack>, subject| {
        let around = Surroundings { lacks, ..Surroundings::default() };
        let diagnosis = Diagnosis::of(&profiles()[1], &host(vm(2)), &around);
        finding(&diagnosis, subject).clone()
    };
    for (privilege, subject, standing) in [
        (Privilege::NoTaskGroups, "no halting cores", Standing::HopedFor),
        (Privilege::GeneratorNiceness, "generator's niceness", Standing::HopedFor),
        (Privilege::MemoryLimit, "memory", Standing::HopedFor),
        (Privilege::ControlGroup, "control groups", Standing::Unavailable),
    ] {
        let lack = Lack { privilege, reason: "refused".to_owned() };
        let lacking = found(vec![lack], subject);
        assert_eq!(lacking.standing, standing, "{subject}");
        assert!(lacking.found.contains("(refused)"), "{lacking:?}");
        assert!(lacking.remedy.contains(privilege.remedy()), "{lacking:?}");
        assert!(!found(vec![], subject).found.contains("refused"), "{subject}");
    }
    assert_eq!(found(vec![], "no halting cores").standing, Standing::Enforced);
}

#[test]
fn the_text_of_a_virtual_machine() {
    let around = Surroundings {
        steal_ppm: Some(4_000),
        busy_ppm: Some(31_000),
        syscalls_not_counted: Some("perf_event_open is refused".to_owned()),
        lacks: vec![],
        container_engine: Some("Docker 27.3".to_owned()),
        postgresql: None,
    };
    let diagnosis = Diagnosis::of(&profiles()[1], &host(vm(2)), &around);
    insta::assert_snapshot!(strip_str(&render(&diagnosis)));
}
