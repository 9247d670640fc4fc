//! Right answers at a wrong pace: what trips the gates of a trial.

use std::io::{self, Write};
use std::net::TcpStream;
use std::sync::{Mutex, MutexGuard, OnceLock};
use std::time::{Duration, Instant};

/// What is unusual about its answers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Each but the first (the sign of readiness) is held back for so long.
    Holds(Duration),
    /// It becomes faster and faster from the third request on.
    SpeedsUp,
    /// It becomes slower and slower from the third request on.
    SlowsDown,
    /// At the beginning of each second it answers nobody for a while.
    Stalls,
    /// One connection is served; the others wait until it has ended.
    ServesOneByOne,
    /// The same, and the others cannot even connect.
    AcceptsOneByOne,
    /// The same JSON, written in another way each time.
    WritesAnew,
    /// Each answer is the last of its connection.
    Closes,
    /// It takes memory with each request and never gives it back.
    EatsMemory,
}

/// How long the first answers of [`Pace::SpeedsUp`] take, and in which time that halves.
const SLOWEST: Duration = Duration::from_millis(64);
const HALVES_IN: Duration = Duration::from_millis(400);

/// How long the first answers of [`Pace::SlowsDown`] take, and in which time that doubles.
const FASTEST: Duration = Duration::from_millis(1);
const DOUBLES_IN: Duration = Duration::from_millis(500);

/// How long [`Pace::Stalls`] answers nobody.
const STALL: Duration = Duration::from_millis(200);

/// How much [`Pace::EatsMemory`] takes for each request.
const BITE_BYTES: usize = 4 << 20;

/// How often a connection that waits looks whether its time has come.
const LOOK_AGAIN: Duration = Duration::from_millis(2);

impl Pace {
    /// Nothing where no pace has that name; `value` is a number of milliseconds, or a file.
    pub(crate) fn named(name: &str, value: Option<&str>) -> Option<Self> {
        Some(match name {
            "holds" => {
                let ms = value.and_then(|ms| ms.parse().ok()).expect("milliseconds");
                Self::Holds(Duration::from_millis(ms))
            }
            "slower-each-start" => Self::Holds(slower_each_start(value.expect("a file"))),
            "speeds-up" => Self::SpeedsUp,
            "slows-down" => Self::SlowsDown,
            "stalls" => Self::Stalls,
            "serves-one-by-one" => Self::ServesOneByOne,
            "accepts-one-by-one" => Self::AcceptsOneByOne,
            "writes-anew" => Self::WritesAnew,
            "closes" => Self::Closes,
            "eats-memory" => Self::EatsMemory,
            _ => return None,
        })
    }

    /// Answers the request with this number; nothing when the connection is over.
    pub(crate) fn answer(
        self,
        stream: &mut TcpStream,
        path: &str,
        number: u64,
        turn: &mut Turn,
    ) -> Option<()> {
        match self {
            Self::Holds(time) if number > 0 => std::thread::sleep(time),
            Self::SpeedsUp => std::thread::sleep(shrinking(number)),
            Self::SlowsDown => std::thread::sleep(growing(number)),
            Self::Stalls => std::thread::sleep(rest_of_stall(number)),
            Self::ServesOneByOne => await_turn(stream, turn)?,
            Self::EatsMemory => eat(),
            _ => {}
        }
        let close = if self == Self::Closes { "Connection: close\r\n" } else { "" };
        match path {
            "/plaintext" => stream.write_all(&response("Hello, World!", close)).ok()?,
            "/numbers" => stream.write_all(numbers(number)).ok()?,
            _ => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").ok()?,
        }
        (self != Self::Closes).then_some(())
    }
}

/// Four times as long each time the server is started; `file` remembers.
fn slower_each_start(file: &str) -> Duration {
    let starts = std::fs::read_to_string(file).map_or(0, |text| text.len());
    std::fs::write(file, "x".repeat(starts + 1)).expect("a file that can be written");
    Duration::from_millis(2 << (2 * starts))
}

fn shrinking(number: u64) -> Duration {
    since_third(number).map_or(Duration::ZERO, |elapsed| {
        SLOWEST.div_f64((elapsed.as_secs_f64() / HALVES_IN.as_secs_f64()).exp2())
    })
}

fn growing(number: u64) -> Duration {
    since_third(number).map_or(Duration::ZERO, |elapsed| {
        FASTEST.mul_f64((elapsed.as_secs_f64() / DOUBLES_IN.as_secs_f64()).exp2())
    })
}

fn rest_of_stall(number: u64) -> Duration {
    since_third(number).map_or(Duration::ZERO, |elapsed| {
        STALL.saturating_sub(Duration::from_nanos(elapsed.subsec_nanos().into()))
    })
}

/// How long ago the third request came; nothing before it.
fn since_third(number: u64) -> Option<Duration> {
    static SINCE: OnceLock<Instant> = OnceLock::new();
    (number >= 2).then(|| SINCE.get_or_init(Instant::now).elapsed())
}

/// The turn of the one connection that is served; it keeps it until it ends.
pub(crate) type Turn = Option<MutexGuard<'static, ()>>;

static TURN: Mutex<()> = Mutex::new(());

/// Waits until this connection is the one that is served; nothing when it ends before.
fn await_turn(stream: &TcpStream, turn: &mut Turn) -> Option<()> {
    stream.set_read_timeout(Some(LOOK_AGAIN)).ok()?;
    while turn.is_none() {
        *turn = TURN.try_lock().ok();
        if turn.is_some() {
            break;
        }
        match stream.peek(&mut [0]) {
            Ok(0) => return None,
            Ok(_) => std::thread::sleep(LOOK_AGAIN),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(_) => return None,
        }
    }
    stream.set_read_timeout(None).ok()
}

/// Memory that is used and stays so.
fn eat() {
    let bite: Vec<u8> = (0..BITE_BYTES).map(|at| at as u8).collect();
    std::hint::black_box(bite.leak());
}

fn response(body: &str, close: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{close}\r\n{body}").into_bytes()
}

/// How many numbers there are in JSON, and in how many ways they are written.
const NUMBERS: u32 = 20_000;
const WAYS: usize = 7;

/// The numbers from 0 on as JSON (109 kB), with more or less space each time. Written ahead, so
/// that they cost the server next to nothing.
fn numbers(number: u64) -> &'static [u8] {
    static WRITTEN: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    let written = WRITTEN.get_or_init(|| {
        let numbers: Vec<String> = (0..NUMBERS).map(|it| it.to_string()).collect();
        let numbers = numbers.join(",");
        let way = |spaces| response(&format!("[{}{numbers}]", " ".repeat(spaces)), "");
        (0..WAYS).map(way).collect()
    });
    &written[usize::try_from(number).unwrap_or(0) % WAYS]
}
