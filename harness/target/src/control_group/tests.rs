use std::fs;
use std::path::{Path, PathBuf};

use super::hierarchy::Hierarchies;
use super::{ControlGroup, GroupCpu, Split, cpu_stat, limit_in};

/// A folder that stands for a hierarchy. The kernel's files in a new group are made by hand.
fn hierarchy() -> tempfile::TempDir {
    tempfile::tempdir().expect("folder")
}

/// Without the files that lie beside them: here, writing to the parent's makes one.
fn groups(parent: &Path) -> Vec<PathBuf> {
    let items = fs::read_dir(parent).expect("folder").flatten().map(|item| item.path());
    items.filter(|path| path.is_dir()).collect()
}

#[test]
fn version_2_counts_in_microseconds() {
    let text = "usage_usec 3000007\nuser_usec 1000000\nsystem_usec 2000007\nnice_usec 0\n";
    let split = Some(Split { user_ns: 1_000_000_000, system_ns: 2_000_007_000 });
    assert_eq!(cpu_stat(text), Some(GroupCpu { total_ns: 3_000_007_000, split }));
    assert_eq!(cpu_stat("nonsense"), None);
}

#[test]
fn a_group_goes_with_its_owner() {
    let unified = hierarchy();
    let hierarchies =
        Hierarchies { unified: Some(unified.path().to_owned()), ..Hierarchies::default() };
    let group = ControlGroup::create_in(&hierarchies, "httpdyno-1-0", None);
    let folders = groups(unified.path());
    assert_eq!(folders.len(), 1);
    assert_eq!(group.doors().len(), 1);
    fs::write(folders[0].join("cpu.stat"), "usage_usec 5\n").expect("write");
    assert_eq!(group.cpu(), Some(GroupCpu { total_ns: 5_000, split: None }));
    fs::write(folders[0].join("cgroup.procs"), "12\n345\n").expect("write");
    assert_eq!(group.processes(), Some(vec![12, 345]));
    for file in ["cpu.stat", "cgroup.procs"] {
        fs::remove_file(folders[0].join(file)).expect("remove");
    }
    drop(group);
    assert!(groups(unified.path()).is_empty());
}

#[test]
fn version_1_is_used_where_there_is_no_version_2() {
    let (cpuacct, memory) = (hierarchy(), hierarchy());
    let hierarchies = Hierarchies {
        unified: None,
        cpuacct: Some(cpuacct.path().to_owned()),
        memory: Some(memory.path().to_owned()),
    };
    let group = ControlGroup::create_in(&hierarchies, "httpdyno-1-0", Some(1 << 30));
    fs::write(groups(cpuacct.path())[0].join("cpuacct.usage"), "123456789\n").expect("write");
    assert_eq!(group.cpu(), Some(GroupCpu { total_ns: 123_456_789, split: None }));
    assert_eq!(group.memory_limit_bytes(), Some(1 << 30));
    let limit = groups(memory.path())[0].join("memory.limit_in_bytes");
    assert_eq!(fs::read_to_string(limit).expect("limit"), "1073741824");
    assert_eq!(group.doors().len(), 2);
}

#[test]
fn no_limit_is_told_apart_from_a_limit_in_both_versions() {
    assert_eq!(limit_in("max\n"), None);
    assert_eq!(limit_in("9223372036854771712\n"), None);
    assert_eq!(limit_in("268435456\n"), Some(1 << 28));
    let unified = hierarchy();
    let hierarchies =
        Hierarchies { unified: Some(unified.path().to_owned()), ..Hierarchies::default() };
    let group = ControlGroup::create_in(&hierarchies, "httpdyno-1-0", Some(1 << 28));
    assert_eq!((group.memory_limit_bytes(), group.without_limit()), (Some(1 << 28), None));
    fs::write(groups(unified.path())[0].join("memory.max"), "max\n").expect("write");
    assert_eq!(group.memory_limit_bytes(), None, "what the kernel says counts");
    fs::remove_file(groups(unified.path())[0].join("memory.max")).expect("remove");
}

#[test]
fn without_any_hierarchy_the_limit_has_its_reason() {
    let group = ControlGroup::create_in(&Hierarchies::default(), "httpdyno-1-0", Some(1 << 30));
    assert_eq!(group.memory_limit_bytes(), None);
    assert!(group.without_limit().is_some_and(|reason| reason.contains("no control group")));
    assert!(group.doors().is_empty() && group.processes().is_none() && group.cpu().is_none());
    assert_eq!(
        ControlGroup::create_in(&Hierarchies::default(), "httpdyno-1-0", None).without_limit(),
        None
    );
}

#[test]
fn groups_of_dead_harnesses_are_swept_and_others_stay() {
    let unified = hierarchy();
    // No process has this number: the kernel's largest is 2^22.
    let dead = unified.path().join("httpdyno-4194305-7-0");
    let older = unified.path().join("httpdyno-4194305-0");
    // Another process has the id of a harness that is no more.
    let reused = unified.path().join(format!("httpdyno-{}-1-0", std::process::id()));
    let alive = unified.path().join(super::new_name());
    let foreign = unified.path().join("somebody");
    let gone = [&dead, &older, &reused];
    for folder in gone.into_iter().chain([&alive, &foreign]) {
        fs::create_dir(folder).expect("create");
    }
    fs::create_dir_all(dead.join("made/by/the/server")).expect("create");
    super::sweep(unified.path());
    assert!(gone.iter().all(|folder| !folder.exists()) && alive.exists() && foreign.exists());
}

/// The group that an engine made of a container, with the kernel's files as `files` has them.
fn of_engine(files: &[(&str, &str)], is_version_2: bool) -> (tempfile::TempDir, ControlGroup) {
    let folder = hierarchy();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).expect("write");
    }
    let path = Some(folder.path().to_owned());
    let (unified, version_1) = if is_version_2 { (path, None) } else { (None, path) };
    let (cpuacct, memory) = (version_1.clone(), version_1);
    let group = ControlGroup { is_own: false, unified, cpuacct, memory, without_limit: None };
    (folder, group)
}

#[test]
fn a_containers_group_is_read_in_both_versions_and_left_to_its_engine() {
    let split = Some(Split { user_ns: 4_000, system_ns: 3_000 });
    let version_2 = [
        ("cgroup.procs", "12\n345\n"),
        ("cpu.stat", "usage_usec 7\nuser_usec 4\nsystem_usec 3\n"),
        ("memory.max", "268435456\n"),
    ];
    let version_1 = [
        ("cgroup.procs", "12\n345\n"),
        ("cpuacct.usage", "7000\n"),
        ("memory.limit_in_bytes", "268435456\n"),
    ];
    for (files, is_version_2, split) in [(version_2, true, split), (version_1, false, None)] {
        let (folder, group) = of_engine(&files, is_version_2);
        assert_eq!(group.cpu(), Some(GroupCpu { total_ns: 7_000, split }));
        assert_eq!(group.memory_limit_bytes(), Some(1 << 28));
        assert_eq!(group.processes(), Some(vec![12, 345]));
        assert!(group.holds(345) && !group.holds(34), "a number is a whole line");
        for (name, _) in files {
            fs::remove_file(folder.path().join(name)).expect("remove");
        }
        drop(group);
        assert!(folder.path().exists(), "it is removed with its container");
    }
}

#[test]
fn a_containers_group_without_a_limit_or_with_nothing_to_read_says_nothing() {
    for (files, is_version_2) in [
        (("memory.max", "max\n"), true),
        (("memory.limit_in_bytes", "9223372036854771712\n"), false),
    ] {
        let (_folder, group) = of_engine(&[files], is_version_2);
        assert_eq!(group.memory_limit_bytes(), None);
        assert_eq!((group.cpu(), group.processes()), (None, None));
        assert!(!group.holds(1));
    }
}
