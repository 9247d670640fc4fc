//! What was found, against the snapshot that is committed: the differences, what is unstable, and the
//! lines for the manifest.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use httpdyno_record::{CaseRecord, CaseStatus};
use httpdyno_report::conformance_snapshot::{
    Difference, FILE, differences, render_differences, told,
};
use httpdyno_runner::Entry;
use httpdyno_spec::SpecTree;
use httpdyno_spec::manifest::Manifest;
use httpdyno_target::Isolation;

use super::again::{Again, TIMES, Unstable};

/// So many differences are shown, and so many lines offered, of one implementation.
const MOST_SHOWN: usize = 20;

/// How much of an entry is compared.
#[derive(Clone, Copy)]
pub(crate) struct Extent<'a> {
    pub(crate) tree: &'a SpecTree,
    /// All cases were asked, so that one that is in the snapshot alone is gone.
    pub(crate) all: bool,
    /// Entries were offered a database.
    pub(crate) offered: bool,
}

impl Extent<'_> {
    /// Where the cases of `entry` among `cases` come out otherwise than its snapshot says. One that
    /// has none differs in nothing, nor does a container: snapshots are of processes.
    pub(crate) fn differences(self, entry: &Entry, cases: &[CaseRecord]) -> Vec<Difference> {
        let file = std::fs::read_to_string(entry.context.folder.join(FILE));
        let (Ok(file), Isolation::Process) = (file, &entry.isolation) else { return Vec::new() };
        let in_part = entry.uses_database(self.tree) && !self.offered;
        let name = entry.id.to_string();
        let is_compared = |case: &&CaseRecord| {
            case.entry == name && !(in_part && case.status == CaseStatus::NotApplicable)
        };
        let cases: Vec<CaseRecord> = cases.iter().filter(is_compared).cloned().collect();
        differences(&file, &cases, self.all && !in_part)
    }
}

/// What is to be said of one implementation.
#[derive(Default)]
pub(crate) struct Against {
    /// The text, for people; empty where there is nothing to say.
    pub(crate) text: String,
    pub(crate) unstable: Vec<Unstable>,
    /// It behaves otherwise than its snapshot says, and does so again and again.
    pub(crate) differs: bool,
}

impl Against {
    /// Of the implementation of `entries`, its variants.
    pub(crate) fn of(
        extent: Option<Extent<'_>>,
        entries: &[&Entry],
        cases: &[CaseRecord],
        again: &Again,
    ) -> Self {
        let manifest = entries.first().map(|entry| &entry.manifest);
        let (Some(extent), Some(manifest)) = (extent, manifest) else { return Self::default() };
        let is_of_it = |entry: &str| entries.iter().any(|one| one.id.to_string() == entry);
        let unstable: Vec<Unstable> =
            again.unstable(cases).into_iter().filter(|it| is_of_it(&it.entry)).collect();
        let found = |entry: &&Entry| extent.differences(entry, cases);
        let mut differing: Vec<Difference> = entries.iter().flat_map(found).collect();
        // A machine that was held up for once must not decide.
        differing.retain(|it| !again.all_found(&it.entry, &it.case, it.before.as_deref()));
        let mut text = String::new();
        let id = &manifest.id;
        if !differing.is_empty() {
            let _ = write!(
                text,
                "{id}: {} came out otherwise than its {FILE} says (- there, + now):\n{}\
                 \x20 a change of behaviour: mend it, or, if it is meant, write it anew with: \
                 httpdyno conform --impl {id} --write-snapshot --replace\n",
                counted(differing.len()),
                render_differences(&differing, MOST_SHOWN)
            );
        }
        if !unstable.is_empty() {
            let _ = writeln!(
                text,
                "{id}: {} did not come out the same {TIMES} times; mostly that is a race in the \
                 server:",
                counted(unstable.len())
            );
            for one in unstable.iter().take(MOST_SHOWN) {
                let _ = writeln!(text, "{}", one.line());
            }
        }
        let mut wanted = wanted(manifest, entries, cases, &unstable);
        // What the contract asks of a process, no manifest may leave out.
        wanted.retain(|it| extent.tree.case(&it.case).is_ok());
        text.push_str(&to_paste(manifest, &wanted));
        Self { text, unstable, differs: !differing.is_empty() }
    }
}

fn counted(cases: usize) -> String {
    if cases == 1 { "1 case".to_owned() } else { format!("{cases} cases") }
}

fn conditions(varies: bool, variants: &[String]) -> String {
    let varies = if varies { "    varies: true\n" } else { "" };
    match variants {
        [] => varies.to_owned(),
        some => format!("{varies}    variants: [{}]\n", some.join(", ")),
    }
}

/// A known deviation that the manifest would need.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    case: String,
    varies: bool,
    observed: String,
    /// Empty for all.
    variants: Vec<String>,
}

/// What of `cases` fails or is unstable and not in the manifest yet.
fn wanted(
    manifest: &Manifest,
    entries: &[&Entry],
    cases: &[CaseRecord],
    unstable: &[Unstable],
) -> Vec<Wanted> {
    let mut wanted: Vec<Wanted> = Vec::new();
    let mut add = |entry: &Entry, case: &str, varies: bool, observed: String| {
        let variant = entry.variant.as_ref().map(|variant| variant.id.to_string());
        match wanted.iter_mut().find(|it| it.case == case && it.varies == varies) {
            Some(known) => known.variants.extend(variant),
            None => {
                let variants = variant.into_iter().collect();
                wanted.push(Wanted { case: case.to_owned(), varies, observed, variants });
            }
        }
    };
    for entry in entries {
        let name = entry.id.to_string();
        let of_it: Vec<&Unstable> = unstable.iter().filter(|it| it.entry == name).collect();
        for one in &of_it {
            let ways: BTreeSet<String> = one.ways.iter().map(|(way, _)| in_one_line(way)).collect();
            let ways: Vec<String> = ways.into_iter().collect();
            add(entry, &one.case, true, ways.join(" or "));
        }
        let fails = |case: &&CaseRecord| case.entry == name && case.status == CaseStatus::Fail;
        for case in cases.iter().filter(fails) {
            if !of_it.iter().any(|one| one.case == case.case) {
                add(entry, &case.case, false, in_one_line(&told(case)));
            }
        }
    }
    for one in &mut wanted {
        if one.variants.len() == manifest.variants.len() {
            one.variants.clear();
        }
    }
    wanted
}

fn in_one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Lines for the manifest, as they stand there.
fn to_paste(manifest: &Manifest, wanted: &[Wanted]) -> String {
    if wanted.is_empty() {
        return String::new();
    }
    let known = |case: &str| manifest.known_deviations.iter().find(|it| it.case.as_str() == case);
    let id = &manifest.id;
    let mut text = format!(
        "{id}: where its engine cannot do better, for implementations/{id}/implementation.yaml, \
         with the reason in the place of `WHY`:\n"
    );
    let (there, new): (Vec<&Wanted>, Vec<&Wanted>) =
        wanted.iter().partition(|one| known(&one.case).is_some());
    for one in there {
        let before = known(&one.case).into_iter().flat_map(|it| &it.variants);
        let mut variants: Vec<String> = before.map(ToString::to_string).collect();
        if !variants.is_empty() {
            let more = one.variants.iter().filter(|it| !variants.contains(it));
            variants.extend(more.cloned().collect::<Vec<_>>());
        }
        let _ = writeln!(text, "  # `{}` is there; it needs:", one.case);
        text.push_str(&conditions(one.varies, &variants));
    }
    if manifest.known_deviations.is_empty() && !new.is_empty() {
        text.push_str("known_deviations:\n");
    }
    for one in new.iter().take(MOST_SHOWN) {
        let _ = writeln!(text, "  - case: {}", one.case);
        let _ = writeln!(text, "    reason: 'WHY ({})'", one.observed.replace('\'', "''"));
        text.push_str(&conditions(one.varies, &one.variants));
    }
    if new.len() > MOST_SHOWN {
        let _ = writeln!(text, "  # ... and {} more", new.len() - MOST_SHOWN);
    }
    text
}
