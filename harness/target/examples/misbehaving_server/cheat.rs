//! Servers that answer every check rightly and cheat under load: one by one on a connection, or in
//! what they do to the machine.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock};

use super::date;

/// How a server cheats.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Cheat {
    /// It does not: the control of the others.
    Honest,
    /// It stops parsing, and its whole response with its `Date` is rendered once for all.
    PrerendersAll,
    /// The same without a `Date`.
    PrerendersWithoutDate,
    /// It parses, and the `Date` stands still.
    FreezesDate,
    /// `Date` is an hour ahead, so that it need not be made for long.
    DatesAhead,
    /// `Date` is no date.
    DatesOddly,
    /// It knows the load by the beginning of the path.
    MatchesPrefix,
    /// It knows the load by its method.
    MatchesMethod,
    /// It knows the load by the length of the request's first line.
    MatchesLength,
    /// It knows the load by the end of the path.
    MatchesEnd,
    /// `Server`, which it has at every check, is left out.
    DropsServer,
    /// So is `Content-Type`.
    DropsContentType,
    /// Another media type, which is shorter.
    ChangesContentType,
    /// Two fields for one.
    RepeatsContentType,
    /// A field that belongs to every response is left out of one in two.
    DropsDateOfEveryOther,
    /// It gives the answer to the first content that it was sent to every other one of that length.
    Replays,
    /// It leaves its cores once there is load.
    LeavesCoresUnderLoad,
    /// It takes a better niceness once there is load, which only root may.
    IsNiceUnderLoad,
}

/// Right answers on each connection before it cheats: more than any check asks for on one.
const HONEST_ANSWERS: u64 = 300;

/// The first line of the load's requests.
const LINE: &str = "GET /plaintext HTTP/1.1";

static UNDER_LOAD: AtomicBool = AtomicBool::new(false);

impl Cheat {
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "honest" => Self::Honest,
            "prerenders-all" => Self::PrerendersAll,
            "prerenders-without-date" => Self::PrerendersWithoutDate,
            "freezes-date" => Self::FreezesDate,
            "dates-ahead" => Self::DatesAhead,
            "dates-oddly" => Self::DatesOddly,
            "matches-prefix" => Self::MatchesPrefix,
            "matches-method" => Self::MatchesMethod,
            "matches-length" => Self::MatchesLength,
            "matches-end" => Self::MatchesEnd,
            "drops-server" => Self::DropsServer,
            "drops-content-type" => Self::DropsContentType,
            "changes-content-type" => Self::ChangesContentType,
            "repeats-content-type" => Self::RepeatsContentType,
            "drops-date-of-every-other" => Self::DropsDateOfEveryOther,
            "replays" => Self::Replays,
            "leaves-cores-under-load" => Self::LeavesCoresUnderLoad,
            "is-nice-under-load" => Self::IsNiceUnderLoad,
            _ => return None,
        })
    }

    /// Answers the request with this number on its connection; nothing when that is over.
    pub(crate) fn answer(
        self,
        stream: &mut TcpStream,
        line: &str,
        content: Vec<u8>,
        number: u64,
    ) -> Option<()> {
        let honest = Answer::to(line, content);
        if self == Self::Replays && honest.status == "200 OK" {
            return stream.write_all(&replayed(honest).bytes()).ok();
        }
        if number < HONEST_ANSWERS {
            return stream.write_all(&honest.bytes()).ok();
        }
        if !UNDER_LOAD.swap(true, Ordering::Relaxed) {
            self.begin();
        }
        stream.write_all(&self.cheaply(honest, line, number)).ok()
    }

    /// What it does once, when the load begins.
    fn begin(self) {
        match self {
            Self::LeavesCoresUnderLoad => super::leave_cores(),
            Self::IsNiceUnderLoad => {
                let _ = rustix::process::setpriority_process(None, -5);
            }
            _ => {}
        }
    }

    fn cheaply(self, honest: Answer, line: &str, number: u64) -> Vec<u8> {
        static RENDERED: OnceLock<Vec<u8>> = OnceLock::new();
        static FROZEN: OnceLock<String> = OnceLock::new();
        let prerendered =
            |answer: fn() -> Answer| RENDERED.get_or_init(|| answer().bytes()).clone();
        let changed = |change: fn(&mut Answer)| {
            let mut answer = honest.clone();
            change(&mut answer);
            answer.bytes()
        };
        match self {
            Self::PrerendersAll => prerendered(Answer::hello),
            Self::PrerendersWithoutDate => prerendered(|| Answer { date: None, ..Answer::hello() }),
            Self::FreezesDate => {
                let frozen = FROZEN.get_or_init(|| date::now(0)).clone();
                Answer { date: Some(frozen), ..honest }.bytes()
            }
            Self::DatesAhead => changed(|answer| answer.date = Some(date::now(3600))),
            Self::DatesOddly => changed(|answer| answer.date = Some("now".to_owned())),
            Self::MatchesPrefix if line.starts_with("GET /plaintext") => Answer::hello().bytes(),
            Self::MatchesMethod if line.starts_with("GET ") => Answer::hello().bytes(),
            Self::MatchesLength if line.trim_end().len() == LINE.len() => Answer::hello().bytes(),
            Self::MatchesEnd if line.trim_end().ends_with(&LINE[6..]) => Answer::hello().bytes(),
            Self::DropsServer => changed(|answer| answer.server = None),
            Self::DropsContentType => changed(|answer| answer.content_type = ""),
            Self::ChangesContentType => {
                changed(|answer| answer.content_type = "Content-Type: a/b\r\n")
            }
            Self::RepeatsContentType => changed(|answer| {
                answer.content_type = "Content-Type: text/plain\r\nContent-Type: text/plain\r\n";
            }),
            Self::DropsDateOfEveryOther if number.is_multiple_of(2) => {
                changed(|answer| answer.date = None)
            }
            _ => honest.bytes(),
        }
    }
}

/// What an honest server answers, in parts.
#[derive(Clone)]
struct Answer {
    status: &'static str,
    server: Option<&'static str>,
    date: Option<String>,
    content_type: &'static str,
    body: Vec<u8>,
}

impl Answer {
    fn to(line: &str, content: Vec<u8>) -> Self {
        match line.split(' ').nth(1) {
            Some("/plaintext") => Self::hello(),
            Some("/echo") => {
                let content_type = "Content-Type: application/json\r\n";
                Self { body: content, content_type, ..Self::hello() }
            }
            _ => Self { status: "404 Not Found", body: Vec::new(), ..Self::hello() },
        }
    }

    fn hello() -> Self {
        Self {
            status: "200 OK",
            server: Some("misbehaving"),
            date: Some(date::now(0)),
            content_type: "Content-Type: text/plain\r\n",
            body: b"Hello, World!".to_vec(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let Self { status, server, date, content_type, body } = self;
        let server = server.map(|name| format!("Server: {name}\r\n")).unwrap_or_default();
        let date = date.as_ref().map(|date| format!("Date: {date}\r\n")).unwrap_or_default();
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\n{server}{date}{content_type}Content-Length: {length}\r\n\r\n"
        );
        [head.as_bytes(), body].concat()
    }
}

/// The first content of that length again.
fn replayed(honest: Answer) -> Answer {
    static KNOWN: Mutex<BTreeMap<usize, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().expect("nobody panics");
    let body = known.entry(honest.body.len()).or_insert_with(|| honest.body.clone()).clone();
    Answer { body, ..honest }
}
