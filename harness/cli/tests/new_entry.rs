//! The walk of CONTRIBUTING.md for each language: a new folder, its build, what is missing, the
//! snapshot, one short measurement. In a root of its own, from the messages of the command alone.

#[path = "support/results.rs"]
mod results;
#[allow(dead_code, reason = "databases and builds are of other tests")]
mod support;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use httpdyno_record::{Record, Role, TrialOutcome};
use httpdyno_spec::manifest::Manifest;
use httpdyno_spec::read_file;
use httpdyno_testkit::tell_skipped;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// A root with the spec, what entries share, and no entry.
fn empty_root() -> tempfile::TempDir {
    let root = tempfile::tempdir().expect("folder");
    symlink(repository().join("spec"), root.path().join("spec")).expect("link");
    fs::create_dir(root.path().join("implementations")).expect("folder");
    let shared = "implementations/_shared";
    symlink(repository().join(shared), root.path().join(shared)).expect("link");
    root
}

/// What a person sees.
struct Seen {
    code: Option<i32>,
    text: String,
}

fn httpdyno(root: &Path, arguments: &[&str]) -> Seen {
    let Output { status, stdout, stderr } = Command::new(env!("CARGO_BIN_EXE_httpdyno"))
        .args(arguments)
        .arg("--root")
        .arg(root)
        // What is built is kept between runs, apart from what is built for measuring.
        .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("new-entry"))
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
        .stdin(Stdio::null())
        .output()
        .expect("httpdyno runs");
    let text = [stdout, stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Seen { code: status.code(), text }
}

impl Seen {
    /// It ended as expected and says all of this.
    #[track_caller]
    fn says(&self, code: i32, wanted: &[&str]) {
        assert_eq!(self.code, Some(code), "{}", self.text);
        for wanted in wanted {
            assert!(self.text.contains(wanted), "no `{wanted}` in: {}", self.text);
        }
    }
}

/// Every path under `folder`, links not followed.
fn paths(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for item in fs::read_dir(folder).expect("readable") {
        let path = item.expect("readable").path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(paths(&path));
        }
        found.insert(path);
    }
    found
}

/// Whether the walk can be gone here: `probe` runs. With `HTTPDYNO_REQUIRE_TOOLCHAINS=1` it must.
fn has(probe: &[&str]) -> bool {
    let mut command = Command::new(probe[0]);
    let command = command.args(&probe[1..]).stdout(Stdio::null()).stderr(Stdio::null());
    let runs = command.status().is_ok_and(|status| status.success());
    let required = std::env::var_os("HTTPDYNO_REQUIRE_TOOLCHAINS").is_some_and(|it| it == "1");
    assert!(runs || !required, "`{}` does not run here", probe.join(" "));
    if !runs {
        tell_skipped(&format!("its toolchain is not here: `{}` does not run", probe.join(" ")));
    }
    runs
}

fn walk(language: &str, probe: &[&str]) {
    // `HTTPDYNO_ONLY=new-entry` goes it alone; a change within other entries does not touch it.
    if !support::is_wanted("new-entry") || !has(probe) {
        return;
    }
    let (root, id) = (empty_root(), format!("{language}-walk"));
    let (root, folder) = (root.path(), root.path().join("implementations").join(&id));
    let before = paths(root);
    let next = format!("httpdyno conform --impl {id}");
    httpdyno(root, &["new", &id, "--language", language]).says(0, &[&next, "spec/contract.md"]);
    let outside: Vec<PathBuf> = paths(root)
        .difference(&before)
        .filter(|path| !path.starts_with(&folder))
        .cloned()
        .collect();
    assert!(outside.is_empty(), "{outside:?}");
    for path in paths(&folder).iter().filter(|path| path.is_file()) {
        let text = fs::read_to_string(path).expect("text");
        assert!(!text.contains("new-entry"), "{}", path.display());
    }

    let write = format!("{next} --write-snapshot");
    httpdyno(root, &["conform", "--impl", &id]).says(
        0,
        &["does not serve 11 of 13 endpoints", "POST /echo", "`endpoints`", &next, &write],
    );
    let bench = format!("httpdyno bench --impl {id}");
    httpdyno(root, &["conform", "--impl", &id, "--write-snapshot"])
        .says(0, &["is written", &bench]);
    let snapshot = fs::read_to_string(folder.join("conformance.snap")).expect("a snapshot");
    assert!(snapshot.contains("app/json/answer"), "{snapshot}");

    measure(root, &id);
}

/// One short trial; whether a machine under test is quiet enough for its figures is another matter.
fn measure(root: &Path, id: &str) {
    let results = root.join("results");
    let seen = httpdyno(
        root,
        &[
            "bench",
            "--impl",
            id,
            "--workload",
            "json",
            "--connections",
            "2",
            "--blocks",
            "1",
            "--measure",
            "100ms",
            "--results",
            results.to_str().expect("UTF-8"),
        ],
    );
    assert!(matches!(seen.code, Some(0 | 3)), "{:?}: {}", seen.code, seen.text);
    let run = results::record_in(&results).expect("a run");
    let record = Record::read(&run).expect("a record");
    let is_entry = |name: &str| {
        record.run.entries.iter().any(|entry| entry.entry == name && entry.role == Role::Entry)
    };
    let trial = record.trials.iter().find(|trial| is_entry(&trial.entry)).expect("a trial");
    let TrialOutcome::Measured(measured) = &trial.outcome else { panic!("{:?}", trial.outcome) };
    assert!(measured.responses > 0, "{measured:?}");
}

#[test]
fn a_new_entry_in_rust() {
    walk("rust", &["cargo", "--version"]);
}

#[test]
fn a_new_entry_in_go() {
    walk("go", &["go", "version"]);
}

#[test]
fn a_new_entry_in_python() {
    walk("python", &["python3", "-c", "import ensurepip, venv"]);
}

#[test]
fn a_new_entry_in_node() {
    walk("node", &["node", "--version"]);
}

/// Bun comes with the entry's packages.
#[test]
fn a_new_entry_in_typescript() {
    walk("typescript", &["npm", "--version"]);
}

#[test]
fn a_new_entry_in_java() {
    walk("java", &["mvn", "--version"]);
}

#[test]
fn a_new_entry_in_cpp() {
    walk("cpp", &["sh", "-c", "cmake --version && c++ --version"]);
}

const LANGUAGES: [&str; 7] = ["rust", "go", "python", "node", "typescript", "java", "cpp"];

/// Whatever toolchains are here: the manifest is right, what it and the README name is there, and what
/// is in placeholders can be filled in.
#[test]
fn what_is_written_for_a_language_fits_together() {
    let root = empty_root();
    let root = root.path();
    for language in LANGUAGES {
        let id = format!("{language}-parts");
        httpdyno(root, &["new", &id, "--language", language]).says(0, &[]);
        let folder = root.join("implementations").join(&id);
        let manifest = read_file::<Manifest>(&folder.join("implementation.yaml"));
        let manifest = manifest.unwrap_or_else(|errors| panic!("{errors}")).value;
        assert_eq!(manifest.id.as_str(), id);
        let process = &manifest.process;
        assert!(!process.build.is_empty(), "{language}: it runs something that is not built");
        let mut built = Vec::new();
        for word in process.build.iter().chain(&process.run).chain(&process.version) {
            let filled = word.replace("{folder}", folder.to_str().expect("UTF-8"));
            assert!(!filled.replace("{cargo_target}", "").contains(['{', '}']), "{word}");
            if word.contains("{folder}") {
                assert!(Path::new(&filled).exists(), "{language}: {word} is not there");
            }
            built.extend(word.strip_prefix("{cargo_target}/").map(str::to_owned));
        }
        assert!(!built.is_empty(), "{language}: it is built into the checkout");
        // Rust's alone is laid where cargo lays everything.
        let is_own = |word: &String| language == "rust" || word.contains(&id);
        assert!(built.iter().all(is_own), "{language}: {built:?}");
        let dockerfile = manifest.container.expect("a Dockerfile").dockerfile;
        assert!(folder.join(dockerfile).is_file(), "{language}");
        let readme = fs::read_to_string(folder.join("README.md")).expect("a README");
        let rows = readme.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
        let named: Vec<&str> = rows.collect();
        assert!(!named.is_empty(), "{language}: {readme}");
        for name in named {
            assert!(folder.join(name).exists(), "{language}: the README names {name}");
        }
    }
}

/// What is declared and not there is said case by case, and no snapshot hides it.
#[test]
fn what_is_missing_is_said_case_by_case() {
    if !support::is_wanted("new-entry") || !has(&["node", "--version"]) {
        return;
    }
    let root = empty_root();
    let root = root.path();
    httpdyno(root, &["new", "promises", "--language", "node"]).says(0, &[]);
    let folder = root.join("implementations/promises");
    let manifest = folder.join("implementation.yaml");
    let text = fs::read_to_string(&manifest).expect("manifest");
    let promising = text.replace("[plaintext, json]", "[plaintext, json, users]");
    assert_ne!(text, promising);
    fs::write(&manifest, promising).expect("manifest");
    let seen = httpdyno(root, &["conform", "--impl", "promises", "--write-snapshot"]);
    seen.says(
        1,
        &["app/users/", "requires", "GET /users/", "received", "known_deviations", "not written"],
    );
    assert!(!folder.join("conformance.snap").exists());
    httpdyno(root, &["conform", "--impl", "promises"])
        .says(1, &["does not serve 10 of 13", "mend the server"]);
}

#[test]
fn a_folder_that_is_there_and_wrong_usage_are_refused() {
    let root = empty_root();
    let root = root.path();
    httpdyno(root, &["new", "taken", "--language", "go"]).says(0, &[]);
    let made = paths(root);
    for (arguments, wanted) in [
        (&["new", "taken", "--language", "go"][..], "there already"),
        (&["new", "Bad_Id", "--language", "go"], "lower-case letters, digits and single `-`"),
        (&["new", "../outside", "--language", "go"], "lower-case letters"),
        (&["new", "cobol-server", "--language", "cobol"], &LANGUAGES.join(", ")),
        (&["new", "no-language"], "--language"),
        (&["new", "hyper", "--language", "rust"], "a crate of that name"),
    ] {
        httpdyno(root, arguments).says(2, &[wanted]);
    }
    assert_eq!(paths(root), made);
}

/// A Rust entry is a workspace of its own: with it in place, the repository's workspace is the same,
/// and its lockfile still fits.
#[test]
fn a_new_rust_entry_leaves_the_workspace_alone() {
    let root = empty_root();
    let root = root.path();
    for name in ["Cargo.toml", "Cargo.lock", "harness"] {
        symlink(repository().join(name), root.join(name)).expect("link");
    }
    for item in fs::read_dir(repository().join("implementations")).expect("readable").flatten() {
        if item.file_name() != "_shared" {
            let link = root.join("implementations").join(item.file_name());
            symlink(item.path(), link).expect("link");
        }
    }
    httpdyno(root, &["new", "rust-newcomer", "--language", "rust"]).says(0, &[]);
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--offline", "--workspace", "--depth", "0"])
        .current_dir(root)
        .output()
        .expect("cargo runs");
    let text = String::from_utf8_lossy(&tree.stdout);
    assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
    assert!(text.contains("rust-hyper") && !text.contains("rust-newcomer"), "{text}");
}
