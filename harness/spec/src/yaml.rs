//! One YAML text into one typed value, with errors of our own shape.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_yaml::budget::BudgetBreach;
use serde_yaml::{Error, Location, MergeKeyPolicy, Options};

use crate::error::{Position, SpecError, SpecErrors};
use crate::outline::{Node, position};
use crate::remedy::remedy;
use crate::suggest::closest;

/// One dialect for everybody: what an editor with the JSON Schema accepts is what is read.
fn options() -> Options {
    serde_yaml::options! {
        with_snippet: false,
        strict_booleans: true,
        reject_unsupported_tags: true,
        merge_keys: MergeKeyPolicy::Error,
    }
}

/// Reads `text`, the content of `file`, as a `T`, and where its values stand.
pub(crate) fn parse<T: DeserializeOwned>(file: &Path, text: &str) -> Result<(T, Node), SpecErrors> {
    let value = serde_yaml::from_str_with_options::<T>(text, options())
        .map_err(|error| SpecErrors::from(explain(file, text, &error)))?;
    let outline = serde_yaml::from_str_with_options::<Node>(text, options())
        .unwrap_or_else(|_| Node::unknown());
    Ok((value, outline))
}

/// The line that `at` names.
pub(crate) fn source_line(text: &str, at: Position) -> Option<String> {
    let index = usize::try_from(at.line).ok()?.checked_sub(1)?;
    text.lines().nth(index).map(str::to_owned)
}

fn explain(file: &Path, text: &str, error: &Error) -> SpecError {
    let error = innermost(error);
    let mut place = error.location().and_then(position);
    if let (Error::SerdeMissingField { .. }, Some(last_field)) = (error, place) {
        // It is reported at the last field that is there; it is missing from the whole mapping.
        place = serde_yaml::from_str_with_options::<Node>(text, options())
            .ok()
            .and_then(|outline| outline.mapping_of(last_field))
            .or(place);
    }
    let (mut problem, asked, allowed) = describe(text, error);
    if let Some(remedy) = remedy(text, place, &problem) {
        place = Some(remedy.at);
        problem = format!("{problem}; {}", remedy.text);
    }
    SpecError {
        file: file.to_owned(),
        position: place,
        problem,
        suggestion: asked
            .and_then(|asked| closest(&asked, allowed.iter().copied()).map(str::to_owned)),
        allowed: allowed.into_iter().map(str::to_owned).collect(),
        source_line: place.and_then(|at| source_line(text, at)),
    }
}

fn innermost(error: &Error) -> &Error {
    match error.without_snippet() {
        Error::AliasError { error, .. } => innermost(error),
        error => error,
    }
}

/// The problem, the unknown name (if it is about one), and the names allowed in its place.
fn describe(text: &str, error: &Error) -> (String, Option<String>, Vec<&'static str>) {
    let plain = |problem: String| (problem, None, Vec::new());
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            (format!("unknown field `{field}`"), Some(field.clone()), expected.clone())
        }
        Error::SerdeUnknownVariant { variant, expected, .. } => {
            (format!("unknown value `{variant}`"), Some(variant.clone()), expected.clone())
        }
        Error::SerdeMissingField { field, .. } => plain(format!("missing field `{field}`")),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            plain(format!("found {unexpected}, expected {expected}"))
        }
        Error::InvalidScalar { ty, location } => {
            let found = found(text, *location);
            plain(format!("found {found}, expected {}", type_in_words(ty)))
        }
        Error::InvalidBooleanStrict { location } => {
            let found = found(text, *location);
            plain(format!("found {found}, expected `true` or `false`"))
        }
        Error::Unexpected { expected, location } => {
            let expected = event_in_words(expected);
            plain(format!("found {}, expected {expected}", found(text, *location)))
        }
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            plain(format!("field `{key}` stands here a second time"))
        }
        Error::NullIntoString { .. } => plain("nothing stands here, expected text".to_owned()),
        Error::Eof { .. } => plain("the file ends before its content is complete".to_owned()),
        Error::MultipleDocuments { .. } => {
            plain("a second document (`---`) begins; a file holds one".to_owned())
        }
        Error::MergeKeyNotAllowed { .. } => {
            plain("merge keys (`<<`) are not used here; write the fields out".to_owned())
        }
        Error::ExternallyTaggedEnumExpectedScalarOrMapping { location } => plain(format!(
            "found {}, expected a name, or one name with its value",
            found(text, *location)
        )),
        Error::UnexpectedValueForUnitEnumVariant { .. } | Error::UnexpectedValueForUnit { .. } => {
            plain("this name takes no value; write the name alone".to_owned())
        }
        Error::ExpectedMappingEndAfterEnumVariantValue { .. } => {
            plain("a second name stands beside the first; only one may be given".to_owned())
        }
        Error::Budget { breach: BudgetBreach::Depth { depth }, .. } => {
            plain(format!("values are nested {depth} deep; that is not a file of the spec"))
        }
        Error::Budget { breach, .. } => {
            plain(format!("too much for a file of the spec ({breach:?})"))
        }
        Error::Message { msg, .. } => plain(msg.clone()),
        other => plain(without_place(other)),
    }
}

/// What stands at `location`, for a message.
fn found(text: &str, location: Location) -> String {
    let span = location.span();
    let offset = |number: Option<u64>| number.and_then(|number| usize::try_from(number).ok());
    let rest = offset(span.byte_offset()).and_then(|start| text.get(start..)).unwrap_or_default();
    let scalar = offset(span.byte_len()).and_then(|length| rest.get(..length)).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default();
    match scalar.trim() {
        "[" => "a list".to_owned(),
        "{" => "a mapping".to_owned(),
        // Collections that are not in brackets begin where their first member does.
        "" if line.starts_with("- ") || line == "-" => "a list".to_owned(),
        "" if line.contains(':') => "a mapping".to_owned(),
        "" => "nothing".to_owned(),
        scalar => {
            let line = scalar.lines().next().unwrap_or_default();
            format!("`{}`", line.chars().take(60).collect::<String>())
        }
    }
}

fn type_in_words(name: &str) -> &str {
    match name {
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" => "a whole number from 0 to 18446744073709551615",
        "bool" => "`true` or `false`",
        other => other,
    }
}

fn event_in_words(name: &str) -> &str {
    match name {
        "sequence start" => "a list",
        "mapping start" => "a mapping (`name: value`)",
        "scalar" | "string scalar" => "a single value",
        other => other,
    }
}

/// The parser's own message without ` at line 3, column 7`, which stands in front already.
fn without_place(error: &Error) -> String {
    let message = error.to_string();
    match message.rfind(" at line ") {
        Some(end) => message[..end].to_owned(),
        None => message,
    }
}
