//! From a fresh stream to a session that is ready for requests: startup, authentication and the
//! statements, which are prepared once for all (PostgreSQL manual, section 55.2.1).

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use bytes::BytesMut;
use fallible_iterator::FallibleIterator;
use postgres_protocol::authentication::md5_hash;
use postgres_protocol::authentication::sasl::{ChannelBinding, SCRAM_SHA_256, ScramSha256};
use postgres_protocol::message::backend::Message;
use postgres_protocol::message::frontend;

use super::address::Address;
use super::batch;
use super::error::{Error, Refusal};
use super::frames::Frames;
use super::pool::Sessions;
use super::socket::Socket;

/// How long all of it may take. A server that is stopped accepts connections all the same, and
/// each given up would be one more for it when it goes on.
const LIMIT: Duration = Duration::from_secs(10);

/// Connects and logs in.
pub(super) fn open(address: &Address, sessions: &Sessions) -> Result<(Socket, Frames), Error> {
    let stream = Socket::connect(&address.endpoint, LIMIT)?;
    let mut login = Login { stream, frames: Frames::default(), until: Instant::now() + LIMIT };
    login.start(address, sessions)?;
    login.authenticate(address)?;
    login.await_ready(0)?;
    let mut messages = BytesMut::new();
    batch::prepare(sessions.statements, &mut messages)?;
    login.stream.write_all(&messages)?;
    login.await_ready(sessions.statements.len())?;
    login.stream.set_read_timeout(None)?;
    Ok((login.stream, login.frames))
}

struct Login {
    stream: Socket,
    frames: Frames,
    until: Instant,
}

impl Login {
    fn start(&mut self, address: &Address, sessions: &Sessions) -> Result<(), Error> {
        let name = address.application_name.as_deref().unwrap_or(env!("CARGO_PKG_NAME"));
        let fixed = [
            ("user", address.user.as_str()),
            ("database", address.database.as_str()),
            ("client_encoding", "UTF8"),
            ("application_name", name),
        ];
        let given = address.options.as_deref().unwrap_or("");
        let options = format!("{given} {}", sessions.options);
        let parameters = fixed.into_iter().chain([("options", options.as_str())]);
        self.send(|buffer| frontend::startup_message(parameters, buffer))
    }

    fn authenticate(&mut self, address: &Address) -> Result<(), Error> {
        let password = || {
            let password = address.password.as_ref().map(String::as_bytes);
            password.ok_or(Error::Unexpected("a password is asked for, and the URL has none"))
        };
        let mut scram = None;
        loop {
            match self.message()? {
                // A server that skips its own proof does not know the password.
                Message::AuthenticationOk if scram.is_some() => {
                    return Err(Error::Unexpected("authentication without the server's proof"));
                }
                Message::AuthenticationOk => return Ok(()),
                Message::AuthenticationCleartextPassword => {
                    let password = password()?;
                    self.send(|buffer| frontend::password_message(password, buffer))?;
                }
                Message::AuthenticationMd5Password(body) => {
                    let hash = md5_hash(address.user.as_bytes(), password()?, body.salt());
                    self.send(|buffer| frontend::password_message(hash.as_bytes(), buffer))?;
                }
                Message::AuthenticationSasl(body) => {
                    if !body.mechanisms().any(|mechanism| Ok(mechanism == SCRAM_SHA_256))? {
                        return Err(Error::Unexpected("no mechanism but SCRAM-SHA-256 is known"));
                    }
                    let begun = ScramSha256::new(password()?, ChannelBinding::unsupported());
                    let begun = scram.insert(begun);
                    self.send(|buffer| {
                        frontend::sasl_initial_response(SCRAM_SHA_256, begun.message(), buffer)
                    })?;
                }
                Message::AuthenticationSaslContinue(body) => {
                    let scram = scram.as_mut().ok_or(OUT_OF_TURN)?;
                    scram.update(body.data())?;
                    self.send(|buffer| frontend::sasl_response(scram.message(), buffer))?;
                }
                Message::AuthenticationSaslFinal(body) => {
                    scram.take().ok_or(OUT_OF_TURN)?.finish(body.data())?;
                }
                _ => return Err(Error::Unexpected("another way of authentication is asked for")),
            }
        }
    }

    /// Reads on until the server is ready, which is after `parsed` statements.
    fn await_ready(&mut self, mut parsed: usize) -> Result<(), Error> {
        loop {
            match self.message()? {
                Message::ParameterStatus(_) | Message::BackendKeyData(_) => {}
                Message::ParseComplete if parsed > 0 => parsed -= 1,
                Message::ReadyForQuery(_) if parsed == 0 => return Ok(()),
                _ => return Err(OUT_OF_TURN),
            }
        }
    }

    /// The next message that is neither a notice nor an error.
    fn message(&mut self) -> Result<Message, Error> {
        let mut buffer = [0; 4096];
        loop {
            match self.frames.next()? {
                Some(Message::ErrorResponse(body)) => return Err(Refusal::read(&body)?.error),
                Some(Message::NoticeResponse(_)) => {}
                Some(message) => return Ok(message),
                None => {
                    let left = self.until.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return Err(Error::Deadline);
                    }
                    self.stream.set_read_timeout(Some(left))?;
                    match self.stream.read(&mut buffer) {
                        Ok(0) => return Err(Error::lost("closed by the server")),
                        Ok(count) => self.frames.add(&buffer[..count]),
                        Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
    }

    fn send(&mut self, write: impl FnOnce(&mut BytesMut) -> io::Result<()>) -> Result<(), Error> {
        let mut buffer = BytesMut::new();
        write(&mut buffer)?;
        Ok(self.stream.write_all(&buffer)?)
    }
}

const OUT_OF_TURN: Error = Error::Unexpected("a message out of turn");
