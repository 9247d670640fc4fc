//! What the tests of this crate share.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use httpdyno_conformance::Requirements;
use httpdyno_spec::case::CasesFile;
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::read_file;

/// The requirements of this repository. Read file by file: what else is in it does not matter here.
pub(crate) fn requirements() -> Requirements {
    let spec = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec");
    let endpoints = read_file::<EndpointsFile>(&spec.join("endpoints.yaml"));
    let folder = std::fs::read_dir(spec.join("cases")).expect("the folder spec/cases");
    let mut files: Vec<PathBuf> = folder.map(|e| e.expect("an entry").path()).collect();
    files.sort();
    let cases = files.iter().map(|file| match read_file::<CasesFile>(file) {
        Ok(file) => file.value,
        Err(errors) => panic!("{errors}"),
    });
    Requirements {
        endpoints: Arc::new(endpoints.unwrap_or_else(|errors| panic!("{errors}")).value),
        cases: cases.collect(),
        payloads: spec.join("payloads"),
    }
}
