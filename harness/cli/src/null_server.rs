//! `httpdyno null-server`: the null server as a program, started, pinned and accounted for like
//! any entry. Hidden: the harness starts it for itself.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::mpsc::channel;

use clap::Args;
use httpdyno_nullserver::{FixedResponse, NullServer, Running};

use crate::Outcome;
use crate::exit::{Exit, Failure};

#[derive(Args)]
pub(crate) struct Options {
    /// The address to bind
    #[arg(long, value_name = "ADDRESS", env = "HOST", default_value = "127.0.0.1")]
    host: IpAddr,
    /// The TCP port to bind; 0 means any free one
    #[arg(long, value_name = "PORT", env = "PORT", default_value_t = 0)]
    port: u16,
    /// Event loops, each on a thread with a listener of its own
    #[arg(long, value_name = "N", env = "WORKERS", default_value = "1")]
    workers: NonZeroUsize,
    /// A file with the whole answer to every request: status line, fields, empty line, body
    /// [default: a small JSON object]
    #[arg(long, value_name = "FILE", env = "NULL_RESPONSE")]
    response: Option<PathBuf>,
    /// CPU time that each request costs in addition, in nanoseconds
    #[arg(long, value_name = "NS", env = "NULL_EXTRA_CPU_NS", default_value_t = 0)]
    extra_cpu_ns: u64,
}

pub(crate) fn run(options: &Options) -> Outcome {
    let response = match &options.response {
        Some(path) => {
            let shown = path.display();
            let bytes = std::fs::read(path)
                .map_err(|error| Failure::new(format!("cannot read {shown}: {error}")))?;
            FixedResponse::new(bytes).map_err(|error| Failure::new(format!("{shown}: {error}")))?
        }
        None => FixedResponse::default(),
    };
    let server = NullServer {
        address: SocketAddr::new(options.host, options.port),
        workers: options.workers,
        response,
        extra_cpu_ns: options.extra_cpu_ns,
    };
    // Before the port answers, so that no SIGTERM finds the default action.
    let (asked, is_asked) = channel();
    ctrlc::set_handler(move || {
        // A second signal finds nobody who listens, and the end is near anyway.
        let _ = asked.send(());
    })
    .map_err(|error| Failure::new(format!("cannot watch for signals: {error}")))?;
    let running = server.start()?;
    tell(&running);
    is_asked.recv().map_err(io::Error::other)?;
    running.stop()?;
    Ok(Exit::Done)
}

/// Where it listens and what requests cost, in one write. Nobody reading is no reason to stop.
fn tell(running: &Running) {
    let mut text = format!("listening on {}\n", running.address);
    for calibration in running.calibrations.iter().filter(|one| one.declared_ns > 0) {
        text += &format!(
            "each request costs {} ns of CPU time more ({}.{:03} ns in the check)\n",
            calibration.declared_ns,
            calibration.found_ps / 1000,
            calibration.found_ps % 1000
        );
    }
    let _ = io::stderr().write_all(text.as_bytes());
}
