//! Wrong files, each with the exact message it gives. `tests/bad/KIND/NAME.yaml` is read as a file
//! of that kind.

use std::fs;
use std::path::{Path, PathBuf};

use httpdyno_spec::case::CasesFile;
use httpdyno_spec::claim::Claim;
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::manifest::Manifest;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::workload::Workload;
use httpdyno_spec::{SpecErrors, SpecFile, read_str};

/// The messages of every file of a kind, as snapshots `KIND__NAME`.
fn messages<T: SpecFile>(kind: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad").join(kind);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).expect(kind).map(|entry| entry.expect(kind).path()).collect();
    files.sort();
    assert!(!files.is_empty(), "no files in {}", folder.display());
    for file in files {
        let text = fs::read_to_string(&file).expect("readable");
        let name = file.file_name().and_then(|name| name.to_str()).expect("UTF-8");
        let folder = PathBuf::from(kind);
        let errors = match read_str::<T>(&folder.join(name), &text) {
            Ok(_) => panic!("{kind}/{name} is wrong and was accepted"),
            Err(errors) => errors,
        };
        places_are_in_the_text(&errors, &text);
        let stem = name.trim_end_matches(".yaml");
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{kind}__{stem}"), errors.to_string());
        });
    }
}

fn places_are_in_the_text(errors: &SpecErrors, text: &str) {
    for error in errors.errors() {
        let position = error.position.expect("every wrong file here has a wrong place");
        let line = text.lines().nth(position.line as usize - 1);
        assert_eq!(error.source_line.as_deref(), line, "{error}");
    }
}

#[test]
fn workloads() {
    messages::<Workload>("workload");
}

#[test]
fn profiles() {
    messages::<Profile>("profile");
}

#[test]
fn endpoints() {
    messages::<EndpointsFile>("endpoints");
}

#[test]
fn cases() {
    messages::<CasesFile>("cases");
}

#[test]
fn implementations() {
    messages::<Manifest>("implementation");
}

#[test]
fn claims() {
    messages::<Claim>("claim");
}
