//! Equal entries tie, different ones get their order, and rank intervals keep their word.

use httpdyno_stats::ranking::{Options, Ranking, rank};
use httpdyno_stats::stein::{Goal, Noise as Spread};
use httpdyno_stats::{Better, Effect, LogDifferences, PairedBlock, Probability, Table};

use crate::allowance::{assert_at_least, assert_at_most};
use crate::machine::Noise;

const BLOCKS: usize = 12;
const TABLES: u32 = 300;

/// Ranks entries of true `speeds` (logarithms), with 1 % of noise per trial and 5 % per block.
fn ranking(speeds: &[f64], noise: &mut Noise) -> Ranking {
    let moods: Vec<f64> = (0..BLOCKS).map(|_| 0.05 * noise.normal()).collect();
    let rows = speeds.iter().map(|speed| {
        let rate = |mood: &f64| Some((1e8 * (speed + mood + 0.01 * noise.normal()).exp()) as u64);
        moods.iter().map(rate).collect()
    });
    let table = Table::new(rows.collect()).expect("rates are positive");
    let options = Options { resamples: 400, ..Options::new(Better::Higher, noise.seed()) };
    rank(&table, &options).expect("no holes")
}

/// How many of the simulated rankings satisfy `is`.
fn count(speeds: &[f64], seed: u64, is: impl Fn(&Ranking) -> bool) -> u32 {
    let mut noise = Noise::new(seed);
    (0..TABLES).map(|_| u32::from(is(&ranking(speeds, &mut noise)))).sum()
}

/// Whether the intervals of all entries cover all ranks that are true of them.
fn covers(ranking: &Ranking, speeds: &[f64], ranks: impl Fn(usize) -> (usize, usize)) -> bool {
    (0..speeds.len()).all(|entry| {
        let ahead = speeds.iter().filter(|&&other| other > speeds[entry]).count();
        let behind = speeds.iter().filter(|&&other| other < speeds[entry]).count();
        let place = ranking.ranked.iter().position(|ranked| ranked.entry == entry);
        let (best, worst) = ranks(place.expect("all are ranked"));
        best <= ahead + 1 && speeds.len() - behind <= worst
    })
}

fn confident(ranking: &Ranking) -> impl Fn(usize) -> (usize, usize) {
    |place| {
        let ranks = ranking.ranked[place].confident_ranks;
        (ranks.best, ranks.worst)
    }
}

fn bootstrap(ranking: &Ranking) -> impl Fn(usize) -> (usize, usize) {
    |place| {
        let ranks = ranking.ranked[place].bootstrap_ranks;
        (ranks.best, ranks.worst)
    }
}

#[test]
fn equal_entries_are_one_tie_group_but_for_one_table_in_twenty() {
    let equal = [0.0; 6];
    let told_apart = count(&equal, 80, |ranking| ranking.groups.len() > 1);
    let stated = Probability::from_ppm(50_000).unwrap();
    assert_at_most("six equal entries, any told apart", told_apart, TABLES, stated);
}

/// A table of so many blocks as the spread of its first `PILOT` blocks asks for, ranked with that
/// spread.
fn ranking_after_pilot(speeds: &[f64], margin: Effect, noise: &mut Noise) -> Ranking {
    const PILOT: usize = 4;
    let rows: Vec<Vec<u64>> = speeds
        .iter()
        .map(|speed| {
            (0..60).map(|_| (1e8 * (speed + 0.01 * noise.normal()).exp()) as u64).collect()
        })
        .collect();
    let goal = Goal::half_width(Effect::from_ppm(15_000));
    let needed = |other: &Vec<u64>| {
        let pair = |block: usize| PairedBlock { a: vec![rows[0][block]], b: vec![other[block]] };
        let pilot: Vec<PairedBlock> = (0..PILOT).map(pair).collect();
        let estimate = LogDifferences::from_blocks(&pilot).expect("pairs").estimate();
        Spread::measured(&estimate).blocks_needed(&goal).expect("an effect")
    };
    let most = rows[1..].iter().map(needed).max().expect("several entries");
    let blocks = (most as usize).clamp(PILOT, 60);
    let cut = rows.iter().map(|row| row[..blocks].iter().copied().map(Some).collect());
    let table = Table::new(cut.collect()).expect("rates are positive");
    let options = Options {
        resamples: 40,
        margin,
        pilot_blocks: PILOT,
        ..Options::new(Better::Higher, noise.seed())
    };
    rank(&table, &options).expect("no holes")
}

#[test]
fn after_a_pilot_no_more_are_told_apart_than_is_stated() {
    let stated = Probability::from_ppm(50_000).unwrap();
    let margin = Effect::from_percent(2);
    let at_margin = margin.ln();
    let settings: [(&str, &[f64], Effect); 3] = [
        ("two equal entries", &[0.0; 2], Effect::NONE),
        ("four equal entries", &[0.0; 4], Effect::NONE),
        ("four entries at the margin", &[0.0, 0.0, at_margin, at_margin], margin),
    ];
    for (seed, (name, speeds, margin)) in (90..).zip(settings) {
        let mut noise = Noise::new(seed);
        let told = |_| ranking_after_pilot(speeds, margin, &mut noise).groups.len() > 1;
        let told_apart = (0..TABLES * 5).map(told).filter(|&is| is).count();
        let told_apart = u32::try_from(told_apart).expect("few");
        assert_at_most(&format!("{name} after a pilot"), told_apart, TABLES * 5, stated);
    }
}

#[test]
fn entries_five_percent_apart_get_their_order_without_ties() {
    let speeds = [0.05, 0.20, 0.10, 0.0, 0.15];
    let right = count(&speeds, 81, |ranking| {
        let order: Vec<usize> = ranking.ranked.iter().map(|ranked| ranked.entry).collect();
        order == [1, 4, 2, 0, 3] && ranking.groups.len() == speeds.len()
    });
    assert_at_least("five entries 5 % apart, right and no ties", right, TABLES, Probability::P99);
    let covered = count(&speeds, 82, |ranking| covers(ranking, &speeds, bootstrap(ranking)));
    assert_at_least("their bootstrap ranks", covered, TABLES, Probability::P95);
}

#[test]
fn confident_ranks_cover_all_true_ranks_with_and_without_ties() {
    let settings: [(&str, &[f64]); 3] = [
        ("all equal", &[0.0; 5]),
        ("two pairs", &[0.0, 0.05, 0.05, 0.0]),
        ("1 % apart", &[0.0, 0.01, 0.02, 0.03, 0.04]),
    ];
    for (seed, (name, speeds)) in (83..).zip(settings) {
        let covered = count(speeds, seed, |ranking| covers(ranking, speeds, confident(ranking)));
        assert_at_least(&format!("confident ranks, {name}"), covered, TABLES, Probability::P95);
        let covered = count(speeds, seed, |ranking| covers(ranking, speeds, bootstrap(ranking)));
        println!("bootstrap ranks, {name}: {covered} of {TABLES}");
    }
}
