//! Only what a change touches is built anew, shown by an entry's image from a copy of the repository
//! as far as the image can depend on it. An image is known by the digest of what it is, which holds
//! when each of its layers was made: the same one again means that none was made.

#[path = "support/docker.rs"]
mod docker;
#[path = "support/tree.rs"]
mod tree;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use httpdyno_spec::SpecTree;
use httpdyno_spec::manifest::Manifest;
use httpdyno_target::{CommandContext, Containers};

/// An interpreter's: nothing is compiled.
const ENTRY: &str = "implementations/python-stdlib";

/// What the entry's image is made of, and what is none of its business.
const COPIED: [&str; 8] = [
    ".dockerignore",
    "README.md",
    "docs",
    "docker/base-images/pins.env",
    "harness/cli/src/main.rs",
    "implementations/_shared/python",
    "implementations/go-nethttp",
    ENTRY,
];

/// A copy of the repository that images are built from.
struct Copy {
    root: tempfile::TempDir,
    manifest: Manifest,
    containers: Arc<Containers>,
}

impl Copy {
    fn new() -> Self {
        let root = tempfile::tempdir().expect("folder");
        for path in COPIED {
            tree::copy(&tree::root().join(path), &root.path().join(path));
        }
        let spec = SpecTree::load(&tree::root()).expect("the repository");
        let found =
            spec.implementations.iter().find(|one| one.value.id.as_str() == "python-stdlib");
        let mut manifest = found.expect("the entry").value.clone();
        // A name of its own: tests of the entry itself may run beside this one.
        manifest.id = "rebuilt".parse().expect("an id");
        Self { root, manifest, containers: Containers::reach().expect("an engine") }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    /// The digest of the image, built anew as far as the engine finds a change.
    fn image(&self) -> String {
        let context = CommandContext::new(self.root.path(), &self.path(ENTRY));
        let built = self.containers.build(&self.manifest, &context, &AtomicBool::new(false));
        built.expect("the image is built");
        self.containers.image(&self.manifest.id).expect("built").id
    }

    /// Adds a line to a file that is there.
    fn change(&self, path: &str) {
        let path = self.path(path);
        let text = fs::read_to_string(&path).expect("a file");
        fs::write(path, text + "\n# changed by a test\n").expect("written");
    }
}

fn touch(path: &Path) {
    let file = File::options().write(true).open(path).expect("a file");
    file.set_modified(SystemTime::now()).expect("touched");
}

#[test]
fn only_a_change_that_an_image_is_made_of_makes_it_anew() {
    if !docker::has_base("PYTHON_IMAGE", &["python3", "--version"]) {
        return;
    }
    let copy = Copy::new();
    let first = copy.image();
    assert_eq!(copy.image(), first, "nothing has changed");

    for elsewhere in [
        "README.md",
        "harness/cli/src/main.rs",
        "implementations/go-nethttp/main.go",
        "implementations/go-nethttp/Dockerfile",
        // Of its own folder, but read by nobody who runs it.
        "implementations/python-stdlib/README.md",
    ] {
        copy.change(elsewhere);
        assert_eq!(copy.image(), first, "{elsewhere} is no part of the image");
    }
    fs::write(copy.path("docs/new.txt"), "New.\n").expect("written");
    assert_eq!(copy.image(), first, "nor is a new file of the documentation");

    let own = "implementations/python-stdlib/server.py";
    let original = fs::read(copy.path(own)).expect("a file");
    touch(&copy.path(own));
    assert_eq!(copy.image(), first, "its time is no change of a file");

    copy.change(own);
    let changed = copy.image();
    assert_ne!(changed, first, "{own} is a part of the image");
    assert_eq!(copy.image(), changed, "which is built once too");
    fs::write(copy.path(own), original).expect("written");
    assert_eq!(copy.image(), first, "what was there is found again");

    copy.change("implementations/_shared/python/install.py");
    assert_ne!(copy.image(), first, "so is what entries share");
}
