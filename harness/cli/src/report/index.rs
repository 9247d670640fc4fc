//! The list of all records of a folder.

use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_record::Record;
use httpdyno_report::html::{self, IndexedGroup, IndexedRun};

use super::{last_part, page_command, write};
use crate::exit::Failure;
use crate::prove::proof_in_words;

/// Lists the records of `results` in its `index.html`, the latest first. A folder of records, such
/// as a proof's, is a group.
pub(super) fn write_index(results: &Path, command: &str) -> Result<PathBuf, Failure> {
    let failed =
        |error| Failure::new(format!("cannot list the records in {}: {error}", results.display()));
    let (mut runs, mut groups) = (Vec::new(), Vec::new());
    let name = last_part(fs::canonicalize(results).ok().as_deref());
    for folder in folders(results).map_err(failed)? {
        if is_record(&folder) {
            runs.push(indexed(&folder, &name, None));
            continue;
        }
        let own = folders(&folder).map_err(failed)?;
        let group = last_part(Some(&folder));
        let own: Vec<IndexedRun> = own
            .iter()
            .filter(|folder| is_record(folder))
            .map(|folder| indexed(folder, &name, Some(&group)))
            .collect();
        if !own.is_empty() {
            groups.push(IndexedGroup::new(&group, proof_in_words(&folder).as_deref(), own));
        }
    }
    let file = results.join("index.html");
    write(&html::render_index(&runs, &groups, command).map_err(Failure::new)?, &file)?;
    Ok(file)
}

/// The folders in `parent`, the last name first.
pub(crate) fn folders(parent: &Path) -> std::io::Result<Vec<PathBuf>> {
    let items = fs::read_dir(parent)?.filter_map(|item| Some(item.ok()?.path()));
    let mut folders: Vec<PathBuf> = items.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.reverse();
    Ok(folders)
}

pub(crate) fn is_record(folder: &Path) -> bool {
    folder.join("run.json").is_file()
}

/// The record in `folder`, which lies in `results`, perhaps within a group.
fn indexed(folder: &Path, results: &str, group: Option<&str>) -> IndexedRun {
    let name = last_part(Some(folder));
    let link = group.map_or_else(|| name.clone(), |group| format!("{group}/{name}"));
    let arguments = page_command(&format!("{results}/{link}"));
    let command = httpdyno_report::provenance::command(&arguments);
    match Record::read_decided(folder) {
        Ok(record) => IndexedRun::new(&link, &command, &record),
        Err(reason) => IndexedRun::unreadable(&link, &reason.to_string()),
    }
}
