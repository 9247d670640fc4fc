//! Where the database comes from.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use super::binaries::Binaries;
use super::error::StartDatabaseError;
use super::url::without_password;
use crate::docker::Engine;

/// Where the database comes from.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseSource {
    /// A cluster of the harness's own, made from binaries on this machine.
    Private {
        /// The folder of `initdb` and `postgres`; none means the newest there is.
        bin_dir: Option<PathBuf>,
    },
    /// A server of the harness's own in a container.
    Container {
        /// The image it is started from.
        image: Image,
    },
    /// A server that is there. The user must be allowed to create databases.
    Url {
        /// A PostgreSQL connection URL.
        url: String,
    },
}

impl DatabaseSource {
    /// Whether a database can be had from it, as far as that can be told without starting one.
    ///
    /// # Errors
    /// When PostgreSQL is not on this machine, or not in the folder given; when no Docker engine
    /// answers.
    pub fn available(&self) -> Result<(), StartDatabaseError> {
        match self {
            Self::Private { bin_dir } => Binaries::find(bin_dir.as_deref()).map(|_| ()),
            Self::Container { .. } => Ok(Engine::connect().map(|_| ())?),
            Self::Url { .. } => Ok(()),
        }
    }
}

/// An image of PostgreSQL, as the official one is used: `NAME:TAG` or `NAME@sha256:DIGEST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// With the `@sha256` of a digest.
    name: String,
    tag: String,
}

/// The official image of the version that Debian stable has.
const DEFAULT_IMAGE: &str = "postgres:15-bookworm";

impl Image {
    fn parse(text: &str) -> Option<Self> {
        let (name, tag) = text.rsplit_once(':')?;
        let is_word = |text: &str| !text.is_empty() && !text.contains(char::is_whitespace);
        // A colon before a slash is a registry's port, and no tag follows.
        (is_word(name) && is_word(tag) && !tag.contains('/'))
            .then(|| Self { name: name.to_owned(), tag: tag.to_owned() })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn tag(&self) -> &str {
        &self.tag
    }
}

impl Default for Image {
    fn default() -> Self {
        Self::parse(DEFAULT_IMAGE).expect("a name and a tag")
    }
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.name, self.tag)
    }
}

/// A source that cannot be understood.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{given}` is no source of a database; expected `private`, `private:FOLDER` (the folder of \
     initdb and postgres), `container`, `container:IMAGE:TAG` or `postgres://USER@HOST/DATABASE`"
)]
pub struct SourceError {
    /// What was given.
    given: String,
}

impl FromStr for DatabaseSource {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        match text.split_once(':') {
            None if text == "private" => Ok(Self::Private { bin_dir: None }),
            Some(("private", folder)) if !folder.is_empty() => {
                Ok(Self::Private { bin_dir: Some(folder.into()) })
            }
            None if text == "container" => Ok(Self::Container { image: Image::default() }),
            Some(("container", image)) => Image::parse(image)
                .map(|image| Self::Container { image })
                .ok_or_else(|| SourceError { given: text.to_owned() }),
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Url { url: text.to_owned() })
            }
            _ => Err(SourceError { given: text.to_owned() }),
        }
    }
}

/// As it is given, without a password: this is what records and messages show.
impl fmt::Display for DatabaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Private { bin_dir: None } => f.write_str("private"),
            Self::Private { bin_dir: Some(folder) } => write!(f, "private:{}", folder.display()),
            Self::Container { image } => write!(f, "container:{image}"),
            Self::Url { url } => f.write_str(&without_password(url)),
        }
    }
}

/// As it is shown, so that no message holds a password by accident.
impl fmt::Debug for DatabaseSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseSource({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseSource;

    #[test]
    fn sources_are_read_and_shown_alike() {
        for text in [
            "private",
            "private:/usr/lib/postgresql/15/bin",
            "container:postgres:17",
            "container:registry:5000/postgres@sha256:0123abcd",
            "postgres://me@host/db",
        ] {
            let source: DatabaseSource = text.parse().expect(text);
            assert_eq!(source.to_string(), text);
        }
        let source: DatabaseSource = "container".parse().expect("the default image");
        assert_eq!(source.to_string(), "container:postgres:15-bookworm");
    }

    #[test]
    fn a_password_is_never_shown() {
        let source: DatabaseSource =
            "postgresql://me:secret@host:5432/db?password=secret".parse().expect("source");
        assert!(!source.to_string().contains("secret"), "{source}");
        assert!(!format!("{source:?}").contains("secret"), "{source:?}");
    }

    #[test]
    fn anything_else_is_refused_with_what_is_expected() {
        for text in ["", "private:", "mysql://host/db", "postgres", "container:x", "postgres:h"] {
            let error = text.parse::<DatabaseSource>().expect_err(text).to_string();
            assert!(error.contains("expected `private`"), "{error}");
        }
    }
}
