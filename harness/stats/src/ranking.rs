//! Ranking N entries: ranks as intervals, and groups of entries that cannot be told apart.
//!
//! The model of a randomised complete block design, ln y_ib = mu + s_i + beta_b + e: the block's
//! own effect beta_b cancels because only differences within blocks are used. Three answers:
//!
//! - **bootstrap ranks**: whole blocks are drawn with replacement, entries ranked anew in each
//!   draw (P. Hall, H. Miller, Using the Bootstrap to Quantify the Authority of an Empirical
//!   Ranking, Annals of Statistics 37 (2009), 3929-3959). They show how far a rank would move in a
//!   repetition; for entries that are exactly equal they are known to be too short (ibid.);
//! - **tie groups**: paired t contrasts of all pairs, Holm-adjusted ([`crate::ties`]). Two entries
//!   without a common group differ by more than the margin, with at most a chance of 5 % of even one
//!   error in the table;
//! - **confident ranks**: from 1 + the number of entries that are better for certain to N - the
//!   number that are worse for certain, by the same contrasts. These cover all true ranks at once
//!   at 95 %, ties or not (M. Mogstad, J. P. Romano, A. M. Shaikh, D. Wilhelm, Inference for Ranks,
//!   Review of Economic Studies 91 (2024), 476-518).
//!
//! The best of several trials appears nowhere.

use crate::random::Seeded;
use crate::ratio::{Estimate, LogDifferences};
use crate::table::{Complete, Table, TableError, complete_blocks};
use crate::ties;
use crate::units::{Better, Effect, Probability, Ratio};

/// How a ranking is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Which way the quantity is good.
    pub better: Better,
    /// Confidence of the rank intervals, and of all contrasts together.
    pub confidence: Probability,
    /// Two entries are told apart where they differ by more than this.
    pub margin: Effect,
    /// The first blocks of the table whose spread decided how many there are (Stein): every contrast
    /// takes its spread from them, or none does where a pair has fewer than 2 of them.
    pub pilot_blocks: usize,
    /// Draws of the bootstrap.
    pub resamples: u32,
    /// Seed of the draws.
    pub seed: u64,
}

impl Options {
    /// The default: 95 %, no margin, no pilot, 10 000 draws.
    #[must_use]
    pub fn new(better: Better, seed: u64) -> Self {
        let (confidence, margin) = (Probability::P95, Effect::NONE);
        Self { better, confidence, margin, pilot_blocks: 0, resamples: 10_000, seed }
    }
}

/// Ranks from `best` to `worst`; 1 is the best there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ranks {
    /// The best of them.
    pub best: usize,
    /// The worst of them.
    pub worst: usize,
}

/// An entry with its rank.
#[derive(Clone, Debug, PartialEq)]
pub struct RankedEntry {
    /// The entry: its row in the table.
    pub entry: usize,
    /// Its rank by the estimate.
    pub rank: usize,
    /// It to the geometric mean of all ranked entries, in the table's own unit: for
    /// [`Better::Lower`], less than 1 is better.
    pub to_mean: Ratio,
    /// Where its rank lies in repetitions.
    pub bootstrap_ranks: Ranks,
    /// Where its true rank lies for certain, at the confidence for all entries together.
    pub confident_ranks: Ranks,
    /// The tie groups it belongs to: positions in [`Ranking::groups`].
    pub groups: Vec<usize>,
}

/// Two entries against each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Contrast {
    /// The entry with the better rank.
    pub better: usize,
    /// The entry with the worse rank.
    pub worse: usize,
    /// The better to the worse, over the blocks that both have; absent with fewer than 2.
    pub estimate: Option<Estimate>,
    /// The p-value of "they differ by no more than the margin", adjusted for all contrasts of the table.
    pub adjusted_p: f64,
    /// Whether they are told apart.
    pub is_distinct: bool,
}

/// A ranking.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// The entries that take part, best first.
    pub ranked: Vec<RankedEntry>,
    /// The entries that have too few numbers ([`crate::REQUIRED_PERCENT`]): not ranked, and
    /// not last either.
    pub not_ranked: Vec<usize>,
    /// The blocks that were used: those complete for all ranked entries.
    pub blocks: Vec<usize>,
    /// Entries that cannot be told apart, best first. An entry may be in several.
    pub groups: Vec<Vec<usize>>,
    /// All pairs, in the order of their ranks.
    pub contrasts: Vec<Contrast>,
}

/// Ranks the entries of `table`.
///
/// # Errors
///
/// [`TableError::TooFewBlocks`] when fewer than 2 blocks are complete for those that take part.
///
/// ```
/// use httpdyno_stats::ranking::{Options, rank};
/// use httpdyno_stats::{Better, Table};
///
/// let row = |rates: [u64; 5]| rates.map(Some).to_vec();
/// let table = Table::new(vec![
///     row([80_100, 79_800, 80_400, 80_000, 80_200]),
///     row([99_900, 100_400, 99_700, 100_600, 100_100]),
///     row([100_200, 100_100, 100_000, 100_300, 99_800]),
/// ])?;
/// let ranking = rank(&table, &Options::new(Better::Higher, 1))?;
/// assert_eq!(ranking.groups, [vec![1, 2], vec![0]]); // a tie, and one behind
/// assert_eq!(ranking.ranked[2].entry, 0);
/// # Ok::<(), httpdyno_stats::TableError>(())
/// ```
pub fn rank(table: &Table, options: &Options) -> Result<Ranking, TableError> {
    let (entries, not_ranked): (Vec<usize>, Vec<usize>) =
        (0..table.entries()).partition(|&entry| table.takes_part(entry));
    let blocks = complete_blocks(&[table], &entries)?;
    let complete = table.without_holes(&entries, &blocks);
    let scores: Vec<f64> = (0..entries.len())
        .map(|row| complete.logs[row].iter().sum::<f64>() / blocks.len() as f64)
        .collect();
    let grand_mean = scores.iter().sum::<f64>() / scores.len() as f64;

    let mut order: Vec<usize> = (0..entries.len()).collect();
    let key = |row: usize| options.better.oriented(scores[row]);
    order.sort_by(|&one, &other| key(other).total_cmp(&key(one)));
    let contrasts = contrasts(table, &entries, &order, options);
    // Groups by position in the order, so that they come out best first.
    let distinct: Vec<(usize, usize)> = contrasts
        .iter()
        .filter(|contrast| contrast.is_distinct)
        .map(|contrast| (contrast.better, contrast.worse))
        .collect();
    let groups = ties::groups(order.len(), &distinct);
    let bootstrap = bootstrap_ranks(&complete, options);

    let ranked = order.iter().enumerate().map(|(place, &row)| RankedEntry {
        entry: entries[row],
        rank: place + 1,
        to_mean: Ratio::from_ln(scores[row] - grand_mean),
        bootstrap_ranks: bootstrap[row],
        confident_ranks: Ranks {
            best: 1 + distinct.iter().filter(|&&(_, worse)| worse == place).count(),
            worst: order.len() - distinct.iter().filter(|&&(better, _)| better == place).count(),
        },
        groups: (0..groups.len()).filter(|&group| groups[group].contains(&place)).collect(),
    });
    let entry_at = |place: usize| entries[order[place]];
    Ok(Ranking {
        ranked: ranked.collect(),
        not_ranked,
        blocks,
        groups: groups
            .iter()
            .map(|group| group.iter().map(|&place| entry_at(place)).collect())
            .collect(),
        contrasts: contrasts
            .iter()
            .map(|contrast| Contrast {
                better: entry_at(contrast.better),
                worse: entry_at(contrast.worse),
                ..*contrast
            })
            .collect(),
    })
}

/// The contrasts of all pairs of places in `order`.
fn contrasts(
    table: &Table,
    entries: &[usize],
    order: &[usize],
    options: &Options,
) -> Vec<Contrast> {
    let pairs: Vec<Pair> = (0..order.len())
        .flat_map(|better| (better + 1..order.len()).map(move |worse| (better, worse)))
        .map(|(better, worse)| {
            Pair::of(table, better, worse, [better, worse].map(|at| entries[order[at]]), options)
        })
        .collect();
    // One inference for the whole table: the pilot's spread for all pairs, or for none.
    let has_pilot = pairs.iter().all(|pair| pair.of_pilot >= 2);
    let estimates: Vec<Option<Estimate>> =
        pairs.iter().map(|pair| pair.estimate(has_pilot)).collect();
    let p_value = |estimate: &Option<Estimate>| match estimate {
        // Over the blocks that both have, they may stand the other way round than over all.
        Some(estimate) if options.better.oriented(estimate.mean) > 0.0 => {
            estimate.p_value_beyond(options.margin)
        }
        _ => 1.0,
    };
    let adjusted = ties::holm(&estimates.iter().map(p_value).collect::<Vec<_>>());
    let level = 1.0 - options.confidence.value();
    let each = pairs.into_iter().zip(estimates).zip(adjusted);
    each.map(|((pair, estimate), adjusted_p)| Contrast {
        better: pair.better,
        worse: pair.worse,
        estimate,
        adjusted_p,
        is_distinct: adjusted_p <= level,
    })
    .collect()
}

/// Two places, and their differences in the blocks that both have.
struct Pair {
    better: usize,
    worse: usize,
    differences: Option<LogDifferences>,
    /// Of the blocks: those of the pilot.
    of_pilot: usize,
}

impl Pair {
    fn of(
        table: &Table,
        better: usize,
        worse: usize,
        entries: [usize; 2],
        options: &Options,
    ) -> Self {
        let [one, other] = entries;
        let has_both = |block: &usize| table.has(one, *block) && table.has(other, *block);
        let blocks: Vec<usize> = (0..table.blocks()).filter(has_both).collect();
        let complete = table.without_holes(&entries, &blocks);
        let pairs = complete.logs[0].iter().zip(&complete.logs[1]);
        let values = pairs.map(|(one, other)| one - other).collect();
        let rounding = complete.rounding_variance.iter().sum();
        Self {
            better,
            worse,
            differences: LogDifferences::new(values, rounding).ok(),
            of_pilot: blocks.iter().filter(|&&block| block < options.pilot_blocks).count(),
        }
    }

    fn estimate(&self, has_pilot: bool) -> Option<Estimate> {
        let differences = self.differences.as_ref()?;
        match has_pilot {
            true => differences.estimate_after_pilot(self.of_pilot).ok(),
            false => Some(differences.estimate()),
        }
    }
}

/// The central interval of each row's rank over draws of whole blocks.
fn bootstrap_ranks(complete: &Complete, options: &Options) -> Vec<Ranks> {
    let rows = complete.logs.len();
    let blocks = complete.logs.first().map_or(0, Vec::len);
    let mut random = Seeded::new(options.seed);
    let mut best_counts = vec![vec![0_u32; rows + 1]; rows];
    let mut worst_counts = best_counts.clone();
    for _ in 0..options.resamples {
        let drawn: Vec<usize> = (0..blocks).map(|_| random.below(blocks)).collect();
        let sum = |row: &Vec<f64>| {
            options.better.oriented(drawn.iter().map(|&block| row[block]).sum::<f64>())
        };
        let scores: Vec<f64> = complete.logs.iter().map(sum).collect();
        for (row, &score) in scores.iter().enumerate() {
            let ahead = scores.iter().filter(|&&other| other > score).count();
            let behind = scores.iter().filter(|&&other| other < score).count();
            best_counts[row][ahead + 1] += 1;
            worst_counts[row][rows - behind] += 1;
        }
    }
    let all = f64::from(options.resamples);
    let each_tail = all * options.confidence.each_tail();
    (0..rows)
        .map(|row| Ranks {
            best: rank_reaching(&best_counts[row], each_tail.floor() + 1.0),
            worst: rank_reaching(&worst_counts[row], (all - each_tail).ceil()),
        })
        .collect()
}

/// The first rank at which the draws, counted by rank, add up to `draws`.
fn rank_reaching(counts: &[u32], draws: f64) -> usize {
    let mut sum = 0;
    let reaches = |&count: &u32| {
        sum += count;
        f64::from(sum) >= draws
    };
    counts.iter().position(reaches).unwrap_or(counts.len() - 1)
}

#[cfg(test)]
mod tests;
