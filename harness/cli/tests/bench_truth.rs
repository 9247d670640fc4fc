//! What a bench says of itself and of its servers, beside what can be seen from outside.

#[path = "support/results.rs"]
mod results;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use httpdyno_record::{Record, Role};

/// Long enough for a loaded machine; only what never comes waits so long.
const PATIENCE: Duration = Duration::from_secs(480);

const PROGRAM: &str = env!("CARGO_BIN_EXE_httpdyno");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

/// A server of the run, as the kernel shows it.
#[derive(Clone, Debug)]
struct Seen {
    program: PathBuf,
    /// One argument each.
    command_line: Vec<String>,
    /// Soft and hard limit of open files.
    open_files: [String; 2],
    working_directory: PathBuf,
    environment: BTreeMap<String, String>,
    /// Of each thread.
    cores: Vec<String>,
    niceness: String,
}

impl Seen {
    /// Nothing of a process that is no server yet, or is gone.
    fn of(process: u32) -> Option<Self> {
        let folder = PathBuf::from(format!("/proc/{process}"));
        let text = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
        // Until then it is a fork of the harness.
        let program = std::fs::read_link(folder.join("exe")).ok()?;
        if program.file_name()? != "rust-std" {
            return None;
        }
        let limits = text("limits")?;
        let open_files = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
        let mut open_files = open_files.split_whitespace().map(str::to_owned);
        let words = |text: String| -> Vec<String> {
            text.split_terminator('\0').map(str::to_owned).collect()
        };
        let environment = words(text("environ")?).into_iter().filter_map(|variable| {
            let (name, value) = variable.split_once('=')?;
            Some((name.to_owned(), value.to_owned()))
        });
        let threads = std::fs::read_dir(folder.join("task")).ok()?.flatten();
        let status =
            threads.filter_map(|it| std::fs::read_to_string(it.path().join("status")).ok());
        let cores = status.filter_map(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:"))?;
            Some(line.trim().to_owned())
        });
        let seen = Self {
            program,
            command_line: words(text("cmdline")?),
            open_files: [open_files.next()?, open_files.next()?],
            working_directory: std::fs::read_link(folder.join("cwd")).ok()?,
            environment: environment.collect(),
            cores: cores.collect(),
            niceness: niceness(&text("stat")?)?,
        };
        // One that ends meanwhile shows half of this, and no environment at its end.
        (seen.environment.contains_key("PORT") && !seen.cores.is_empty()).then_some(seen)
    }

    fn variant(&self) -> &str {
        match self.command_line.iter().any(|argument| argument == "lock-free") {
            true => "rust-std@lock-free-queue",
            false => "rust-std@mutex-queue",
        }
    }
}

/// Field 19 of `/proc/PID/stat`; the name before it may hold anything.
fn niceness(stat: &str) -> Option<String> {
    stat.rsplit_once(')')?.1.split_whitespace().nth(16).map(str::to_owned)
}

fn children_of(parent: u32) -> Vec<u32> {
    let path = format!("/proc/{parent}/task");
    let threads = std::fs::read_dir(path).into_iter().flatten().flatten();
    let children =
        threads.filter_map(|it| std::fs::read_to_string(it.path().join("children")).ok());
    children
        .flat_map(|ids| ids.split_whitespace().flat_map(str::parse).collect::<Vec<_>>())
        .collect()
}

/// A whole bench, and all that was seen of it.
struct Bench {
    /// What it wrote to standard error.
    lines: Vec<String>,
    servers: BTreeMap<u32, Seen>,
    record: Record,
}

/// Ended should the test fail.
struct Guarded(Child);

impl Drop for Guarded {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Two variants of one program, in a budget of time. All tests look at the same run.
fn bench() -> &'static Bench {
    static BENCH: OnceLock<Bench> = OnceLock::new();
    BENCH.get_or_init(|| {
        let results = tempfile::tempdir().expect("folder");
        let variants = ["--impl", "rust-std@mutex-queue", "rust-std@lock-free-queue"];
        let small = ["--workload", "plaintext", "--connections", "4", "--rates", "none"];
        let child = Command::new(PROGRAM)
            .arg("bench")
            .args(variants)
            .args(small)
            .args(["--warmup", "20ms", "--measure", "100ms", "--budget", "20s", "--results"])
            .arg(results.path())
            .current_dir(root())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("httpdyno runs");
        let mut child = Guarded(child);
        let errors = BufReader::new(child.0.stderr.take().expect("piped"));
        // The servers before are those that are checked, several at a time and on all cores.
        let is_measuring = Arc::new(AtomicBool::new(false));
        let tells = Arc::clone(&is_measuring);
        let reader = std::thread::spawn(move || {
            let tell = |line: &String| {
                tells.fetch_or(line.contains(" trials, at least "), Ordering::SeqCst);
            };
            errors.lines().map_while(Result::ok).inspect(tell).collect()
        });
        let (mut servers, deadline) = (BTreeMap::new(), Instant::now() + PATIENCE);
        while child.0.try_wait().expect("a child").is_none() {
            assert!(Instant::now() < deadline, "the bench took longer than {PATIENCE:?}");
            if is_measuring.load(Ordering::SeqCst) {
                let running = children_of(child.0.id()).into_iter();
                servers.extend(running.filter_map(|id| Some((id, Seen::of(id)?))));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        let lines: Vec<String> = reader.join().expect("lines");
        let run = results::record_in(results.path());
        let run = run.unwrap_or_else(|| panic!("no record: {lines:?}"));
        Bench { lines, servers, record: Record::read(&run).expect("a record") }
    })
}

/// What a design can show; on a busy machine the gates may leave the pilot nothing to go by.
const IS_DESIGN: [&str; 2] = ["is found in 8 of 10 such runs", "the pilot holds no pair"];

#[test]
fn what_a_budget_can_show_is_printed_before_the_first_trial_of_each_stage() {
    let Bench { lines, record, .. } = bench();
    let steps = lines.iter().filter_map(|line| {
        let is_design = IS_DESIGN.iter().any(|words| line.contains(words));
        is_design.then_some("design").or(line.contains(" trials, at least ").then_some("trials"))
    });
    assert_eq!(steps.collect::<Vec<_>>(), ["design", "trials", "design", "trials"], "{lines:#?}");
    let design = record.run.design.expect("a design");
    let first = lines.iter().find(|line| line.contains(IS_DESIGN[0])).expect("a difference");
    assert!(first.contains(" of them the pilot; at a noise of 1.50 % per block"), "{first}");
    let last = lines.iter().rfind(|line| IS_DESIGN.iter().any(|words| line.contains(words)));
    let last = last.expect("a design");
    if let Some(ppm) = design.detectable_ppm {
        let figure = format!("a difference of {}.{:02} %", ppm / 10_000, ppm % 10_000 / 100);
        assert!(last.contains(&figure), "{figure}: {last}");
    }
    assert!(last.starts_with(&format!("{} blocks", design.blocks)), "{last}");
    let blocks = record.trials.iter().map(|trial| trial.block + 1).max();
    assert_eq!(blocks, Some(design.blocks));
}

#[test]
fn the_digests_are_those_of_the_programs_that_ran() {
    let Bench { servers, record, .. } = bench();
    let digest = |program: &Path| {
        let output = Command::new("sha256sum").arg(program).output().expect("sha256sum runs");
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).split(' ').next().map(str::to_owned)
    };
    let ran = servers.values().next().expect("a server was seen");
    for entry in &record.run.entries {
        let program = match entry.role {
            Role::Entry => ran.program.as_path(),
            _ => Path::new(PROGRAM),
        };
        assert_eq!(entry.program_digest, digest(program), "{}", entry.entry);
    }
    let roles: Vec<Role> = record.run.entries.iter().map(|entry| entry.role).collect();
    assert_eq!(roles, [Role::Entry, Role::Entry, Role::NullServer]);
}

#[test]
fn what_is_enforced_is_what_the_kernel_shows_and_the_same_for_all() {
    let Bench { servers, record, .. } = bench();
    let own_stat = std::fs::read_to_string("/proc/self/stat").expect("own stat");
    let variants = ["rust-std@mutex-queue", "rust-std@lock-free-queue"];
    let of = |variant: &'static str| servers.values().filter(move |it| it.variant() == variant);
    let first = of(variants[0]).next().expect("a server of the first entry");
    for variant in variants {
        let trial =
            record.trials.iter().find(|it| it.entry == variant && it.measurement().is_some());
        let enforced = &trial.unwrap_or_else(|| panic!("no trial of {variant}")).enforced;
        assert!(of(variant).next().is_some(), "no server of {variant} was seen");
        for seen in of(variant) {
            let limit = enforced.open_files.map(|files| files.to_string());
            assert_eq!(
                seen.open_files.each_ref().map(|it| Some(it.clone())),
                [limit.clone(), limit]
            );
            let told: Vec<&String> = seen.environment.keys().collect();
            let mut names: Vec<&String> = enforced.environment.iter().collect();
            names.sort();
            assert_eq!(told, names);
            let folder = enforced.working_directory.as_ref().expect("a folder");
            assert_eq!(seen.working_directory, root().join(folder).canonicalize().expect("there"));
            let cores = enforced.cores.as_ref().expect("cores");
            assert_eq!(cores, &record.run.cores.server);
            // The test's machines have their server cores side by side, or one alone.
            let shown = match (cores.first(), cores.last()) {
                (Some(first), Some(last)) if first != last => format!("{first}-{last}"),
                _ => cores[0].to_string(),
            };
            assert!(seen.cores.iter().all(|it| *it == shown), "{shown}: {:?}", seen.cores);
            assert_eq!(seen.environment["WORKERS"], enforced.workers.expect("workers").to_string());
            assert_eq!(Some(&seen.niceness), niceness(&own_stat).as_ref());
            // Whichever entry: nothing but the port differs, and the mark by which what it leaves
            // behind is known.
            let but_port = |seen: &Seen| {
                let mut rest = seen.environment.clone();
                rest.remove("PORT");
                assert!(rest.remove("HTTPDYNO_STARTED_BY").is_some(), "{rest:?}");
                (rest, seen.open_files.clone(), seen.working_directory.clone())
            };
            assert_eq!(but_port(seen), but_port(first));
        }
    }
}
