//! Which base images a Dockerfile is built on: those that `docker/base-images/pins.env` pins by their
//! digests, except where a local image of the same tag was made by that folder's scripts (a digest
//! cannot be looked up where no registry is).

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use super::image::inspect;
use crate::docker::Engine;

/// The pins, below the root.
const PINS: &str = "docker/base-images/pins.env";

/// The build arguments for `dockerfile`: those that it takes and that are pinned. A root without pins
/// leaves the Dockerfile's own defaults.
pub(super) fn arguments(engine: &Engine, root: &Path, dockerfile: &str) -> HashMap<String, String> {
    let pins = fs::read_to_string(root.join(PINS)).unwrap_or_default();
    taken(&pins, dockerfile)
        .map(|(name, pinned)| {
            let tag = pinned.split('@').next().unwrap_or(pinned);
            let is_made_here = inspect(engine, tag).is_ok_and(|image| image.base.is_some());
            (name.to_owned(), if is_made_here { tag } else { pinned }.to_owned())
        })
        .collect()
}

/// The pins, as `NAME=IMAGE@DIGEST` lines, of which `dockerfile` has an `ARG`.
fn taken<'a>(pins: &'a str, dockerfile: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let names = dockerfile.lines().filter_map(|line| line.trim().strip_prefix("ARG "));
    let names: Vec<String> =
        names.filter_map(|rest| Some(rest.split('=').next()?.trim().to_owned())).collect();
    let pins = pins.lines().filter(|line| !line.starts_with('#'));
    let pins = pins.filter_map(|line| line.trim().split_once('='));
    pins.filter(move |(name, _)| names.iter().any(|taken| taken == name))
}

#[cfg(test)]
mod tests {
    use super::taken;

    #[test]
    fn a_dockerfile_is_given_the_pins_that_it_takes() {
        let pins =
            "# why\nDEBIAN_IMAGE=debian:bookworm-slim@sha256:1\nGO_IMAGE=golang:1@sha256:2\n";
        let dockerfile =
            "ARG DEBIAN_IMAGE=debian:bookworm-slim\nARG OTHER=1\nFROM ${DEBIAN_IMAGE}\n";
        let found: Vec<_> = taken(pins, dockerfile).collect();
        assert_eq!(found, [("DEBIAN_IMAGE", "debian:bookworm-slim@sha256:1")]);
        assert_eq!(taken(pins, "FROM scratch\n").count(), 0);
    }
}
