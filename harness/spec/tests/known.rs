//! The file of known failures: what it is read as, in which lines its items stand, and how it is written.

use std::collections::BTreeSet;
use std::path::Path;

use httpdyno_spec::known::{KnownFailure, KnownFailures, KnownFile};

const CASES: [&str; 4] = ["h1/a/b", "h1/c/d", "h1/e/f", "app/g/h"];

fn read(text: &str) -> KnownFailures {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("known.yaml");
    std::fs::write(&file, text).expect("written");
    let cases: BTreeSet<String> = CASES.iter().map(|case| (*case).to_owned()).collect();
    KnownFailures::read(&file, &cases).unwrap_or_else(|errors| panic!("{text}: {errors}"))
}

#[test]
fn an_item_stands_in_the_lines_that_are_to_be_deleted() {
    for (text, lines) in [
        (
            "version: 1\nknown_failures:\n  - case: h1/a/b\n    reason: x\n  # of the next\n  \
             - reason: >\n      long\n\n      text\n    case: h1/c/d\n\n  - case: h1/e/f\n    \
             reason: x\n    varies: true\n\n# the end\n",
            [3..=4, 6..=10, 12..=14],
        ),
        (
            "known_failures:\n- case: h1/a/b\n  reason: \"x\n\n    y\"\n-\n  case: h1/c/d\n  \
             reason: x\n- { case: h1/e/f, reason: x }\nversion: 1\n",
            [2..=5, 6..=8, 9..=9],
        ),
        (
            "version: 1\nknown_failures: [{case: h1/a/b, reason: x},\n  {case: h1/c/d,\n   \
             reason: x}, {case: h1/e/f, reason: x}]\n",
            [2..=2, 3..=4, 4..=4],
        ),
    ] {
        let known = read(text);
        for (case, lines) in ["h1/a/b", "h1/c/d", "h1/e/f"].iter().zip(lines) {
            let found = known.find(case).map(|(_, lines)| lines);
            assert_eq!(found, Some(lines), "{case} in {text}");
        }
        assert_eq!(known.find("app/g/h"), None);
    }
}

#[test]
fn what_is_written_is_read_again_whatever_the_reasons_are() {
    let failure = |(case, reason): (&str, &str)| KnownFailure {
        case: case.parse().expect("an id"),
        reason: reason.to_owned(),
        varies: case.starts_with("app"),
    };
    let reasons = ["plain", "a: b # c\n- d\n", "\"\\\u{1b}[2J\u{85}\u{2028}'", "{{x}}\t%\u{1f600}"];
    let file = KnownFile {
        version: 1,
        known_failures: CASES.into_iter().zip(reasons).map(failure).collect(),
    };
    assert_eq!(read(&file.to_yaml()).file, file);
    assert_eq!(read(&KnownFile::empty().to_yaml()).file, KnownFile::empty());
    // Each item has lines of its own, which can be deleted.
    let known = read(&file.to_yaml());
    let (_, lines) = known.find("h1/c/d").expect("it is there");
    let text = file.to_yaml();
    let left: Vec<&str> =
        (1..).zip(text.lines()).filter(|(at, _)| !lines.contains(at)).map(|it| it.1).collect();
    let left = read(&(left.join("\n") + "\n")).file;
    assert_eq!(left.known_failures.len(), 3);
    assert!(left.known_failures.iter().all(|known| known.case.as_str() != "h1/c/d"));
}

#[test]
fn a_file_that_is_not_there_says_so() {
    let none = KnownFailures::read(Path::new("/no/such/file.yaml"), &BTreeSet::new());
    let errors = none.expect_err("there is none").to_string();
    assert!(errors.contains("/no/such/file.yaml: cannot be read"), "{errors}");
}
