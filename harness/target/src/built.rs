//! Where cargo has put what it built. Its configuration decides that (`build.target`,
//! `CARGO_BUILD_TARGET`, a profile), and a program of an earlier build may lie where the manifest runs one.

use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::time::Duration;
use std::{fs, thread};

use serde::Deserialize;

/// `arguments` so that cargo tells of each program that it has built; none for what is no build by
/// cargo, or has its messages in a form of its own.
pub(crate) fn telling(arguments: &[String]) -> Option<Vec<String>> {
    let is_setting = |word: &&String| *word == "env" || word.contains('=');
    let mut words = arguments.iter().skip_while(is_setting);
    let (program, others) = (words.next()?, words);
    let is_cargo = Path::new(program).file_name().is_some_and(|name| name == "cargo");
    let own = others.take_while(|one| *one != "--").collect::<Vec<_>>();
    let builds = own.iter().any(|one| *one == "build" || *one == "b");
    let has_form = own.iter().any(|one| one.starts_with("--message-format"));
    if !is_cargo || !builds || has_form {
        return None;
    }
    let mut telling = arguments.to_vec();
    let end = arguments.iter().position(|one| one == "--").unwrap_or(arguments.len());
    telling.insert(end, "--message-format=json-render-diagnostics".to_owned());
    Some(telling)
}

/// One message of cargo, of which no more than this is looked at.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

/// The programs that cargo tells of, one after another.
pub(crate) struct Programs(Receiver<PathBuf>);

impl Programs {
    /// Those in its messages, which are read to their end.
    pub(crate) fn told_in(messages: impl Read + Send + 'static) -> Self {
        let (send, receive) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(messages).split(b'\n') {
                let Ok(line) = line else { break };
                let message = serde_json::from_slice::<Message>(&line);
                if let Ok(Message { executable: Some(program) }) = message
                    && send.send(program).is_err()
                {
                    break;
                }
            }
        });
        Self(receive)
    }

    /// All of them, once cargo has ended. A child of it that holds its output open is waited for no
    /// longer than `patience`.
    pub(crate) fn all(self, patience: Duration) -> Vec<PathBuf> {
        let mut all = Vec::new();
        loop {
            match self.0.recv_timeout(patience) {
                Ok(program) => all.push(program),
                Err(RecvTimeoutError::Disconnected | RecvTimeoutError::Timeout) => return all,
            }
        }
    }
}

/// Sees to it that what lies at `run` is one of the programs that were just `built`: where cargo has
/// put that of this name elsewhere, it is copied there in the place of what may lie there.
///
/// # Errors
/// When it cannot be copied.
pub(crate) fn put_in_place(built: &[PathBuf], run: &Path) -> io::Result<()> {
    if built.iter().any(|program| same(program, run)) {
        return Ok(());
    }
    let Some(program) = built.iter().find(|program| program.file_name() == run.file_name()) else {
        return Ok(());
    };
    if let Some(folder) = run.parent() {
        fs::create_dir_all(folder)?;
    }
    // What lies there may be another name of a file of cargo's own: it must not be written into.
    match fs::remove_file(run) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => fs::copy(program, run).map(drop),
    }
}

fn same(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;
    use std::time::Duration;

    use super::{Programs, put_in_place, telling};

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn cargo_is_asked_where_it_builds_and_nobody_else_is() {
        let flag = "--message-format=json-render-diagnostics";
        for line in ["cargo build --release", "/opt/bin/cargo +1.90 b -p x", "env A=b cargo build"]
        {
            assert_eq!(telling(&words(line)), Some(words(&format!("{line} {flag}"))), "{line}");
        }
        let own = "cargo build --message-format=short";
        for line in ["go build -o x", "cargo fetch", "npm ci", "cargo run -- build", own] {
            assert_eq!(telling(&words(line)), None, "{line}");
        }
    }

    #[test]
    fn programs_are_found_among_the_other_messages() {
        let messages: &[u8] = b"{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
            no message\n{\"reason\":\"compiler-artifact\",\"executable\":\"/t/release/x\"}\n\
            {\"reason\":\"build-finished\",\"success\":true}\n";
        let found = Programs::told_in(messages).all(Duration::from_secs(10));
        assert_eq!(found, [PathBuf::from("/t/release/x")]);
    }

    #[test]
    fn what_was_built_elsewhere_takes_the_place_of_an_old_program() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("triple/release")).expect("a folder");
        fs::create_dir_all(at("release/deps")).expect("a folder");
        fs::write(at("triple/release/x"), "new").expect("written");
        fs::write(at("triple/release/y"), "other").expect("written");
        fs::write(at("release/deps/x-0123"), "old").expect("written");
        fs::hard_link(at("release/deps/x-0123"), at("release/x")).expect("linked");
        let built = [at("triple/release/y"), at("triple/release/x")];
        put_in_place(&built, &at("release/x")).expect("copied");
        let text = |name: &str| fs::read_to_string(at(name)).expect("readable");
        assert_eq!(
            (text("release/x").as_str(), text("release/deps/x-0123").as_str()),
            ("new", "old")
        );
        // What is run where it was built stays, as does what is no program of cargo.
        put_in_place(&built, &at("triple/release/x")).expect("in place");
        put_in_place(&built, &at("server.py")).expect("nothing to do");
        assert!(!at("server.py").exists());
        put_in_place(&[at("triple/release/x")], &at("fresh/x")).expect("copied");
        assert_eq!(text("fresh/x"), "new");
    }
}
