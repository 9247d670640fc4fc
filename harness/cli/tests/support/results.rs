//! The record that a run leaves in a folder of records.

use std::fs;
use std::path::{Path, PathBuf};

/// The one record in `results`: beside it may lie their index, in whatever order the file system
/// gives them.
pub(crate) fn record_in(results: &Path) -> Option<PathBuf> {
    let items = fs::read_dir(results).into_iter().flatten().flatten().map(|item| item.path());
    let mut records = items.filter(|path| path.join("run.json").is_file());
    let record = records.next();
    assert!(records.next().is_none(), "several records in {}", results.display());
    record
}
