//! Files as a tar archive in memory, which is how the engine takes them.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use tar::{Builder, EntryType, Header};

/// An archive that grows.
pub(super) struct Archive {
    builder: Builder<Vec<u8>>,
    bytes: u64,
}

impl Archive {
    pub(super) fn new() -> Self {
        Self { builder: Builder::new(Vec::new()), bytes: 0 }
    }

    /// How much content it holds.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds the file, folder or symbolic link at `path` as `name`. It belongs to root and may be
    /// read by all, whoever owns it here: the engine's cache looks at owners and modes too.
    pub(super) fn add(&mut self, name: &str, path: &Path) -> io::Result<()> {
        let found = fs::symlink_metadata(path)?;
        if found.is_symlink() {
            let mut header = header(&found, EntryType::Symlink, 0o777);
            return self.builder.append_link(&mut header, name, fs::read_link(path)?);
        }
        if found.is_dir() {
            let header = &mut header(&found, EntryType::Directory, 0o755);
            return self.builder.append_data(header, format!("{name}/"), io::empty());
        }
        if !found.is_file() {
            // Sockets and the like cannot be part of an image.
            return Ok(());
        }
        self.add_content(name, &fs::read(path)?, &found)
    }

    /// Adds the file at `path`, or what a symbolic link there names.
    pub(super) fn add_followed(&mut self, name: &str, path: &Path) -> io::Result<()> {
        self.add_content(name, &fs::read(path)?, &fs::metadata(path)?)
    }

    /// Adds a file that is nowhere on disk.
    pub(super) fn add_text(&mut self, name: &str, text: &str) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(text.len() as u64);
        self.builder.append_data(&mut header, name, text.as_bytes())
    }

    fn add_content(&mut self, name: &str, content: &[u8], found: &Metadata) -> io::Result<()> {
        let is_program = found.mode() & 0o111 != 0;
        let mode = if is_program { 0o755 } else { 0o644 };
        let mut header = header(found, EntryType::Regular, mode);
        header.set_size(content.len() as u64);
        self.bytes += content.len() as u64;
        self.builder.append_data(&mut header, name, content)
    }

    /// Its bytes.
    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.builder.into_inner()
    }
}

fn header(found: &Metadata, kind: EntryType, mode: u32) -> Header {
    let mut header = Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_size(0);
    // Servers tell when a file was last changed.
    header.set_mtime(u64::try_from(found.mtime()).unwrap_or(0));
    header
}
