//! How a document came to be: every form carries the commands that made it.

use std::path::Path;

use httpdyno_record::RunRecord;

use crate::legible::one_line;

/// The commands that made a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provenance {
    /// The command that made the document from the record.
    pub report: String,
    /// The command that made the record.
    pub run: String,
}

impl Provenance {
    /// `report` is the command line of the program that makes the document, one argument each.
    #[must_use]
    pub fn new(report: &[String], run: &RunRecord) -> Self {
        Self { report: command(report), run: command(&run.command_line) }
    }
}

/// A command line as it is typed into a shell. The program goes by its name: where it lay does not
/// matter to anybody else.
#[must_use]
pub fn command(arguments: &[String]) -> String {
    let named = arguments.iter().enumerate().map(|(index, argument)| {
        let name = Path::new(argument).file_name().filter(|_| index == 0);
        quoted(&name.map_or_else(|| argument.clone(), |name| name.to_string_lossy().into_owned()))
    });
    one_line(&named.collect::<Vec<_>>().join(" "))
}

/// As one word of a POSIX shell.
#[must_use]
pub fn quoted(argument: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:=,@%+".contains(letter);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::command;

    #[test]
    fn a_command_can_be_typed_again() {
        let arguments = ["/somewhere/httpdyno", "report", "it's mine", "--format=csv", "*"];
        assert_eq!(
            command(&arguments.map(str::to_owned)),
            r"httpdyno report 'it'\''s mine' --format=csv '*'"
        );
    }
}
