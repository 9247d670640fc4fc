//! Servers that keep the whole contract at every check and cheat under load: one by one on a connection,
//! or in what they do to the machine. All are the testkit's right server, whose answers they change.

use std::collections::BTreeMap;
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
    /// It gives its answer to the first content of the load to every other one of that length.
    Replays,
    /// It leaves its cores once there is load.
    LeavesCoresUnderLoad,
    /// So does one of its threads, among so many that not all of them can be asked at the edge of a window.
    HidesAmongThreads,
    /// It takes a real-time class once there is load, which only root may.
    IsRealtimeUnderLoad,
    /// It takes a better niceness once there is load, which only root may.
    IsNiceUnderLoad,
}

/// Right answers on each connection before it cheats: more than any check asks for on one.
const HONEST_ANSWERS: usize = 300;

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
            "hides-among-threads" => Self::HidesAmongThreads,
            "is-realtime-under-load" => Self::IsRealtimeUnderLoad,
            "is-nice-under-load" => Self::IsNiceUnderLoad,
            _ => return None,
        })
    }

    /// What is sent for the response with this number on its connection, to a request with this first
    /// line, where `right` is what a right server sends.
    pub(crate) fn change(self, number: usize, line: &str, right: Vec<u8>) -> Vec<u8> {
        if number < HONEST_ANSWERS {
            return right;
        }
        if !UNDER_LOAD.swap(true, Ordering::Relaxed) {
            self.begin();
        }
        self.cheaply(right, line, number)
    }

    /// What it does once, when the load begins. Whoever wants to know that it had the time for it gives
    /// its second argument: a file, which is there from then on.
    fn begin(self) {
        if let Some(file) = std::env::args().nth(2) {
            std::fs::write(&file, "").unwrap_or_else(|why| panic!("{file}: {why}"));
        }
        match self {
            Self::LeavesCoresUnderLoad => super::leave_cores(),
            Self::HidesAmongThreads => {
                let idle = || std::thread::Builder::new().stack_size(16 * 1024);
                let park = || loop {
                    std::thread::park();
                };
                (0..600).for_each(|_| drop(idle().spawn(park).expect("a thread")));
                super::leave_cores();
            }
            Self::IsRealtimeUnderLoad => {
                let own = std::process::id().to_string();
                let class = ["--all-tasks", "--fifo", "--pid", "1", &own];
                let _ = std::process::Command::new("chrt").args(class).status();
            }
            Self::IsNiceUnderLoad => {
                let _ = rustix::process::setpriority_process(None, -5);
            }
            _ => {}
        }
    }

    fn cheaply(self, right: Vec<u8>, line: &str, number: usize) -> Vec<u8> {
        static RENDERED: OnceLock<Vec<u8>> = OnceLock::new();
        static FROZEN: OnceLock<String> = OnceLock::new();
        let prerendered = |of: fn() -> Vec<u8>| RENDERED.get_or_init(of).clone();
        let date = |date: &str| with(&without(&right, "Date"), &format!("Date: {date}"));
        match self {
            Self::PrerendersAll => prerendered(hello),
            Self::PrerendersWithoutDate => prerendered(|| without(&hello(), "Date")),
            Self::FreezesDate => date(FROZEN.get_or_init(|| date::now(0))),
            Self::DatesAhead => date(&date::now(3600)),
            Self::DatesOddly => date("now"),
            Self::MatchesPrefix if line.starts_with("GET /plaintext") => hello(),
            Self::MatchesMethod if line.starts_with("GET ") => hello(),
            Self::MatchesLength if line.len() == LINE.len() => hello(),
            Self::MatchesEnd if line.ends_with(&LINE[6..]) => hello(),
            Self::DropsServer => without(&right, "Server"),
            Self::DropsContentType => without(&right, "Content-Type"),
            Self::ChangesContentType => with(&without(&right, "Content-Type"), "Content-Type: a/b"),
            Self::RepeatsContentType => with(&right, "Content-Type: text/plain"),
            Self::Replays if line == "POST /echo HTTP/1.1" => replayed(right),
            Self::DropsDateOfEveryOther if number.is_multiple_of(2) => without(&right, "Date"),
            _ => right,
        }
    }
}

/// The response to the load, made anew.
fn hello() -> Vec<u8> {
    let date = date::now(0);
    format!(
        "HTTP/1.1 200 OK\r\nDate: {date}\r\nServer: testkit\r\nContent-Type: text/plain; \
         charset=utf-8\r\nContent-Length: 13\r\n\r\nHello, World!"
    )
    .into_bytes()
}

/// A response without the fields of this name.
fn without(response: &[u8], name: &str) -> Vec<u8> {
    let (head, content) = response.split_at(end_of_head(response));
    let is_one = |line: &&[u8]| {
        let colon = line.iter().position(|&byte| byte == b':').unwrap_or(0);
        line[..colon].eq_ignore_ascii_case(name.as_bytes())
    };
    let lines = head.split_inclusive(|&byte| byte == b'\n').filter(|line| !is_one(line));
    lines.chain([content]).collect::<Vec<_>>().concat()
}

/// A response with one field more.
fn with(response: &[u8], field: &str) -> Vec<u8> {
    let (head, rest) = response.split_at(end_of_head(response) - 2);
    [head, field.as_bytes(), b"\r\n", rest].concat()
}

/// Where the content begins.
fn end_of_head(response: &[u8]) -> usize {
    let end = response.windows(4).position(|four| four == b"\r\n\r\n");
    end.expect("a right server sends a whole head") + 4
}

/// The first response of that length again.
fn replayed(right: Vec<u8>) -> Vec<u8> {
    static KNOWN: Mutex<BTreeMap<usize, Vec<u8>>> = Mutex::new(BTreeMap::new());
    let mut known = KNOWN.lock().expect("nobody panics");
    known.entry(right.len()).or_insert(right).clone()
}
