//! Rules for `implementations/*/implementation.yaml`.

use std::collections::BTreeSet;
use std::path::{Component, Path};

use super::{At, Check, not_blank, not_empty, unique};
use crate::id::VariantId;
use crate::manifest::{KnownDeviation, Manifest, UnavailableStatus, Variant};
use crate::suggest::{closest, unknown};
use crate::template;

/// What the harness itself sets (spec/contract.md); a variant may not.
const CONTRACT_VARIABLES: [&str; 6] =
    ["HOST", "PORT", "WORKERS", "STATIC_DIR", "DATABASE_URL", "DATABASE_POOL"];
/// What stands for something in a command.
const COMMAND_PLACEHOLDERS: [&str; 2] = ["cargo_target", "folder"];

impl Check for Manifest {
    fn check(&self, at: At<'_>) {
        let folder = at.file().parent().and_then(Path::file_name);
        if let Some(folder) = folder.filter(|folder| *folder != self.id.as_str()) {
            let folder = folder.to_string_lossy();
            at.field("id").say(format!(
                "implementation id `{}` does not fit its folder `{folder}`; they must agree",
                self.id
            ));
        }
        not_blank(at.field("name"), "the name", &self.name);
        not_blank(at.field("language"), "the language", &self.language);
        not_blank(at.field("concurrency"), "the concurrency model", &self.concurrency);
        not_blank(at.field("framework").field("name"), "the name", &self.framework.name);
        let url = &self.framework.url;
        if !url.starts_with("https://") && !url.starts_with("http://") {
            at.field("framework").field("url").say(format!("`{url}` is not an http or https URL"));
        }
        commands(at.field("process"), self);
        if let Some(container) = &self.container {
            dockerfile(at.field("container").field("dockerfile"), &container.dockerfile);
        }
        not_empty(at.field("protocols"), "the list of protocols", &self.protocols);
        endpoints(at.field("endpoints"), self);
        if let Some(declared) = &self.unavailable_status {
            unavailable_status(at.field("unavailable_status"), declared);
        }
        unique(at.field("tags"), "tag", &self.tags);
        variants(at, &self.variants);
        for (index, deviation) in self.known_deviations.iter().enumerate() {
            let list = at.field("known_deviations");
            known_deviation(list.item(index), self, deviation);
            let before = &self.known_deviations[..index];
            if before.iter().any(|other| overlap(other, deviation)) {
                list.item(index).field("case").say(format!(
                    "the deviation `{}` stands in the list twice for the same variant",
                    deviation.case
                ));
            }
        }
    }
}

fn commands(at: At<'_>, manifest: &Manifest) {
    let process = &manifest.process;
    not_empty(at.field("run"), "the command", &process.run);
    not_empty(at.field("version"), "the command", &process.version);
    for (name, words) in
        [("build", &process.build), ("run", &process.run), ("version", &process.version)]
    {
        command(at.field(name), words);
    }
    for (index, needed) in process.needs.iter().enumerate() {
        let at = at.field("needs").item(index);
        not_blank(at.field("what"), "what is needed", &needed.what);
        not_empty(at.field("check"), "the command", &needed.check);
        command(at.field("check"), &needed.check);
    }
}

fn command(at: At<'_>, words: &[String]) {
    for (index, word) in words.iter().enumerate() {
        let at = at.item(index);
        if index == 0 {
            not_blank(at, "the program", word);
        }
        for used in template::variables(word) {
            if !COMMAND_PLACEHOLDERS.contains(&used) {
                at.say_unknown(unknown("placeholder", used, COMMAND_PLACEHOLDERS));
            }
        }
    }
}

fn dockerfile(at: At<'_>, dockerfile: &str) {
    let path = Path::new(dockerfile);
    let inside = path.components().all(|part| matches!(part, Component::Normal(_)));
    if dockerfile.is_empty() || !inside {
        return at.say(format!("`{dockerfile}` is not a path inside the entry's folder"));
    }
    let Some((root, folder)) = at.known().root.zip(at.file().parent()) else { return };
    if !root.join(folder).join(path).is_file() {
        at.say(format!("there is no file `{dockerfile}` in `{}`", folder.display()));
    }
}

fn endpoints(at: At<'_>, manifest: &Manifest) {
    unique(at, "endpoint", &manifest.endpoints);
    if !manifest.endpoints.iter().any(|id| id.as_str() == "plaintext") {
        at.say("endpoint `plaintext` is missing; a server is ready when it answers it");
    }
    let Some(known) = at.known().endpoints else { return };
    let names = || known.iter().map(|endpoint| endpoint.id.as_str());
    for (index, id) in manifest.endpoints.iter().enumerate() {
        if !names().any(|name| name == id.as_str()) {
            at.item(index).say_unknown(unknown("endpoint", id.as_str(), names()));
        }
    }
}

/// 503 itself needs no declaration, and no other class says that the request was right.
fn unavailable_status(at: At<'_>, declared: &UnavailableStatus) {
    not_blank(at.field("reason"), "the reason", &declared.reason);
    let status = declared.status;
    match status {
        503 => at.field("status").say("503 is what every entry answers; leave this out"),
        500..=599 => {}
        _ => at.field("status").say(format!(
            "`{status}` is no server error; while the database cannot be used an entry answers \
             503, or the status from 500 to 599 that it declares here"
        )),
    }
}

fn variants(manifest: At<'_>, variants: &[Variant]) {
    let at = manifest.field("variants");
    let mut seen = BTreeSet::new();
    for (index, variant) in variants.iter().enumerate() {
        let at = at.item(index);
        if !seen.insert(&variant.id) {
            at.field("id").say(format!("variant `{}` is defined twice", variant.id));
        }
        not_blank(at.field("summary"), "the summary", &variant.summary);
        for name in variant.env.keys() {
            if CONTRACT_VARIABLES.contains(&name.as_str()) {
                at.field("env").name(name).say(format!(
                    "`{name}` is set by the harness, the same for every entry; a variant may not \
                     change it"
                ));
            }
        }
    }
    let defaults: Vec<usize> =
        variants.iter().enumerate().filter(|(_, v)| v.default).map(|(index, _)| index).collect();
    match defaults.as_slice() {
        [] if variants.is_empty() => {}
        [] => manifest.name("variants").say("no variant has `default: true`; exactly one must"),
        [_] => {}
        [first, more @ ..] => {
            for index in more {
                at.item(*index).name("default").say(format!(
                    "variant `{}` is the default already; exactly one may be",
                    variants[*first].id
                ));
            }
        }
    }
}

fn known_deviation(at: At<'_>, manifest: &Manifest, deviation: &KnownDeviation) {
    not_blank(at.field("reason"), "the reason", &deviation.reason);
    if let Some(cases) = at.known().cases
        && !cases.contains(deviation.case.as_str())
    {
        // The list of all cases is too long for a message: only the closest is named.
        let asked = deviation.case.as_str();
        let mut unknown = unknown("case", asked, []);
        unknown.suggestion = closest(asked, cases.iter().map(String::as_str)).map(str::to_owned);
        at.field("case").say_unknown(unknown);
    }
    let names = || manifest.variants.iter().map(|variant| variant.id.as_str());
    for (index, id) in deviation.variants.iter().enumerate() {
        if !names().any(|name| name == id.as_str()) {
            let at = at.field("variants").item(index);
            at.say_unknown(unknown("variant", id.as_str(), names()));
        }
    }
}

/// Whether both speak of the same case in the same variant; no variant named means all.
fn overlap(a: &KnownDeviation, b: &KnownDeviation) -> bool {
    let shares = |x: &[VariantId], y: &[VariantId]| x.iter().any(|id| y.contains(id));
    a.case == b.case
        && (a.variants.is_empty() || b.variants.is_empty() || shares(&a.variants, &b.variants))
}
