//! The last lines that a process wrote, kept in bounded memory.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// As much of a process's output as an error message needs.
const KEPT_BYTES: usize = 4096;

/// How long the output of processes that have ended may take.
const FINISH_LIMIT: Duration = Duration::from_secs(5);

/// Drains a pipe until its end, keeping the last few kilobytes: a server that logs without end
/// neither blocks on a full pipe nor fills the harness's memory.
#[derive(Debug)]
pub(crate) struct OutputTail {
    kept: Arc<Mutex<VecDeque<u8>>>,
    reader: Option<JoinHandle<()>>,
}

impl OutputTail {
    /// Keeps the last.
    pub(crate) fn drain(pipe: impl Read + Send + 'static) -> Self {
        Self::keeping(pipe, |kept| {
            let excess = kept.len().saturating_sub(KEPT_BYTES);
            kept.drain(..excess);
        })
    }

    /// Keeps the first instead of the last.
    pub(crate) fn first_of(pipe: impl Read + Send + 'static) -> Self {
        Self::keeping(pipe, |kept| kept.truncate(KEPT_BYTES))
    }

    fn keeping(mut pipe: impl Read + Send + 'static, shorten: fn(&mut VecDeque<u8>)) -> Self {
        let kept = Arc::new(Mutex::new(VecDeque::with_capacity(KEPT_BYTES)));
        let shared = Arc::clone(&kept);
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                let mut kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&chunk[..read]);
                shorten(&mut kept);
            }
        });
        Self { kept, reader: Some(reader) }
    }

    /// What has been kept so far.
    pub(crate) fn text(&self) -> String {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes: Vec<u8> = kept.iter().copied().collect();
        String::from_utf8_lossy(&bytes).trim().to_owned()
    }

    /// Waits for the end of the pipe, but not longer than `patience`.
    pub(crate) fn settle(&self, patience: Duration) {
        let deadline = Instant::now() + patience;
        let is_open = || self.reader.as_ref().is_some_and(|reader| !reader.is_finished());
        while is_open() && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits for the end of the pipe, which comes when every process that holds it has ended; not
    /// for one that outlives those that were waited for.
    pub(crate) fn finish(&mut self) {
        self.settle(FINISH_LIMIT);
        if let Some(reader) = self.reader.take_if(|reader| reader.is_finished()) {
            let _ = reader.join();
        }
    }
}
