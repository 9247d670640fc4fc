//! `DATABASE_URL`: where the server is and who asks.
//!
//! The form is libpq's (PostgreSQL manual, section 34.1.1.2):
//! `postgres://USER:PASSWORD@HOST:PORT/DATABASE?NAME=VALUE`, each part percent-encoded. One host;
//! a host that begins with `/` is the folder of a Unix socket.

use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// The port that PostgreSQL listens on unless it is told another.
const DEFAULT_PORT: u16 = 5432;

/// Where the server listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A host, by name or address.
    Tcp { host: String, port: u16 },
    /// A socket in the file system.
    Unix(PathBuf),
}

/// What a connection needs. Never shown: it holds a password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(super) endpoint: Endpoint,
    pub(super) user: String,
    pub(super) password: Option<String>,
    pub(super) database: String,
    /// `options` of the session, as the URL gives them.
    pub(super) options: Option<String>,
    pub(super) application_name: Option<String>,
}

/// Why `DATABASE_URL` can not be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("DATABASE_URL {problem}: expected postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
pub(crate) struct AddressError {
    problem: String,
}

fn wrong(problem: impl Into<String>) -> AddressError {
    AddressError { problem: problem.into() }
}

/// The parts as they come, before defaults.
#[derive(Default)]
struct Parts {
    host: Option<String>,
    port: Option<u16>,
    user: Option<String>,
    password: Option<String>,
    database: Option<String>,
    options: Option<String>,
    application_name: Option<String>,
}

impl Address {
    /// Reads a URL.
    ///
    /// # Errors
    /// When it is no URL of PostgreSQL, or asks for what this client has not (TLS, several hosts).
    pub(crate) fn parse(url: &str) -> Result<Self, AddressError> {
        let rest = ["postgres://", "postgresql://"].iter().find_map(|s| url.strip_prefix(s));
        let rest = rest.ok_or_else(|| wrong("has another scheme than postgres"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (user, host) = match authority.rsplit_once('@') {
            Some((user, host)) => (user, host),
            None => ("", authority),
        };
        let (user, password) = match user.split_once(':') {
            Some((user, password)) => (user, Some(decoded(password)?)),
            None => (user, None),
        };
        let (host, port) = host_and_port(host)?;
        let mut parts = Parts {
            host: present(decoded(host)?),
            port,
            user: present(decoded(user)?),
            password,
            database: present(decoded(database)?),
            ..Parts::default()
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            parts.set(&decoded(name)?, decoded(value)?)?;
        }
        Ok(parts.finish())
    }

    /// The server as a message may show it, without the password.
    pub(super) fn shown(&self) -> String {
        match &self.endpoint {
            Endpoint::Tcp { host, port } => format!("{}@{host}:{port}", self.user),
            Endpoint::Unix(path) => format!("{}@{}", self.user, path.display()),
        }
    }
}

impl Parts {
    /// Takes a parameter of the query.
    fn set(&mut self, name: &str, value: String) -> Result<(), AddressError> {
        match name {
            "host" => self.host = present(value),
            "port" => self.port = Some(port(&value)?),
            "user" => self.user = present(value),
            "password" => self.password = Some(value),
            "dbname" => self.database = present(value),
            "options" => self.options = present(value),
            "application_name" => self.application_name = present(value),
            "sslmode" if ["disable", "allow", "prefer"].contains(&value.as_str()) => {}
            "sslmode" => {
                return Err(wrong(format!("asks for sslmode={value}, and this client has no TLS")));
            }
            _ => return Err(wrong(format!("has an unknown parameter {name:?}"))),
        }
        Ok(())
    }

    fn finish(self) -> Address {
        let host = self.host.unwrap_or_else(|| "localhost".to_owned());
        let port = self.port.unwrap_or(DEFAULT_PORT);
        let user = self.user.unwrap_or_else(|| "postgres".to_owned());
        let endpoint = if host.starts_with('/') {
            Endpoint::Unix(PathBuf::from(host).join(format!(".s.PGSQL.{port}")))
        } else {
            Endpoint::Tcp { host, port }
        };
        Address {
            endpoint,
            // As libpq does, the database is called like the user.
            database: self.database.unwrap_or_else(|| user.clone()),
            user,
            password: self.password,
            options: self.options,
            application_name: self.application_name,
        }
    }
}

/// Splits `HOST:PORT`; an IPv6 address stands in brackets.
fn host_and_port(text: &str) -> Result<(&str, Option<u16>), AddressError> {
    if text.contains(',') {
        return Err(wrong("names several hosts"));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let (host, rest) = rest.split_once(']').ok_or_else(|| wrong("has an open bracket"))?;
        let given = rest.strip_prefix(':').filter(|port| !port.is_empty());
        if given.is_none() && !matches!(rest, "" | ":") {
            return Err(wrong("has text behind the host's bracket"));
        }
        return Ok((host, given.map(port).transpose()?));
    }
    let (host, given) = text.rsplit_once(':').unwrap_or((text, ""));
    let given = (!given.is_empty()).then(|| port(given)).transpose()?;
    Ok((host, given))
}

fn port(text: &str) -> Result<u16, AddressError> {
    text.parse().map_err(|_| wrong(format!("has the port {text:?}")))
}

fn decoded(text: &str) -> Result<String, AddressError> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|_| wrong("is not UTF-8"))?;
    if decoded.contains('\0') {
        return Err(wrong("holds a NUL"));
    }
    Ok(decoded.into_owned())
}

fn present(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Endpoint {
        Endpoint::Tcp { host: host.to_owned(), port }
    }

    fn problem(url: &str) -> String {
        match Address::parse(url) {
            Ok(_) => panic!("{url} was taken"),
            Err(error) => error.problem,
        }
    }

    #[test]
    fn all_parts_are_read_and_decoded() {
        let url = "postgresql://us%40er:p%3Aa@ss@db.example:6543/da%2Fta\
                   ?application_name=x&options=-c%20a%3Db&sslmode=disable";
        let address = Address::parse(url).unwrap();
        assert_eq!(address.endpoint, tcp("db.example", 6543));
        assert_eq!((address.user.as_str(), address.database.as_str()), ("us@er", "da/ta"));
        assert_eq!(address.password.as_deref(), Some("p:a@ss"));
        assert_eq!(address.options.as_deref(), Some("-c a=b"));
        assert_eq!(address.application_name.as_deref(), Some("x"));
        assert_eq!(address.shown(), "us@er@db.example:6543");
    }

    #[test]
    fn what_is_not_said_has_a_default() {
        let address = Address::parse("postgres://").unwrap();
        assert_eq!(address.endpoint, tcp("localhost", 5432));
        assert_eq!((address.user.as_str(), address.database.as_str()), ("postgres", "postgres"));
        assert_eq!(address.password, None);
        assert_eq!(Address::parse("postgres://me@h").unwrap().database, "me");
    }

    #[test]
    fn hosts_are_names_addresses_or_folders() {
        let endpoint = |url| Address::parse(url).unwrap().endpoint;
        assert_eq!(endpoint("postgres://[::1]:7/d"), tcp("::1", 7));
        assert_eq!(endpoint("postgres://[::1]"), tcp("::1", 5432));
        assert_eq!(endpoint("postgres://127.0.0.1:/d"), tcp("127.0.0.1", 5432));
        let socket = Endpoint::Unix("/run/pg/.s.PGSQL.7".into());
        assert_eq!(endpoint("postgres://u@%2Frun%2Fpg:7/d"), socket);
        assert_eq!(endpoint("postgres:///d?host=/run/pg&port=7"), socket);
    }

    #[test]
    fn what_can_not_be_honoured_is_refused() {
        for (url, part) in [
            ("mysql://h/d", "another scheme"),
            ("postgres://h:x/d", "port \"x\""),
            ("postgres://h:65536/d", "port"),
            ("postgres://a,b/d", "several hosts"),
            ("postgres://[::1/d", "open bracket"),
            ("postgres://[::1]5/d", "behind"),
            ("postgres://h/d?sslmode=require", "no TLS"),
            ("postgres://h/d?nonsense=1", "unknown parameter"),
            ("postgres://h/%FF", "UTF-8"),
            ("postgres://h/%00", "NUL"),
        ] {
            assert!(problem(url).contains(part), "{url}: {}", problem(url));
        }
    }
}
