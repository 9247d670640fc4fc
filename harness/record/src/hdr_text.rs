//! A histogram's text in a record: at hand, or left in the file that it was read from.
//!
//! A record holds as many as trials, and they are most of it. A report needs each once, if at all.

use std::borrow::Cow;
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An HdrHistogram of nanoseconds, V2 compressed, in base64.
#[derive(Clone, Default, JsonSchema)]
#[schemars(with = "String")]
pub struct HdrText(Place);

#[derive(Clone)]
enum Place {
    Here(Box<str>),
    InFile { file: Arc<File>, at: u64, bytes: u32 },
}

impl Default for Place {
    fn default() -> Self {
        Self::Here(Box::default())
    }
}

impl HdrText {
    /// The text.
    ///
    /// # Errors
    /// When it lies in a file that cannot be read any more.
    pub fn text(&self) -> io::Result<Cow<'_, str>> {
        match &self.0 {
            Place::Here(text) => Ok(Cow::Borrowed(text)),
            Place::InFile { file, at, bytes } => {
                let mut buffer = vec![0; *bytes as usize];
                file.read_exact_at(&mut buffer, *at)?;
                String::from_utf8(buffer).map(Cow::Owned).map_err(io::Error::other)
            }
        }
    }

    /// Leaves nothing of it.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether it takes room in memory.
    #[must_use]
    pub fn is_at_hand(&self) -> bool {
        matches!(self.0, Place::Here(_))
    }

    /// Leaves it in `file`, where `line`, which it was read from, begins at the byte `at`.
    pub(crate) fn leave_in(&mut self, file: &Arc<File>, at: u64, line: &str) {
        let Place::Here(text) = &self.0 else { return };
        // Base64 has nothing that JSON would escape. What cannot be found all the same stays at hand.
        let found = line.find(&**text).filter(|_| !text.is_empty());
        if let (Some(found), Ok(bytes)) = (found, u32::try_from(text.len())) {
            let at = at + found as u64;
            self.0 = Place::InFile { file: Arc::clone(file), at, bytes };
        }
    }
}

impl From<String> for HdrText {
    fn from(text: String) -> Self {
        Self(Place::Here(text.into_boxed_str()))
    }
}

impl fmt::Debug for HdrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Here(text) => write!(f, "{text:?}"),
            Place::InFile { at, bytes, .. } => write!(f, "{bytes} bytes at {at} of its file"),
        }
    }
}

impl PartialEq for HdrText {
    fn eq(&self, other: &Self) -> bool {
        matches!((self.text(), other.text()), (Ok(one), Ok(other)) if one == other)
    }
}

impl Eq for HdrText {}

impl Serialize for HdrText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.text().map_err(serde::ser::Error::custom)?;
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for HdrText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Place::Here(Box::deserialize(deserializer)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::HdrText;
    use std::fs::{self, File};
    use std::sync::Arc;

    #[test]
    fn what_is_left_in_its_file_is_the_same_text() {
        let folder = tempfile::tempdir().expect("folder");
        let (path, line) = (folder.path().join("lines"), r#"{"a":"HISTF+/=","b":1}"#);
        fs::write(&path, format!("first\n{line}\n")).expect("written");
        let file = Arc::new(File::open(&path).expect("there"));
        let here = HdrText::from("HISTF+/=".to_owned());
        let mut left = here.clone();
        left.leave_in(&file, 6, line);
        assert!(here.is_at_hand() && !left.is_at_hand());
        assert_eq!(left.text().expect("readable"), "HISTF+/=");
        assert_eq!(left, here);
        assert_eq!(serde_json::to_string(&left).expect("JSON"), r#""HISTF+/=""#);
        // A file that was cut meanwhile is told, and not taken for an empty text.
        fs::write(&path, "first").expect("cut");
        assert!(left.text().is_err());
        assert_ne!(left, here);
        assert!(serde_json::to_string(&left).is_err());
        left.clear();
        assert_eq!(left, HdrText::default());
    }

    #[test]
    fn what_is_not_in_the_line_stays_at_hand() {
        let file = Arc::new(File::open("/dev/null").expect("there"));
        for text in ["", "HISTF"] {
            let mut text = HdrText::from(text.to_owned());
            text.leave_in(&file, 0, r#"{"a":"HIS\u0054F"}"#);
            assert!(text.is_at_hand(), "{text:?}");
        }
    }
}
