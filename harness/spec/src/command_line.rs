//! A command as people write it: a line with quotes, or a list of words. No shell ever runs it.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A program and its arguments, at least the program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Vec<String>")]
pub struct CommandLine(Vec<String>);

/// How it may stand in a file.
#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "expected a command: a line such as `./server --port {port}`, or a list"
)]
enum Written {
    Line(String),
    Words(Vec<String>),
}

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCommand {
    /// Nothing stands there.
    #[error("the command is empty")]
    Empty,
    /// A quotation mark has no counterpart.
    #[error("the command `{0}` has a quotation mark without its counterpart")]
    Unbalanced(String),
    /// Something that only a shell does.
    #[error(
        "the command `{line}` has `{what}`, which means something to a shell, and no shell runs it; \
         quote it, or let a shell run the whole: sh -c '...'"
    )]
    ForShell {
        /// The line.
        line: String,
        /// What of it.
        what: String,
    },
    /// It begins with a variable of the environment.
    #[error(
        "the command `{0}` begins with a variable, which a shell would set; no shell runs it: name the \
         variable in the environment, or write sh -c '...'"
    )]
    Variable(String),
}

/// What a shell does something with where it is not quoted.
const OF_SHELLS: &str = "&|;<>`$";

impl CommandLine {
    /// The program, then its arguments.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl FromStr for CommandLine {
    type Err = InvalidCommand;

    /// Words are set apart by white space; quotation marks and backslashes are those of a shell.
    fn from_str(line: &str) -> Result<Self, InvalidCommand> {
        let mut words: Vec<String> = Vec::new();
        let mut word: Option<String> = None;
        let mut letters = line.chars();
        while let Some(letter) = letters.next() {
            match letter {
                letter if letter.is_whitespace() => words.extend(word.take()),
                '\'' | '"' => {
                    let quoted = quoted(&mut letters, letter)
                        .ok_or_else(|| InvalidCommand::Unbalanced(line.to_owned()))?;
                    word.get_or_insert_default().push_str(&quoted);
                }
                '\\' => {
                    let next = letters.next();
                    let next = next.ok_or_else(|| InvalidCommand::Unbalanced(line.to_owned()))?;
                    word.get_or_insert_default().push(next);
                }
                letter if OF_SHELLS.contains(letter) => {
                    let (line, what) = (line.to_owned(), letter.to_string());
                    return Err(InvalidCommand::ForShell { line, what });
                }
                letter => word.get_or_insert_default().push(letter),
            }
        }
        words.extend(word);
        let first = words.first().ok_or(InvalidCommand::Empty)?;
        if is_assignment(first) {
            return Err(InvalidCommand::Variable(line.to_owned()));
        }
        Self::try_from(words)
    }
}

/// What stands before the closing mark; within double ones a backslash takes the next as it is.
fn quoted(letters: &mut std::str::Chars<'_>, mark: char) -> Option<String> {
    let mut text = String::new();
    loop {
        match letters.next()? {
            letter if letter == mark => return Some(text),
            '\\' if mark == '"' => text.push(letters.next()?),
            letter => text.push(letter),
        }
    }
}

/// `NAME=value`.
fn is_assignment(word: &str) -> bool {
    let name =
        |it: &str| !it.is_empty() && it.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    word.split_once('=').is_some_and(|(left, _)| name(left))
}

impl TryFrom<Vec<String>> for CommandLine {
    type Error = InvalidCommand;
    fn try_from(words: Vec<String>) -> Result<Self, InvalidCommand> {
        match words.first() {
            Some(program) if !program.trim().is_empty() => Ok(Self(words)),
            _ => Err(InvalidCommand::Empty),
        }
    }
}

impl TryFrom<Written> for CommandLine {
    type Error = InvalidCommand;
    fn try_from(written: Written) -> Result<Self, InvalidCommand> {
        match written {
            Written::Line(line) => line.parse(),
            Written::Words(words) => words.try_into(),
        }
    }
}

impl From<CommandLine> for Vec<String> {
    fn from(line: CommandLine) -> Self {
        line.0
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.join(" "))
    }
}

impl JsonSchema for CommandLine {
    fn schema_name() -> Cow<'static, str> {
        "CommandLine".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A command: one line, with quotes where words have spaces; or a list of \
                words. No shell runs it.",
            "anyOf": [
                { "type": "string", "minLength": 1 },
                { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{CommandLine, InvalidCommand};

    fn words(line: &str) -> Vec<String> {
        let parsed: CommandLine = line.parse().unwrap_or_else(|error| panic!("{line}: {error}"));
        parsed.into()
    }

    #[test]
    fn a_line_is_cut_into_words_as_a_shell_would() {
        for (line, expected) in [
            ("./server --port {port}", &["./server", "--port", "{port}"][..]),
            ("  a   b\t", &["a", "b"]),
            ("sh -c 'make && ./x'", &["sh", "-c", "make && ./x"]),
            (r#"a "b c" d\ e "f\"g""#, &["a", "b c", "d e", "f\"g"]),
            ("a '' b", &["a", "", "b"]),
            ("a x=y", &["a", "x=y"]),
            ("./a=b", &["./a=b"]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }

    #[test]
    fn what_only_a_shell_does_is_refused() {
        let error = |line: &str| line.parse::<CommandLine>().expect_err(line);
        for line in ["", "  ", "''"] {
            assert_eq!(error(line), InvalidCommand::Empty, "{line}");
        }
        for line in ["a 'b", "a \"b", "a \\"] {
            assert!(matches!(error(line), InvalidCommand::Unbalanced(_)), "{line}");
        }
        for line in ["a && b", "a | b", "a; b", "a > b", "a $HOME", "a `b`"] {
            assert!(matches!(error(line), InvalidCommand::ForShell { .. }), "{line}");
        }
        assert!(error("PORT=1 ./server").to_string().contains("begins with a variable"));
    }
}
