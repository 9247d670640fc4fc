//! A `bench` that is killed at any moment: nothing that it has started, and nothing that it has made
//! for itself, is left a moment later.
//!
//! `HTTPDYNO_KILLS` says how many are killed; a full trial is 50.

#[path = "support/leftovers.rs"]
mod leftovers;
#[path = "support/tree.rs"]
mod tree;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use httpdyno_stats::Seeded;
use httpdyno_target::database::installed_version;
use leftovers::{command_line, descendants_of, folders_in, is_running, segments_of};

/// Kills where nobody asks for another number.
const KILLS: u64 = 5;
/// The latest moment: by then it has built, started a database, checked, and measures.
const LATEST_MS: u64 = 9_000;
/// Within this everything is gone, on a loaded machine too.
const PATIENCE: Duration = Duration::from_secs(60);

/// A bench of one entry, with a database where there is one, that takes longer than anyone lets it live.
fn long_bench(temporary: &Path, program: &Path, results: &Path) -> Child {
    let root = temporary.join("root");
    fs::create_dir(&root).expect("folder");
    std::os::unix::fs::symlink(tree::root().join("spec"), root.join("spec")).expect("link");
    tree::add_implementation(&root, "some", program, "");
    let mut workloads = vec!["plaintext"];
    if installed_version().is_some() {
        let manifest = root.join("implementations/some/implementation.yaml");
        let text = fs::read_to_string(&manifest).expect("a manifest");
        fs::write(&manifest, text.replace("upload]", "upload, db]")).expect("written");
        workloads.push("db");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_httpdyno"));
    command.arg("--root").arg(&root).args(["bench", "--impl", "some", "--profile", "smoke"]);
    command.args(["--connections", "4", "--rates", "none", "--blocks", "500", "--workload"]);
    command.arg(workloads.join(",")).arg("--results").arg(results);
    command.current_dir(tree::root()).env("TMPDIR", temporary.join("temporary"));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("httpdyno runs")
}

/// Every control group that a harness with this id has made.
fn control_groups_of(harness: u32) -> Vec<PathBuf> {
    let begins = format!("httpdyno-{harness}-");
    let mut found = Vec::new();
    let mut open = vec![PathBuf::from("/sys/fs/cgroup")];
    while let Some(folder) = open.pop() {
        let items = fs::read_dir(&folder).into_iter().flatten().flatten();
        for path in items.map(|item| item.path()).filter(|path| path.is_dir() && !path.is_symlink())
        {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if name.starts_with(&begins) {
                found.push(path.clone());
            }
            open.push(path);
        }
    }
    found
}

#[test]
fn nothing_is_left_of_a_bench_that_is_killed_at_a_random_moment() {
    let program = tree::server("rust-std");
    let kills = std::env::var("HTTPDYNO_KILLS").ok();
    let kills = kills.map_or(KILLS, |text| text.parse().expect("HTTPDYNO_KILLS is a number"));
    let seed = std::env::var("HTTPDYNO_SEED").ok();
    let seed = seed.map_or(u64::from(std::process::id()), |text| text.parse().expect("a number"));
    println!("HTTPDYNO_SEED={seed}");
    let mut random = Seeded::new(seed);
    for kill in 0..kills {
        let folder = tempfile::tempdir().expect("folder");
        let temporary = folder.path().join("temporary");
        fs::create_dir(&temporary).expect("folder");
        // The cluster of a database may belong to another user.
        for open in [folder.path(), &temporary] {
            let everyone = std::os::unix::fs::PermissionsExt::from_mode(0o777);
            fs::set_permissions(open, everyone).expect("permissions");
        }
        // One in each part of the time, so that a few are spread over all of it.
        let part = LATEST_MS / kills.max(1);
        let within = random.below(usize::try_from(part.max(1)).expect("some seconds"));
        let moment = Duration::from_millis(kill * part + within as u64);
        let mut bench = long_bench(folder.path(), &program, &folder.path().join("results"));
        std::thread::sleep(moment);
        let started = descendants_of(bench.id());
        assert_eq!(bench.try_wait().expect("a child"), None, "it ended before {moment:?}");
        bench.kill().expect("killed");
        bench.wait().expect("dead");
        let killed = Instant::now();
        let left = || -> Vec<String> {
            let running = started.iter().filter(|&&id| is_running(id));
            let mut left: Vec<String> = running.map(|&id| command_line(id)).collect();
            left.extend(segments_of(&started));
            let groups = control_groups_of(bench.id());
            let folders = folders_in(&temporary).into_iter().chain(groups);
            left.extend(folders.map(|it| it.display().to_string()));
            left
        };
        while !left().is_empty() {
            assert!(killed.elapsed() < PATIENCE, "killed after {moment:?}, left: {:#?}", left());
            std::thread::sleep(Duration::from_millis(5));
        }
        println!("killed after {moment:?}, nothing left after {:?}", killed.elapsed());
    }
}
