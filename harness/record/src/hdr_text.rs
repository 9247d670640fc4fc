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
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An HdrHistogram of nanoseconds, V2 compressed, in base64.
#[derive(Clone, Default, JsonSchema)]
#[schemars(with = "String")]
pub struct HdrText(Place);

#[derive(Clone)]
enum Place {
    /// `read_at`: where the first byte was in memory while it was read; 0 where that is not known.
    Here {
        text: Box<str>,
        read_at: usize,
    },
    InFile {
        file: Arc<File>,
        at: u64,
        bytes: u32,
    },
}

impl Default for Place {
    fn default() -> Self {
        Self::Here { text: Box::default(), read_at: 0 }
    }
}

impl HdrText {
    /// The text.
    ///
    /// # Errors
    /// When it lies in a file that cannot be read any more.
    pub fn text(&self) -> io::Result<Cow<'_, str>> {
        match &self.0 {
            Place::Here { text, .. } => Ok(Cow::Borrowed(text)),
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
        matches!(self.0, Place::Here { .. })
    }

    /// Leaves it in `file`, where `line`, which it was read from, begins at the byte `at`.
    pub(crate) fn leave_in(&mut self, file: &Arc<File>, at: u64, line: &str) {
        let Place::Here { text, read_at } = &self.0 else { return };
        // Base64 has nothing that JSON would escape, so the line holds it as it is. What is not found
        // there all the same stays at hand.
        let found = read_at.wrapping_sub(line.as_ptr().addr());
        let there = found.checked_add(text.len()).and_then(|end| line.get(found..end));
        let is_there = there == Some(&**text) && !text.is_empty();
        if let (true, Ok(bytes)) = (is_there, u32::try_from(text.len())) {
            let at = at + found as u64;
            self.0 = Place::InFile { file: Arc::clone(file), at, bytes };
        }
    }
}

impl From<String> for HdrText {
    fn from(text: String) -> Self {
        Self(Place::Here { text: text.into_boxed_str(), read_at: 0 })
    }
}

impl fmt::Debug for HdrText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Place::Here { text, .. } => write!(f, "{text:?}"),
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
        deserializer.deserialize_str(Text)
    }
}

/// Remembers where a text lies that is read from memory: to look for each in its line would take as
/// long as to read the line.
struct Text;

impl Visitor<'_> for Text {
    type Value = HdrText;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a histogram in base64")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<HdrText, E> {
        // Of a text that does not outlive this call, the place means nothing; it is not found there.
        Ok(HdrText(Place::Here { text: text.into(), read_at: text.as_ptr().addr() }))
    }
}

#[cfg(test)]
mod tests {
    use super::HdrText;
    use std::fs::{self, File};
    use std::sync::Arc;

    #[derive(serde::Deserialize)]
    struct Line {
        a: HdrText,
    }

    impl Line {
        fn read(line: &str) -> Self {
            serde_json::from_str(line).expect("JSON")
        }
    }

    #[test]
    fn what_is_left_in_its_file_is_the_same_text() {
        let folder = tempfile::tempdir().expect("folder");
        let (path, line) = (folder.path().join("lines"), r#"{"a":"HISTF+/=","b":1}"#);
        fs::write(&path, format!("first\n{line}\n")).expect("written");
        let file = Arc::new(File::open(&path).expect("there"));
        let here = HdrText::from("HISTF+/=".to_owned());
        let mut left = Line::read(line).a;
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
        let escaped = r#"{"a":"HIS\u0054F"}"#;
        let empty = r#"{"a":""}"#;
        let whole = r#"{"a":"HISTF"}"#;
        let copied = whole.to_owned();
        for (mut text, line) in [
            (Line::read(escaped).a, escaped),
            (Line::read(empty).a, empty),
            // Read from somewhere else, though this line holds the same.
            (Line::read(whole).a, &*copied),
            (HdrText::from("HISTF".to_owned()), whole),
        ] {
            text.leave_in(&file, 0, line);
            assert!(text.is_at_hand(), "{text:?} {line}");
        }
    }
}
