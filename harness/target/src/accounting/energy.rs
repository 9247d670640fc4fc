//! Energy of the processor packages, from the RAPL counters that the kernel shows under
//! `/sys/class/powercap` (Documentation/power/powercap). It is the energy of the whole package,
//! of everything that ran on it, and a virtual machine has none.

use std::fs;
use std::path::{Path, PathBuf};

/// The counters of all packages.
#[derive(Clone, Debug)]
pub struct EnergyMeter {
    packages: Vec<Package>,
}

#[derive(Clone, Debug)]
struct Package {
    counter: PathBuf,
    /// Where the counter begins anew.
    range_uj: u64,
}

/// The state of the counters at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Energy {
    counters_uj: Vec<u64>,
}

impl EnergyMeter {
    /// Where the kernel shows the counters of this machine.
    pub const POWERCAP: &str = "/sys/class/powercap";

    /// Finds the packages that `folder` shows.
    ///
    /// # Errors
    /// Why there is nothing to read, in words.
    pub fn find_in(folder: &Path) -> Result<Self, String> {
        let zones = fs::read_dir(folder)
            .map_err(|_| format!("{} is not there: no RAPL counters", folder.display()))?;
        let mut packages = Vec::new();
        for zone in zones.flatten().map(|zone| zone.path()) {
            let read = |file: &str| fs::read_to_string(zone.join(file));
            let name = read("name").unwrap_or_default();
            // Zones within a package (core, dram) would count twice.
            if !name.trim().starts_with("package-") {
                continue;
            }
            let counter = zone.join("energy_uj");
            fs::read_to_string(&counter)
                .map_err(|error| format!("cannot read {}: {error}", counter.display()))?;
            let range = read("max_energy_range_uj").unwrap_or_default();
            packages.push(Package { counter, range_uj: range.trim().parse().unwrap_or(0) });
        }
        packages.sort_by(|one, other| one.counter.cmp(&other.counter));
        if packages.is_empty() {
            return Err(format!("{} names no processor package", folder.display()));
        }
        Ok(Self { packages })
    }

    /// Reads all counters.
    #[must_use]
    pub fn read(&self) -> Energy {
        let counter = |package: &Package| {
            fs::read_to_string(&package.counter).ok()?.trim().parse::<u64>().ok()
        };
        Energy { counters_uj: self.packages.iter().map_while(counter).collect() }
    }

    /// Energy between two readings, in microjoules; nothing when one of them failed.
    #[must_use]
    pub fn between(&self, before: &Energy, after: &Energy) -> Option<u64> {
        let all = self.packages.len();
        if before.counters_uj.len() != all || after.counters_uj.len() != all {
            return None;
        }
        let counters = before.counters_uj.iter().zip(&after.counters_uj);
        let used = counters.zip(&self.packages).map(|((&before, &after), package)| {
            // It begins anew every minute or so under load, and no window is longer than that.
            let around = package.range_uj.saturating_sub(before) + after;
            if after >= before { after - before } else { around }
        });
        Some(used.sum())
    }
}

#[cfg(test)]
mod tests {
    use super::EnergyMeter;
    use std::fs;
    use std::path::Path;

    fn zone(root: &Path, folder: &str, name: &str, energy: &str) {
        let folder = root.join(folder);
        fs::create_dir_all(&folder).expect("create");
        fs::write(folder.join("name"), format!("{name}\n")).expect("write");
        fs::write(folder.join("energy_uj"), energy).expect("write");
        fs::write(folder.join("max_energy_range_uj"), "1000000\n").expect("write");
    }

    #[test]
    fn packages_are_added_up_and_a_counter_may_begin_anew() {
        let root = tempfile::tempdir().expect("folder");
        zone(root.path(), "intel-rapl:0", "package-0", "999000\n");
        zone(root.path(), "intel-rapl:0:0", "core", "5\n");
        zone(root.path(), "intel-rapl:1", "package-1", "100\n");
        let meter = EnergyMeter::find_in(root.path()).expect("two packages");
        let before = meter.read();
        zone(root.path(), "intel-rapl:0", "package-0", "2000\n");
        zone(root.path(), "intel-rapl:1", "package-1", "600\n");
        assert_eq!(meter.between(&before, &meter.read()), Some(3_000 + 500));
        fs::remove_file(root.path().join("intel-rapl:1/energy_uj")).expect("remove");
        assert_eq!(meter.between(&before, &meter.read()), None);
    }

    #[test]
    fn without_counters_there_is_a_reason() {
        let root = tempfile::tempdir().expect("folder");
        let reason = EnergyMeter::find_in(root.path()).expect_err("none");
        assert!(reason.contains("no processor package"), "{reason}");
        let missing = EnergyMeter::find_in(&root.path().join("missing")).expect_err("none");
        assert!(missing.contains("no RAPL counters"), "{missing}");
    }
}
