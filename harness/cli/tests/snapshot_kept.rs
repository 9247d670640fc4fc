//! `conform` and the snapshot that is committed: a change of behaviour is shown and fails, an old
//! snapshot is not lost, and what comes out one way and then the other is no snapshot at all.

#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use httpdyno_testkit::{Lawful, Quirk, Server, WireQuirk};
use signal_hook::consts::SIGTERM;
use signal_hook::iterator::Signals;

/// In the environment of the server: the file that says how it behaves.
const BEHAVIOUR: &str = "HTTPDYNO_TEST_BEHAVIOUR";

const CASE: &str = "h1/host/missing";

/// Not a test, but the server under test: this program is started again to be it.
#[test]
fn serve_under_the_contract() {
    let Some(file) = std::env::var_os(BEHAVIOUR) else { return };
    let given = |name| std::env::var(name).unwrap_or_else(|_| panic!("{name} is set"));
    let address = format!("{}:{}", given("HOST"), given("PORT")).parse().expect("an address");
    let mut signals = Signals::new([SIGTERM]).expect("a signal handler");
    let behaviour = fs::read_to_string(&file).expect("readable");
    let mut starts = behaviour.split(' ').map(str::to_owned).collect::<Vec<_>>();
    // One word for each start, the last for all that come.
    let now = starts[0].trim().to_owned();
    if starts.len() > 1 {
        starts.remove(0);
        fs::write(&file, starts.join(" ")).expect("written");
    }
    let quirks: Vec<Quirk> = match now.as_str() {
        "right" => Vec::new(),
        "wrong" => vec![WireQuirk::AcceptsMissingHost.into()],
        "odd" => vec![Lawful::ClosesEveryTime.into()],
        other => panic!("no behaviour is called {other}"),
    };
    let _server = Server::with_at(address, quirks);
    signals.forever().next();
    std::process::exit(0);
}

/// A root with an entry whose behaviour can be changed, and few cases.
struct Tried {
    root: tempfile::TempDir,
}

impl Tried {
    fn new(variants: bool) -> Self {
        let root = tempfile::tempdir().expect("a folder");
        let spec = root.path().join("spec");
        fs::create_dir_all(spec.join("cases")).expect("a folder");
        for item in fs::read_dir(tree::root().join("spec")).expect("readable").flatten() {
            if item.file_name() != "cases" {
                symlink(item.path(), spec.join(item.file_name())).expect("link");
            }
        }
        let cases = "spec/cases/host.yaml";
        symlink(tree::root().join(cases), root.path().join(cases)).expect("link");
        let tried = Self { root };
        fs::create_dir_all(tried.folder()).expect("a folder");
        let program = std::env::current_exe().expect("own path");
        let environment = format!("{BEHAVIOUR}: \"{}\"", tried.behaviour().display());
        let default = format!("{{ id: one, summary: one, default: true, env: {{{environment}}} }}");
        let other = format!("{{ id: two, summary: two, env: {{{environment}}} }}");
        let all = if variants { format!("{default}, {other}") } else { default };
        let manifest = format!(
            "id: kept\nname: kept\nlanguage: rust\nframework: {{ name: std, url: \"https://doc.rust-lang.org\" }}\n\
             concurrency: a thread per connection\nprotocols: [http/1.1]\nprocess:\n  \
             run: [\"{}\", --exact, serve_under_the_contract, --nocapture]\n  \
             version: [echo, kept]\nendpoints: [plaintext]\nvariants: [{all}]\n",
            program.display()
        );
        fs::write(tried.folder().join("implementation.yaml"), manifest).expect("written");
        tried.behaves("right");
        tried
    }

    fn folder(&self) -> PathBuf {
        self.root.path().join("implementations/kept")
    }

    fn behaviour(&self) -> PathBuf {
        self.root.path().join("behaviour")
    }

    fn snapshot(&self) -> Option<String> {
        fs::read_to_string(self.folder().join("conformance.snap")).ok()
    }

    /// One word for each start from now on, the last for all that come.
    fn behaves(&self, words: &str) {
        fs::write(self.behaviour(), words).expect("written");
    }

    /// `conform --impl kept` ends so, and says all of this; its standard output.
    #[track_caller]
    fn conform(&self, more: &[&str], code: i32, wanted: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
            .args(["conform", "--impl", "kept", "--database", "none"])
            .args(more)
            .arg("--root")
            .arg(self.root.path())
            .stdin(Stdio::null())
            .output()
            .expect("httpdyno runs");
        let [out, err] =
            [output.stdout, output.stderr].map(|it| String::from_utf8_lossy(&it).into_owned());
        assert_eq!(output.status.code(), Some(code), "{out}{err}");
        for wanted in wanted {
            assert!(format!("{out}{err}").contains(wanted), "no `{wanted}` in: {out}{err}");
        }
        out
    }
}

const WRITE: &str = "--write-snapshot";

#[test]
fn a_change_of_behaviour_is_shown_and_an_old_snapshot_is_kept() {
    let tried = Tried::new(false);
    tried.conform(&[WRITE], 0, &["is written"]);
    let first = tried.snapshot().expect("written");
    assert!(first.contains(CASE), "{first}");
    let out = tried.conform(&[], 0, &[]);
    assert!(!out.contains("otherwise"), "{out}");
    tried.conform(&[WRITE], 0, &["as it was"]);

    // Lawful, and other than before: it is no failure of a case, but it is one of the entry.
    tried.behaves("odd");
    let shown = ["came out otherwise than its conformance.snap says", "--replace"];
    let out = tried.conform(&[], 1, &shown);
    let lines: Vec<&str> = out.lines().map(str::trim).collect();
    let at = lines.iter().position(|line| line.starts_with("h1/host/ipv6")).expect("the case");
    assert!(lines[at + 1].starts_with("- pass") && lines[at + 2].starts_with("+ pass"), "{out}");
    assert_ne!(lines[at + 1][1..], lines[at + 2][1..], "{out}");
    // Of some cases alone too, for programs too.
    tried.conform(&["--case", "h1/host/ipv6"], 1, &["1 case came", "h1/host/ipv6"]);
    let out = tried.conform(&["--format", "json"], 1, &shown);
    assert!(out.starts_with('[') && !out.contains("otherwise"), "{out}");

    tried.conform(&[WRITE], 1, &["is not written", "another one is there", "otherwise"]);
    assert_eq!(tried.snapshot().as_deref(), Some(first.as_str()));
    tried.conform(&[WRITE, "--replace"], 0, &["otherwise", "is written"]);
    assert_ne!(tried.snapshot().expect("written"), first);
    tried.conform(&[], 0, &[]);
    tried.conform(&["--replace"], 2, &["--write-snapshot"]);
}

/// A snapshot is of what comes out each time; and what does not is named, with what to do about it.
#[test]
fn what_is_unstable_is_named_and_not_written() {
    let tried = Tried::new(true);
    // Of two variants, the second is wrong at the last of three times.
    tried.behaves("right right right right right wrong");
    let out = tried.conform(
        &[WRITE],
        1,
        &["is not written", "did not come out the same 3 times", CASE, "2 x pass 400"],
    );
    assert_eq!(tried.snapshot(), None);
    let lines = pasted(&out);
    assert!(lines.contains("varies: true") && lines.contains("variants: [two]"), "{out}");
    paste(&tried.folder(), &lines);
    // With these lines in place, it may do so.
    tried.behaves("right right wrong right wrong right");
    tried.conform(&[WRITE], 1, &["did not come out the same 3 times", "variants: [two, one]"]);
    tried.behaves("right wrong right right right wrong");
    tried.conform(&[WRITE], 0, &["is written"]);
    let snapshot = tried.snapshot().expect("written");
    assert!(snapshot.contains("kept@two: known-deviation"), "{snapshot}");
}

/// Once out of three times is no change of behaviour; and what fails is offered for the manifest.
#[test]
fn what_fails_is_asked_again_and_its_lines_are_offered() {
    let tried = Tried::new(false);
    tried.conform(&[WRITE], 0, &["is written"]);
    tried.behaves("odd right");
    let out = tried.conform(&[], 0, &["did not come out the same 3 times"]);
    assert!(!out.contains("otherwise"), "{out}");
    tried.behaves("wrong right");
    let out = tried.conform(&[], 1, &["1 x fail", "2 x pass 400"]);
    assert!(pasted(&out).contains("varies: true"), "{out}");
    tried.behaves("wrong");
    let out = tried.conform(&[], 1, &[CASE, "WHY"]);
    let lines = pasted(&out);
    assert!(!lines.contains("varies") && !lines.contains("variants"), "{out}");
    fs::remove_file(tried.folder().join("conformance.snap")).expect("removed");
    paste(&tried.folder(), &lines);
    tried.conform(&[WRITE], 0, &["is written"]);
}

/// The lines for the manifest.
fn pasted(out: &str) -> String {
    let lines = out.lines().skip_while(|line| *line != "known_deviations:");
    let is_of_them = |line: &&str| *line == "known_deviations:" || line.starts_with("  ");
    lines.take_while(is_of_them).map(|line| format!("{line}\n")).collect()
}

fn paste(folder: &Path, lines: &str) {
    assert!(lines.starts_with("known_deviations:\n  - case: "), "{lines}");
    let file = folder.join("implementation.yaml");
    let manifest = fs::read_to_string(&file).expect("readable");
    fs::write(file, manifest + lines).expect("written");
}
