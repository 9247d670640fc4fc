//! What the statements that a server executed say about how it reads.

use std::collections::BTreeMap;

use super::probe::Executions;

/// Statements by text.
pub(super) type Statements = BTreeMap<String, Executions>;

/// What was executed between two readings.
pub(super) fn between(before: &Statements, after: &Statements) -> Statements {
    let newer = after.iter().filter_map(|(text, now)| {
        let then = before.get(text).copied().unwrap_or_default();
        let calls = now.calls.saturating_sub(then.calls);
        let rows = now.rows.saturating_sub(then.rows);
        (calls > 0).then(|| (text.clone(), Executions { calls, rows }))
    });
    newer.collect()
}

/// The statements that read `table`, and the sum of their executions.
pub(super) fn reads<'a>(statements: &'a Statements, table: &str) -> (Vec<&'a str>, Executions) {
    let mut sum = Executions::default();
    let mut texts = Vec::new();
    for (text, executions) in statements {
        if has_word(text, table) && !is_write(text) {
            sum.calls += executions.calls;
            sum.rows += executions.rows;
            texts.push(text.as_str());
        }
    }
    (texts, sum)
}

/// Whether it sorts.
pub(super) fn sorts(text: &str) -> bool {
    let words: Vec<String> = words(text).map(str::to_ascii_uppercase).collect();
    words.windows(2).any(|pair| pair[0] == "ORDER" && pair[1] == "BY")
}

/// Whether it changes rows: by its first word, or after WITH by any. (`SELECT ... FOR UPDATE`
/// reads.)
fn is_write(text: &str) -> bool {
    const WRITES: [&str; 4] = ["UPDATE", "INSERT", "DELETE", "MERGE"];
    let is = |word: &str| WRITES.iter().any(|write| word.eq_ignore_ascii_case(write));
    match words(text).next() {
        Some(first) if first.eq_ignore_ascii_case("WITH") => words(text).any(is),
        Some(first) => is(first),
        None => false,
    }
}

fn has_word(text: &str, wanted: &str) -> bool {
    words(text).any(|word| word.eq_ignore_ascii_case(wanted))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Executions, Statements, between, reads, sorts};

    fn statements(list: &[(&str, u64, u64)]) -> Statements {
        let one =
            |&(text, calls, rows): &(&str, u64, u64)| (text.to_owned(), Executions { calls, rows });
        list.iter().map(one).collect()
    }

    #[test]
    fn reads_are_told_from_writes_and_from_other_tables() {
        let all = statements(&[
            ("SELECT id, randomnumber FROM World WHERE id = $1", 20, 20),
            ("select * from public.world where id = $1 for update", 3, 3),
            ("UPDATE world SET randomnumber = $1 WHERE id = $2", 9, 9),
            ("WITH x AS (SELECT 1) UPDATE world SET randomnumber = 1", 1, 10),
            ("SELECT * FROM world_wide", 5, 5),
            ("BEGIN", 4, 0),
        ]);
        let (texts, sum) = reads(&all, "world");
        assert_eq!((texts.len(), sum), (2, Executions { calls: 23, rows: 23 }));
    }

    #[test]
    fn only_what_came_on_top_counts() {
        let before = statements(&[("a", 1, 1), ("b", 2, 2)]);
        let after = statements(&[("a", 4, 5), ("b", 2, 2), ("c", 1, 0)]);
        assert_eq!(between(&before, &after), statements(&[("a", 3, 4), ("c", 1, 0)]));
    }

    #[test]
    fn sorting_is_seen_however_it_is_written() {
        assert!(sorts("SELECT * FROM fortune order\n  by message"));
        assert!(!sorts("SELECT border, byline FROM fortune"));
    }
}
