//! Ids that must be unique over all files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::case::CasesFile;
use crate::check::{At, Known};
use crate::endpoint::EndpointsFile;
use crate::error::SpecError;
use crate::read::Draft;

/// Where each id was first seen, as a message says it.
type Seen = BTreeMap<String, String>;

/// The ids of all cases and checks, which share one space; one that is used twice is reported.
pub(super) fn case_names(
    endpoints: Option<&Draft<EndpointsFile>>,
    cases: &[Draft<CasesFile>],
    errors: &mut Vec<SpecError>,
) -> BTreeSet<String> {
    let mut seen = Seen::new();
    if let Some(draft) = endpoints {
        errors.extend(draft.report(Known::default(), |at, file| {
            for (index, rule) in file.every_response.iter().enumerate() {
                let at = at.field("every_response").item(index).field("id");
                note(at, rule.id.as_str(), &mut seen);
            }
            for (index, endpoint) in file.endpoints.iter().enumerate() {
                let at = at.field("endpoints").item(index).field("checks");
                for (index, check) in endpoint.checks.iter().enumerate() {
                    note(at.item(index).field("id"), check.id.as_str(), &mut seen);
                }
            }
        }));
    }
    for draft in cases {
        errors.extend(draft.report(Known::default(), |at, file| {
            for (index, case) in file.cases.iter().enumerate() {
                let at = at.field("cases").item(index).field("id");
                note(at, case.id.as_str(), &mut seen);
            }
        }));
    }
    seen.into_keys().collect()
}

fn note(at: At<'_>, id: &str, seen: &mut Seen) {
    if let Some(first) = seen.get(id) {
        at.say(format!("case id `{id}` is used twice; first at {first}"));
        return;
    }
    let file: &Path = at.file();
    let place = match at.position() {
        Some(position) => format!("{}:{}", file.display(), position.line),
        None => file.display().to_string(),
    };
    seen.insert(id.to_owned(), place);
}
