//! A bench of somebody who is not root: what cannot be had is one warning, and the figures that are
//! weaker for it are marked.

#[path = "../../target/testing/needs.rs"]
mod needs;
#[path = "support/results.rs"]
mod results;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_record::lack::weak_kinds;
use httpdyno_record::{Figure, Privilege, Record, Role, TrialRecord};
use httpdyno_target::DatabaseSource;
use httpdyno_target::privileges::user;

/// Nobody in particular.
const NOBODY: u32 = 65_534;

/// A root that anybody may read and write, with the harness and one entry in it.
fn root(has_database: bool) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    tree::copy(&tree::root().join("spec"), &folder.path().join("spec"));
    tree::copy(&tree::server("rust-std"), &folder.path().join("server"));
    tree::copy(Path::new(env!("CARGO_BIN_EXE_httpdyno")), &folder.path().join("httpdyno"));
    tree::add_implementation(folder.path(), "honest", &folder.path().join("server"), "");
    if has_database {
        let manifest = folder.path().join("implementations/honest/implementation.yaml");
        let text = fs::read_to_string(&manifest).expect("the manifest");
        let all =
            text.replace("upload]", "upload, db, queries, updates, cached-queries, fortunes]");
        assert_ne!(all, text);
        fs::write(&manifest, all).expect("written");
    }
    open_to_all(folder.path());
    folder
}

fn open_to_all(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o777)).expect("permissions");
    for item in fs::read_dir(path).into_iter().flatten() {
        open_to_all(&item.expect("readable").path());
    }
}

/// `httpdyno` of that root, as somebody who is not root.
fn as_ordinary_user(root: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(root.join("httpdyno"));
    command.args(arguments).arg("--root").arg(root).env("HOME", root).current_dir(root);
    if user() == 0 {
        // Takes the groups of root away as well.
        command.gid(NOBODY).uid(NOBODY);
    }
    let output = command.stdin(Stdio::null()).output().expect("httpdyno runs");
    let written = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&written).into_owned())
}

fn is_on(switch: &str) -> bool {
    fs::read_to_string(switch).is_ok_and(|text| text.trim() == "1")
}

#[test]
fn what_an_ordinary_user_cannot_have_is_one_warning_and_marked_figures() {
    const GROUPS: &str = "/proc/sys/kernel/sched_autogroup_enabled";
    let has_database = needs::postgres(DatabaseSource::Private { bin_dir: None }.available());
    let workloads: &[&str] = if has_database.is_some() { &["json", "db"] } else { &["json"] };
    let folder = root(has_database.is_some());
    let are_grouped = is_on(GROUPS);
    let more = ["--connections", "4", "--blocks", "2", "--rates", "none", "--measure", "500ms"];
    let bench = [&["bench", "--impl", "honest", "--workload"], workloads, &more].concat();
    let (code, written) = as_ordinary_user(folder.path(), &bench);
    // 3: a gate made a trial invalid, which on a loaded machine is right.
    assert!(matches!(code, Some(0 | 3)), "{code:?}: {written}");
    let run = results::record_in(&folder.path().join("runs")).expect("a run");
    let record = Record::read_decided(&run).expect("a record");

    let lacks = |privilege| record.run.lacks.iter().any(|lack| lack.privilege == privilege);
    let as_root = user() == 0;
    let user = if as_root { NOBODY } else { user() };
    let told: Vec<&String> =
        record.run.warnings.iter().filter(|it| it.contains("could not have everything")).collect();
    assert_eq!(told.len(), usize::from(!record.run.lacks.is_empty()), "{:?}", record.run.warnings);
    for lack in &record.run.lacks {
        assert!(told[0].contains(lack.privilege.consequence()), "{told:?}");
        assert!(told[0].contains(&format!("as user {user} and not as root")), "{told:?}");
    }
    // The user that this test chose has no right of its own.
    if as_root {
        assert!(lacks(Privilege::GeneratorNiceness), "{:?}", record.run.lacks);
    }
    if are_grouped && is_on(GROUPS) {
        assert!(lacks(Privilege::NoTaskGroups), "{:?}", record.run.lacks);
    }
    let entry = record.run.entries.iter().find(|it| it.role == Role::Entry).expect("an entry");
    let own = |trial: &&TrialRecord| trial.entry == entry.entry && trial.measurement().is_some();
    for trial in record.trials.iter().filter(own) {
        let weak = weak_kinds(&record.run, trial);
        assert_eq!(
            weak.contains(&Figure::Throughput),
            lacks(Privilege::GeneratorNiceness)
                || trial.workload == "db" && lacks(Privilege::NoTaskGroups),
            "{weak:?}"
        );
        if trial.workload == "db" && lacks(Privilege::NoTaskGroups) {
            assert!(weak.contains(&Figure::Cost), "{weak:?}");
        }
    }
    let shows = |format: &str| {
        let run = run.display().to_string();
        as_ordinary_user(folder.path(), &["report", &run, "--format", format, "--output", "-"]).1
    };
    if lacks(Privilege::GeneratorNiceness) {
        assert!(shows("text").contains("~ weaker than it should be"));
        assert!(shows("markdown").contains("~ weaker than it should be"));
        assert!(shows("csv").contains("throughput;latency;tail latency"));
        assert!(shows("json").contains("\"generator-niceness\""));
    }
    let (_, told) = as_ordinary_user(folder.path(), &["doctor", "--profile", "smoke"]);
    assert_eq!(told.contains("a run would warn: "), !record.run.lacks.is_empty(), "{told}");
    assert!(told.contains("as without it"), "{told}");
}
