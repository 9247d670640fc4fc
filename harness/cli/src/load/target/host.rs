//! The host of a URL (RFC 3986 section 3.2.2).

use std::net::{IpAddr, Ipv6Addr, SocketAddr, SocketAddrV6};

use crate::output::shown;

/// A host as it was meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    /// A name, or an IPv4 address, percent-decoded.
    Name(String),
    Address(Literal),
}

/// An IPv6 address, and which link it is of (RFC 4007, RFC 6874).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Literal {
    address: Ipv6Addr,
    zone: Option<String>,
    /// Both, without brackets.
    text: String,
}

impl Host {
    /// What stands between brackets.
    pub(super) fn literal(text: &str) -> Result<Self, String> {
        let wrong = || format!("bad host, `[{}]` is no IPv6 address", shown(text));
        // RFC 6874 has `%25` before the zone; many leave the percent sign as it is.
        let (address, zone) = match text.split_once("%25").or_else(|| text.split_once('%')) {
            Some((address, zone)) => (address, Some(decoded(zone).ok_or_else(wrong)?)),
            None => (text, None),
        };
        let address: Ipv6Addr = address.parse().map_err(|_| wrong())?;
        let text = match &zone {
            Some(zone) => format!("{address}%{zone}"),
            None => address.to_string(),
        };
        Ok(Self::Address(Literal { address, zone, text }))
    }

    /// What stands without brackets.
    pub(super) fn name(text: &str) -> Result<Self, String> {
        let name = decoded(text).ok_or_else(|| match text {
            "" => "bad host or port, there is no host".to_owned(),
            _ => format!("bad host or port, `{}` is no host", shown(text)),
        })?;
        if name.is_ascii() {
            return Ok(Self::Name(name));
        }
        // A name in any script as DNS has it.
        idna::domain_to_ascii(&name).map(Self::Name).map_err(|_| "no host by UTS 46".to_owned())
    }

    /// Without brackets.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Name(name) => name,
            Self::Address(literal) => &literal.text,
        }
    }

    /// As it stands in the field `Host`: a zone means something on this machine alone.
    pub(super) fn in_field(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Address(literal) => format!("[{}]", literal.address),
        }
    }
}

impl Literal {
    /// The address of a socket; the error says which zone there is not.
    pub(super) fn with_port(&self, port: u16) -> Result<SocketAddr, String> {
        let Some(zone) = &self.zone else {
            return Ok(SocketAddr::new(IpAddr::V6(self.address), port));
        };
        let scope = zone.parse().ok().or_else(|| interface(zone));
        let scope = scope.ok_or_else(|| format!("no network interface is called `{zone}`"))?;
        Ok(SocketAddrV6::new(self.address, port, 0, scope).into())
    }
}

/// The number of a network interface.
fn interface(name: &str) -> Option<u32> {
    if name.contains('/') || name.starts_with('.') {
        return None;
    }
    let number = std::fs::read_to_string(format!("/sys/class/net/{name}/ifindex")).ok()?;
    number.trim().parse().ok()
}

/// Without percent-encoding, where all of it may stand in a name; none is empty.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        (bytes, rest) = match (first, after) {
            (b'%', [high, low, after @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let byte = digit(*high)? * 16 + digit(*low)?;
                bytes.push(u8::try_from(byte).ok()?);
                (bytes, after)
            }
            (b'%', _) => return None,
            (byte, after) => {
                bytes.push(*byte);
                (bytes, after)
            }
        };
    }
    let is_lawful = |one: char| {
        one.is_ascii_alphanumeric()
            || "-._~!$&'()*+,;=".contains(one)
            || !one.is_ascii() && !one.is_control()
    };
    String::from_utf8(bytes).ok().filter(|name| !name.is_empty() && name.chars().all(is_lawful))
}
