//! The rows, generated from a fixed seed, and the digest that tells whether a table holds them.

use sha2::{Digest, Sha256};

/// Rows of `world`.
pub(super) const WORLDS: i32 = 10_000;

/// What the random numbers are generated from.
pub const SEED: u64 = 0x6874_7470_6479_6e6f;

/// Digest of the generated rows: SHA-256 in hexadecimal.
pub const SEED_DIGEST: &str = "4a6366c4eaa92cbaf21b1a0acf273ed9832166ab370002664b6ca859a5b726c5";

/// A row of `world`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct World {
    /// 1 to 10000.
    pub id: i32,
    /// 1 to 10000.
    pub random_number: i32,
}

/// A row of `fortune`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fortune {
    /// From 1.
    pub id: i32,
    /// At most 2048 characters.
    pub message: String,
}

/// The messages, in the order of their ids. The set holds what a server can get wrong: markup
/// that must be escaped (a script, quotes, an ampersand), and text beyond ASCII. Their first
/// characters differ, so that sorting by code points and by any locale's rules agree.
const MESSAGES: [&str; 12] = [
    "Measure twice, publish once.",
    "Every queue is short until somebody waits in it.",
    "The fastest request is the one that was answered correctly.",
    "Zero errors were logged; the logger had crashed.",
    "速さは正しさのあとからついてくる。",
    "Keep-alive: the art of not saying goodbye.",
    "<script>document.title = \"rows are text, not code\";</script>",
    "Benchmarks & promises: both 'work on my machine'.",
    "Half of all caches are right half of the time.",
    "No index was harmed in the making of this table.",
    "Postponed writes arrive, postponed reads lie.",
    "Connections come and go, sockets in TIME_WAIT remain.",
];

/// The seeded rows of `world`, by id.
pub(super) fn worlds() -> Vec<World> {
    let mut state = SEED;
    (1..=WORLDS)
        .map(|id| {
            let number = split_mix_64(&mut state) % u64::from(WORLDS.unsigned_abs());
            // Below 10000, so that it always fits.
            World { id, random_number: i32::try_from(number).unwrap_or(0) + 1 }
        })
        .collect()
}

/// The seeded rows of `fortune`, by id.
pub(super) fn fortunes() -> Vec<Fortune> {
    (1..).zip(MESSAGES).map(|(id, message)| Fortune { id, message: message.to_owned() }).collect()
}

/// The digest of rows, SHA-256 in hexadecimal, over one line for each row in the order given.
pub(super) fn digest(worlds: &[World], fortunes: &[Fortune]) -> String {
    let mut hash = Sha256::new();
    for World { id, random_number } in worlds {
        hash.update(format!("world\t{id}\t{random_number}\n"));
    }
    for Fortune { id, message } in fortunes {
        hash.update(format!("fortune\t{id}\t{message}\n"));
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The next number of SplitMix64 (Steele, Lea and Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014). Written out because the rows must never change with a library.
fn split_mix_64(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::{SEED_DIGEST, digest, fortunes, split_mix_64, worlds};

    #[test]
    fn the_generator_gives_the_numbers_of_its_authors() {
        // The first outputs for seed 1234567, as published with the reference implementation.
        let mut state = 1_234_567;
        let numbers = [(); 3].map(|()| split_mix_64(&mut state));
        assert_eq!(
            numbers,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423]
        );
    }

    #[test]
    fn the_digest_is_that_of_the_generated_rows() {
        assert_eq!(digest(&worlds(), &fortunes()), SEED_DIGEST);
    }

    #[test]
    fn the_digest_sees_a_single_changed_row() {
        let mut changed = worlds();
        changed[9_999].random_number ^= 1;
        assert_ne!(digest(&changed, &fortunes()), SEED_DIGEST);
        let mut renamed = fortunes();
        renamed[11].message.push('.');
        assert_ne!(digest(&worlds(), &renamed), SEED_DIGEST);
    }

    #[test]
    fn rows_are_of_the_declared_shape() {
        let worlds = worlds();
        assert_eq!((worlds.len(), worlds[0].id, worlds[9_999].id), (10_000, 1, 10_000));
        assert!(worlds.iter().all(|world| (1..=10_000).contains(&world.random_number)));
        let fortunes = fortunes();
        assert_eq!((fortunes.len(), fortunes[0].id, fortunes[11].id), (12, 1, 12));
        assert_eq!(fortunes.iter().filter(|f| f.message.contains("<script>")).count(), 1);
        assert_eq!(fortunes.iter().filter(|f| !f.message.is_ascii()).count(), 1);
        let mut first: Vec<char> =
            fortunes.iter().filter_map(|fortune| fortune.message.chars().next()).collect();
        // The one that is added at request time begins with an A.
        first.push('A');
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 13, "sorting must not depend on a locale");
    }
}
