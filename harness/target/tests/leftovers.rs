//! What servers and builds leave running is found, named and ended; also that of a killed harness.

#[path = "../testing/misbehaving.rs"]
mod misbehaving;
#[path = "../testing/processes.rs"]
mod processes;

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use httpdyno_spec::manifest::Manifest;
use httpdyno_target::{
    BuildError, CommandContext, Confinement, Contract, Isolation, Launch, Server, StartError,
    StopOutcome, allowed_cores, build, version,
};
use httpdyno_testkit::copy_program;
use misbehaving::{await_use, fixture, manifest};
use processes::{Killed, await_gone};

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(30);

/// A word that only the processes of one test have in their command lines or names.
fn token(of: &str) -> String {
    format!("{of}-{}", std::process::id())
}

/// The fixture under a name of its own, by which its processes are found whatever they do to their
/// environment.
struct Program {
    _folder: tempfile::TempDir,
    path: PathBuf,
}

impl Program {
    fn named(of: &str) -> Self {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join(token(of));
        copy_program(&fixture(), &path);
        Self { _folder: folder, path }
    }

    /// Its living processes.
    fn processes(&self) -> Vec<u32> {
        self.processes_with(&[])
    }

    /// Those of them whose arguments begin with these.
    fn processes_with(&self, arguments: &[&str]) -> Vec<u32> {
        let words = [&[self.path.to_str().expect("UTF-8")], arguments].concat().join("\0");
        let all = std::fs::read_dir("/proc").expect("proc").flatten();
        let ids = all.filter_map(|one| one.file_name().to_string_lossy().parse::<u32>().ok());
        ids.filter(|id| {
            let line = std::fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
            line.starts_with(words.as_bytes())
        })
        .collect()
    }
}

fn start(
    program: &Path,
    arguments: &[&str],
    confinement: Confinement,
) -> Result<Server, StartError> {
    Isolation::Process.start(&Launch {
        manner: &Default::default(),
        manifest: &manifest("straying", program, arguments),
        variant: None,
        context: &CommandContext::new(Path::new("/"), Path::new("/")),
        contract: &Contract {
            host: "127.0.0.1".parse().expect("address"),
            workers: 1,
            static_dir: PathBuf::from("/nonexistent"),
            database: None,
            null_response: None,
        },
        confinement,
        ready_within: PATIENCE,
    })
}

#[test]
fn a_server_that_goes_on_behind_is_refused_named_and_ended() {
    for control_group in [false, true] {
        let program = Program::named("behind");
        let confinement = Confinement { control_group, ..Confinement::default() };
        let text = match start(&program.path, &["daemonises"], confinement) {
            Err(error @ StartError::Ended { .. }) => error.to_string(),
            Err(error) => panic!("{error}"),
            // What is behind answered before what was in front had ended.
            Ok(mut server) => {
                let deadline = Instant::now() + PATIENCE;
                while server.has_ended().is_none() {
                    assert!(Instant::now() < deadline, "it does not end");
                }
                let outcome = server.stop();
                let StopOutcome::Crashed(how) = outcome else { panic!("{outcome:?}") };
                how
            }
        };
        assert!(text.contains("left 1 process: `") && text.contains("stray serves"), "{text}");
        await_gone(&program.processes());
    }
}

#[test]
fn what_does_not_end_with_its_server_is_a_verdict_and_is_ended() {
    for (fault, control_group) in [
        ("leaves-a-worker", false),
        ("leaves-a-worker", true),
        ("leaves-a-nameless-worker", false),
        ("leaves-a-nameless-worker", true),
    ] {
        let program = Program::named("worker");
        let confinement = Confinement { control_group, ..Confinement::default() };
        let server = start(&program.path, &[fault], confinement).expect("starts");
        let deadline = Instant::now() + PATIENCE;
        // The worker itself: whoever starts it in between is a process too.
        while program.processes_with(&["stray", "waits"]).len() != 1 {
            assert!(Instant::now() < deadline, "{fault}: {:?}", program.processes());
            server.look();
        }
        server.look();
        let outcome = server.stop();
        let StopOutcome::Left(what) = outcome else { panic!("{fault}: {outcome:?}") };
        assert!(what.starts_with("left 1 process: `") && what.contains("waits"), "{what}");
        await_gone(&program.processes());
    }
}

#[test]
fn a_server_that_works_elsewhere_is_accounted_for_and_found_out() {
    let program = Program::named("elsewhere");
    let cores = allowed_cores().expect("cores");
    let confinement = Confinement { control_group: true, ..Confinement::to_cores(&cores[..1]) };
    let server = start(&program.path, &["works-elsewhere"], confinement).expect("starts");
    let found = server.enforcement();
    let text = found.escapes.join("\n");
    // Only root leaves its control group, and only with more than one core is there elsewhere.
    if cores.len() > 1 {
        assert!(text.contains("affinity: "), "{text}");
    }
    assert!(found.departures.len() >= found.escapes.len());
    let address = server.address();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                let _ = httpdyno_target::readiness::probe(
                    address,
                    &httpdyno_target::Manner::default(),
                    PATIENCE,
                );
            }
        });
        let used = await_use(&server, PATIENCE);
        done.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(used.total_ns >= 100_000_000, "{used:?}");
    });
    let outcome = server.stop();
    assert!(matches!(&outcome, StopOutcome::Left(what) if what.contains("serves")), "{outcome:?}");
    await_gone(&program.processes());
}

#[test]
fn scheduling_is_read_back_and_a_better_niceness_found_out() {
    let program = Program::named("nice");
    let server = start(&program.path, &["is-nice"], Confinement::default()).expect("starts");
    let found = server.enforcement();
    let scheduling = found.scheduling.expect("read back");
    if scheduling.contains("nice -5") {
        assert!(found.escapes[0].starts_with("scheduling: "), "{:?}", found.escapes);
    } else {
        assert!(found.escapes.is_empty() && scheduling.contains("other"), "{scheduling}");
    }
}

/// A manifest whose build is this line of shell.
fn built_by(line: &str) -> Manifest {
    let mut built = manifest("built", &fixture(), &[]);
    built.process.build = ["sh", "-c", line].map(str::to_owned).to_vec();
    built
}

fn context() -> CommandContext {
    CommandContext::new(Path::new("/"), Path::new("/"))
}

#[test]
fn a_build_whose_child_keeps_its_output_open_ends_and_so_does_the_child() {
    let seconds = format!("3{:05}", std::process::id() % 100_000);
    let manifest = built_by(&format!("setsid sleep {seconds} & echo done"));
    build(&manifest, &context(), &AtomicBool::new(false)).expect("it is built");
    let left = Command::new("sh").arg("-c").arg(format!("pgrep -f 'sleep {seconds}'")).output();
    let left = String::from_utf8_lossy(&left.expect("runs").stdout).into_owned();
    // The shell that looks has the words in its own line.
    for id in left.lines() {
        let line = std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
        assert!(!line.starts_with("sleep"), "{id} is left");
    }
}

#[test]
fn a_build_and_a_version_that_do_not_end_are_ended_at_their_deadline() {
    // Long enough for the shell's first words, on a loaded machine too.
    let context = CommandContext { build_within: Duration::from_secs(2), ..context() };
    let mut manifest = built_by("echo compiling >&2; sleep 600");
    let error = build(&manifest, &context, &AtomicBool::new(false)).expect_err("too long");
    let text = error.to_string();
    assert!(matches!(error, BuildError::TooLong { .. }), "{text}");
    assert!(text.contains("build_timeout") && text.contains("compiling"), "{text}");
    manifest.process.version = manifest.process.build.clone();
    let error = version(&manifest, &context).expect_err("too long");
    assert!(matches!(error, BuildError::TooLong { .. }), "{error}");
}

#[test]
fn a_build_that_is_stopped_ends_at_once() {
    let manifest = built_by("sleep 600");
    let error = build(&manifest, &context(), &AtomicBool::new(true)).expect_err("stopped");
    assert!(matches!(error, BuildError::Stopped { .. }), "{error}");
}

/// The control groups of the harness with this id.
fn groups_of(harness: u32) -> Vec<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mut found = Vec::new();
    for mount in mounts.lines().filter(|mount| mount.contains(" cgroup")) {
        let mut folders = vec![PathBuf::from(mount.split(' ').nth(1).unwrap_or_default())];
        while let Some(folder) = folders.pop() {
            for item in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                if !item.file_type().is_ok_and(|kind| kind.is_dir()) {
                    continue;
                }
                let name = item.file_name().to_string_lossy().into_owned();
                if name.starts_with(&format!("httpdyno-{harness}-")) {
                    found.push(item.path());
                }
                folders.push(item.path());
            }
        }
    }
    found
}

/// Kills of each kind of server; `HTTPDYNO_KILLS` makes it more.
const KILLS: u32 = 3;

#[test]
fn nothing_outlives_a_harness_that_is_killed_at_whatever_moment() {
    let kills = std::env::var("HTTPDYNO_KILLS").ok().and_then(|count| count.parse().ok());
    let holder = fixture().with_file_name("server_holder");
    for fault in ["none", "leaves-a-worker", "leaves-a-nameless-worker", "works-elsewhere"] {
        for kill in 0..kills.unwrap_or(KILLS) {
            let program = Program::named(&format!("held-{kill}"));
            let mut command = Command::new(&holder);
            command.arg(&program.path).args((fault != "none").then_some(fault));
            let child = command.stdout(Stdio::piped()).spawn().expect("the holder runs");
            let id = child.id();
            let mut holder = Killed(child);
            // What hides from every means is known only once it was seen.
            if kill % 3 == 0 || fault == "works-elsewhere" {
                // When everything is there.
                let stdout = holder.0.stdout.take().expect("piped");
                BufReader::new(stdout).read_line(&mut String::new()).expect("it says so");
            } else {
                // In the middle of whatever it does.
                std::thread::sleep(Duration::from_millis(u64::from(kill * 37 % 150)));
            }
            drop(holder);
            let deadline = Instant::now() + PATIENCE;
            while !(program.processes().is_empty() && groups_of(id).is_empty()) {
                let left = (program.processes(), groups_of(id));
                assert!(Instant::now() < deadline, "{fault}, kill {kill}: {left:?}");
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }
}

#[test]
fn the_next_run_ends_what_is_left_of_one_that_died() {
    let program = Program::named("orphan");
    let mut command = Command::new(&program.path);
    // As a harness marks it that is no more: no process has this number.
    let link = std::fs::read_link("/proc/self/ns/pid").expect("a namespace");
    let digits = |letter: &char| letter.is_ascii_digit();
    let namespace: String = link.to_string_lossy().chars().filter(digits).collect();
    command.env("HTTPDYNO_STARTED_BY", format!("{namespace}-4194305-7-0;"));
    let orphan = Killed(command.args(["stray", "waits"]).spawn().expect("it runs"));
    // Another process, since one looks once only.
    let holder = fixture().with_file_name("server_holder");
    let next = Program::named("next");
    let child = Command::new(holder).arg(&next.path).stdout(Stdio::piped()).spawn();
    let _holder = Killed(child.expect("the holder runs"));
    await_gone(&[orphan.0.id()]);
}
