//! A JSON text as what it means.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;

use super::number::Number;

/// How deep arrays and objects may lie in each other: reading is recursive.
const MOST_LEVELS: usize = 128;

/// What a text means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tree {
    /// `null`, `true` or `false`.
    Word(Vec<u8>),
    Number(Number),
    Text(String),
    Array(Vec<Tree>),
    /// Of two members with one name the last counts.
    Object(BTreeMap<String, Tree>),
}

/// Whether `text` is JSON, not too deep; the error says what is wrong.
pub(crate) fn check(text: &[u8]) -> Result<(), String> {
    parse(text).map(drop)
}

/// Reads one JSON text.
pub(super) fn parse(text: &[u8]) -> Result<Tree, String> {
    // The grammar is checked here, and only the meaning is read below.
    serde_json::from_slice::<IgnoredAny>(text).map_err(|error| error.to_string())?;
    let mut reader = Reader { text, at: 0, levels: 0 };
    let tree = reader.value();
    tree.ok_or_else(|| format!("not UTF-8, or more than {MOST_LEVELS} levels deep"))
}

/// Reads text whose grammar is known to be right.
struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    levels: usize,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Tree> {
        self.levels += 1;
        if self.levels > MOST_LEVELS {
            return None;
        }
        let tree = match self.peek()? {
            b'{' => self.object(),
            b'[' => self.array(),
            b'"' => self.string().map(Tree::Text),
            b'-' | b'0'..=b'9' => Some(Tree::Number(Number::of(self.word()))),
            _ => Some(Tree::Word(self.word().to_vec())),
        };
        self.levels -= 1;
        tree
    }

    fn array(&mut self) -> Option<Tree> {
        let mut elements = Vec::new();
        self.at += 1;
        while self.peek()? != b']' {
            elements.push(self.value()?);
            self.skip_comma()?;
        }
        self.at += 1;
        Some(Tree::Array(elements))
    }

    fn object(&mut self) -> Option<Tree> {
        let mut members = BTreeMap::new();
        self.at += 1;
        while self.peek()? != b'}' {
            let name = self.string()?;
            // The colon.
            self.peek()?;
            self.at += 1;
            members.insert(name, self.value()?);
            self.skip_comma()?;
        }
        self.at += 1;
        Some(Tree::Object(members))
    }

    fn skip_comma(&mut self) -> Option<()> {
        if self.peek()? == b',' {
            self.at += 1;
        }
        Some(())
    }

    fn string(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        while *self.text.get(self.at)? != b'"' {
            self.at += if self.text[self.at] == b'\\' { 2 } else { 1 };
        }
        self.at += 1;
        serde_json::from_slice(&self.text[start..self.at]).ok()
    }

    /// Up to what can not belong to a number or a word.
    fn word(&mut self) -> &[u8] {
        let rest = &self.text[self.at..];
        let is_part = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
        let end = rest.iter().position(|b| !is_part(b)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// The next byte that is no white space.
    fn peek(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.text.get(self.at) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }
}
