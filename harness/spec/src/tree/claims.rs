//! The published claims: files beside the spec, read when they are asked for. A wrong one keeps
//! nobody from checking or measuring a server.

use std::collections::BTreeSet;

use super::lookup::find;
use super::{Folder, SpecTree, files};
use crate::check::Known;
use crate::claim::Claim;
use crate::error::{SpecErrors, UnknownName};
use crate::read::Loaded;

/// Where they lie.
const FOLDER: &str = "spec/claims";

/// Every claim of the tree by file name, checked against its workloads and entries; none where
/// there is no folder of them.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn claims(tree: &SpecTree) -> Result<Vec<Loaded<Claim>>, SpecErrors> {
    if !tree.root.join(FOLDER).is_dir() {
        return Ok(Vec::new());
    }
    let mut errors = Vec::new();
    let found = files::yaml_files(&tree.root, FOLDER, &mut errors);
    let folder = Folder::<Claim>::read(&tree.root, &found, &mut errors);
    let workloads: BTreeSet<String> =
        tree.workloads.iter().map(|workload| workload.id.to_string()).collect();
    let entries: BTreeSet<String> = tree.entries().map(|entry| entry.id.to_string()).collect();
    let known = Known {
        workloads: Some(&workloads),
        entries: Some(&entries),
        root: Some(&tree.root),
        ..Known::default()
    };
    folder.check(known, &mut errors);
    SpecErrors::check(errors)?;
    Ok(folder.finish())
}

/// The claim with that id.
///
/// # Errors
/// When there is none; the error names the one probably meant, and all there are.
pub fn claim_named<'a>(
    claims: &'a [Loaded<Claim>],
    id: &str,
) -> Result<&'a Loaded<Claim>, UnknownName> {
    find("claim", id, claims, |claim| claim.id.as_str())
}
