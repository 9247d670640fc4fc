//! Reading the facts from `/proc` and `/sys`.

use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};

use super::parse::{cgroup_path, core_list, field, kibibytes, open_files, quota};
use super::{Energy, Machine};

/// A control group's limit of memory above this is none (version 1 writes a huge number).
const NO_LIMIT_BYTES: u64 = 1 << 60;

impl Machine {
    /// Reads the machine that this runs on.
    #[must_use]
    pub fn read() -> Self {
        Self::read_below(Path::new("/"))
    }

    /// Reads the machine whose `/proc`, `/sys` and `/dev` are below `root`.
    #[must_use]
    pub fn read_below(root: &Path) -> Self {
        let tree = Tree { root };
        let limits = tree.text("proc/self/limits").as_deref().and_then(open_files);
        let status = tree.text("proc/self/status").unwrap_or_default();
        let memory = tree.text("proc/meminfo").unwrap_or_default();
        let online_cores = tree.cores("sys/devices/system/cpu/online");
        let group = tree.group();
        Self {
            allowed_cores: field(&status, "Cpus_allowed_list").map(core_list).unwrap_or_default(),
            smt_siblings: tree.smt_siblings(&online_cores),
            numa_nodes: tree.numa_nodes(),
            isolated_cores: tree.cores("sys/devices/system/cpu/isolated"),
            tickless_cores: tree.cores("sys/devices/system/cpu/nohz_full"),
            governors: tree.governors(&online_cores),
            turbo: tree.turbo(),
            clocksource: tree
                .text("sys/devices/system/clocksource/clocksource0/current_clocksource"),
            hypervisor: tree.hypervisor(),
            container: tree.container(),
            cgroup_version: group.version,
            cpu_quota_ns_per_s: group.cpu_quota_ns_per_s,
            memory_limit_bytes: group.memory_limit_bytes,
            swap_bytes: field(&memory, "SwapTotal").and_then(kibibytes).unwrap_or(0),
            open_files_soft: limits.map_or(0, |(soft, _)| soft),
            open_files_hard: limits.map_or(0, |(_, hard)| hard),
            listen_backlog: tree.number("proc/sys/net/core/somaxconn"),
            address_randomisation: tree.number("proc/sys/kernel/randomize_va_space"),
            perf_event_paranoid: tree.number("proc/sys/kernel/perf_event_paranoid"),
            energy: tree.energy(),
            can_forbid_deep_sleep: tree.can_write("dev/cpu_dma_latency"),
            online_cores,
        }
    }
}

/// What a control group says.
#[derive(Default)]
struct Group {
    version: u8,
    cpu_quota_ns_per_s: Option<u64>,
    memory_limit_bytes: Option<u64>,
}

struct Tree<'a> {
    root: &'a Path,
}

impl Tree<'_> {
    /// A file's text without the white space around it; nothing where that is empty.
    fn text(&self, path: &str) -> Option<String> {
        let text = fs::read_to_string(self.root.join(path)).ok()?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn number<T: std::str::FromStr>(&self, path: &str) -> Option<T> {
        self.text(path)?.parse().ok()
    }

    fn cores(&self, path: &str) -> Vec<u32> {
        self.text(path).as_deref().map(core_list).unwrap_or_default()
    }

    fn can_write(&self, path: &str) -> bool {
        OpenOptions::new().write(true).open(self.root.join(path)).is_ok()
    }

    fn smt_siblings(&self, online: &[u32]) -> Vec<Vec<u32>> {
        let of = |core: &u32| {
            self.cores(&format!("sys/devices/system/cpu/cpu{core}/topology/thread_siblings_list"))
        };
        let mut groups: Vec<Vec<u32>> =
            online.iter().map(of).filter(|group| group.len() > 1).collect();
        groups.sort();
        groups.dedup();
        groups
    }

    fn numa_nodes(&self) -> Vec<Vec<u32>> {
        let nodes = self.cores("sys/devices/system/node/online");
        let cores = |node: &u32| self.cores(&format!("sys/devices/system/node/node{node}/cpulist"));
        nodes.iter().map(cores).filter(|cores| !cores.is_empty()).collect()
    }

    fn governors(&self, online: &[u32]) -> Vec<String> {
        let of = |core: &u32| {
            self.text(&format!("sys/devices/system/cpu/cpu{core}/cpufreq/scaling_governor"))
        };
        let mut found: Vec<String> = online.iter().filter_map(of).collect();
        found.sort();
        found.dedup();
        found
    }

    fn turbo(&self) -> Option<bool> {
        let cpu = "sys/devices/system/cpu";
        let forbidden: Option<u8> = self.number(&format!("{cpu}/intel_pstate/no_turbo"));
        let allowed: Option<u8> = self.number(&format!("{cpu}/cpufreq/boost"));
        forbidden.map(|forbidden| forbidden == 0).or(allowed.map(|allowed| allowed == 1))
    }

    /// Firmware names the maker of a virtual machine, and that of a real one too, so the
    /// processor's own flag decides.
    fn hypervisor(&self) -> Option<String> {
        let cpu = self.text("proc/cpuinfo").unwrap_or_default();
        let flags = field(&cpu, "flags").unwrap_or_default();
        let known = self.text("sys/hypervisor/type");
        if known.is_none() && !flags.split(' ').any(|flag| flag == "hypervisor") {
            return None;
        }
        let vendor = self.text("sys/class/dmi/id/sys_vendor");
        let product = self.text("sys/class/dmi/id/product_name");
        let firmware = [vendor, product].into_iter().flatten().collect::<Vec<_>>().join(" ");
        known.or((!firmware.is_empty()).then_some(firmware)).or(Some("unknown".to_owned()))
    }

    fn container(&self) -> Option<String> {
        let marks = [(".dockerenv", "docker"), ("run/.containerenv", "podman")];
        let there = |(mark, _): &(&str, &str)| self.root.join(mark).exists();
        marks.into_iter().find(there).map(|(_, name)| name.to_owned())
    }

    fn group(&self) -> Group {
        let groups = self.text("proc/self/cgroup").unwrap_or_default();
        let below = |mount: &str, path: &str, file: &str| -> Option<String> {
            let folder = PathBuf::from(mount).join(path.trim_start_matches('/'));
            // In a container the group may be mounted as the root, and its own path not be there.
            let own = self.text(&folder.join(file).to_string_lossy());
            own.or_else(|| self.text(&format!("{mount}/{file}")))
        };
        let limit = |text: String| text.parse().ok().filter(|&bytes: &u64| bytes < NO_LIMIT_BYTES);
        let is_second = self.root.join("sys/fs/cgroup/cgroup.controllers").exists();
        if let (true, Some(path)) = (is_second, cgroup_path(&groups, "")) {
            let file = |name: &str| below("sys/fs/cgroup", path, name);
            return Group {
                version: 2,
                cpu_quota_ns_per_s: file("cpu.max").as_deref().and_then(quota),
                memory_limit_bytes: file("memory.max").and_then(limit),
            };
        }
        let file = |controller: &str, name: &str| {
            let path = cgroup_path(&groups, controller)?;
            below(&format!("sys/fs/cgroup/{controller}"), path, name)
        };
        let quota_us = file("cpu", "cpu.cfs_quota_us");
        let period_us = file("cpu", "cpu.cfs_period_us");
        Group {
            version: u8::from(!groups.is_empty()),
            cpu_quota_ns_per_s: quota_us
                .zip(period_us)
                .and_then(|(of, period)| quota(&format!("{of} {period}"))),
            memory_limit_bytes: file("memory", "memory.limit_in_bytes").and_then(limit),
        }
    }

    fn energy(&self) -> Energy {
        let Ok(zones) = fs::read_dir(self.root.join("sys/class/powercap")) else {
            return Energy::Absent;
        };
        let counters: Vec<PathBuf> = zones
            .flatten()
            .map(|zone| zone.path().join("energy_uj"))
            .filter(|counter| counter.exists())
            .collect();
        if counters.is_empty() {
            return Energy::Absent;
        }
        let readable = counters.iter().any(|counter| fs::read_to_string(counter).is_ok());
        if readable { Energy::Readable } else { Energy::Unreadable }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::machine::{Energy, Machine};

    fn tree(root: &Path, files: &[(&str, &str)]) {
        for (path, text) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
            fs::write(path, text).expect("file");
        }
    }

    #[test]
    fn a_machine_with_siblings_and_two_nodes_is_read() {
        let root = tempfile::tempdir().expect("folder");
        tree(
            root.path(),
            &[
                ("sys/devices/system/cpu/online", "0-3\n"),
                ("sys/devices/system/cpu/isolated", "1,3\n"),
                ("sys/devices/system/cpu/nohz_full", "(null)\n"),
                ("sys/devices/system/cpu/cpu0/topology/thread_siblings_list", "0,2\n"),
                ("sys/devices/system/cpu/cpu1/topology/thread_siblings_list", "1,3\n"),
                ("sys/devices/system/cpu/cpu2/topology/thread_siblings_list", "0,2\n"),
                ("sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "1,3\n"),
                ("sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "performance\n"),
                ("sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "powersave\n"),
                ("sys/devices/system/cpu/intel_pstate/no_turbo", "1\n"),
                ("sys/devices/system/node/online", "0-1\n"),
                ("sys/devices/system/node/node0/cpulist", "0-1\n"),
                ("sys/devices/system/node/node1/cpulist", "2-3\n"),
                ("sys/class/powercap/intel-rapl:0/energy_uj", "123\n"),
                ("proc/cpuinfo", "processor : 0\nflags : fpu vme\n"),
                ("proc/self/status", "Name:\tx\nCpus_allowed_list:\t0-3\n"),
                ("proc/meminfo", "SwapTotal:  2048 kB\n"),
                ("proc/self/limits", "Max open files 1024 4096 files\n"),
                ("proc/sys/kernel/perf_event_paranoid", "-1\n"),
            ],
        );
        let machine = Machine::read_below(root.path());
        assert_eq!(machine.online_cores, [0, 1, 2, 3]);
        assert_eq!(machine.smt_siblings, [vec![0, 2], vec![1, 3]]);
        assert_eq!((machine.siblings_of(3), machine.node_of(3)), (vec![1], Some(1)));
        assert_eq!(machine.numa_nodes, [vec![0, 1], vec![2, 3]]);
        assert_eq!((machine.isolated_cores, machine.tickless_cores), (vec![1, 3], vec![]));
        assert_eq!(machine.governors, ["performance", "powersave"]);
        assert_eq!((machine.turbo, machine.hypervisor), (Some(false), None));
        assert_eq!((machine.open_files_soft, machine.open_files_hard), (1024, 4096));
        assert_eq!((machine.energy, machine.swap_bytes), (Energy::Readable, 2 << 20));
        assert_eq!((machine.perf_event_paranoid, machine.cgroup_version), (Some(-1), 0));
    }

    #[test]
    fn a_container_with_limits_is_read() {
        let root = tempfile::tempdir().expect("folder");
        tree(
            root.path(),
            &[
                ("sys/fs/cgroup/cgroup.controllers", "cpuset cpu memory\n"),
                ("sys/fs/cgroup/cpu.max", "150000 100000\n"),
                ("sys/fs/cgroup/memory.max", "1073741824\n"),
                ("proc/self/cgroup", "0::/not/mounted/here\n"),
                ("proc/self/status", "Cpus_allowed_list:\t4,6\n"),
                ("proc/cpuinfo", "flags : fpu hypervisor\n"),
                ("sys/class/dmi/id/sys_vendor", "QEMU\n"),
                (".dockerenv", ""),
            ],
        );
        let machine = Machine::read_below(root.path());
        assert_eq!((machine.cgroup_version, machine.allowed_cores), (2, vec![4, 6]));
        assert_eq!(machine.cpu_quota_ns_per_s, Some(1_500_000_000));
        assert_eq!(machine.memory_limit_bytes, Some(1 << 30));
        assert_eq!(machine.hypervisor.as_deref(), Some("QEMU"));
        assert_eq!(machine.container.as_deref(), Some("docker"));
        assert_eq!(machine.energy, Energy::Absent);
    }

    #[test]
    fn the_first_version_of_control_groups_is_read() {
        let root = tempfile::tempdir().expect("folder");
        tree(
            root.path(),
            &[
                ("sys/fs/cgroup/cpu/box/cpu.cfs_quota_us", "50000\n"),
                ("sys/fs/cgroup/cpu/box/cpu.cfs_period_us", "100000\n"),
                ("sys/fs/cgroup/memory/box/memory.limit_in_bytes", "9223372036854771712\n"),
                ("proc/self/cgroup", "4:memory:/box\n3:cpu,cpuacct:/box\n"),
            ],
        );
        let machine = Machine::read_below(root.path());
        assert_eq!((machine.cgroup_version, machine.memory_limit_bytes), (1, None));
        assert_eq!(machine.cpu_quota_ns_per_s, Some(500_000_000));
    }

    #[test]
    fn this_machine_has_cores_and_a_limit_of_files() {
        let machine = Machine::read();
        assert!(!machine.online_cores.is_empty() && !machine.allowed_cores.is_empty());
        assert!(machine.open_files_hard >= machine.open_files_soft && machine.open_files_soft > 0);
    }
}
