//! As whom the private cluster runs: `initdb` and `postgres` refuse root.

use std::os::unix::process::CommandExt;
use std::process::Command;

use nix::unistd::User;

use super::error::StartDatabaseError;

/// Users that exist for such a purpose, best first.
const UNPRIVILEGED: [&str; 2] = ["postgres", "nobody"];

/// The user of the cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ClusterUser {
    pub(super) name: String,
    /// User and group id, where the harness must switch to them.
    pub(super) switch: Option<(u32, u32)>,
}

impl ClusterUser {
    /// The harness's own user or, when that is root, an unprivileged one that is there.
    pub(super) fn choose() -> Result<Self, StartDatabaseError> {
        let own = rustix::process::geteuid();
        if !own.is_root() {
            let name = format!("uid {}", own.as_raw());
            return Ok(Self { name, switch: None });
        }
        UNPRIVILEGED
            .iter()
            .filter_map(|name| User::from_name(name).ok().flatten())
            .find(|user| !user.uid.is_root())
            .map(|user| Self {
                name: user.name,
                switch: Some((user.uid.as_raw(), user.gid.as_raw())),
            })
            .ok_or(StartDatabaseError::NoUser { tried: UNPRIVILEGED.join(", ") })
    }

    /// The id of the cluster's processes and files.
    pub(super) fn uid(&self) -> u32 {
        self.switch.map_or_else(|| rustix::process::geteuid().as_raw(), |(uid, _)| uid)
    }

    /// Makes `command` run as this user.
    pub(super) fn apply(&self, command: &mut Command) {
        if let Some((uid, gid)) = self.switch {
            command.uid(uid).gid(gid);
        }
    }
}
