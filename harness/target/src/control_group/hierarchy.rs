//! Where this process stands in the control group hierarchies of the machine.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders under which this process may make groups of its own; whether it really may is
/// found out by trying.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hierarchies {
    /// Version 2.
    pub(super) unified: Option<PathBuf>,
    /// Version 1, the controller `cpuacct`.
    pub(super) cpuacct: Option<PathBuf>,
    /// Version 1, the controller `memory`.
    pub(super) memory: Option<PathBuf>,
}

impl Hierarchies {
    pub(super) fn of_this_process() -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        Self::parse(&read("/proc/self/mountinfo"), &read("/proc/self/cgroup"), Path::is_dir)
    }

    /// `mountinfo` says where a hierarchy is mounted (proc(5)), `cgroup` at which path in it this
    /// process is (cgroups(7)).
    fn parse(mountinfo: &str, cgroup: &str, is_folder: impl Fn(&Path) -> bool) -> Self {
        let mounts: Vec<Mount<'_>> = mountinfo.lines().filter_map(Mount::parse).collect();
        let folder = |controller: Option<&str>| {
            let mount = mounts.iter().find(|mount| mount.controls(controller))?;
            let path = cgroup.lines().find_map(|line| path_of(line, controller))?;
            // In a container the hierarchy is mounted from the container's own group on.
            let inside = path.strip_prefix(mount.root).unwrap_or(path).trim_start_matches('/');
            let at = Path::new(mount.point);
            let candidates = [at.join(inside), at.join(path.trim_start_matches('/'))];
            let found = candidates.into_iter().find(|candidate| is_folder(candidate));
            Some(found.unwrap_or_else(|| at.to_owned()))
        };
        Self {
            unified: folder(None),
            cpuacct: folder(Some("cpuacct")),
            memory: folder(Some("memory")),
        }
    }
}

struct Mount<'a> {
    root: &'a str,
    point: &'a str,
    kind: &'a str,
    options: &'a str,
}

impl<'a> Mount<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let (before, after) = line.split_once(" - ")?;
        let mut fields = before.split(' ').skip(3);
        let (root, point) = (fields.next()?, fields.next()?);
        let mut fields = after.split(' ');
        let kind = fields.next()?;
        Some(Self { root, point, kind, options: fields.nth(1)? })
    }

    /// Whether it is the hierarchy of `controller` (version 1), or version 2's.
    fn controls(&self, controller: Option<&str>) -> bool {
        match controller {
            None => self.kind == "cgroup2",
            Some(name) => self.kind == "cgroup" && self.options.split(',').any(|one| one == name),
        }
    }
}

/// The path in a line `number:controllers:path` of /proc/self/cgroup, if it is the right line.
fn path_of<'a>(line: &'a str, controller: Option<&str>) -> Option<&'a str> {
    let mut fields = line.splitn(3, ':');
    let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
    let is_right = match controller {
        None => number == "0" && controllers.is_empty(),
        Some(name) => controllers.split(',').any(|one| one == name),
    };
    is_right.then_some(path)
}

#[cfg(test)]
mod tests {
    use super::Hierarchies;
    use std::path::PathBuf;

    fn some(path: &str) -> Option<PathBuf> {
        Some(PathBuf::from(path))
    }

    #[test]
    fn version_2_alone_is_found_with_the_path_of_this_process() {
        let mounts =
            "35 30 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n";
        let found = Hierarchies::parse(mounts, "0::/user.slice/run-1.scope\n", |_| true);
        let unified = some("/sys/fs/cgroup/user.slice/run-1.scope");
        assert_eq!(found, Hierarchies { unified, ..Hierarchies::default() });
    }

    #[test]
    fn both_versions_side_by_side_are_found() {
        let mounts = "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                      35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let cgroups = "4:memory:/a/b\n2:cpu,cpuacct:/c\n0::/\n";
        let found = Hierarchies::parse(mounts, cgroups, |_| true);
        assert_eq!(found.unified, some("/sys/fs/cgroup/unified/"));
        assert_eq!(found.cpuacct, some("/sys/fs/cgroup/cpu,cpuacct/c"));
        assert_eq!(found.memory, some("/sys/fs/cgroup/memory/a/b"));
    }

    #[test]
    fn in_a_container_the_mount_begins_at_its_own_group() {
        let mounts = "35 30 0:26 /docker/0123 /sys/fs/cgroup ro - cgroup2 cgroup rw\n";
        let found = Hierarchies::parse(mounts, "0::/docker/0123\n", |_| true);
        assert_eq!(found.unified, some("/sys/fs/cgroup/"));
    }

    #[test]
    fn a_path_that_is_not_there_falls_back_to_the_mount() {
        let mounts = "35 30 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let found = Hierarchies::parse(mounts, "0::/../elsewhere\n", |_| false);
        assert_eq!(found.unified, some("/sys/fs/cgroup"));
    }

    #[test]
    fn without_control_groups_there_is_nothing() {
        assert_eq!(Hierarchies::parse("", "", |_| true), Hierarchies::default());
    }
}
