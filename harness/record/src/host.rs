//! The machine: what a figure depends on, and a short fingerprint of it.

use std::fs;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::digest::hexadecimal;
use crate::machine::{Machine, field, kibibytes};

/// The machine that a run was made on. Figures of two machines are not comparable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Host {
    /// Eight hexadecimal digits over everything below that a process cannot be given anew (its
    /// affinity and its limits can).
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
    /// What else figures depend on; absent in records of format 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
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
            machine: Some(Machine::read()),
        };
        host.fingerprint = host.compute_fingerprint();
        host
    }

    fn compute_fingerprint(&self) -> String {
        let described = format!(
            "{}\n{}\n{}\n{}\n{}\n{}\n{}",
            self.cpu_model,
            self.cores,
            self.memory_bytes,
            self.kernel,
            self.architecture,
            self.virtualised,
            self.machine.as_ref().map(Machine::identity).unwrap_or_default()
        );
        hexadecimal(&Sha256::digest(described)[..4])
    }
}

#[cfg(test)]
mod tests {
    use super::Host;
    use crate::machine::Machine;

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

    #[test]
    fn another_governor_is_another_machine_but_another_affinity_is_not() {
        let host = Host::detect();
        let with = |change: fn(&mut Machine)| {
            let mut machine = host.machine.clone().expect("facts");
            change(&mut machine);
            Host { machine: Some(machine), ..host.clone() }.compute_fingerprint()
        };
        let governor = with(|machine| machine.governors = vec!["another".to_owned()]);
        assert_ne!(host.fingerprint, governor);
        let affinity = with(|machine| machine.allowed_cores = vec![4095]);
        assert_eq!(host.fingerprint, affinity);
        let limit = with(|machine| machine.open_files_soft = 1);
        assert_eq!(host.fingerprint, limit);
    }

    #[test]
    fn a_host_of_format_1_is_read_without_facts() {
        let old = r#"{"fingerprint":"4b7864a8","cpu_model":"x","cores":2,"memory_bytes":1,
            "kernel":"Linux 6","architecture":"x86_64","virtualised":true}"#;
        let host: Host = serde_json::from_str(old).expect("format 1");
        assert_eq!((host.fingerprint.as_str(), host.machine), ("4b7864a8", None));
    }
}
