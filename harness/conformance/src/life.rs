//! Whether the server under test lives, and how it is started again when it has died under a case.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::{Instant, sleep, timeout};

use crate::plan::Target;
use crate::trouble::is_ours;
use crate::words::bounded;

/// How long a server may take to answer for its page while cases are asked, and while none is.
const BESIDE_CASES: Duration = Duration::from_secs(3);
const ALONE: Duration = Duration::from_secs(5);
/// How long a process may take to end that has closed its connections.
const ENDING: Duration = Duration::from_secs(1);
/// Where several workers share a port, each has its part of the connections: so many reach all.
const CONNECTIONS: usize = 8;
/// How often a server is started again, beside what its manifest says.
pub(crate) const MOST_DEATHS: usize = 8;

/// Whoever started the server under test, and can start it again.
pub trait Keeper {
    /// How its process ended, in words; nothing while it runs.
    fn ended(&mut self) -> Option<String>;

    /// The last lines that it wrote.
    fn last_words(&self) -> String;

    /// How much it has written until now.
    fn written(&self) -> u64;

    /// What it has written since it had written so much, as far as that is kept.
    fn words_since(&self, written: u64) -> String;

    /// Ends what is left of it and starts it again. Where it listens now.
    ///
    /// # Errors
    /// Why it does not start.
    fn start_again(&mut self) -> Result<SocketAddr, String>;
}

/// How a server died.
#[derive(Clone, Debug)]
pub(crate) struct Death {
    /// The same in every run.
    pub(crate) label: &'static str,
    /// With its status and its last words.
    pub(crate) how: String,
}

/// The life of the server, as far as somebody keeps it.
pub(crate) struct Life<'a> {
    keeper: Option<&'a mut dyn Keeper>,
    /// How many more deaths it is started again after.
    left: usize,
    /// Why it is not started again.
    over: Option<String>,
}

impl<'a> Life<'a> {
    /// It may die as often as `known` cases are known to fail, and a few times more.
    pub(crate) fn new(keeper: Option<&'a mut dyn Keeper>, known: usize) -> Self {
        Self { keeper, left: MOST_DEATHS + known, over: None }
    }

    pub(crate) fn is_kept(&self) -> bool {
        self.keeper.is_some()
    }

    /// How much the server has written until now; nothing is known of one that nobody keeps.
    pub(crate) fn written(&self) -> u64 {
        self.keeper.as_deref().map_or(0, Keeper::written)
    }

    /// What it has written since then, bounded; nothing where it has not.
    pub(crate) fn words_since(&self, written: u64) -> Option<String> {
        bounded(&self.keeper.as_deref()?.words_since(written))
    }

    /// Why there is no server to ask any more.
    pub(crate) fn over(&self) -> Option<&str> {
        self.over.as_deref()
    }

    /// Whether its process has ended.
    pub(crate) fn ended(&mut self) -> Option<Death> {
        let keeper = self.keeper.as_deref_mut()?;
        let status = keeper.ended()?;
        let how = with_last_words(format!("the server ended ({status})"), keeper);
        Some(Death { label: "server ended", how })
    }

    /// Whether it has ended or answers no more. Its process may go on without the worker that a case
    /// has ended.
    pub(crate) async fn death(&mut self, target: &Target) -> Option<Death> {
        if let Some(death) = self.ended() {
            return Some(death);
        }
        if !self.is_kept() || answers(target, ALONE).await {
            return None;
        }
        // What ends connections may end the process a moment later.
        let until = Instant::now() + ENDING;
        while Instant::now() < until {
            if let Some(death) = self.ended() {
                return Some(death);
            }
            sleep(ENDING / 50).await;
        }
        let keeper = self.keeper.as_deref_mut()?;
        let what = format!(
            "the server runs and answers GET {} no more, on one of {CONNECTIONS} connections within \
             {} s",
            target.page.path(),
            ALONE.as_secs()
        );
        Some(Death { label: "server answers no more", how: with_last_words(what, keeper) })
    }

    /// Whether it answers while cases are asked; only a hint, as these may have all of it.
    pub(crate) async fn answers_beside_cases(&self, target: &Target) -> bool {
        answers(target, BESIDE_CASES).await
    }

    /// Takes note of a death that is told: after too many, it stays dead.
    pub(crate) fn count(&mut self) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 && self.over.is_none() {
            self.over = Some("the server had died too often to be started again".to_owned());
        }
    }

    /// Starts it again, unless it has died too often; where it listens now.
    pub(crate) fn start_again(&mut self) -> Option<SocketAddr> {
        if self.over.is_some() {
            return None;
        }
        match block_in_place(|| self.keeper.as_deref_mut().map(Keeper::start_again))? {
            Ok(address) => Some(address),
            Err(why) => {
                self.over = Some(format!("the server had died and does not start again: {why}"));
                None
            }
        }
    }
}

fn with_last_words(what: String, keeper: &dyn Keeper) -> String {
    match keeper.last_words() {
        words if words.is_empty() => format!("{what}; it wrote nothing"),
        words => format!("{what}; it wrote:\n{words}"),
    }
}

/// Whether each of several new connections is answered.
async fn answers(target: &Target, patience: Duration) -> bool {
    let mut asking = JoinSet::new();
    for _ in 0..CONNECTIONS {
        asking.spawn(answers_once(target.clone()));
    }
    let all = async {
        while let Some(answered) = asking.join_next().await {
            if !answered.unwrap_or(false) {
                return false;
            }
        }
        true
    };
    timeout(patience, all).await.unwrap_or(false)
}

async fn answers_once(target: Target) -> bool {
    match first_bytes(&target).await {
        Ok(bytes) => bytes.starts_with(b"HTTP/"),
        // What this machine could not do says nothing of the server.
        Err(error) => {
            target.trouble.note(&error);
            is_ours(&error)
        }
    }
}

async fn first_bytes(target: &Target) -> io::Result<Vec<u8>> {
    let (path, authority) = (target.page.path(), &target.authority);
    let question = format!("GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n");
    let mut stream = TcpStream::connect(target.address).await?;
    stream.write_all(question.as_bytes()).await?;
    let mut bytes = vec![0; 4096];
    let count = stream.read(&mut bytes).await?;
    bytes.truncate(count);
    Ok(bytes)
}
