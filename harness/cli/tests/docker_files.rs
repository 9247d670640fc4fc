//! The rules of the Dockerfiles and of docker/compose.yaml that a machine can check without an
//! engine: base images are build arguments that `docker/base-images/pins.env` pins, an entry's image
//! is made of the entry and of what entries share, and the server gets its signals.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use httpdyno_target::database::DECLARED_SETTINGS;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The pinned image of each build argument.
fn pins() -> BTreeMap<String, String> {
    let text = read(&root().join("docker/base-images/pins.env"));
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, image) = line.split_once('=').expect("NAME=IMAGE");
            (name.to_owned(), image.to_owned())
        })
        .collect()
}

/// The instructions of a Dockerfile: name and arguments, continued lines in one.
fn instructions(text: &str) -> Vec<(String, String)> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, arguments) = line.split_once(' ').expect("an instruction and arguments");
            (name.to_uppercase(), arguments.trim().to_owned())
        })
        .collect()
}

/// What is wrong with the Dockerfile of the entry `id`; nothing when it keeps the rules.
fn faults(id: &str, text: &str, pins: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let instructions = instructions(text);
    let mut stage = String::new();
    for (name, arguments) in &instructions {
        match name.as_str() {
            "ARG" if stage.is_empty() => {
                let pinned = arguments.split_once('=').is_some_and(|(name, default)| {
                    pins.get(name).is_some_and(|pin| pin.starts_with(&format!("{default}@")))
                });
                if !pinned {
                    faults.push(format!("ARG {arguments}: no base image of pins.env by its tag"));
                }
            }
            "FROM" => {
                let (image, as_stage) = arguments.split_once(" AS ").unwrap_or((arguments, "-"));
                let argument = image.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
                if argument.is_none_or(|argument| !pins.contains_key(argument)) {
                    faults.push(format!("FROM {image}: a base image is a build argument"));
                }
                as_stage.clone_into(&mut stage);
            }
            "COPY" | "ADD" => faults.extend(copied_from_outside(id, &stage, arguments)),
            _ => {}
        }
    }
    let last_stage = instructions.iter().rposition(|(name, _)| name == "FROM").unwrap_or(0);
    let last = |wanted: &str| {
        let of_stage = &instructions[last_stage..];
        of_stage.iter().rfind(|(name, _)| name == wanted).map(|(_, arguments)| arguments.as_str())
    };
    if last("USER") != Some("nobody") {
        faults.push("USER is not nobody: a server needs no rights".to_owned());
    }
    if last("ENTRYPOINT").is_none_or(|command| !command.starts_with('[')) {
        faults.push("ENTRYPOINT is not of the exec form: a shell would get SIGTERM".to_owned());
    }
    if last("CMD").is_some() {
        faults.push("CMD: a variant's arguments take its place".to_owned());
    }
    faults
}

/// What an entry may be made of: itself, what entries share, and the steps of Rust images (whose
/// stage `plan` reads all manifests).
fn copied_from_outside(id: &str, stage: &str, arguments: &str) -> Option<String> {
    let mut words: Vec<&str> = arguments.split_whitespace().collect();
    if words[0].starts_with("--from=") {
        return None;
    }
    words.pop();
    let own = format!("implementations/{id}");
    let outside = words.into_iter().find(|source| {
        let within = |folder: &str| {
            let rest = source.strip_prefix(folder);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let whole_for_the_plan = *source == "." && stage == "plan";
        let may = within(&own) || within("implementations/_shared") || whole_for_the_plan;
        source.contains("..") || !may
    });
    outside.map(|source| format!("COPY {source}: no part of the entry"))
}

#[test]
fn the_dockerfile_of_every_entry_keeps_the_rules() {
    let (root, pins) = (root(), pins());
    let mut checked = 0;
    for item in fs::read_dir(root.join("implementations")).expect("implementations") {
        let folder = item.expect("an entry").path();
        let id = folder.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        if !folder.join("implementation.yaml").exists() {
            continue;
        }
        let faults = faults(&id, &read(&folder.join("Dockerfile")), &pins);
        assert!(faults.is_empty(), "implementations/{id}/Dockerfile:\n{}", faults.join("\n"));
        checked += 1;
    }
    assert!(checked > 5, "only {checked} entries found");
}

#[test]
fn the_dockerfile_of_every_new_entry_keeps_the_rules() {
    let (root, pins) = (root(), pins());
    let templates = fs::read_dir(root.join("harness/cli/templates/new")).expect("templates");
    let mut checked = 0;
    for folder in templates.map(|item| item.expect("a template").path()) {
        let faults = faults("new-entry", &read(&folder.join("Dockerfile")), &pins);
        assert!(faults.is_empty(), "{}:\n{}", folder.display(), faults.join("\n"));
        checked += 1;
    }
    assert!(checked >= 7, "only {checked} templates found");
}

#[test]
fn each_rule_can_be_broken() {
    let pins = pins();
    let good = read(&root().join("implementations/go-nethttp/Dockerfile"));
    assert_eq!(faults("go-nethttp", &good, &pins), Vec::<String>::new());
    for (right, wrong, told) in [
        ("=golang:1.26-bookworm", "=golang:latest", "ARG GO_IMAGE=golang:latest"),
        ("ARG GO_IMAGE", "ARG COMPILER", "ARG COMPILER"),
        ("FROM ${GO_IMAGE}", "FROM golang", "FROM golang"),
        ("COPY implementations/go-nethttp/*.go", "COPY harness", "COPY harness"),
        ("COPY implementations/go-nethttp/*.go", "COPY .", "COPY ."),
        ("USER nobody\n", "", "USER"),
        ("ENTRYPOINT [\"/usr/local/bin/go-nethttp\"]", "ENTRYPOINT go-nethttp", "ENTRYPOINT"),
        ("USER nobody\n", "USER nobody\nCMD [\"x\"]\n", "CMD"),
    ] {
        assert!(good.contains(right), "{right}");
        let found = faults("go-nethttp", &good.replace(right, wrong), &pins);
        assert!(found.iter().any(|fault| fault.starts_with(told)), "{wrong}: {found:?}");
    }
}

#[test]
fn base_images_are_pinned_by_digests() {
    let pins = pins();
    assert!(pins.len() >= 5, "{pins:?}");
    for (name, image) in pins {
        let digest = image.split_once("@sha256:").map(|(_, digest)| digest);
        let hexadecimal = |text: &str| text.chars().all(|digit| "0123456789abcdef".contains(digit));
        assert!(digest.is_some_and(|text| text.len() == 64 && hexadecimal(text)), "{name}={image}");
    }
}

#[test]
fn the_database_of_the_compose_file_has_the_declared_settings() {
    let text = read(&root().join("docker/compose.yaml"));
    let (_, database) = text.split_once("\n  database:\n").expect("a service `database`");
    let (database, _) = database.split_once("\n\n").expect("and another after it");
    let settings: Vec<(&str, &str)> = database
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- -c")?.split_once('='))
        .collect();
    // What is special to the container, then what is declared for every source.
    let special =
        ["port", "listen_addresses", "dynamic_shared_memory_type", "shared_preload_libraries"];
    let declared: Vec<(&str, &str)> =
        settings.iter().copied().filter(|(name, _)| !special.contains(name)).collect();
    assert_eq!(declared, DECLARED_SETTINGS);
    assert_eq!(settings.len(), declared.len() + special.len());
}

/// What a contributor's tools leave in an entry's folder is neither committed nor sent to an engine.
#[test]
fn what_entries_are_built_into_is_ignored_by_git_and_docker() {
    let of_docker = read(&root().join(".dockerignore"));
    for folder in [
        "node_modules",
        ".venv",
        "venv",
        "target",
        "build",
        "obj",
        "__pycache__",
        "bin",
        "vendor",
        "dist",
        ".gradle",
    ] {
        let path = format!("implementations/some/{folder}/deep/file");
        let ignored = Command::new("git")
            .args(["check-ignore", "--quiet", "--no-index", &path])
            .current_dir(root())
            .status()
            .expect("git runs");
        assert!(ignored.success(), "{path} would be committed: name it in .gitignore");
        let rules = [format!("**/{folder}"), format!("implementations/*/{folder}")];
        let is_named = of_docker.lines().any(|line| rules.iter().any(|rule| rule == line));
        assert!(is_named, "{path} would be sent to the engine: name it in .dockerignore");
    }
    let source = "harness/target/src/lib.rs";
    assert!(!of_docker.lines().any(|line| line == "**/target"), "{source} is a source");
}
