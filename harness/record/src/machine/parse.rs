//! The kernel's own notations.

/// A list of cores as the kernel writes it: `0-3,8,10-11`.
pub(super) fn core_list(text: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.trim().parse::<u32>().ok()?..=last.trim().parse::<u32>().ok()?)
    };
    text.trim().split(',').filter_map(range).flatten().collect()
}

/// The value of the first `name : value` line.
pub(crate) fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

/// `123 kB` in bytes.
pub(crate) fn kibibytes(value: &str) -> Option<u64> {
    value.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

/// Soft and hard limit of open files in `/proc/self/limits`.
pub(super) fn open_files(limits: &str) -> Option<(u64, u64)> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    let mut numbers = line.split_whitespace();
    let mut number = || match numbers.next()? {
        "unlimited" => Some(u64::MAX),
        number => number.parse().ok(),
    };
    Some((number()?, number()?))
}

/// `quota period` in microseconds (`cpu.max` of cgroup v2), as nanoseconds per second.
pub(super) fn quota(text: &str) -> Option<u64> {
    let (quota, period) = text.trim().split_once(' ')?;
    quota.parse::<u64>().ok()?.checked_mul(1_000_000_000)?.checked_div(period.parse().ok()?)
}

/// The path of this process's group in `/proc/self/cgroup`: of version 2 where `controller` is
/// empty, else that of version 1's `controller`.
pub(super) fn cgroup_path<'a>(text: &'a str, controller: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        controllers.split(',').any(|one| one == controller).then_some(path)
    })
}

#[cfg(test)]
mod tests {
    use super::{cgroup_path, core_list, kibibytes, open_files, quota};

    #[test]
    fn core_lists_are_read_as_the_kernel_writes_them() {
        assert_eq!(core_list("0-3,8,10-11\n"), [0, 1, 2, 3, 8, 10, 11]);
        assert_eq!(core_list("\n"), Vec::<u32>::new());
        assert_eq!(core_list("(null)\n"), Vec::<u32>::new());
        assert_eq!(core_list("5"), [5]);
    }

    #[test]
    fn limits_and_quotas_are_read() {
        let limits = "Limit                     Soft Limit           Hard Limit           Units\n\
                      Max open files            1024                 unlimited            files\n";
        assert_eq!(open_files(limits), Some((1024, u64::MAX)));
        assert_eq!(open_files(""), None);
        assert_eq!(quota("150000 100000\n"), Some(1_500_000_000));
        assert_eq!(quota("max 100000\n"), None);
        assert_eq!(kibibytes("12 kB"), Some(12_288));
    }

    #[test]
    fn the_group_is_found_in_both_versions() {
        assert_eq!(cgroup_path("0::/user.slice/a:b\n", ""), Some("/user.slice/a:b"));
        let first = "5:cpu,cpuacct:/docker/1\n4:memory:/docker/2\n";
        assert_eq!(cgroup_path(first, "cpuacct"), Some("/docker/1"));
        assert_eq!(cgroup_path(first, "memory"), Some("/docker/2"));
        assert_eq!(cgroup_path(first, ""), None);
    }
}
