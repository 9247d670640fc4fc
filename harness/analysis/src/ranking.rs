//! Ranks as intervals, tie groups, and who is not ranked and why.

use std::collections::BTreeMap;

use httpdyno_record::TrialRecord;
use httpdyno_stats::bootstrap::RESAMPLES;
use httpdyno_stats::ranking::{Contrast, Options, RankedEntry, rank};
use httpdyno_stats::verdict::Rule;
use httpdyno_stats::{Estimate, REQUIRED_PERCENT};
use serde::Serialize;

use crate::figures::count;
use crate::series::{Quantity, blocks, numbers, table};
use crate::versus::Method;

/// An entry's place among the others at one point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rank {
    /// By the estimate alone.
    pub rank: u32,
    /// The best rank that it may truly have, at 95 % for all entries together.
    pub best: u32,
    /// The worst rank that it may truly have.
    pub worst: u32,
    /// Where its rank lies in draws of whole blocks, best and worst; absent where none were made.
    pub bootstrap: Option<[u32; 2]>,
    /// The tie groups it belongs to, as letters, best group first: entries with a common letter
    /// are not told apart.
    pub groups: String,
}

/// The ranking of one point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Ranking {
    pub(crate) ranks: BTreeMap<String, Rank>,
    /// Why an entry has no rank.
    pub(crate) not_ranked: BTreeMap<String, String>,
    /// The first to the second of all pairs, both ways, and whether they are told apart.
    contrasts: BTreeMap<(String, String), (Estimate, bool)>,
}

impl Ranking {
    /// Ranks `entries` by `quantity` over the trials of one point.
    pub(crate) fn of(
        trials: &[&TrialRecord],
        entries: &[&str],
        quantity: Quantity,
        method: Method,
    ) -> Self {
        let mut ranking = Self::default();
        let blocks = blocks(trials);
        let options = Options {
            margin: Rule::new(quantity.better()).margin,
            pilot_blocks: blocks.iter().filter(|&&block| block < method.pilot_blocks).count(),
            resamples: match method.resamples {
                0 => 0,
                RESAMPLES => Options::new(quantity.better(), method.seed).resamples,
                fewer => fewer,
            },
            ..Options::new(quantity.better(), method.seed)
        };
        let ranked = table(trials, entries, &blocks, quantity).and_then(|all| rank(&all, &options));
        let ranked = match ranked {
            Ok(ranked) => ranked,
            Err(error) => {
                let all = entries.iter().map(|&entry| (entry.to_owned(), error.to_string()));
                ranking.not_ranked = all.collect();
                return ranking;
            }
        };
        for entry in &ranked.ranked {
            let rank = Rank::of(entry, options.resamples > 0);
            ranking.ranks.insert(entries[entry.entry].to_owned(), rank);
        }
        for Contrast { better, worse, estimate, is_distinct, .. } in ranked.contrasts {
            let [better, worse] = [better, worse].map(|entry| entries[entry].to_owned());
            if let Some(estimate) = estimate {
                let turned = (worse.clone(), better.clone());
                ranking.contrasts.insert(turned, (estimate.inverse(), is_distinct));
                ranking.contrasts.insert((better, worse), (estimate, is_distinct));
            }
        }
        for entry in ranked.not_ranked {
            let entry = entries[entry];
            let valid = numbers(trials, entry, quantity).len();
            let reason = format!(
                "valid {} in {valid} of {} blocks, {REQUIRED_PERCENT} % are needed",
                quantity.name(),
                blocks.len()
            );
            ranking.not_ranked.insert(entry.to_owned(), reason);
        }
        ranking
    }

    /// The first to the second, and whether the table tells them apart.
    pub(crate) fn contrast(&self, one: &str, other: &str) -> Option<(Estimate, bool)> {
        self.contrasts.get(&(one.to_owned(), other.to_owned())).copied()
    }
}

impl Rank {
    fn of(entry: &RankedEntry, is_drawn: bool) -> Self {
        let bootstrap = [entry.bootstrap_ranks.best, entry.bootstrap_ranks.worst].map(count);
        Self {
            rank: count(entry.rank),
            best: count(entry.confident_ranks.best),
            worst: count(entry.confident_ranks.worst),
            bootstrap: is_drawn.then_some(bootstrap),
            groups: entry.groups.iter().map(|&group| letters(group)).collect::<Vec<_>>().join(" "),
        }
        .compact()
    }

    /// One letter a group needs no space between them.
    fn compact(mut self) -> Self {
        if self.groups.split(' ').all(|letters| letters.len() == 1) {
            self.groups.retain(|c| c != ' ');
        }
        self
    }
}

/// a, b, ..., z, aa, ab, ...
fn letters(group: usize) -> String {
    let last = char::from(b'a' + (group % 26) as u8);
    match group / 26 {
        0 => last.to_string(),
        more => format!("{}{last}", letters(more - 1)),
    }
}

/// The most tie groups of an entry that are named in a table.
const MOST_GROUPS: usize = 5;

/// The letters of tie groups as tables show them: where few blocks hold both of many pairs, an entry
/// is in dozens of groups, and its ranks say more.
#[must_use]
pub fn abridged(groups: &str) -> String {
    let (gap, names): (&str, Vec<String>) = match groups.contains(' ') {
        true => (" ", groups.split(' ').map(str::to_owned).collect()),
        false => ("", groups.chars().map(String::from).collect()),
    };
    if names.len() <= MOST_GROUPS {
        return groups.to_owned();
    }
    names[..MOST_GROUPS].join(gap) + "…"
}

#[cfg(test)]
mod tests {
    use super::letters;

    #[test]
    fn groups_have_letters_without_end() {
        assert_eq!(
            [0, 25, 26, 51, 52, 701, 702].map(letters),
            ["a", "z", "aa", "az", "ba", "zz", "aaa"]
        );
    }
}
