//! Where this process stands in the control group hierarchies of the machine.

use std::fs;
use std::path::{Path, PathBuf};

/// The folders of groups: of this process, under which it may make groups of its own (whether it
/// really may is found out by trying), or of a container.
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

    /// Those of the container `id`, whose first process is `process`. Hierarchies that the engine
    /// does not use, where that process is in a group of many, are left out.
    pub(super) fn of_container(process: u32, id: &str) -> Self {
        let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
        let of_process = |file: &str| read(&format!("/proc/{process}/{file}"));
        let cgroup = of_process("cgroup");
        let here = Self::parse_container(
            &read("/proc/self/mountinfo"),
            &cgroup,
            id,
            Path::new("/"),
            Path::is_dir,
        );
        // Where this harness is in a container itself, it sees no groups but its own; the other
        // container sees that one's.
        let there = PathBuf::from(format!("/proc/{process}/root"));
        let there =
            Self::parse_container(&of_process("mountinfo"), &cgroup, id, &there, Path::is_dir);
        Self {
            unified: here.unified.or(there.unified),
            cpuacct: here.cpuacct.or(there.cpuacct),
            memory: here.memory.or(there.memory),
        }
    }

    fn parse(mountinfo: &str, cgroup: &str, is_folder: impl Fn(&Path) -> bool) -> Self {
        Self::each(|controller| {
            let place = Place::find(mountinfo, cgroup, controller)?;
            let found = place.folder(Path::new("/"), &is_folder);
            Some(found.unwrap_or_else(|| place.mount.into()))
        })
    }

    fn parse_container(
        mountinfo: &str,
        cgroup: &str,
        id: &str,
        root: &Path,
        is_folder: impl Fn(&Path) -> bool,
    ) -> Self {
        Self::each(|controller| {
            let place = Place::find(mountinfo, cgroup, controller)?;
            if place.path.contains(id) { place.folder(root, &is_folder) } else { None }
        })
    }

    fn each(folder: impl Fn(Option<&str>) -> Option<PathBuf>) -> Self {
        Self {
            unified: folder(None),
            cpuacct: folder(Some("cpuacct")),
            memory: folder(Some("memory")),
        }
    }
}

/// Where a process is in one hierarchy.
struct Place<'a> {
    /// What of the hierarchy is mounted.
    root: &'a str,
    /// Where.
    mount: &'a str,
    /// The group, from the hierarchy's own root on.
    path: &'a str,
}

impl<'a> Place<'a> {
    /// `mountinfo` says where a hierarchy is mounted (proc(5)), `cgroup` at which path in it the
    /// process is (cgroups(7)).
    fn find(mountinfo: &'a str, cgroup: &'a str, controller: Option<&str>) -> Option<Self> {
        let mut mounts = mountinfo.lines().filter_map(Mount::parse);
        let mount = mounts.find(|mount| mount.controls(controller))?;
        let path = cgroup.lines().find_map(|line| path_of(line, controller))?;
        Some(Self { root: mount.root, mount: mount.point, path })
    }

    /// The group's folder, if it can be seen in the file system below `root`.
    fn folder(&self, root: &Path, is_folder: impl Fn(&Path) -> bool) -> Option<PathBuf> {
        let at = root.join(self.mount.trim_start_matches('/'));
        // In a container the hierarchy is mounted from the container's own group on.
        let inside = self.path.strip_prefix(self.root).unwrap_or(self.path);
        let candidates = [inside, self.path].map(|path| at.join(path.trim_start_matches('/')));
        candidates.into_iter().find(|candidate| is_folder(candidate))
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
    use std::path::{Path, PathBuf};

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
    fn a_container_has_the_groups_that_bear_its_id_and_no_others() {
        let mounts = "33 31 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
                      35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n\
                      41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
        let cgroups = "4:memory:/docker/0123\n2:cpu,cpuacct:/docker/0123\n0::/\n";
        let found = Hierarchies::parse_container(mounts, cgroups, "0123", Path::new("/"), |_| true);
        // Version 2's root holds every process of the machine.
        assert_eq!(found.unified, None);
        assert_eq!(found.cpuacct, some("/sys/fs/cgroup/cpu,cpuacct/docker/0123"));
        assert_eq!(found.memory, some("/sys/fs/cgroup/memory/docker/0123"));

        let mounts = "35 30 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
        let cgroups = "0::/system.slice/docker-0123.scope\n";
        let found = Hierarchies::parse_container(mounts, cgroups, "0123", Path::new("/"), |_| true);
        let unified = some("/sys/fs/cgroup/system.slice/docker-0123.scope");
        assert_eq!(found, Hierarchies { unified, ..Hierarchies::default() });
        let hidden =
            Hierarchies::parse_container(mounts, cgroups, "0123", Path::new("/"), |_| false);
        assert_eq!(hidden, Hierarchies::default());

        let mounts = "35 30 0:26 /docker/0123 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        let root = Path::new("/proc/7/root");
        let cgroups = "4:memory:/docker/0123\n";
        let there = Hierarchies::parse_container(mounts, cgroups, "0123", root, |_| true);
        assert_eq!(there.memory, some("/proc/7/root/sys/fs/cgroup/memory/"));
    }

    #[test]
    fn systemd_names_a_containers_group_in_version_1_too() {
        let mounts = "33 31 0:30 / /sys/fs/cgroup/cpuacct rw - cgroup cgroup rw,cpuacct\n\
                      35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";
        let cgroups = "5:memory:/system.slice/docker-0123.scope\n\
                       3:cpuacct:/system.slice/docker-0123.scope\n1:name=systemd:/docker-0123\n";
        let found = Hierarchies::parse_container(mounts, cgroups, "0123", Path::new("/"), |_| true);
        let at =
            |name: &str| some(&format!("/sys/fs/cgroup/{name}/system.slice/docker-0123.scope"));
        let (cpuacct, memory) = (at("cpuacct"), at("memory"));
        assert_eq!(found, Hierarchies { unified: None, cpuacct, memory });
        let other = Hierarchies::parse_container(mounts, cgroups, "4567", Path::new("/"), |_| true);
        assert_eq!(other, Hierarchies::default());
    }

    #[test]
    fn without_control_groups_there_is_nothing() {
        assert_eq!(Hierarchies::parse("", "", |_| true), Hierarchies::default());
    }
}
