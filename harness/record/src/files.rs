//! Writing files that others read.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;

/// Writes a file whole or not at all: a full disk leaves what was there before. What is no regular
/// file (a device, a pipe, a link) is written to as it is.
///
/// # Errors
/// When it cannot be written.
pub fn write_whole(path: &Path, content: impl AsRef<[u8]>) -> io::Result<()> {
    if fs::symlink_metadata(path).is_ok_and(|found| !found.is_file()) {
        return fs::write(path, content);
    }
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(".new");
    let new = path.with_file_name(name);
    let written = fs::write(&new, content).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        let _ = fs::remove_file(&new);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::write_whole;
    use std::fs;
    use std::os::unix::fs::symlink;

    #[test]
    fn a_file_is_replaced_and_a_link_followed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        symlink(&file, &link).expect("a link");
        for (path, text) in [(&file, "one"), (&file, "two"), (&link, "three")] {
            write_whole(path, text).expect("written");
            assert_eq!(fs::read_to_string(&file).expect("readable"), text);
        }
        assert!(link.is_symlink());
        assert_eq!(fs::read_dir(folder.path()).expect("readable").count(), 2);
        write_whole(std::path::Path::new("/dev/full"), "text").expect_err("it is full");
    }
}
