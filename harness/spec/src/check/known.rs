//! Rules for the file of known failures.

use super::{At, Check, version};
use crate::known::KnownFile;
use crate::suggest::{closest, unknown};

impl Check for KnownFile {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        let list = at.field("known_failures");
        for (index, known) in self.known_failures.iter().enumerate() {
            let at = list.item(index);
            if known.reason.trim().is_empty() {
                at.field("reason").say(format!(
                    "the reason is empty; say why the server fails `{}`, and why that stays so",
                    known.case
                ));
            }
            case(at.field("case"), known.case.as_str());
            if self.known_failures[..index].iter().any(|other| other.case == known.case) {
                at.field("case").say(format!(
                    "`{}` stands in the list twice; delete one of the two items",
                    known.case
                ));
            }
        }
    }
}

/// The list of all cases is too long for a message: only the closest is named.
fn case(at: At<'_>, id: &str) {
    let Some(cases) = at.known().cases.filter(|cases| !cases.contains(id)) else { return };
    match closest(id, cases.iter().map(String::as_str)) {
        Some(meant) => {
            let suggestion = Some(meant.to_owned());
            at.say_unknown(crate::error::UnknownName { suggestion, ..unknown("case", id, []) });
        }
        None => at.say(format!(
            "no case `{id}`; `httpdyno list cases` names them all: mend the name, or delete the item"
        )),
    }
}
