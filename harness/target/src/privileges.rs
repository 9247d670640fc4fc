//! What this process may have of the machine for its servers, found out by trying.

use std::process::{Child, Command, Stdio};

use crate::affinity::join_groups;
use crate::control_group::{ControlGroup, new_name};

/// What a server's control group lacks here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupLacks {
    /// Why there is no group that accounts for CPU time; absent where there is one.
    pub accounting: Option<String>,
    /// Why memory cannot be limited; absent where it can, or was not to be.
    pub memory_limit: Option<String>,
}

/// Tries to put a process into a control group of its own, with a limit of memory where
/// `memory_bytes` says so. Nothing of it stays.
#[must_use]
pub fn control_group_lacks(memory_bytes: Option<u64>) -> GroupLacks {
    let group = ControlGroup::create(&new_name(), memory_bytes);
    let member = Member::of(&group);
    let refused = match &member {
        Err(error) => Some(format!("no process could be started to try one: {error}")),
        Ok(member) if group.holds(member.0.id()) => None,
        Ok(_) if group.doors().is_empty() => Some("this user may make none".to_owned()),
        Ok(_) => Some("a process could not join the group that was made".to_owned()),
    };
    let accounts = group.cpu().is_some();
    let accounting = refused.clone().or_else(|| {
        (!accounts).then(|| "this user may make none that accounts for CPU time".to_owned())
    });
    let is_limited = group.memory_limit_bytes().is_some();
    let memory_limit = memory_bytes.and_then(|_| match (refused, is_limited) {
        (None, true) => None,
        (Some(refused), _) => Some(refused),
        (None, false) => Some(group.without_limit().unwrap_or("it takes no limit").to_owned()),
    });
    // Before its group, which cannot be removed with a member in it.
    drop(member);
    GroupLacks { accounting, memory_limit }
}

/// The user whose rights this process has; 0 is root.
#[must_use]
pub fn user() -> u32 {
    rustix::process::geteuid().as_raw()
}

/// A process that does nothing; it ends with this.
struct Member(Child);

impl Member {
    fn of(group: &ControlGroup) -> std::io::Result<Self> {
        let mut command = Command::new("sleep");
        command.arg("60").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        join_groups(&mut command, group.doors());
        command.spawn().map(Self)
    }
}

impl Drop for Member {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::{control_group_lacks, user};
    use crate::control_group::ControlGroup;

    #[test]
    fn what_is_told_is_what_a_server_gets_and_nothing_stays() {
        let lacks = control_group_lacks(Some(1 << 30));
        let group = ControlGroup::create(&crate::control_group::new_name(), Some(1 << 30));
        // Whoever may make one that counts may have its servers join it.
        assert_eq!(lacks.accounting.is_none(), group.cpu().is_some(), "{lacks:?}");
        assert_eq!(lacks.memory_limit.is_none(), group.memory_limit_bytes().is_some(), "{lacks:?}");
        assert_eq!(control_group_lacks(None).memory_limit, None, "nothing was asked for");
        assert_eq!(user(), rustix::process::getuid().as_raw());
    }
}
