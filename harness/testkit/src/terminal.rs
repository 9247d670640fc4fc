//! A terminal, for what programs show on one only.

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// A program whose standard error is a terminal; it ends with this.
#[derive(Debug)]
pub struct Terminal {
    child: Child,
    shown: Receiver<Vec<u8>>,
}

impl Terminal {
    /// Runs a command in `folder` on a terminal of so many rows and columns, which `script` (of
    /// util-linux, a part of every Linux system) makes. What it writes to its standard output is
    /// left out.
    ///
    /// # Panics
    /// When `script` cannot be started.
    #[must_use]
    pub fn run(folder: &Path, command: &[&str], rows: u16, columns: u16) -> Self {
        let words: Vec<String> = command.iter().map(|word| quoted(word)).collect();
        let line =
            format!("stty rows {rows} cols {columns} <&2 && exec {} >/dev/null", words.join(" "));
        let mut child = Command::new("script")
            .args(["--quiet", "--flush", "--return", "--command", &line, "/dev/null"])
            .current_dir(folder)
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("script (util-linux) starts");
        let mut screen = child.stdout.take().expect("a pipe");
        let (sender, shown) = channel();
        thread::spawn(move || {
            let mut bytes = vec![0; 64 * 1024];
            while let Ok(read @ 1..) = screen.read(&mut bytes) {
                if sender.send(bytes[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self { child, shown }
    }

    /// What was written next; nothing when the program has ended.
    ///
    /// # Panics
    /// When nothing comes within `patience`.
    pub fn read(&mut self, patience: Duration) -> Option<Vec<u8>> {
        match self.shown.recv_timeout(patience) {
            Ok(bytes) => Some(bytes),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("nothing was shown for {patience:?}"),
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The program is hung up when its terminal goes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// As one word of a POSIX shell.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::Terminal;
    use std::path::Path;
    use std::time::Duration;

    #[test]
    fn a_program_sees_a_terminal_of_that_size_and_its_end_is_seen() {
        let line = "test -t 2 && ! test -t 1 && stty size <&2 >&2";
        let mut terminal = Terminal::run(Path::new("/"), &["sh", "-c", line], 7, 93);
        let mut text = Vec::new();
        while let Some(bytes) = terminal.read(Duration::from_secs(60)) {
            text.extend(bytes);
        }
        assert_eq!(String::from_utf8_lossy(&text).trim(), "7 93");
    }
}
