//! The machine: what a figure depends on, and a short fingerprint of it.

use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::hexadecimal;

/// The machine that a run was made on. Figures of two machines are not comparable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Eight hexadecimal digits over everything below.
    pub fingerprint: String,
    /// The processor's name, as it reports it.
    pub cpu_model: String,
    /// Cores that are online.
    pub cores: u32,
    /// Memory in all.
    pub memory_bytes: u64,
    /// Kernel name and release.
    pub kernel: String,
    /// Machine architecture, e.g. `x86_64`.
    pub architecture: String,
    /// Whether a hypervisor is underneath.
    pub virtualised: bool,
}

impl Host {
    /// Reads the machine that this runs on. What cannot be read is an empty text or zero.
    #[must_use]
    pub fn detect() -> Self {
        let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        let system = rustix::system::uname();
        let text = |part: &std::ffi::CStr| part.to_string_lossy().into_owned();
        let mut host = Self {
            fingerprint: String::new(),
            cpu_model: field(&cpu, "model name").unwrap_or_default().to_owned(),
            cores: cpu.lines().filter(|line| line.starts_with("processor")).count() as u32,
            memory_bytes: field(&memory, "MemTotal").and_then(kibibytes).unwrap_or(0),
            kernel: format!("{} {}", text(system.sysname()), text(system.release())),
            architecture: text(system.machine()),
            virtualised: field(&cpu, "flags")
                .is_some_and(|flags| flags.split(' ').any(|flag| flag == "hypervisor")),
        };
        host.fingerprint = host.compute_fingerprint();
        host
    }

    fn compute_fingerprint(&self) -> String {
        let described = format!(
            "{}\n{}\n{}\n{}\n{}\n{}",
            self.cpu_model,
            self.cores,
            self.memory_bytes,
            self.kernel,
            self.architecture,
            self.virtualised
        );
        hexadecimal(&Sha256::digest(described)[..4])
    }
}

/// The value of the first `name : value` line.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then_some(value.trim())
    })
}

fn kibibytes(value: &str) -> Option<u64> {
    value.strip_suffix("kB")?.trim().parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::Host;

    #[test]
    fn the_same_machine_has_the_same_fingerprint() {
        let host = Host::detect();
        assert_eq!(host, Host::detect());
        assert_eq!(host.fingerprint.len(), 8);
        assert!(host.cores > 0 && host.memory_bytes > 0);
    }

    #[test]
    fn another_kernel_is_another_fingerprint() {
        let host = Host::detect();
        let other = Host { kernel: "Linux 0.0".to_owned(), ..host.clone() };
        assert_ne!(host.fingerprint, other.compute_fingerprint());
    }
}
