//! A PostgreSQL cluster of the harness's own.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::binaries::Binaries;
use super::connect::CONTROL_ROLE;
use super::error::{StartDatabaseError, StopDatabaseError, told};
use super::folder::PrivateFolder;
use super::processes::{cluster_name, end_all, in_folder, kill_all, signal_all};
use super::settings::{DECLARED, PRIVATE, STATEMENT_LIBRARY};
use super::sweep::{release_interlock, sweep};
use super::user::ClusterUser;
use crate::affinity::{confine_child, confine_child_until};
use crate::bounded;
use crate::output::OutputTail;

/// How long the cluster may take to accept connections, on however loaded a machine.
pub(super) const START_LIMIT: Duration = Duration::from_secs(60);

/// How often another port is tried when somebody took the one that was free.
const PORTS_TRIED: u32 = 8;

/// A running cluster. Dropping it leaves no process, folder or shared memory.
#[derive(Debug)]
pub(super) struct Cluster {
    // The order is that of dropping: the postmaster before its folder.
    postmaster: Postmaster,
    port: u16,
    folder: PrivateFolder,
    setup: Setup,
}

impl Cluster {
    /// Makes a cluster and starts it, confined to `cores`.
    pub(super) fn start(bin_dir: Option<&Path>, cores: &[u32]) -> Result<Self, StartDatabaseError> {
        let user = ClusterUser::choose()?;
        sweep(user.uid());
        let setup = Setup { binaries: Binaries::find(bin_dir)?, user, cores: cores.to_vec() };
        let folder = PrivateFolder::create(&setup.user)?;
        setup.init(&folder)?;
        let (postmaster, port) = setup.start_on_free_port(&folder)?;
        Ok(Self { postmaster, port, folder, setup })
    }

    pub(super) fn port(&self) -> u16 {
        self.port
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of its Unix socket.
    pub(super) fn socket(&self) -> std::path::PathBuf {
        self.folder.socket()
    }

    /// The ids of all its processes, the postmaster's first: the kernel begins anew with small ids, so
    /// that those of its children may be smaller.
    pub(super) fn processes(&self) -> Vec<u32> {
        let ids = in_folder(self.folder.path()).into_iter();
        let mut ids: Vec<u32> =
            ids.map(|process| process.as_raw_nonzero().get().unsigned_abs()).collect();
        let postmaster = self.postmaster.child.id();
        ids.sort_by_key(|&id| (id != postmaster, id));
        ids
    }

    /// Kills every process at once. Whether all are gone.
    pub(super) fn kill(&mut self) -> bool {
        let child = &mut self.postmaster.child;
        let gone = kill_all(self.folder.path(), || {
            let _ = child.try_wait();
        });
        if gone {
            // Until it is waited for, its id is taken, and the next postmaster takes it for running.
            let _ = child.wait();
        }
        release_interlock(&super::folder::data_in(self.folder.path()));
        gone
    }

    /// Starts it again on the same port, after [`Cluster::kill`].
    pub(super) fn start_again(&mut self) -> Result<(), StartDatabaseError> {
        let counting = self.postmaster.counting;
        self.postmaster.replace(self.setup.spawn(&self.folder, self.port, counting)?);
        await_ready(&mut self.postmaster, &self.folder, self.port)
    }

    /// Stops every process where it stands.
    pub(super) fn freeze(&self) {
        signal_all(self.folder.path(), Signal::STOP);
    }

    /// Lets every process go on.
    pub(super) fn thaw(&self) {
        signal_all(self.folder.path(), Signal::CONT);
    }

    /// Ends it, and tells what could not be removed.
    pub(super) fn stop(mut self) -> Result<(), StopDatabaseError> {
        let left = |what: String, reason: &str| StopDatabaseError { what, reason: reason.into() };
        if !self.postmaster.end() {
            let what = format!("the processes {:?}", self.processes());
            return Err(left(what, "they ended neither at SIGQUIT nor at SIGKILL"));
        }
        let path = self.folder.path();
        std::fs::remove_dir_all(path)
            .map_err(|error| left(format!("the folder {}", path.display()), &error.to_string()))
    }
}

/// The first process of a cluster. Dropping it ends the whole cluster.
#[derive(Debug)]
struct Postmaster {
    child: Child,
    output: OutputTail,
    folder: std::path::PathBuf,
    /// Whether it counts statements.
    counting: bool,
}

impl Postmaster {
    /// Ends the whole cluster at once; its data are of no further use. Whether that worked.
    fn end(&mut self) -> bool {
        let child = &mut self.child;
        let gone = end_all(&self.folder, || {
            // A dead child that nobody has asked for would be there for ever.
            let _ = child.try_wait();
        });
        release_interlock(&super::folder::data_in(&self.folder));
        if gone {
            // It may have ended after it was last asked for; nothing of it is left but this.
            let _ = self.child.wait();
            self.output.finish();
        }
        gone
    }
}

impl Postmaster {
    /// Puts `next` in the place of one that has ended.
    fn replace(&mut self, (child, output): (Child, OutputTail)) {
        (self.child, self.output) = (child, output);
    }
}

impl Drop for Postmaster {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a cluster is made with.
#[derive(Debug)]
struct Setup {
    binaries: Binaries,
    user: ClusterUser,
    cores: Vec<u32>,
}

impl Setup {
    /// `program` as the cluster's user in `folder`, with nothing of the harness's environment that
    /// PostgreSQL would heed (`PGDATA`, `PGPORT`, locales ...).
    fn command(&self, program: &Path, folder: &PrivateFolder) -> Command {
        let mut command = Command::new(program);
        command.env_clear().env("LC_ALL", "C").env("TZ", "UTC").current_dir(folder.data());
        for name in ["PATH", "LD_LIBRARY_PATH"] {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        // Of its own: Ctrl-C reaches it through the harness, which knows why it ends then.
        command.process_group(0);
        self.user.apply(&mut command);
        command
    }

    fn not_runnable(&self, program: &Path, source: io::Error) -> StartDatabaseError {
        let (program, user) = (program.to_owned(), self.user.name.clone());
        StartDatabaseError::NotRunnable { program, user, source }
    }

    /// Makes the cluster's files.
    fn init(&self, folder: &PrivateFolder) -> Result<(), StartDatabaseError> {
        let program = self.binaries.initdb();
        let mut command = self.command(&program, folder);
        command.arg("-D").arg(folder.data());
        command.args(["-U", CONTROL_ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C"]);
        // Nothing here need survive a crash of the machine.
        command.arg("--no-sync");
        confine_child(&mut command, &self.cores);
        let mut child = command.spawn().map_err(|source| self.not_runnable(&program, source))?;
        let mut output = OutputTail::drain(child.stderr.take().expect("stderr is piped"));
        let status = bounded::wait(&mut child, START_LIMIT);
        output.finish();
        if !status.is_some_and(|status| status.success()) {
            let late = || format!("no end within {} s", START_LIMIT.as_secs());
            let (status, tail) = (status.map_or_else(late, |it| it.to_string()), output.text());
            return Err(StartDatabaseError::InitDb { user: self.user.name.clone(), status, tail });
        }
        let rules = folder.data().join("pg_hba.conf");
        std::fs::write(&rules, super::connect::PRIVATE_ACCESS)
            .map_err(|source| StartDatabaseError::Folder { path: rules, source })
    }

    fn start_on_free_port(
        &self,
        folder: &PrivateFolder,
    ) -> Result<(Postmaster, u16), StartDatabaseError> {
        let mut counting = true;
        let mut ports = 0;
        loop {
            let port = free_port().map_err(StartDatabaseError::NoPort)?;
            let (child, output) = self.spawn(folder, port, counting)?;
            let folder_path = folder.path().to_owned();
            let mut postmaster = Postmaster { child, output, folder: folder_path, counting };
            match await_ready(&mut postmaster, folder, port) {
                Ok(()) => return Ok((postmaster, port)),
                // The library is not installed everywhere: PostgreSQL itself knows best.
                Err(StartDatabaseError::Ended { tail, .. })
                    if counting && tail.contains(STATEMENT_LIBRARY) =>
                {
                    counting = false;
                }
                Err(StartDatabaseError::Ended { tail, .. })
                    if ports < PORTS_TRIED && is_port_taken(&tail) =>
                {
                    ports += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn spawn(
        &self,
        folder: &PrivateFolder,
        port: u16,
        counting: bool,
    ) -> Result<(Child, OutputTail), StartDatabaseError> {
        let program = self.binaries.postgres();
        let mut command = self.command(&program, folder);
        command.arg("-D").arg(folder.data()).arg("-k").arg(folder.socket());
        command.args(["-p", &port.to_string()]);
        let name = cluster_name(folder.path());
        let named = [("cluster_name", name.as_str())];
        let library = [("shared_preload_libraries", STATEMENT_LIBRARY)];
        let library = if counting { &library[..] } else { &[] };
        for (name, value) in DECLARED.iter().chain(PRIVATE).chain(&named).chain(library) {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        // At SIGQUIT the postmaster ends its children and gives back its shared memory; at
        // SIGKILL its children would still end by themselves, but a segment would stay.
        confine_child_until(&mut command, &self.cores, Signal::QUIT);
        let mut child = command.spawn().map_err(|source| self.not_runnable(&program, source))?;
        let output = OutputTail::drain(child.stderr.take().expect("stderr is piped"));
        Ok((child, output))
    }
}

/// Waits until the cluster takes connections on its socket.
fn await_ready(
    postmaster: &mut Postmaster,
    folder: &PrivateFolder,
    port: u16,
) -> Result<(), StartDatabaseError> {
    let config = super::connect::private_config(&folder.socket(), port);
    let deadline = Instant::now() + START_LIMIT;
    loop {
        let ended = postmaster.child.try_wait().ok().flatten();
        if let Some(status) = ended {
            postmaster.output.finish();
            let (status, tail) = (status.to_string(), postmaster.output.text());
            return Err(StartDatabaseError::Ended { status, tail });
        }
        let last = match config.connect(postgres::NoTls) {
            Ok(_) => return Ok(()),
            Err(error) => told(&error),
        };
        if Instant::now() >= deadline {
            let (waited_s, tail) = (START_LIMIT.as_secs(), postmaster.output.text());
            return Err(StartDatabaseError::NotReady { waited_s, last, tail });
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A port that is free at this moment; somebody may still take it before PostgreSQL does.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Whether PostgreSQL ended because somebody did.
pub(super) fn is_port_taken(tail: &str) -> bool {
    tail.contains("could not bind")
}
