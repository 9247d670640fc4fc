//! Mistakes that everybody makes in YAML, each with its line and what to write instead.

use std::path::Path;

use httpdyno_spec::manifest::Manifest;
use httpdyno_spec::read_str;

/// A manifest that is right.
const RIGHT: &str = r#"id: plain
name: Plain
language: rust
framework:
  name: std
  url: "https://doc.rust-lang.org"
concurrency: One thread.
process:
  build: [cargo, build]
  run: ["{folder}/server", --fast]
  version: ["{folder}/server", --version]
protocols: [http/1.1]
endpoints: [plaintext]
variants:
  - id: first
    summary: The first.
    default: true
    args: [--one]
    env: { THREADS: "2" }
known_deviations:
  - case: h1/host/missing
    reason: It does not look at it.
"#;

struct Mistake {
    what: &'static str,
    from: &'static str,
    to: &'static str,
    line: u32,
    /// What stands in the message.
    says: &'static [&'static str],
}

const fn mistake(
    what: &'static str,
    (from, to): (&'static str, &'static str),
    line: u32,
    says: &'static [&'static str],
) -> Mistake {
    Mistake { what, from, to, line, says }
}

const NAME: &str = "name: Plain";
const RUN: &str = "[\"{folder}/server\", --fast]";
const ENV: &str = "{ THREADS: \"2\" }";
const ARGS: &str = "args: [--one]";
const REASON: &str = "reason: It does not look at it.";
const URL: &str = "  url: \"https://doc.rust-lang.org\"";

const MISTAKES: &[Mistake] = &[
    mistake(
        "a placeholder alone",
        (RUN, "[{folder}, --fast]"),
        10,
        &["placeholder", "\"{folder}\""],
    ),
    mistake(
        "a placeholder at the beginning of a word",
        (RUN, "[{folder}/server, --fast]"),
        10,
        &["placeholder", "\"{folder}/server\""],
    ),
    mistake(
        "a placeholder within a word",
        (RUN, "[server, --app={folder}/app]"),
        10,
        &["placeholder", "\"--app={folder}/app\""],
    ),
    mistake(
        "a placeholder in an item of its own line",
        (RUN, "\n    - {folder}/server\n    - --fast"),
        11,
        &["placeholder", "\"{folder}/server\""],
    ),
    mistake(
        "a colon in a text",
        ("concurrency: One thread.", "concurrency: it answers: nothing"),
        7,
        &["colon", "concurrency: \"it answers: nothing\""],
    ),
    mistake(
        "a colon in a text further in",
        (REASON, "reason: Nginx: it closes"),
        22,
        &["colon", "reason: \"Nginx: it closes\""],
    ),
    mistake(
        "a colon at the end of a text",
        (REASON, "reason: it closes:"),
        22,
        &["colon", "reason: \"it closes:\""],
    ),
    mistake("a colon in an item", (ARGS, "args: [--a: b]"), 18, &["colon", "\"--a: b\""]),
    mistake(
        "a colon in an item of its own line",
        (ARGS, "args:\n      - a: b"),
        19,
        &["colon", "\"a: b\""],
    ),
    mistake("a tab", ("  name: std", "\tname: std"), 5, &["spaces", "tab"]),
    mistake(
        "a tab further in",
        ("    summary: The first.", "\t\tsummary: The first."),
        16,
        &["spaces", "tab"],
    ),
    mistake("a text like *this*", (NAME, "name: *plain*"), 2, &["anchor", "name: \"*plain*\""]),
    mistake("an item with a star", (ARGS, "args: [*.js]"), 18, &["anchor", "\"*.js\""]),
    mistake("an ampersand", (NAME, "name: &plain"), 2, &["anchor", "name: \"&plain\""]),
    mistake("an at sign", (NAME, "name: @plain"), 2, &["reserved", "name: \"@plain\""]),
    mistake("a grave accent", (NAME, "name: `plain`"), 2, &["reserved", "name: \"`plain`\""]),
    mistake("a per cent sign", (NAME, "name: %plain"), 2, &["reserved", "name: \"%plain\""]),
    mistake("a hash sign", (NAME, "name: #plain"), 2, &["comment", "name: \"#plain\""]),
    mistake("an exclamation mark", (NAME, "name: !plain"), 2, &["tag", "name: \"!plain\""]),
    mistake("a dash", (NAME, "name: - plain"), 2, &["sign", "name: \"- plain\""]),
    mistake("a bar", (NAME, "name: | plain"), 2, &["several lines", "name: \"| plain\""]),
    mistake("an angle", (NAME, "name: > plain"), 2, &["several lines", "name: \"> plain\""]),
    mistake("nothing", (NAME, "name:"), 2, &["nothing stands here", "behind the colon"]),
    mistake("a quotation mark too few", (NAME, "name: \"Plain"), 2, &["no counterpart"]),
    mistake("a bracket too few", (ARGS, "args: [--one, --two"), 18, &["no counterpart"]),
    mistake("an apostrophe", (NAME, "name: 'it's plain'"), 2, &["apostrophe", "twice"]),
    mistake("text behind quotes", (NAME, "name: \"Plain\" server"), 2, &["around the whole text"]),
    mistake("a backslash", (NAME, "name: \"a\\d\""), 2, &["backslash", "'...'"]),
    mistake("no space behind a colon", (NAME, "name:Plain"), 2, &["space", "`name: Plain`"]),
    mistake("an equals sign", (NAME, "name = Plain"), 2, &["colon", "`name: Plain`"]),
    mistake(
        "no space behind a dash",
        ("  - case: h1/host/missing", "  -case: h1/host/missing"),
        21,
        &["space", "`- case: h1/host/missing`"],
    ),
    mistake("a field twice", (NAME, "name: Plain\nname: Again"), 3, &["a second time", "take one"]),
    mistake("another language's comment", ("id: plain\n", "// plain\nid: plain\n"), 1, &["`#`"]),
    mistake("yes", ("default: true", "default: yes"), 17, &["`yes`", "`true` or `false`"]),
    mistake(
        "text in the place of a list",
        ("endpoints: [plaintext]", "endpoints: plaintext"),
        13,
        &["expected a list", "brackets"],
    ),
    mistake(
        "braces in the place of a list",
        ("endpoints: [plaintext]", "endpoints: {plaintext}"),
        13,
        &["expected a list", "[plaintext]"],
    ),
    mistake("an equals sign among braces", (ENV, "{ THREADS=2 }"), 19, &["colon", "`THREADS: 2`"]),
    mistake("no space among braces", (ENV, "{ THREADS:2 }"), 19, &["space", "`THREADS: 2`"]),
    mistake("another column", (URL, "   url: \"https://doc.rust-lang.org\""), 6, &["same column"]),
    mistake(
        "a field of another one",
        (URL, "url: \"https://doc.rust-lang.org\""),
        5,
        &["missing field `url`"],
    ),
    mistake(
        "a comma too few, below a list of several lines",
        (
            "protocols: [http/1.1]\nendpoints: [plaintext]",
            "protocols: [\n  http/1.1\n]\nendpoints: [\"a\" \"b\"]",
        ),
        15,
        &["comma"],
    ),
    mistake("another letter", (NAME, "Name: Plain"), 2, &["did you mean `name`?"]),
];

#[test]
fn each_mistake_is_told_with_its_line_and_what_to_write_instead() {
    let mut wrong = Vec::new();
    for Mistake { what, from, to, line, says } in MISTAKES {
        assert_eq!(RIGHT.matches(from).count(), 1, "{what}: {from}");
        let (at, message) = message(&RIGHT.replacen(from, to, 1));
        if at != Some(*line) || says.iter().any(|it| !message.contains(it)) {
            wrong.push(format!("{what}: line {line}, {says:?}: {at:?}\n{message}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), MISTAKES.len(), wrong.join("\n\n"));
    assert!(MISTAKES.len() >= 20);
}

/// The line of the first error, and the whole text.
fn message(text: &str) -> (Option<u32>, String) {
    match read_str::<Manifest>(Path::new("implementations/plain/implementation.yaml"), text) {
        Ok(_) => (None, "accepted".to_owned()),
        Err(errors) => {
            let first = &errors.errors()[0];
            (first.position.map(|at| at.line), errors.to_string())
        }
    }
}

/// What is right is not taken for a mistake, however much of the signs it has.
#[test]
fn what_looks_like_a_mistake_and_is_none_is_read() {
    for (from, to) in [
        (NAME, "name: C#"),
        (NAME, "name: it's plain"),
        (NAME, "name: a*b & c @ d % e! f|g > h"),
        (NAME, "name: http://plain"),
        (NAME, "name: 'it''s: plain'"),
        (NAME, "name: \"{folder}: * & @\""),
        (NAME, "name: &name Plain"),
        (NAME, "name: yes"),
        (NAME, "name: 12"),
        (ARGS, "args: [-1, --x=y, \"a: b\", 'c, d', 1.10]"),
        (ARGS, "args:\n      - --one # the first"),
        ("protocols: [http/1.1]", "protocols: [\n  http/1.1,\n]"),
        (REASON, "reason: >-\n      It does not look: at it.\n      - {not} at all"),
    ] {
        let (line, message) = message(&RIGHT.replacen(from, to, 1));
        assert_eq!(message, "accepted", "{to}: {line:?}");
    }
    assert_eq!(message(RIGHT).1, "accepted");
}

/// What a remedy quotes of a file does not reach the terminal as it is.
#[test]
fn a_remedy_shows_no_escape_codes() {
    for line in [
        "run: [\"a\"\u{1b}[31m]",
        "name: \"hyper\"\u{1b}[31m",
        "name: @\u{1b}[31m",
        "concurrency: a: \u{1b}[31m",
        "framework: { name=\u{1b}[31m }",
    ] {
        let text = format!("id: x\n{line}\n");
        let found = read_str::<Manifest>(Path::new("x.yaml"), &text).expect_err(line).to_string();
        assert!(!found.contains('\u{1b}'), "{line:?}: {found:?}");
    }
}
