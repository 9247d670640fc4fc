//! What files say of one another, and trees that lack something.

use std::fs;
use std::path::Path;

use httpdyno_spec::SpecTree;

mod common;
use common::{replace, tree, write};

/// The whole message for a tree, with the root left out.
fn message(root: &Path) -> String {
    let errors = SpecTree::load(root).expect_err("the tree is wrong");
    errors.to_string().replace(&root.display().to_string(), "ROOT")
}

macro_rules! assert_message {
    ($name:literal, $root:expr) => {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(concat!("tree__", $name), message($root));
        });
    };
}

#[test]
fn all_errors_of_all_files_are_told_at_once() {
    let folder = tree();
    let root = folder.path();
    replace(root, "spec/workloads/load.yaml", "endpoint: plaintext", "endpoint: plaintxt");
    replace(root, "spec/profiles/quick.yaml", "[load]", "[laod]");
    replace(root, "spec/profiles/quick.yaml", "blocks: 1", "blocks: 0");
    replace(root, "implementations/two/implementation.yaml", "missing", "mising");
    replace(root, "implementations/two/implementation.yaml", "[first]", "[frist]");
    replace(root, "implementations/plain/implementation.yaml", "[plaintext]", "[plaintext, jsn]");
    replace(root, "implementations/plain/implementation.yaml", "id: plain", "id: plane");
    replace(root, "spec/endpoints.yaml", "hello.txt", "helo.txt");
    assert_message!("all-at-once", root);
}

#[test]
fn an_id_is_used_once_over_all_files() {
    let folder = tree();
    let root = folder.path();
    let text = fs::read_to_string(root.join("spec/cases/host.yaml")).expect("readable");
    let case = text.split_once("cases:\n").expect("cases").1;
    write(root, "spec/cases/host.yaml", &format!("{text}{case}"));
    replace(root, "spec/endpoints.yaml", "app/every-response/date", "app/plaintext/answer");
    assert_message!("duplicate-ids", root);
}

#[test]
fn a_broken_file_does_not_spoil_the_others() {
    let folder = tree();
    let root = folder.path();
    replace(root, "spec/endpoints.yaml", "method: GET", "method: GTE");
    replace(root, "spec/cases/host.yaml", "level: must", "level: most");
    replace(root, "spec/workloads/load.yaml", "version: 1", "verison: 1");
    assert_message!("broken-files", root);
}

#[test]
fn a_route_asks_the_endpoint_that_it_names() {
    let folder = tree();
    let root = folder.path();
    replace(root, "spec/workloads/load.yaml", "path: /plaintext", "method: POST, path: /json");
    assert_message!("other-endpoint", root);
}

#[test]
fn a_manifest_names_a_dockerfile_that_is_there() {
    let folder = tree();
    let root = folder.path();
    let container = "\ncontainer: { dockerfile: Dockerfile }\n";
    replace(root, "implementations/plain/implementation.yaml", "\nprotocols", &{
        format!("{container}protocols")
    });
    assert_message!("no-dockerfile", root);
    write(root, "implementations/plain/Dockerfile", "FROM scratch\n");
    SpecTree::load(root).expect("now it is there");
}

#[test]
fn files_with_another_ending_are_not_passed_over_silently() {
    let folder = tree();
    let root = folder.path();
    write(root, "spec/cases/more.yml", "");
    write(root, "implementations/third/implementation.yml", "");
    write(root, "spec/cases/README.md", "read, not checked");
    assert_message!("endings", root);
}

#[test]
fn a_folder_that_is_no_tree_says_what_is_missing() {
    let folder = tempfile::TempDir::new().expect("a folder");
    assert_message!("nothing-there", folder.path());
}

#[test]
fn bytes_that_are_no_text_are_told() {
    let folder = tree();
    let root = folder.path();
    fs::write(root.join("spec/workloads/load.yaml"), b"version: 1\nid: \xff\n").expect("written");
    assert_message!("not-utf-8", root);
}

#[cfg(unix)]
#[test]
fn a_payload_does_not_lead_out_of_its_folder() {
    let folder = tree();
    let root = folder.path();
    fs::remove_file(root.join("spec/payloads/hello.txt")).expect("removed");
    std::os::unix::fs::symlink("../endpoints.yaml", root.join("spec/payloads/hello.txt"))
        .expect("linked");
    assert_message!("symlink", root);
}
