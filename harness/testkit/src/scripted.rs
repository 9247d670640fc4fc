//! Servers that send what they are told to, to test what survives a bad one.

use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use socket2::SockRef;

use crate::host::{Host, Link};
use crate::input::Input;

/// One thing a scripted connection does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Waits for the end of a request head (an empty line); the connection ends when the client
    /// closes first.
    ReadRequest,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes again and again, until the client is gone or the server is stopped.
    SendForEver(Vec<u8>),
    /// Waits.
    Pause(Duration),
}

/// How a scripted connection ends after its steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// With a FIN.
    Close,
    /// With a reset.
    Reset,
    /// Not at all: it says nothing more until the client or the server goes.
    Silence,
    /// It starts its steps over.
    Again,
}

/// What a connection does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// The steps in order.
    pub steps: Vec<Step>,
    /// What comes after them.
    pub end: End,
}

impl Script {
    /// Reads a request, sends `bytes`, and ends.
    #[must_use]
    pub fn answer(bytes: impl Into<Vec<u8>>, end: End) -> Self {
        Self { steps: vec![Step::ReadRequest, Step::Send(bytes.into())], end }
    }
}

/// A server on a free loopback port that plays a script on every connection.
#[derive(Debug)]
pub struct ScriptedResponder {
    host: Host,
}

impl ScriptedResponder {
    /// Plays the scripts on the connections in the order of accepting; the last one is played on
    /// all further connections.
    ///
    /// # Panics
    /// When there is no script, or no loopback port can be bound.
    #[must_use]
    pub fn start(scripts: impl IntoIterator<Item = Script>) -> Self {
        let scripts: Vec<Script> = scripts.into_iter().collect();
        assert!(!scripts.is_empty(), "a scripted responder needs a script");
        let host = Host::start(move |stream, link| {
            let number = usize::try_from(link.number()).unwrap_or(usize::MAX);
            play(stream, link, &scripts[number.min(scripts.len() - 1)]);
        });
        Self { host: host.expect("a free port on 127.0.0.1") }
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host.address()
    }

    /// How many connections it has accepted so far.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.host.accepted()
    }
}

fn play(stream: TcpStream, link: &Link, script: &Script) {
    let mut input = Input::new(stream);
    loop {
        for step in &script.steps {
            if !perform(&mut input, link, step) {
                return;
            }
        }
        match script.end {
            End::Again => {}
            End::Close => {
                let _ = input.stream().shutdown(Shutdown::Write);
                return;
            }
            End::Reset => {
                let _ = SockRef::from(input.stream()).set_linger(Some(Duration::ZERO));
                return;
            }
            End::Silence => {
                link.stage("being silent");
                while let Ok(1..) = input.fill() {
                    input.take(input.buffered().len());
                }
                return;
            }
        }
    }
}

/// Does one step; `false` when the connection is over.
fn perform(input: &mut Input, link: &Link, step: &Step) -> bool {
    match step {
        Step::ReadRequest => {
            link.stage("reading a request");
            loop {
                let end = input.buffered().windows(4).position(|four| four == b"\r\n\r\n");
                if let Some(end) = end {
                    input.take(end + 4);
                    return true;
                }
                if !matches!(input.fill(), Ok(1..)) {
                    return false;
                }
            }
        }
        Step::Send(bytes) => input.send(bytes).is_ok(),
        Step::SendForEver(bytes) => {
            link.stage("sending for ever");
            while !bytes.is_empty() && input.send(bytes).is_ok() {}
            false
        }
        Step::Pause(time) => {
            link.stage("pausing");
            link.sleep(*time)
        }
    }
}
