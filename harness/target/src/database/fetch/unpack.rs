//! From the archive to files.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use lzma_rust2::XzReader;
use tar::Archive;
use zip::ZipArchive;

/// Unpacks the one `.txz` in the zip `archive` into the new folder `to`.
pub(super) fn unpack(archive: &Path, to: &Path) -> Result<(), String> {
    let file = File::open(archive).map_err(|error| error.to_string())?;
    let mut zip =
        ZipArchive::new(BufReader::new(file)).map_err(|error| format!("no zip: {error}"))?;
    let names = zip.file_names().flatten().map(|name| name.into_owned());
    let name = { names }.find(|name| name.ends_with(".txz")).ok_or("there is no .txz in it")?;
    let packed = zip.by_name(&name).map_err(|error| format!("`{name}`: {error}"))?;
    let mut files = Archive::new(XzReader::new(packed, false));
    // Neither paths nor links lead out of the folder: the crate sees to that.
    files.unpack(to).map_err(|error| format!("`{name}`: {error}"))
}
