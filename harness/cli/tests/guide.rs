//! The first contribution of CONTRIBUTING.md, command by command as it stands there, with what it says
//! that is seen.

#[allow(dead_code, reason = "databases and builds are of other tests")]
mod support;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_testkit::tell_skipped;

/// So often what starts a server is tried.
const ATTEMPTS: usize = 3;

/// A command of the guide, and what is to be seen of it.
#[derive(Debug, Default, PartialEq)]
struct Step {
    command: String,
    expected: Vec<String>,
}

/// The steps: each command of a block that shows a console, and each block for a shell as a whole.
fn steps(guide: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let mut block = None;
    for line in guide.lines() {
        if let Some(kind) = line.strip_prefix("```") {
            block = (!kind.is_empty()).then_some(kind);
            if kind == "bash" {
                steps.push(Step::default());
            }
            continue;
        }
        if let (Some("console"), Some(command)) = (block, line.strip_prefix("$ ")) {
            steps.push(Step { command: command.to_owned(), ..Step::default() });
        } else if let Some(step) = steps.last_mut() {
            match block {
                Some("console") => step.expected.push(line.to_owned()),
                Some("bash") => step.command += &format!("{line}\n"),
                _ => {}
            }
        }
    }
    steps
}

/// What is expected and not seen there: lines in their order, one after the other but for `...`, which
/// stands for any lines, or within a line for any text.
fn missing<'a>(expected: &'a [String], seen: &str) -> Option<&'a str> {
    let mut lines = seen.lines();
    let mut anywhere = false;
    for wanted in expected {
        if wanted == "..." {
            anywhere = true;
            continue;
        }
        let found = match anywhere {
            true => lines.any(|line| fits(line, wanted)),
            false => lines.next().is_some_and(|line| fits(line, wanted)),
        };
        if !found {
            return Some(wanted);
        }
        anywhere = false;
    }
    let is_over = anywhere || lines.next().is_none();
    (!is_over).then_some("the end")
}

fn fits(line: &str, wanted: &str) -> bool {
    let parts: Vec<&str> = wanted.split("...").collect();
    let [first, middle @ .., last] = parts.as_slice() else { return line == wanted };
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in middle {
        match rest.split_once(part) {
            Some((_, behind)) => rest = behind,
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A checkout as far as the guide needs it, and a `cargo` that has built.
fn checkout() -> tempfile::TempDir {
    let checkout = tree::empty();
    let root = checkout.path();
    fs::create_dir_all(root.join("implementations")).expect("a folder");
    let shared = "implementations/_shared";
    symlink(tree::root().join(shared), root.join(shared)).expect("link");
    fs::copy(tree::root().join(".gitignore"), root.join(".gitignore")).expect("copied");
    let built = root.join("built");
    fs::create_dir(&built).expect("a folder");
    let cargo = built.join("cargo");
    let program = env!("CARGO_BIN_EXE_httpdyno");
    let text = format!(
        "#!/bin/sh\n[ \"$1 $2 $3\" = 'run --release --' ] || exit 99\nshift 3\nexec '{program}' \"$@\"\n"
    );
    fs::write(&cargo, text).expect("written");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("changed");
    checkout
}

/// What a shell in `root` shows of the command, and how it ends.
fn run(root: &Path, command: &str) -> (Option<i32>, String) {
    let path = std::env::var("PATH").expect("a PATH");
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1\n{command}")])
        .current_dir(root)
        .env("PATH", format!("{}:{path}", root.join("built").display()))
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("guide"))
        .env_remove("GIT_DIR")
        .stdin(Stdio::null())
        .output()
        .expect("sh runs");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

fn guide() -> Vec<Step> {
    steps(&fs::read_to_string(tree::root().join("CONTRIBUTING.md")).expect("the guide"))
}

#[test]
fn the_first_contribution_goes_as_the_guide_says() {
    if !support::is_wanted("new-entry") {
        return;
    }
    let here = ["node --version", "npm --version", "git --version"];
    let root = checkout();
    let lacks = here.iter().find(|command| run(root.path(), command).0 != Some(0));
    if let Some(command) = lacks {
        return tell_skipped(&format!("`{command}` does not run here"));
    }
    assert_eq!(run(root.path(), "git init --quiet").0, Some(0));
    // What tools leave there is no part of it.
    let mut left = false;
    for step in guide() {
        let (mut code, mut seen) = run(root.path(), &step.command);
        // On a machine that is overloaded a server may start or answer late, but not each time.
        let starts_a_server = [" conform ", " bench "].iter().any(|it| step.command.contains(it));
        for _ in 1..ATTEMPTS {
            if starts_a_server && matches!(code, Some(1 | 2)) {
                (code, seen) = run(root.path(), &step.command);
            }
        }
        // Whether a machine under test is quiet enough for a figure is another matter.
        let may_be_void = step.command.contains(" bench ") && code == Some(3);
        assert!(code == Some(0) || may_be_void, "{}\n{code:?}: {seen}", step.command);
        let missing = missing(&step.expected, &seen);
        assert_eq!(missing, None, "{}\n{seen}", step.command);
        let folder = root.path().join("implementations/first-server");
        if folder.exists() && !left {
            left = true;
            fs::create_dir_all(folder.join("node_modules/some")).expect("a folder");
            fs::write(folder.join("node_modules/some/index.js"), "").expect("written");
        }
    }
    assert!(left);
}

/// The guide is read as a person reads it, wherever its toolchain is.
#[test]
fn the_guide_has_each_step_from_a_folder_to_a_figure() {
    let steps = guide();
    let at = |part: &str| {
        let at = steps.iter().position(|step| step.command.contains(part));
        at.unwrap_or_else(|| panic!("no `{part}` in {steps:#?}"))
    };
    let order =
        [" new ", "git apply", "--endpoint", "--write-snapshot", "git add", " bench "].map(at);
    assert!(order.is_sorted(), "{order:?}");
    assert!(steps[at("git apply")].command.ends_with("\nEND\n"), "{steps:#?}");
    let silent = ["git apply", "git add"];
    for step in steps.iter().filter(|it| !silent.iter().any(|one| it.command.starts_with(one))) {
        assert!(!step.expected.is_empty(), "{} shows nothing", step.command);
    }
}

#[test]
fn what_is_not_as_the_guide_says_is_found() {
    let text = "```sh\nno\n```\n```bash\none <<END\n$ two\nEND\n```\nno\n```console\n$ three\nseen\n\
                ...\nlast ... line\n```\n$ no\n";
    let found = steps(text);
    let step = |command: &str, expected: &[&str]| Step {
        command: command.to_owned(),
        expected: expected.iter().map(|&line| line.to_owned()).collect(),
    };
    let three = step("three", &["seen", "...", "last ... line"]);
    assert_eq!(found, [step("one <<END\n$ two\nEND\n", &[]), three]);
    let missing = |seen: &str| missing(&found[1].expected, seen).map(str::to_owned);
    assert_eq!(missing("seen\nlast of line\n"), None);
    assert_eq!(missing("seen\nand\nmore\nlast 17 line"), None);
    assert_eq!(missing("first\nseen\nlast 17 line").as_deref(), Some("seen"));
    assert_eq!(missing("seen\nlast 17 lines").as_deref(), Some("last ... line"));
    assert_eq!(missing("seen\nlast 17 line\nmore").as_deref(), Some("the end"));
}
