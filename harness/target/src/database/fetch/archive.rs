//! Which archives there are.

use super::error::FetchError;

/// One archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Archive {
    /// The system it is for, in its name.
    system: String,
    pub(super) version: String,
    /// Of all its bytes, in hexadecimal.
    pub(super) sha256: String,
}

/// The version that is fetched.
const VERSION: &str = "17.6.0";

/// Operating system and architecture as Rust calls them, as archives do, and the digest.
const KNOWN: [(&str, &str, &str, &str); 2] = [
    (
        "linux",
        "x86_64",
        "linux-amd64",
        "23da5a044b4fb7a5a081a45008c95749c873305328d73f86aefd56922ce1d29d",
    ),
    (
        "linux",
        "aarch64",
        "linux-arm64v8",
        "84427ea54a5238247924ef3b0f940e7d027e58760f19d7325242e50d22fa014a",
    ),
];

impl Archive {
    pub(super) fn new(system: &str, version: &str, sha256: &str) -> Self {
        Self { system: system.to_owned(), version: version.to_owned(), sha256: sha256.to_owned() }
    }

    /// # Errors
    /// When there is none.
    pub(super) fn of_this_machine() -> Result<Self, FetchError> {
        let (os, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
        Self::of(os, architecture).ok_or(FetchError::NoArchive { os, architecture })
    }

    fn of(os: &str, architecture: &str) -> Option<Self> {
        let known = KNOWN.iter().find(|known| (known.0, known.1) == (os, architecture))?;
        Some(Self::new(known.2, VERSION, known.3))
    }

    /// Where it is in a repository in Maven's layout.
    pub(super) fn path(&self) -> String {
        let Self { system, version, .. } = self;
        let artifact = format!("embedded-postgres-binaries-{system}");
        format!("io/zonky/test/postgres/{artifact}/{version}/{artifact}-{version}.jar")
    }
}

#[cfg(test)]
mod tests {
    use super::{Archive, KNOWN};

    #[test]
    fn every_known_system_has_an_archive_with_a_digest() {
        for (os, architecture, system, _) in KNOWN {
            let archive = Archive::of(os, architecture).expect("known");
            assert!(archive.path().contains(&format!("-binaries-{system}/")));
            let digits = archive.sha256.bytes().filter(u8::is_ascii_hexdigit).count();
            assert_eq!((digits, archive.sha256.len()), (64, 64), "{system}");
        }
        assert_eq!(Archive::of("plan9", "mips"), None);
    }
}
