//! Building images, and what is told when that fails.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use httpdyno_spec::manifest::{ContainerBuild, Manifest};
use httpdyno_target::{BuildError, CommandContext, Isolation};

use super::support::{containers, manifest, ready_to_start};

/// A root with one implementation of this Dockerfile.
fn root_with(dockerfile: &str) -> (tempfile::TempDir, Manifest) {
    let root = tempfile::tempdir().expect("folder");
    let folder = root.path().join("implementations/broken");
    std::fs::create_dir_all(&folder).expect("folder");
    std::fs::write(folder.join("Dockerfile"), dockerfile).expect("write");
    let mut manifest = manifest();
    manifest.id = "broken".parse().expect("id");
    manifest.container = Some(ContainerBuild { dockerfile: "Dockerfile".to_owned() });
    (root, manifest)
}

fn context(root: &Path) -> CommandContext {
    CommandContext::new(root, &root.join("implementations/broken"))
}

#[test]
fn an_image_is_built_once_and_tells_its_version() {
    let Some(containers) = ready_to_start() else { return };
    let manifest = manifest();
    let image = containers.image(&manifest.id).expect("built");
    assert!(image.id.starts_with("sha256:"), "{image:?}");
    let again = ready_to_start().expect("as before").image(&manifest.id).expect("built");
    assert_eq!(image, again, "nothing has changed, so the engine has it");
    let version = Isolation::Container(containers).version(&manifest, &context(Path::new("/")));
    assert!(version.expect("a version").starts_with("misbehaving_server "));
}

#[test]
fn a_broken_dockerfile_is_told_with_the_last_lines_of_its_build() {
    let Some(containers) = containers() else { return };
    let (root, manifest) = root_with(
        "FROM debian:bookworm-slim\nRUN echo nothing fits together && exit 7\nENTRYPOINT [\"x\"]\n",
    );
    let never = AtomicBool::new(false);
    let error = containers.build(&manifest, &context(root.path()), &never).expect_err("broken");
    let text = error.to_string();
    assert!(matches!(error, BuildError::Failed { .. }), "{text}");
    for told in ["implementations/broken/Dockerfile", "nothing fits together", "code: 7"] {
        assert!(text.contains(told), "`{told}` is missing: {text}");
    }
}

#[test]
fn what_has_no_dockerfile_says_so() {
    let Some(containers) = containers() else { return };
    let never = AtomicBool::new(false);
    let error = containers.build(&manifest(), &context(Path::new("/")), &never).expect_err("none");
    assert!(error.to_string().contains("has no Dockerfile"), "{error}");
}

#[test]
fn a_build_ends_when_somebody_stops_it() {
    let Some(containers) = containers() else { return };
    let (root, manifest) = root_with("FROM debian:bookworm-slim\nRUN sleep 600\n");
    let at_once = AtomicBool::new(true);
    let error = containers.build(&manifest, &context(root.path()), &at_once).expect_err("stopped");
    assert!(matches!(error, BuildError::Stopped { .. }), "{error}");
}
