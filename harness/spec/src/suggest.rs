//! Did you mean ...?

use crate::error::UnknownName;

/// The name among `names` that `asked` is probably a slip of: at most a third of its letters
/// away, letter case aside, or the only one that contains it.
pub(crate) fn closest<'a>(
    asked: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let wanted = asked.to_lowercase();
    let limit = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    let mut containing = Vec::new();
    for name in names {
        let lower = name.to_lowercase();
        let distance = strsim::damerau_levenshtein(&wanted, &lower);
        if distance <= limit && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, name));
        }
        if wanted.len() >= 3 && lower.contains(&wanted) {
            containing.push(name);
        }
    }
    match (best, containing.as_slice()) {
        (Some((_, name)), _) => Some(name),
        (None, [name]) => Some(name),
        _ => None,
    }
}

/// `asked` is none of `names`: says so, with the closest of them.
pub(crate) fn unknown<'a>(
    kind: &'static str,
    asked: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> UnknownName {
    let mut known: Vec<String> = Vec::new();
    for name in names {
        if !known.iter().any(|known| known == name) {
            known.push(name.to_owned());
        }
    }
    UnknownName {
        kind,
        asked: asked.to_owned(),
        suggestion: closest(asked, known.iter().map(String::as_str)).map(str::to_owned),
        known,
    }
}

#[cfg(test)]
mod tests {
    use super::closest;

    const NAMES: [&str; 4] = ["rust-hyper", "rust-may", "rust-std", "GET"];

    #[test]
    fn slips_of_the_finger_are_recognised() {
        assert_eq!(closest("rust-hypr", NAMES), Some("rust-hyper"));
        assert_eq!(closest("rust-sdt", NAMES), Some("rust-std"));
        assert_eq!(closest("get", NAMES), Some("GET"));
    }

    #[test]
    fn a_part_of_a_single_name_is_enough() {
        assert_eq!(closest("hyper", NAMES), Some("rust-hyper"));
        assert_eq!(closest("rust", NAMES), None, "three names contain it");
    }

    #[test]
    fn something_else_altogether_suggests_nothing() {
        assert_eq!(closest("nginx", NAMES), None);
        assert_eq!(closest("", NAMES), None);
    }
}
