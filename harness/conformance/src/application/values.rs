//! The values that the variables of a check take.

use std::collections::BTreeMap;

use httpdyno_spec::exchange::{Alphabet, Variable};
use rand::RngExt;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;
use serde_json::Value;

use super::bindings::Bindings;

/// The random numbers of one case: they depend on the run's seed and the case's name only, not
/// on which other cases run.
#[must_use]
pub fn case_rng(seed: u64, name: &str) -> ChaCha8Rng {
    // FNV-1a: any fixed function of the name will do.
    let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    ChaCha8Rng::seed_from_u64(seed ^ hash)
}

/// One row of values for each exchange that the variables ask for; a single empty row without
/// variables. Variables advance together, the shorter list starts over.
#[must_use]
pub fn rows(variables: &BTreeMap<String, Variable>, rng: &mut ChaCha8Rng) -> Vec<Bindings> {
    let columns: Vec<(&String, Vec<Value>)> =
        variables.iter().map(|(name, variable)| (name, column(variable, rng))).collect();
    let count = columns.iter().map(|(_, values)| values.len()).max().unwrap_or(1);
    (0..count)
        .map(|at| {
            let mut row = Bindings::default();
            for (name, values) in columns.iter().filter(|(_, values)| !values.is_empty()) {
                row.set(name.as_str(), values[at % values.len()].clone());
            }
            row
        })
        .collect()
}

fn column(variable: &Variable, rng: &mut ChaCha8Rng) -> Vec<Value> {
    match variable {
        Variable::Values(values) => values.clone(),
        Variable::RandomInteger(integer) => (0..integer.draws.max(1))
            .map(|_| Value::from(rng.random_range(integer.min..=integer.max)))
            .collect(),
        Variable::RandomText(text) => (0..text.draws.max(1))
            .map(|_| Value::from(random_text(text.alphabet, text.length, rng)))
            .collect(),
        Variable::Sequence(from) => vec![Value::from(from.start)],
    }
}

/// Random text of that many characters.
pub(super) fn random_text(alphabet: Alphabet, length: u32, rng: &mut ChaCha8Rng) -> String {
    const UNICODE: &[char] = &[
        'a', 'Z', '9', ' ', '+', '&', '=', '?', '#', '%', '/', ';', ',', ':', '@', '!', '$', '\'',
        '(', ')', '*', '[', ']', '~', '"', '<', '>', '\\', 'é', 'ß', 'Ω', 'Ж', '中', 'あ', 'ع',
        'ह', '😀', '𝕏',
    ];
    (0..length)
        .map(|_| match alphabet {
            Alphabet::Letters => char::from(rng.random_range(b'a'..=b'z')),
            Alphabet::Unicode => UNICODE[rng.random_range(0..UNICODE.len())],
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use httpdyno_spec::exchange::{RandomInteger, RandomText};
    use serde_json::json;

    use super::*;

    #[test]
    fn variables_advance_together_and_the_shorter_starts_over() {
        let vars = BTreeMap::from([
            ("a".to_owned(), Variable::Values(vec![json!(1), json!(2), json!(3)])),
            ("b".to_owned(), Variable::Values(vec![json!("x"), json!("y")])),
        ]);
        let rows = rows(&vars, &mut case_rng(1, "app/x/y"));
        let texts: Vec<String> = rows.iter().map(|row| row.fill_text("{a}{b}")).collect();
        assert_eq!(texts, ["1x", "2y", "3x"]);
        assert_eq!(super::rows(&BTreeMap::new(), &mut case_rng(1, "x")).len(), 1);
    }

    #[test]
    fn random_values_follow_the_seed_and_the_name() {
        let vars = BTreeMap::from([
            (
                "n".to_owned(),
                Variable::RandomInteger(RandomInteger { min: 1, max: 1 << 53, draws: 3 }),
            ),
            (
                "t".to_owned(),
                Variable::RandomText(RandomText {
                    alphabet: Alphabet::Unicode,
                    length: 12,
                    draws: 1,
                }),
            ),
        ]);
        let draw = |seed, name| rows(&vars, &mut case_rng(seed, name));
        assert_eq!(draw(1, "app/a/b"), draw(1, "app/a/b"));
        assert_ne!(draw(1, "app/a/b"), draw(2, "app/a/b"));
        assert_ne!(draw(1, "app/a/b"), draw(1, "app/a/c"));
        assert_eq!(draw(1, "app/a/b").len(), 3);
        assert_eq!(draw(1, "app/a/b")[0].fill_text("{t}").chars().count(), 12);
    }
}
