//! From names on the command line to entries.

use std::collections::BTreeSet;

use httpdyno_runner::Entry;
use httpdyno_spec::SpecTree;

use crate::exit::Failure;

/// The entries named; without names, every implementation in its default variant, or in all.
pub(crate) fn select(
    tree: &SpecTree,
    names: &[String],
    all_variants: bool,
) -> Result<Vec<Entry>, Failure> {
    let is_default = |entry: &httpdyno_spec::Entry<'_>| {
        entry.variant.is_none_or(|variant| all_variants || variant.default)
    };
    let found: Vec<httpdyno_spec::Entry<'_>> = if names.is_empty() {
        tree.entries().filter(is_default).collect()
    } else {
        names.iter().map(|name| tree.entry(name)).collect::<Result<_, _>>()?
    };
    let mut known = BTreeSet::new();
    let distinct = found.iter().filter(|entry| known.insert(entry.id.clone()));
    Ok(distinct.map(|entry| Entry::resolve(tree, entry)).collect())
}

/// The full name of the entry that `--baseline` names, which must be one of those compared.
pub(crate) fn baseline(tree: &SpecTree, entries: &[Entry], name: &str) -> Result<String, Failure> {
    let id = tree.entry(name)?.id;
    if entries.iter().any(|entry| entry.id == id) {
        return Ok(id.to_string());
    }
    let compared: Vec<String> = entries.iter().map(|entry| entry.id.to_string()).collect();
    Err(Failure::new(format!(
        "--baseline `{id}` is not among the entries compared, {}; add it with --impl",
        compared.join(", ")
    )))
}
