//! `--hdr`: every second's latencies as an HdrHistogram log.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use httpdyno_loadgen::LoadReport;
use httpdyno_stats::histogram::{LogInterval, write_log};

use crate::exit::Failure;

/// A file that is there before the load begins.
pub(super) struct HdrFile {
    path: PathBuf,
    file: File,
}

impl HdrFile {
    pub(super) fn create(path: &Path) -> Result<Self, Failure> {
        let file = File::create(path)
            .map_err(|e| Failure::new(format!("cannot write {}: {e}", path.display())))?;
        Ok(Self { path: path.to_path_buf(), file })
    }

    /// `begun`: when the measured window did.
    pub(super) fn write(self, begun: SystemTime, report: &LoadReport) -> Result<(), Failure> {
        let whole = Duration::from_nanos(report.elapsed_ns);
        let intervals = report.seconds.iter().map(|second| {
            let start = Duration::from_secs(second.second);
            let length = whole.saturating_sub(start).min(Duration::from_secs(1));
            LogInterval { start, length, tag: None, histogram: &second.latency }
        });
        let mut out = BufWriter::new(self.file);
        write_log(&mut out, begun, intervals)
            .and_then(|()| out.flush())
            .map_err(|e| Failure::new(format!("cannot write {}: {e}", self.path.display())))
    }
}
