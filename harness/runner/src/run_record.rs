//! `run.json` at the beginning of a run.

use std::io;
use std::path::Path;

use httpdyno_record::fitness::misfits;
use httpdyno_record::{Cores, Ending, FORMAT_VERSION, Host, RunRecord, WorkloadRecord, digest};
use httpdyno_spec::SpecTree;
use httpdyno_spec::workload::Workload;
use httpdyno_target::CoreSplit;
use httpdyno_target::git::ASKED;
use jiff::Timestamp;

use crate::plan::RunPlan;

/// Everything that is known before the first entry is built.
pub(crate) fn new_run_record(
    tree: &SpecTree,
    plan: &RunPlan,
    cores: &CoreSplit,
) -> io::Result<RunRecord> {
    Ok(RunRecord {
        format_version: FORMAT_VERSION,
        httpdyno_version: env!("CARGO_PKG_VERSION").to_owned(),
        git_revision: git_revision(&tree.root),
        command_line: plan.command_line.clone(),
        started_at: Timestamp::now(),
        finished_at: None,
        ending: Ending::Unfinished,
        seed: plan.seed,
        profile: plan.profile.clone(),
        spec_digest: digest::of_spec(&tree.spec)?,
        host: Host::detect(),
        cores: Cores {
            server: cores.server.clone(),
            generator: cores.generator.clone(),
            database: cores.database.clone(),
        },
        workloads: plan.workloads.iter().map(workload_record).collect(),
        database: None,
        design: None,
        entries: Vec::new(),
        warnings: warnings(plan, cores),
        lacks: Vec::new(),
        claims: Vec::new(),
    })
}

fn workload_record(workload: &Workload) -> WorkloadRecord {
    let mut endpoints: Vec<String> = workload.endpoints().map(ToString::to_string).collect();
    endpoints.sort();
    endpoints.dedup();
    WorkloadRecord { id: workload.id.to_string(), summary: workload.summary.clone(), endpoints }
}

fn warnings(plan: &RunPlan, cores: &CoreSplit) -> Vec<String> {
    let mut warnings = plan.warnings.clone();
    let host = Host::detect();
    warnings.extend(misfits(&plan.profile, &host).into_iter().map(|misfit| {
        let of_figures = if misfit.voids { "; no figure of it counts" } else { "" };
        format!(
            "this machine does not fit the profile {}: {}{of_figures}; {}",
            plan.profile.id, misfit.found, misfit.remedy
        )
    }));
    if cores.shared {
        warnings.push(
            "server and generator share a core: rates say more about the kernel's scheduler \
             than about the server"
                .to_owned(),
        );
    }
    if !plan.profile.idle_guard && host.virtualised {
        warnings.push(
            "this is a virtual machine and the idle guard is off: rates can swing by a factor \
             of three with the load of the host"
                .to_owned(),
        );
    }
    if cfg!(debug_assertions) {
        warnings.push("this httpdyno is a debug build: the generator is slow".to_owned());
    }
    warnings
}

/// What no run is built from or made of: records, texts, pictures, tests, what CI does. (In patterns
/// `*` goes over slashes, unless they say `glob`.)
const NOT_BUILT_FROM: [&str; 12] = [
    ":(exclude)results",
    ":(exclude)runs",
    ":(exclude)docs",
    ":(exclude)integrations",
    ":(exclude).ci",
    ":(exclude).github",
    ":(exclude)*.md",
    ":(exclude)LICENSE*",
    ":(exclude)*.snap",
    ":(exclude,glob)implementations/*/checked",
    ":(exclude,glob)harness/*/tests/**",
    ":(exclude)harness/testkit",
];

/// The revision of the repository in `root`, with `-dirty` where tracked files were changed that the
/// harness or an entry is built from, or the spec.
fn git_revision(root: &Path) -> Option<String> {
    let revision = git(root, &["rev-parse", "HEAD"])?;
    let status = ["status", "--porcelain", "--untracked-files=no", "--", "."];
    let changed = git(root, &[&status[..], &NOT_BUILT_FROM].concat())?;
    Some(if changed.is_empty() { revision } else { format!("{revision}-dirty") })
}

/// The revision that last changed one file, with `-dirty` where it was changed since; nothing for
/// a file that is in none.
pub(crate) fn git_revision_of(root: &Path, file: &Path) -> Option<String> {
    let file = file.to_str()?;
    let revision = git(root, &["log", "-1", "--format=%H", "--", file])?;
    let changed = git(root, &["status", "--porcelain", "--", file])?;
    match (revision.as_str(), changed.as_str()) {
        ("", _) => None,
        (_, "") => Some(revision),
        _ => Some(format!("{revision}-dirty")),
    }
}

/// What git prints; nothing where it fails, or there is no repository.
fn git(root: &Path, arguments: &[&str]) -> Option<String> {
    httpdyno_target::git::git(root, arguments, ASKED).ok()
}

#[cfg(test)]
mod tests {
    use super::{git_revision, git_revision_of};
    use std::fs;
    use std::path::Path;
    use std::process::Command;

    /// What `git` prints in `folder`, whatever its user has configured.
    fn git(folder: &Path, arguments: &[&str]) -> String {
        let identity =
            ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgSign=false"];
        let output = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(identity)
            .args(arguments)
            .output()
            .expect("git runs");
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
    }

    #[test]
    fn only_what_is_built_or_made_of_it_makes_a_revision_dirty() {
        let folder = tempfile::tempdir().expect("folder");
        let folder = folder.path();
        let put = |file: &str, text: &str| {
            let path = folder.join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            fs::write(path, text).expect("a file");
        };
        let not_built = [
            "README.md",
            "implementations/x/README.md",
            "implementations/x/checked",
            "implementations/x/conformance.snap",
            "docs/ranking.svg",
            "results/index.html",
            "results/a/run.json",
            "runs/a/run.json",
            "integrations/ab.sh",
            ".ci/run",
            "LICENSE-MIT",
            "harness/cli/tests/verbs.rs",
            "harness/report/tests/snapshots/a.snap",
            "harness/testkit/src/lib.rs",
        ];
        let built = [
            "Cargo.lock",
            "Cargo.toml",
            "harness/cli/src/main.rs",
            "harness/report/templates/report.html",
            "harness/runner/src/trial/tests.rs",
            "implementations/x/server.py",
            "implementations/x/implementation.yaml",
            "implementations/_shared/rust/src/lib.rs",
            "spec/workloads/json.yaml",
            "spec/checked",
        ];
        for file in not_built.iter().chain(&built) {
            put(file, "one");
        }
        git(folder, &["init", "--quiet"]);
        git(folder, &["add", "--all"]);
        git(folder, &["commit", "--quiet", "--no-verify", "-m", "first"]);
        let clean = git_revision(folder).expect("a revision");
        assert!(!clean.ends_with("-dirty"), "{clean}");
        for file in not_built {
            put(file, "two");
            assert_eq!(git_revision(folder).as_ref(), Some(&clean), "{file}");
        }
        for file in built {
            put(file, "two");
            assert_eq!(git_revision(folder), Some(format!("{clean}-dirty")), "{file}");
            git(folder, &["checkout", "--quiet", file]);
        }
    }

    #[test]
    fn a_revision_is_that_of_git_and_dirty_with_changed_files_only() {
        let folder = tempfile::tempdir().expect("folder");
        let folder = folder.path();
        assert_eq!(git_revision(folder), None);
        git(folder, &["init", "--quiet"]);
        assert_eq!(git_revision(folder), None);
        fs::write(folder.join("a"), "one").expect("a file");
        git(folder, &["add", "a"]);
        git(folder, &["commit", "--quiet", "--no-verify", "-m", "first"]);
        let first = git(folder, &["rev-parse", "HEAD"]);
        assert_eq!(git_revision(folder), Some(first.clone()));
        // Results of runs lie about untracked.
        fs::write(folder.join("b"), "new").expect("a file");
        assert_eq!(git_revision(folder), Some(first.clone()));
        fs::write(folder.join("a"), "two").expect("a file");
        assert_eq!(git_revision(folder), Some(format!("{first}-dirty")));
        git(folder, &["commit", "--quiet", "--no-verify", "-a", "-m", "second"]);
        // One file has the revision that changed it, whatever came after.
        fs::write(folder.join("c"), "one").expect("a file");
        assert_eq!(git_revision_of(folder, Path::new("c")), None, "in no revision yet");
        git(folder, &["add", "c"]);
        git(folder, &["commit", "--quiet", "--no-verify", "-m", "third"]);
        let of_a = git_revision_of(folder, Path::new("a")).expect("a revision");
        assert_ne!(Some(&of_a), git_revision_of(folder, Path::new("c")).as_ref());
        fs::write(folder.join("a"), "three").expect("a file");
        assert_eq!(git_revision_of(folder, Path::new("a")), Some(format!("{of_a}-dirty")));
        git(folder, &["checkout", "--quiet", "a"]);
        // Nor does a page of records among those that are committed.
        fs::create_dir(folder.join("results")).expect("a folder");
        fs::write(folder.join("results/index.html"), "one").expect("a file");
        git(folder, &["add", "results"]);
        let second = git_revision(folder).expect("a revision");
        assert!(second != first && second.len() == first.len(), "{second}");
    }
}
