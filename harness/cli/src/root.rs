//! Finding what a command works on: the folder with `spec/` and `implementations/`, the spec that the
//! program carries, somebody's own suite; and where records are put.

use std::path::{Path, PathBuf};

use httpdyno_spec::SpecTree;
use httpdyno_spec::suite::Suite;

use crate::embedded;
use crate::exit::Failure;

/// The root that was asked for; else the nearest folder around the current one that has
/// `spec/endpoints.yaml`.
pub(crate) fn find(asked: Option<&Path>) -> Result<PathBuf, Failure> {
    match found(asked)? {
        Some(root) => Ok(root),
        None => Err(Failure::new(format!(
            "no spec/endpoints.yaml in {} or a folder above it; \
             name the folder that has spec/ and implementations/ with --root",
            std::env::current_dir()?.display()
        ))),
    }
}

/// Nothing where there is no checkout around the current folder.
fn found(asked: Option<&Path>) -> Result<Option<PathBuf>, Failure> {
    let here = std::env::current_dir()?;
    let is_root = |folder: &&Path| folder.join("spec/endpoints.yaml").is_file();
    let root = match asked {
        Some(asked) if is_root(&asked) => Some(asked),
        Some(asked) => {
            return Err(Failure::new(format!(
                "no spec/endpoints.yaml in {}; name the folder that has spec/ and implementations/ \
                 with --root",
                asked.display()
            )));
        }
        None => here.ancestors().find(is_root),
    };
    Ok(root.map(Path::canonicalize).transpose()?)
}

/// Where runs are recorded in a checkout unless another folder is named: git knows nothing of it.
const RUNS: &str = "runs";

/// Records that are committed.
const COMMITTED: &str = "results";

/// Where a run is recorded: in the folder that was named, else in `runs/` of a checkout, and in
/// `httpdyno/results` of somebody's own project.
pub(crate) fn results(asked: Option<&Path>, tree: &SpecTree) -> Result<PathBuf, Failure> {
    Ok(match asked {
        Some(asked) => asked.to_owned(),
        None if is_carried(tree) => {
            std::env::current_dir()?.join(Suite::FOLDER).join(Suite::RESULTS)
        }
        None if is_suite(tree) => tree.spec.join(Suite::RESULTS),
        None => tree.root.join(RUNS),
    })
}

/// Whether `tree` is of the program itself, in whose folder nothing belongs.
fn is_carried(tree: &SpecTree) -> bool {
    embedded::root().is_ok_and(|root| root == tree.root)
}

fn is_suite(tree: &SpecTree) -> bool {
    tree.spec != tree.root.join("spec")
}

/// Wherever the root has records; in somebody's own project, where its suite has them.
pub(crate) fn all_results(asked: Option<&Path>) -> Result<Vec<PathBuf>, Failure> {
    let root = match (found(asked)?, suite(None)?) {
        (None, Some(suite)) => return Ok(vec![suite.folder.join(Suite::RESULTS)]),
        (Some(root), _) => root,
        (None, None) => find(asked)?,
    };
    let folders = [COMMITTED, RUNS].map(|name| root.join(name));
    Ok(folders.into_iter().filter(|folder| folder.is_dir()).collect())
}

/// The spec of the root that was asked for, or found; else the one that the program carries. An
/// implementation whose manifest is wrong is named and left out.
pub(crate) fn load(asked: Option<&Path>) -> Result<SpecTree, Failure> {
    let root = match found(asked)? {
        Some(root) => root,
        None => embedded::root()?.to_owned(),
    };
    let (tree, left_out) = SpecTree::load_usable(&root)?;
    for errors in &left_out {
        crate::output::remark!("left out, since its manifest is wrong: {errors}");
    }
    Ok(tree)
}

/// The suite around the current folder, where no checkout is: there, what is measured is what it says.
pub(crate) fn suite_alone(asked_root: Option<&Path>) -> Result<Option<Suite>, Failure> {
    match found(asked_root)? {
        Some(_) => Ok(None),
        None => suite(None),
    }
}

/// The suite that was named, else the one around the current folder where no checkout is.
pub(crate) fn suite_of(
    asked: Option<&Path>,
    asked_root: Option<&Path>,
) -> Result<Option<Suite>, Failure> {
    match asked {
        Some(_) => suite(asked),
        None => suite_alone(asked_root),
    }
}

/// The suite in the folder that was named; else that of the nearest folder around the current one that
/// has one.
pub(crate) fn suite(asked: Option<&Path>) -> Result<Option<Suite>, Failure> {
    let here = std::env::current_dir()?;
    let folder = match asked {
        Some(asked) if asked.join(Suite::FILE).is_file() => Some(asked.to_owned()),
        Some(asked) => match Suite::find_in(asked) {
            Some(folder) => Some(folder),
            None => {
                return Err(Failure::new(format!(
                    "there is no {} in {}; `httpdyno init` writes one",
                    Suite::FILE,
                    asked.display()
                )));
            }
        },
        None => here.ancestors().find_map(Suite::find_in),
    };
    Ok(folder.map(|folder| Suite::load(&folder)).transpose()?)
}
