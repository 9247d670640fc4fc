//! A look at somebody's server before the cases: whether it speaks HTTP/1.1 at all, and a page that
//! it has. What stands in the way is one sentence.

mod ask;
mod sentence;

use std::io;
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use ask::{Asked, End};
use sentence::{of_connecting, of_status};

use crate::foreign;
use crate::page::Page;
use crate::plan::Target;

/// How long each question may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a server of another protocol has to show itself.
const PROBE_PATIENCE: Duration = Duration::from_secs(2);
/// A page is asked for a thousand times by some cases.
const LONGEST_PAGE: usize = 1 << 20;
/// A path that no server has; the cases ask for it too.
const NOWHERE: &str = "/nowhere";

/// Why the cases cannot be asked: what was found, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Obstacle(String);

impl Obstacle {
    fn new(found: impl Into<String>) -> Self {
        Self(found.into())
    }
}

/// Looks at the server at the first of `addresses` that takes connections. The page is the one
/// asked for, else the contract's, else `/`.
///
/// # Errors
/// When nothing listens, when it is no server of HTTP/1.1, or when it has no page that stays the
/// same; each says what to do.
pub fn preflight(
    addresses: &[SocketAddr],
    authority: &str,
    page: Option<&str>,
) -> Result<Target, Obstacle> {
    let address = reach(addresses)?;
    let look = Look { address, authority };
    let page = match page {
        Some(path) => look.page(path)?,
        None => look.any_page()?,
    };
    Ok(Target::new(address, authority).with_page(page))
}

/// The first address that can be connected to.
fn reach(addresses: &[SocketAddr]) -> Result<SocketAddr, Obstacle> {
    let mut refused: Vec<(SocketAddr, io::Error)> = Vec::new();
    for &address in addresses {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(_) => return Ok(address),
            Err(error) => refused.push((address, error)),
        }
    }
    Err(of_connecting(&refused))
}

struct Look<'a> {
    address: SocketAddr,
    authority: &'a str,
}

/// What a path is answered with.
enum Seen {
    /// 200, twice the same.
    Page(Vec<u8>),
    /// HTTP/1.x that is malformed: the cases say how.
    Unreadable,
    /// Anything else.
    Not(Obstacle),
}

impl Look<'_> {
    fn page(&self, path: &str) -> Result<Page, Obstacle> {
        match self.see(path)? {
            Seen::Page(content) => Ok(Page::found(path, Some(content), self.misses()?)),
            Seen::Unreadable => Ok(Page::found(path, None, true)),
            Seen::Not(obstacle) => Err(obstacle),
        }
    }

    /// The contract's page where it is what the contract says, else `/`, else the former.
    fn any_page(&self) -> Result<Page, Obstacle> {
        let ours = match self.see(Page::PLAINTEXT)? {
            Seen::Unreadable => return Ok(Page::found(Page::PLAINTEXT, None, true)),
            Seen::Page(content) => {
                let page = Page::found(Page::PLAINTEXT, Some(content), self.misses()?);
                if page.is_of_the_contract() {
                    return Ok(page);
                }
                Some(page)
            }
            Seen::Not(_) => None,
        };
        match (self.page("/"), ours) {
            (Err(_), Some(ours)) => Ok(ours),
            (found, _) => found,
        }
    }

    /// Whether a path that nothing is at is answered 404.
    fn misses(&self) -> Result<bool, Obstacle> {
        let asked = self.get(NOWHERE)?;
        Ok(asked.response.is_some_and(|response| response.status == 404))
    }

    fn get(&self, path: &str) -> Result<Asked, Obstacle> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.authority);
        ask::ask(self.address, request.as_bytes(), PATIENCE)
            .map_err(|error| of_connecting(&[(self.address, error)]))
    }

    /// The error is an obstacle that no other path removes.
    fn see(&self, path: &str) -> Result<Seen, Obstacle> {
        let asked = self.get(path)?;
        let Some(response) = asked.response else {
            return self.without_response(&asked).map(|()| Seen::Unreadable);
        };
        if response.status != 200 {
            if let Some(obstacle) = self.other_protocol_behind(response.status) {
                return Err(obstacle);
            }
            let elsewhere = || self.get(NOWHERE).ok()?.response;
            return Ok(Seen::Not(of_status(path, &response, elsewhere)));
        }
        if response.body.len() > LONGEST_PAGE {
            return Ok(Seen::Not(Obstacle::new(format!(
                "GET {path} is answered with {} bytes of content; name a smaller page with --page, \
                 since some cases ask for it a thousand times",
                response.body.len()
            ))));
        }
        let again = self.get(path)?.response;
        Ok(match again {
            Some(again) if again.status == 200 && again.body == response.body => {
                Seen::Page(response.body)
            }
            Some(again) => Seen::Not(Obstacle::new(format!(
                "GET {path} is answered otherwise each time ({} and {} bytes of content, status 200 \
                 and {}); name a page that stays the same with --page",
                response.body.len(),
                again.body.len(),
                again.status
            ))),
            None => Seen::Unreadable,
        })
    }

    /// What came was no response. HTTP/1.x that is malformed is none of these obstacles.
    fn without_response(&self, asked: &Asked) -> Result<(), Obstacle> {
        let (at, bytes) = (self.address, asked.bytes.as_slice());
        if let Some((name, what)) = foreign::name(bytes) {
            let remedy = match name {
                "tls" => "only plain HTTP/1.1 is checked: give the port of a listener without TLS",
                "http-2" => "give the port of a listener that speaks HTTP/1.1",
                "http-0.9" => "give the port of a server that speaks HTTP/1.1",
                _ => "give the port of an HTTP server",
            };
            return Err(Obstacle::new(format!("the server at {at} {what}; {remedy}")));
        }
        if !bytes.is_empty() {
            return match asked.end {
                End::Silent if asked.error.is_none() => Err(Obstacle::new(format!(
                    "the server at {at} began a response and did not end it within {PATIENCE:?}: \
                     `{}`; mend that first",
                    httpdyno_wire::escape_bounded(bytes, 80)
                ))),
                _ => Ok(()),
            };
        }
        if let Some(obstacle) = self.other_protocol() {
            return Err(obstacle);
        }
        Err(Obstacle::new(match asked.end {
            End::Closed => format!(
                "the server at {at} takes the connection and closes it without an answer; look into \
                 its log, and see whether it is an HTTP server that lets this machine in"
            ),
            End::Reset => format!(
                "the server at {at} takes the connection and resets it without an answer; look into \
                 its log, and see whether it is an HTTP server that lets this machine in"
            ),
            End::Silent => format!(
                "the server at {at} takes the connection and says nothing for {PATIENCE:?}; see \
                 whether it is an HTTP server, and whether it is stuck"
            ),
        }))
    }

    /// A gateway may answer in plain HTTP that this port is for something else.
    fn other_protocol_behind(&self, status: u16) -> Option<Obstacle> {
        matches!(status, 400 | 426 | 497 | 505).then(|| self.other_protocol())?
    }

    fn other_protocol(&self) -> Option<Obstacle> {
        let at = self.address;
        let speaks = |bytes: &[u8], is: fn(&[u8]) -> bool| {
            ask::ask(at, bytes, PROBE_PATIENCE).is_ok_and(|asked| is(&asked.bytes))
        };
        if speaks(ask::CLIENT_HELLO, foreign::is_tls) {
            return Some(Obstacle::new(format!(
                "the server at {at} speaks TLS; only plain HTTP/1.1 is checked: give the port of a \
                 listener without TLS"
            )));
        }
        if speaks(ask::HTTP2_PREFACE, foreign::is_http2) {
            return Some(Obstacle::new(format!(
                "the server at {at} speaks HTTP/2 only; the cases are those of HTTP/1.1: give the \
                 port of a listener that speaks HTTP/1.1"
            )));
        }
        None
    }
}
