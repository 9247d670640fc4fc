//! `.dockerignore`: what is no part of a build context, by the rules of Docker's documentation.
//! Patterns are relative to the context's root, `*` and `?` stand for anything within a name, `**`
//! for any number of folders, `!` takes an earlier exclusion back, and the last match decides.

use std::path::Path;

/// The patterns of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    names: Vec<String>,
    excludes: bool,
}

impl Ignore {
    /// Those that lie in `root`; without a file nothing is left out.
    pub(super) fn of(root: &Path) -> Self {
        Self::parse(&std::fs::read_to_string(root.join(".dockerignore")).unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let lines = text.lines().map(str::trim);
        let lines = lines.filter(|line| !line.is_empty() && !line.starts_with('#'));
        let rules = lines.map(|line| {
            let (pattern, excludes) = match line.strip_prefix('!') {
                Some(taken_back) => (taken_back, false),
                None => (line, true),
            };
            let names = pattern.split('/').filter(|name| !name.is_empty() && *name != ".");
            Rule { names: names.map(str::to_owned).collect(), excludes }
        });
        Self { rules: rules.collect() }
    }

    /// Whether the file or folder at `path` (names from the root on) is left out.
    pub(super) fn excludes(&self, path: &[&str]) -> bool {
        let deciding = self.rules.iter().rev().find(|rule| rule.matches(path));
        deciding.is_some_and(|rule| rule.excludes)
    }

    /// Whether something within an excluded folder may be in the context all the same.
    pub(super) fn takes_back(&self) -> bool {
        self.rules.iter().any(|rule| !rule.excludes)
    }
}

impl Rule {
    /// A pattern matches what it names and everything below.
    fn matches(&self, path: &[&str]) -> bool {
        (1..=path.len()).any(|length| names_match(&self.names, &path[..length]))
    }
}

fn names_match(pattern: &[String], path: &[&str]) -> bool {
    match pattern.split_first() {
        None => path.is_empty(),
        Some((first, rest)) if first == "**" => {
            (0..=path.len()).any(|skipped| names_match(rest, &path[skipped..]))
        }
        Some((first, rest)) => match path.split_first() {
            Some((name, below)) => {
                name_matches(first.as_bytes(), name.as_bytes()) && names_match(rest, below)
            }
            None => false,
        },
    }
}

fn name_matches(pattern: &[u8], name: &[u8]) -> bool {
    match pattern.split_first() {
        None => name.is_empty(),
        Some((b'*', rest)) => (0..=name.len()).any(|length| name_matches(rest, &name[length..])),
        Some((b'?', rest)) => !name.is_empty() && name_matches(rest, &name[1..]),
        Some((letter, rest)) => name.first() == Some(letter) && name_matches(rest, &name[1..]),
    }
}

#[cfg(test)]
mod tests {
    use super::Ignore;

    fn excludes(rules: &str, path: &str) -> bool {
        Ignore::parse(rules).excludes(&path.split('/').collect::<Vec<_>>())
    }

    #[test]
    fn patterns_count_from_the_root_and_hold_for_everything_below() {
        let rules = "# built\ntarget\ntarget-*\n\n.git\n**/__pycache__\n/results/\n";
        for left_out in [
            "target",
            "target/release/x",
            "target-2/y",
            ".git/config",
            "a/b/__pycache__/c.pyc",
            "__pycache__",
            "results/1",
        ] {
            assert!(excludes(rules, left_out), "{left_out}");
        }
        for kept in ["src/target", "harness/target/src/lib.rs", ".gitignore", "targets", "# built"]
        {
            assert!(!excludes(rules, kept), "{kept}");
        }
    }

    #[test]
    fn the_last_match_decides() {
        let rules = "docs\n!docs/*.md\ndocs/secret.md\n";
        assert!(excludes(rules, "docs/a.txt"));
        assert!(!excludes(rules, "docs/a.md"));
        assert!(excludes(rules, "docs/secret.md"));
        assert!(Ignore::parse(rules).takes_back() && !Ignore::parse("docs").takes_back());
    }

    #[test]
    fn wildcards_stay_within_a_name() {
        assert!(excludes("*.tm?", "a.tmp") && !excludes("*.tm?", "b/a.tmp"));
        assert!(excludes("**/*.tmp", "b/c/a.tmp") && excludes("a/**/z", "a/z"));
    }
}
