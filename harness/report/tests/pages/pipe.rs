//! The DevTools protocol over two pipes: JSON messages, each followed by a NUL
//! (`--remote-debugging-pipe`). No port is opened.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Long enough for a machine that is busy with everything else.
const DEADLINE: Duration = Duration::from_secs(120);

/// Both ends of the protocol's connection.
pub(crate) struct Pipe {
    to_browser: Box<dyn Write + Send>,
    messages: Receiver<Value>,
    last_id: u64,
    /// Events that came while an answer was awaited.
    pub(crate) events: Vec<Value>,
}

impl Pipe {
    pub(crate) fn new(
        to_browser: impl Write + Send + 'static,
        from_browser: impl Read + Send + 'static,
    ) -> Self {
        let (sender, messages) = mpsc::channel();
        thread::spawn(move || {
            for message in BufReader::new(from_browser).split(0).map_while(Result::ok) {
                let message = serde_json::from_slice(&message).expect("JSON from the browser");
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { to_browser: Box::new(to_browser), messages, last_id: 0, events: vec![] }
    }

    /// Sends a command, and gives back its result.
    pub(crate) fn call(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": parameters });
        if let Some(session) = session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.to_browser
            .write_all(&bytes)
            .and_then(|()| self.to_browser.flush())
            .expect("a browser");
        let id = json!(self.last_id);
        let answer = self.receive(method, |message| message["id"] == id);
        assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
        answer["result"].clone()
    }

    /// Waits for an event of this name, also one that came already.
    pub(crate) fn wait_for(&mut self, event: &str) {
        if !self.events.iter().any(|seen| seen["method"] == event) {
            let message = self.receive(event, |message| message["method"] == event);
            self.events.push(message);
        }
    }

    fn receive(&mut self, what: &str, is_it: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + DEADLINE;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let message = self
                .messages
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("no answer to {what}: {error}"));
            if is_it(&message) {
                return message;
            }
            self.events.push(message);
        }
    }
}
