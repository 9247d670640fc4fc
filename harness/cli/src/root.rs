//! Finding the folder with `spec/` and `implementations/`.

use std::path::{Path, PathBuf};

use httpdyno_spec::SpecTree;

use crate::exit::Failure;

/// The root that was asked for; else the nearest folder around the current one that has
/// `spec/endpoints.yaml`; else the one this program was built in.
pub(crate) fn find(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    let here = std::env::current_dir()?;
    let built_in = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
    let candidates: Vec<&Path> = match asked {
        Some(asked) => vec![asked],
        None => here.ancestors().chain(built_in).collect(),
    };
    let is_root = |folder: &&&Path| folder.join("spec/endpoints.yaml").is_file();
    match candidates.iter().find(is_root) {
        Some(root) => Ok(root.canonicalize()?),
        None => Err(Failure::new(format!(
            "no spec/endpoints.yaml in {} or a folder above it; \
             name the folder that has spec/ and implementations/ with --root",
            candidates.first().unwrap_or(&here.as_path()).display()
        ))),
    }
}

/// Where runs are recorded unless another folder is named: git knows nothing of it.
const RUNS: &str = "runs";

/// Records that are committed.
const COMMITTED: &str = "results";

/// Where a run is recorded: in the folder that was named, else in `runs/` of the root.
pub(crate) fn results(asked: Option<&Path>, root: &Path) -> PathBuf {
    asked.map_or_else(|| root.join(RUNS), Path::to_owned)
}

/// Wherever the root has records.
pub(crate) fn all_results(root: &Path) -> Vec<PathBuf> {
    let folders = [COMMITTED, RUNS].map(|name| root.join(name));
    folders.into_iter().filter(|folder| folder.is_dir()).collect()
}

/// The spec of the root that was asked for, or found. An implementation whose manifest is wrong is
/// named and left out.
pub(crate) fn load(asked: Option<&Path>) -> Result<SpecTree, Failure> {
    let (tree, left_out) = SpecTree::load_usable(&find(asked)?)?;
    for errors in &left_out {
        crate::output::remark!("left out, since its manifest is wrong: {errors}");
    }
    Ok(tree)
}
