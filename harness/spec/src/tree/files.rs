//! Which files there are.

use std::fs;
use std::path::{Path, PathBuf};

use crate::endpoint::EndpointsFile;
use crate::error::SpecError;
use crate::read::Draft;

pub(super) const SPEC: &str = "spec";
pub(super) const ENDPOINTS: &str = "spec/endpoints.yaml";
pub(super) const IMPLEMENTATIONS: &str = "implementations";
pub(super) const MANIFEST: &str = "implementation.yaml";

/// Reads `spec/endpoints.yaml`.
pub(super) fn endpoints(root: &Path, errors: &mut Vec<SpecError>) -> Option<Draft<EndpointsFile>> {
    let path = root.join(ENDPOINTS);
    let file = Path::new(ENDPOINTS);
    if !path.exists() {
        let problem = format!("no such file in {}; {}", root.display(), what_root_means());
        errors.push(SpecError::of_file(file, problem));
        return None;
    }
    Draft::read(&path, file).map_err(|error| errors.extend(error.into_vec())).ok()
}

/// The `.yaml` files directly in a folder, sorted, relative to `root`.
pub(crate) fn yaml_files(root: &Path, folder: &str, errors: &mut Vec<SpecError>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names(root, folder, errors) {
        let file = Path::new(folder).join(&name);
        if name.starts_with('.') || !root.join(&file).is_file() {
            continue;
        }
        if name.ends_with(".yaml") {
            files.push(file);
        } else if name.ends_with(".yml") {
            errors.push(SpecError::of_file(&file, "is not read; files of the spec end in `.yaml`"));
        }
    }
    files
}

/// The manifests of all implementations, sorted, relative to `root`. A folder without one is not
/// an implementation: build output of another branch may have been left there.
pub(super) fn manifests(root: &Path, errors: &mut Vec<SpecError>) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names(root, IMPLEMENTATIONS, errors) {
        if name.starts_with('_') || name.starts_with('.') {
            continue;
        }
        let folder = Path::new(IMPLEMENTATIONS).join(&name);
        let manifest = folder.join(MANIFEST);
        if root.join(&manifest).is_file() {
            files.push(manifest);
        } else if root.join(&folder).join("implementation.yml").is_file() {
            let problem = format!("is not read; the manifest is called `{MANIFEST}`");
            errors.push(SpecError::of_file(&folder.join("implementation.yml"), problem));
        }
    }
    files
}

/// The names in a folder, sorted; one that is not UTF-8 is an error.
fn names(root: &Path, folder: &str, errors: &mut Vec<SpecError>) -> Vec<String> {
    let entries = match fs::read_dir(root.join(folder)) {
        Ok(entries) => entries,
        Err(error) => {
            let problem = format!(
                "the folder cannot be read in {}: {error}; {}",
                root.display(),
                what_root_means()
            );
            errors.push(SpecError::of_file(Path::new(folder), problem));
            return Vec::new();
        }
    };
    let mut names = Vec::new();
    for entry in entries {
        let name = entry.map(|entry| entry.file_name().into_string());
        match name {
            Ok(Ok(name)) => names.push(name),
            Ok(Err(name)) => {
                let problem = format!("the name {name:?} in it is not UTF-8");
                errors.push(SpecError::of_file(Path::new(folder), problem));
            }
            Err(error) => {
                let problem = format!("the folder cannot be read: {error}");
                errors.push(SpecError::of_file(Path::new(folder), problem));
            }
        }
    }
    names.sort();
    names
}

fn what_root_means() -> &'static str {
    "the root is the folder that has spec/ and implementations/"
}
