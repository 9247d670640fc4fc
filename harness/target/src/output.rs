//! The last lines that a process wrote, kept in bounded memory.

use std::collections::VecDeque;
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// As much of a process's output as an error message needs.
const KEPT_BYTES: usize = 4096;
/// As much as is kept of the last: many requests at a time may each be the cause of some lines.
const LAST_BYTES: usize = 16 * KEPT_BYTES;

/// How long the output of processes that have ended may take.
const FINISH_LIMIT: Duration = Duration::from_secs(5);

/// Drains a pipe until its end, keeping the last few kilobytes: a server that logs without end
/// neither blocks on a full pipe nor fills the harness's memory.
#[derive(Debug)]
pub(crate) struct OutputTail {
    kept: Arc<Mutex<Kept>>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Kept {
    bytes: VecDeque<u8>,
    /// How many there were in all.
    total: u64,
}

impl OutputTail {
    /// Keeps the last.
    pub(crate) fn drain(pipe: impl Read + Send + 'static) -> Self {
        Self::keeping(pipe, |kept| {
            let excess = kept.len().saturating_sub(LAST_BYTES);
            kept.drain(..excess);
        })
    }

    /// Keeps the first instead of the last.
    pub(crate) fn first_of(pipe: impl Read + Send + 'static) -> Self {
        Self::keeping(pipe, |kept| kept.truncate(KEPT_BYTES))
    }

    fn keeping(mut pipe: impl Read + Send + 'static, shorten: fn(&mut VecDeque<u8>)) -> Self {
        let kept: Arc<Mutex<Kept>> = Arc::default();
        let shared = Arc::clone(&kept);
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(read @ 1..) = pipe.read(&mut chunk) {
                let mut kept = shared.lock().unwrap_or_else(PoisonError::into_inner);
                kept.total += read as u64;
                kept.bytes.extend(&chunk[..read]);
                shorten(&mut kept.bytes);
            }
        });
        Self { kept, reader: Some(reader) }
    }

    /// What has been kept so far, the end of it.
    pub(crate) fn text(&self) -> String {
        let kept = self.lock();
        Self::end_of(&kept, KEPT_BYTES)
    }

    /// How many bytes there were until now.
    pub(crate) fn written(&self) -> u64 {
        self.lock().total
    }

    /// What came after the first `written` bytes, as far as it is kept. Of a process that has not written
    /// so many, which is another one than was asked, all.
    pub(crate) fn since(&self, written: u64) -> String {
        let kept = self.lock();
        let new = kept.total.checked_sub(written).unwrap_or(kept.total);
        Self::end_of(&kept, usize::try_from(new).unwrap_or(usize::MAX))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end_of(kept: &Kept, most: usize) -> String {
        let skipped = kept.bytes.len().saturating_sub(most);
        let bytes: Vec<u8> = kept.bytes.iter().skip(skipped).copied().collect();
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

#[cfg(test)]
mod tests {
    use std::io::{Read, Write as _, pipe};

    use super::{KEPT_BYTES, LAST_BYTES, OutputTail};

    #[test]
    fn what_came_since_a_moment_is_told_apart_from_what_was_there() {
        let (reader, mut writer) = pipe().expect("a pipe");
        let mut tail = OutputTail::drain(reader);
        writer.write_all(b"before\n").expect("written");
        while tail.written() < 7 {
            std::thread::yield_now();
        }
        let moment = tail.written();
        assert_eq!(tail.since(moment), "");
        writer.write_all(b"at that moment\n").expect("written");
        drop(writer);
        tail.finish();
        assert_eq!(tail.since(moment), "at that moment");
        assert_eq!(tail.since(0), "before\nat that moment");
        // That moment was of a process that had written more.
        assert_eq!(tail.since(1000), "before\nat that moment");
    }

    #[test]
    fn however_much_there_is_so_much_is_kept() {
        let endless = std::io::repeat(b'x').take(10 * LAST_BYTES as u64);
        let mut tail = OutputTail::drain(endless);
        tail.finish();
        assert_eq!(tail.text().len(), KEPT_BYTES);
        assert_eq!(tail.since(0).len(), LAST_BYTES);
        assert_eq!(tail.written(), 10 * LAST_BYTES as u64);
        let mut first = OutputTail::first_of(std::io::repeat(b'x').take(LAST_BYTES as u64));
        first.finish();
        assert_eq!(first.text().len(), KEPT_BYTES);
    }
}
