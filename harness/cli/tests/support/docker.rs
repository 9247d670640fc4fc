//! What the Docker engine of this machine can build on. What is missing is said by name, and with
//! `HTTPDYNO_REQUIRE_DOCKER=1` it fails the test instead.

#[path = "../../../target/testing/needs.rs"]
mod needs;

use std::path::Path;
use std::process::{Command, Stdio};

use httpdyno_target::Containers;
use httpdyno_testkit::tell_skipped;

/// Whether an engine is here.
pub(crate) fn has_engine() -> bool {
    needs::docker(Containers::reach()).is_some()
}

/// Whether an engine is here, and the base image for which the build argument `argument` stands: as
/// it was made here, or pulled by its digest. `toolchain` is a command that runs where the toolchain
/// in that image is installed, so that docker/base-images can make it without a registry; a machine
/// that has neither fails under `HTTPDYNO_REQUIRE_TOOLCHAINS=1` only.
#[allow(dead_code, reason = "some tests need no base image but Debian's")]
pub(crate) fn has_base(argument: &str, toolchain: &[&str]) -> bool {
    if !has_engine() {
        return false;
    }
    let image = base(argument);
    if runs(&["docker", "image", "inspect", &image]) || runs(&["docker", "pull", "-q", &image]) {
        return true;
    }
    let why = format!(
        "no image {image}: it is not here and cannot be pulled (docker/base-images/README.md)"
    );
    assert!(!(needs::is_required(needs::DOCKER) && runs(toolchain)), "{why}");
    assert!(!needs::is_required("HTTPDYNO_REQUIRE_TOOLCHAINS"), "{why}");
    tell_skipped(&why);
    false
}

/// The image that docker/base-images gives a build argument on this machine.
fn base(argument: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root");
    let script = root.join("docker/base-images/build-args.sh");
    let output = Command::new(script).stdin(Stdio::null()).output().expect("the script runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut images = text.lines().filter_map(|line| line.strip_prefix(argument)?.strip_prefix('='));
    images.next().unwrap_or_else(|| panic!("no {argument} in: {text}")).to_owned()
}

fn runs(command: &[&str]) -> bool {
    let mut process = Command::new(command[0]);
    process.args(&command[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    process.status().is_ok_and(|status| status.success())
}
