//! Whose machines may be put under load: this one, those of a private network, and those that somebody
//! declares to be theirs. One rule, for every verb that takes a URL.

use std::net::{IpAddr, SocketAddr};

use clap::Args;

use crate::exit::Failure;
use crate::output::shown;
use crate::root;

/// The option, for every verb that puts load on a URL.
#[derive(Args, Clone, Copy, Debug, Default)]
pub(crate) struct OwnHostOption {
    /// Put load on a host that is neither this machine nor in a private network: it is yours, or its
    /// owner lets you
    #[arg(long)]
    i_may_load_this_host: bool,
}

impl OwnHostOption {
    /// Refuses a host that may be somebody else's. `name` is what was typed, `declared` are the hosts
    /// that a suite says are its own.
    pub(crate) fn check(
        self,
        name: &str,
        addresses: &[SocketAddr],
        declared: impl FnOnce() -> Vec<String>,
    ) -> Result<(), Failure> {
        let strange: Vec<IpAddr> =
            addresses.iter().map(SocketAddr::ip).filter(|&address| !is_own(address)).collect();
        if strange.is_empty() || self.i_may_load_this_host {
            return Ok(());
        }
        let declared = declared();
        let is_declared = |address: &IpAddr| {
            let ip = address.to_string();
            declared.iter().any(|host| host.eq_ignore_ascii_case(name) || *host == ip)
        };
        match strange.iter().find(|address| !is_declared(address)) {
            Some(address) => Err(Failure::new(format!(
                "`{}` is at {}, which is neither this machine nor in a private network: load on \
                 somebody else's machine is an attack; if you may do that, say so with \
                 --i-may-load-this-host",
                shown(name),
                address
            ))),
            None => Ok(()),
        }
    }
}

/// The hosts that the suite around the current folder declares; none where there is no suite, or none that
/// can be read.
pub(crate) fn declared() -> Vec<String> {
    let suite = root::suite(None).ok().flatten();
    suite.map_or(Vec::new(), |suite| suite.file.value.hosts)
}

/// The host of a URL, as it was typed.
pub(crate) fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    match authority.strip_prefix('[').and_then(|literal| literal.split_once(']')) {
        Some((literal, _)) => literal,
        None => authority.split(':').next().unwrap_or(authority),
    }
}

/// Loopback, unspecified (which is this machine), private (RFC 1918, RFC 4193) and link-local.
fn is_own(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_private()
                || address.is_link_local()
        }
        IpAddr::V6(address) => {
            address.is_loopback()
                || address.is_unspecified()
                || address.is_unique_local()
                || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{OwnHostOption, host_of};

    fn is_refused(address: &str, declared: &[&str], allowed: bool) -> bool {
        let option = OwnHostOption { i_may_load_this_host: allowed };
        let declared: Vec<String> = declared.iter().map(|host| (*host).to_owned()).collect();
        let address = address.parse().expect("an address");
        option.check("host.example", &[address], || declared).is_err()
    }

    #[test]
    fn other_peoples_machines_are_refused_unless_they_are_said_to_be_ones_own() {
        for own in [
            "127.0.0.1:80",
            "127.9.9.9:80",
            "0.0.0.0:80",
            "10.1.2.3:80",
            "172.16.0.1:80",
            "192.168.1.1:80",
            "169.254.1.1:80",
            "[::1]:80",
            "[::]:80",
            "[fd00::1]:80",
            "[fe80::1]:80",
            "[::ffff:10.0.0.1]:80",
        ] {
            assert!(!is_refused(own, &[], false), "{own}");
        }
        for strange in
            ["93.184.216.34:80", "172.32.0.1:80", "[2001:db8::1]:80", "[::ffff:8.8.8.8]:80"]
        {
            assert!(is_refused(strange, &[], false), "{strange}");
            assert!(is_refused(strange, &["other.example"], false), "{strange}");
            assert!(!is_refused(strange, &[], true), "{strange}");
            assert!(!is_refused(strange, &["HOST.example"], false), "{strange}");
        }
        assert!(!is_refused("93.184.216.34:80", &["93.184.216.34"], false));
    }

    #[test]
    fn one_strange_address_of_several_is_enough() {
        let addresses = ["127.0.0.1:80", "8.8.8.8:80"].map(|it| it.parse().expect("an address"));
        let refused =
            OwnHostOption::default().check("x", &addresses, Vec::new).expect_err("refused");
        assert!(refused.to_string().contains("8.8.8.8"), "{refused}");
        assert!(refused.to_string().contains("--i-may-load-this-host"), "{refused}");
    }

    #[test]
    fn a_host_is_what_stands_before_the_port() {
        for (url, host) in [
            ("http://a.example:80/x", "a.example"),
            ("http://a.example", "a.example"),
            ("http://[::1]:80", "::1"),
            ("http://127.0.0.1:1?x", "127.0.0.1"),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }
}
