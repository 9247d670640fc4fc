//! The list of all records of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_record::Record;
use httpdyno_report::{Comparison, html};

use super::{typed_command, write};
use crate::exit::Failure;

/// Lists the records of `results` in its `index.html`, the latest first.
pub(super) fn write_index(results: &Path) -> Result<PathBuf, Failure> {
    let failed =
        |error| Failure::new(format!("cannot list the records in {}: {error}", results.display()));
    let mut folders: Vec<PathBuf> = fs::read_dir(results)
        .map_err(failed)?
        .filter_map(|item| Some(item.ok()?.path()))
        .filter(|path| path.join("run.json").is_file())
        .collect();
    folders.sort();
    folders.reverse();
    let runs: Vec<html::IndexedRun> = folders.iter().map(|folder| indexed(folder)).collect();
    let file = results.join("index.html");
    write(&html::render_index(&runs, &typed_command()).map_err(Failure::new)?, &file)?;
    Ok(file)
}

fn indexed(folder: &Path) -> html::IndexedRun {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let read = Record::read(folder).map_err(|error| error.to_string()).and_then(|record| {
        let comparison = Comparison::of(&record).map_err(|error| error.to_string())?;
        Ok((record, comparison))
    });
    match read {
        Ok((record, comparison)) => html::IndexedRun::new(&name, &record, &comparison),
        Err(reason) => html::IndexedRun::unreadable(&name, &reason),
    }
}
