//! The files of `STATIC_DIR`, read once at start.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hasher};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use httpdate::fmt_http_date;
use percent_encoding::percent_decode;

use super::field_line::FieldLine;

/// All files that `/static/{file}` may serve, by name.
#[derive(Debug, Default)]
pub struct Catalogue {
    files: HashMap<Box<[u8]>, StaticFile>,
}

/// One file with all its encodings.
#[derive(Debug)]
pub struct StaticFile {
    pub(super) content_type: FieldLine,
    pub(super) last_modified: FieldLine,
    /// The time of `last_modified`, in whole seconds.
    pub(super) modified: SystemTime,
    /// Whether `Last-Modified` is a strong validator (RFC 9110 section 8.8.2.2).
    pub(super) modified_is_strong: bool,
    pub(super) accept_ranges: FieldLine,
    /// `Vary`, where the answer depends on `Accept-Encoding`.
    pub(super) vary: Option<FieldLine>,
    pub(super) identity: Representation,
    pub(super) brotli: Option<Representation>,
    pub(super) gzip: Option<Representation>,
}

/// The bytes of a file in one content coding.
#[derive(Debug)]
pub struct Representation {
    pub(super) bytes: Box<[u8]>,
    /// A strong entity tag, with its quotes.
    pub(super) etag: FieldLine,
    pub(super) content_encoding: Option<FieldLine>,
}

/// `STATIC_DIR` is there but can not be read.
#[derive(Debug, thiserror::Error)]
#[error("can not read {} of STATIC_DIR: {source}", path.display())]
pub struct CatalogueError {
    path: PathBuf,
    source: io::Error,
}

impl Catalogue {
    /// Reads the regular files directly inside `directory`. A directory that is
    /// unset or missing holds no files.
    ///
    /// # Errors
    /// When the directory or a file in it can not be read.
    pub fn load(directory: Option<&Path>) -> Result<Self, CatalogueError> {
        let Some(directory) = directory else {
            return Ok(Self::default());
        };
        let failed = |path: &Path, source| CatalogueError { path: path.to_owned(), source };
        let entries = match fs::read_dir(directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(failed(directory, error)),
        };
        let mut found = HashMap::new();
        for entry in entries {
            let entry = entry.map_err(|error| failed(directory, error))?;
            let path = entry.path();
            let read = || read_file(&path, entry.file_name().as_bytes());
            if let Some(read) = read().map_err(|error| failed(&path, error))? {
                found.insert(Box::from(entry.file_name().as_bytes()), read);
            }
        }
        Ok(Self::assemble(&found, SystemTime::now()))
    }

    fn assemble(found: &HashMap<Box<[u8]>, (Vec<u8>, SystemTime)>, now: SystemTime) -> Self {
        let variant = |name: &[u8], suffix: &str, coding| {
            let beside = [name, suffix.as_bytes()].concat();
            let (bytes, _) = found.get(beside.as_slice())?;
            Some(Representation::new(bytes, Some(coding)))
        };
        let files = found.iter().map(|(name, (bytes, modified))| {
            // A time ahead of the clock must not be sent (RFC 9110 section 8.8.2.1).
            let modified = whole_seconds((*modified).min(now));
            let (brotli, gzip) = (variant(name, ".br", "br"), variant(name, ".gz", "gzip"));
            let varies = brotli.is_some() || gzip.is_some();
            let file = StaticFile {
                content_type: FieldLine::new("content-type", media_type(name)),
                last_modified: FieldLine::new("last-modified", &fmt_http_date(modified)),
                modified,
                modified_is_strong: modified + Duration::from_secs(1) <= now,
                accept_ranges: FieldLine::new("accept-ranges", "bytes"),
                vary: varies.then(|| FieldLine::new("vary", "accept-encoding")),
                identity: Representation::new(bytes, None),
                brotli,
                gzip,
            };
            (name.clone(), file)
        });
        Self { files: files.collect() }
    }

    /// The file that the segment after `/static/` names, still percent-encoded.
    #[must_use]
    pub fn find(&self, segment: &str) -> Option<&StaticFile> {
        if !segment.contains('%') {
            return self.files.get(segment.as_bytes());
        }
        let name: Vec<u8> = percent_decode(segment.as_bytes()).collect();
        self.files.get(name.as_slice())
    }
}

impl Representation {
    pub(super) fn new(bytes: &[u8], coding: Option<&str>) -> Self {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        let (length, hash) = (bytes.len(), hasher.finish());
        let suffix = coding.map(|coding| format!("-{coding}")).unwrap_or_default();
        Self {
            bytes: bytes.into(),
            etag: FieldLine::new("etag", &format!("\"{length:x}-{hash:016x}{suffix}\"")),
            content_encoding: coding.map(|coding| FieldLine::new("content-encoding", coding)),
        }
    }
}

/// The bytes and the time of a regular file with a name that may be asked for.
/// Links are not followed: nothing outside the directory is read.
fn read_file(path: &Path, name: &[u8]) -> io::Result<Option<(Vec<u8>, SystemTime)>> {
    let metadata = fs::symlink_metadata(path)?;
    if !metadata.is_file() || name.starts_with(b".") || name.contains(&b'\\') {
        return Ok(None);
    }
    Ok(Some((fs::read(path)?, metadata.modified()?)))
}

/// HTTP dates have no fractions (RFC 9110 section 5.6.7).
fn whole_seconds(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_secs(since.as_secs())
}

fn media_type(name: &[u8]) -> &'static str {
    let extension = Path::new(OsStr::from_bytes(name)).extension();
    match extension.map_or(&b""[..], OsStr::as_bytes) {
        b"html" => "text/html; charset=utf-8",
        b"css" => "text/css; charset=utf-8",
        b"js" => "text/javascript; charset=utf-8",
        b"json" => "application/json",
        b"txt" => "text/plain; charset=utf-8",
        b"svg" => "image/svg+xml",
        b"png" => "image/png",
        b"wasm" => "application/wasm",
        b"woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loaded(directory: &Path) -> Catalogue {
        Catalogue::load(Some(directory)).unwrap()
    }

    #[test]
    fn an_unset_or_missing_directory_holds_nothing() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing");
        assert!(Catalogue::load(None).unwrap().find("a.txt").is_none());
        assert!(loaded(&missing).find("a.txt").is_none());
    }

    #[test]
    fn only_regular_files_with_plain_names_are_served() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        for name in ["a.txt", ".hidden", "b\\c", "with space.txt"] {
            fs::write(path(name), name).unwrap();
        }
        fs::create_dir(path("folder")).unwrap();
        std::os::unix::fs::symlink("/etc/passwd", path("link")).unwrap();
        let files = loaded(directory.path());
        assert!(files.find("a.txt").is_some() && files.find("%61.txt").is_some());
        assert!(files.find("with%20space.txt").is_some());
        let bad = ["", ".hidden", "b\\c", "b%5Cc", "folder", "link", "A.txt", "a.txt/"];
        let worse = ["..%2Fa.txt", "%2e%2e/a.txt", "a.txt%00", "folder%2F..%2Fa.txt", "%zz"];
        for name in bad.iter().chain(&worse) {
            assert!(files.find(name).is_none(), "{name:?}");
        }
    }

    #[test]
    fn encodings_lie_beside_the_file() {
        let directory = tempfile::tempdir().unwrap();
        for name in ["app.js", "app.js.br", "app.js.gz", "alone.css"] {
            fs::write(directory.path().join(name), "same bytes").unwrap();
        }
        let files = loaded(directory.path());
        let app = files.find("app.js").unwrap();
        assert!(app.vary.is_some());
        let tags = [&app.identity, app.brotli.as_ref().unwrap(), app.gzip.as_ref().unwrap()];
        let tags: std::collections::HashSet<_> = tags.iter().map(|one| one.etag.value()).collect();
        assert_eq!(tags.len(), 3, "{tags:?}");
        let by_name = files.find("app.js.br").unwrap();
        assert_eq!(by_name.content_type.value(), "application/octet-stream");
        assert!(by_name.vary.is_none() && by_name.identity.content_encoding.is_none());
        assert!(files.find("alone.css").unwrap().vary.is_none());
    }

    #[test]
    fn tags_follow_the_bytes() {
        let tag = |bytes: &[u8]| Representation::new(bytes, None).etag.value().to_owned();
        assert_eq!(tag(b"a"), tag(b"a"));
        assert_ne!(tag(b"a"), tag(b"b"));
        assert!(tag(b"").starts_with('"') && tag(b"").ends_with('"'));
    }

    #[test]
    fn times_ahead_of_the_clock_are_clamped_and_weak() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_millis(1_000_500);
        let assemble = |modified| {
            let found = HashMap::from([(Box::from(&b"f"[..]), (vec![], modified))]);
            Catalogue::assemble(&found, now).files.remove(&b"f"[..]).unwrap()
        };
        let ahead = assemble(now + Duration::from_secs(60));
        assert_eq!(ahead.modified, SystemTime::UNIX_EPOCH + Duration::from_secs(1000));
        assert!(!ahead.modified_is_strong);
        assert!(assemble(now - Duration::from_secs(60)).modified_is_strong);
    }
}
