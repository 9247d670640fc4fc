//! Failures of this machine, which must never become a verdict on the server.

use std::io;
use std::sync::{Arc, OnceLock};

/// What went wrong on our side during a run, if anything: the first of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trouble {
    first: Arc<OnceLock<String>>,
}

impl Trouble {
    /// Takes note, if it is ours.
    pub(crate) fn note(&self, error: &io::Error) {
        if is_ours(error) {
            // The first stands for all.
            let _ = self.first.set(sentence(error));
        }
    }

    pub(crate) fn first(&self) -> Option<&str> {
        self.first.get().map(String::as_str)
    }
}

/// Whether no server can have caused it: EMFILE, ENFILE, EADDRNOTAVAIL, ENOMEM, ENOBUFS.
pub(crate) fn is_ours(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(24 | 23 | 99 | 12 | 105))
}

/// What it is, and what to do.
pub(crate) fn sentence(error: &io::Error) -> String {
    let remedy = match error.raw_os_error() {
        Some(24) => "raise the limit of open files (`ulimit -n`)",
        Some(23) => "the whole system has too many files open; close some, or raise fs.file-max",
        Some(99) => "no local port is free; wait a minute, or widen net.ipv4.ip_local_port_range",
        _ => "free some memory",
    };
    format!("this machine cannot open a connection ({error}); {remedy}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_ours_is_kept_once_and_what_is_the_servers_is_not() {
        let trouble = Trouble::default();
        trouble.note(&io::Error::from_raw_os_error(111));
        assert_eq!(trouble.first(), None);
        trouble.note(&io::Error::from_raw_os_error(24));
        trouble.note(&io::Error::from_raw_os_error(99));
        assert!(trouble.first().is_some_and(|text| text.contains("ulimit -n")));
    }
}
