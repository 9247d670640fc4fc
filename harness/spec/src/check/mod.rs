//! Rules that the types alone cannot say, each reported at its place in the file.

mod at;
mod case;
mod claim;
mod endpoint;
mod exchange;
mod known;
mod manifest;
mod profile;
mod suite;
mod variables;
mod workload;

pub(crate) use at::{At, Check, Known, Report};

/// The version of the YAML formats that this harness reads.
const SUPPORTED_VERSION: u32 = 1;

fn version(at: At<'_>, found: u32) {
    if found != SUPPORTED_VERSION {
        at.say(format!(
            "version {found} is not supported; this harness reads version {SUPPORTED_VERSION}"
        ));
    }
}

/// The file `NAME.yaml` holds the thing with the id `NAME`.
fn named_like_file(at: At<'_>, kind: &str, id: &str) {
    let stem = at.file().file_stem().and_then(|stem| stem.to_str());
    if stem != Some(id) {
        let file = at.file().file_name().unwrap_or_default().to_string_lossy();
        at.say(format!("{kind} id `{id}` does not fit the file name `{file}`; they must agree"));
    }
}

/// Text that people read must be there.
fn not_blank(at: At<'_>, what: &str, text: &str) {
    if text.trim().is_empty() {
        at.say(format!("{what} is empty"));
    }
}

/// A list that must have members.
fn not_empty<T>(at: At<'_>, what: &str, list: &[T]) {
    if list.is_empty() {
        at.say(format!("{what} is empty; at least one is needed"));
    }
}

/// No member of a list may stand in it twice.
fn unique<T: PartialEq + std::fmt::Display>(at: At<'_>, what: &str, list: &[T]) {
    for (index, member) in list.iter().enumerate() {
        if list[..index].contains(member) {
            at.item(index).say(format!("{what} `{member}` stands in the list twice"));
        }
    }
}

/// A whole number between two bounds, both included.
fn in_range(at: At<'_>, what: &str, found: u64, range: std::ops::RangeInclusive<u64>) {
    if !range.contains(&found) {
        let (least, most) = (range.start(), range.end());
        let allowed = match *most {
            u64::MAX => format!("at least {least}"),
            _ => format!("from {least} to {most}"),
        };
        at.say(format!("{what} is {found}; it must be {allowed}"));
    }
}

/// A duration that must be longer than none.
fn positive(at: At<'_>, what: &str, span: crate::units::Span) {
    if span.duration().is_zero() {
        at.say(format!("{what} is {span}; it must be longer than zero"));
    }
}
