//! Random numbers as a pure function of seed, purpose and index: nothing to carry along, and
//! the same request has the same values however many threads there are.

/// What a random number is for; keeps the streams apart.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Stream {
    Route,
    Playlist,
    Sample,
    Canary,
    Arrival(u64),
    Value(u64),
}

impl Stream {
    fn key(self) -> u64 {
        match self {
            Self::Route => 1,
            Self::Sample => 2,
            Self::Canary => 3,
            Self::Playlist => 4,
            Self::Arrival(worker) => 0x1_0000_0000 + worker,
            Self::Value(slot) => 0x2_0000_0000 + slot,
        }
    }
}

/// The `index`-th number of a stream: SplitMix64 (Steele, Lea and Flood, 2014), whose state is
/// a counter, so that any element can be had directly.
pub(crate) fn random(seed: u64, stream: Stream, index: u64) -> u64 {
    finalize(finalize(seed ^ finalize(stream.key())).wrapping_add(index.wrapping_mul(GOLDEN)))
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

fn finalize(state: u64) -> u64 {
    let z = state.wrapping_add(GOLDEN);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Evenly in `0..bound` (bias below `bound / 2^64`).
pub(crate) fn below(random: u64, bound: u64) -> u64 {
    ((u128::from(random) * u128::from(bound)) >> 64) as u64
}

/// Exponentially distributed with mean 1.
pub(crate) fn exponential(random: u64) -> f64 {
    // 53 bits, in (0, 1]: the logarithm is finite.
    let unit = ((random >> 11) + 1) as f64 / (1u64 << 53) as f64;
    -unit.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_apart_and_repeatable() {
        assert_eq!(random(1, Stream::Route, 7), random(1, Stream::Route, 7));
        let all = [
            random(1, Stream::Route, 7),
            random(1, Stream::Route, 8),
            random(2, Stream::Route, 7),
            random(1, Stream::Sample, 7),
            random(1, Stream::Value(0), 7),
            random(1, Stream::Value(1), 7),
            random(1, Stream::Arrival(0), 7),
        ];
        let distinct: std::collections::HashSet<_> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn exponential_has_mean_and_variance_one() {
        let n = 100_000;
        let draw = |i| exponential(random(3, Stream::Arrival(0), i));
        let mean = (0..n).map(draw).sum::<f64>() / n as f64;
        let variance = (0..n).map(|i| (draw(i) - mean).powi(2)).sum::<f64>() / n as f64;
        // Four standard errors of the mean and of the variance (kurtosis 9).
        assert!((mean - 1.0).abs() < 4.0 / (n as f64).sqrt(), "{mean}");
        assert!((variance - 1.0).abs() < 4.0 * (8.0 / n as f64).sqrt(), "{variance}");
    }

    #[test]
    fn below_reaches_both_ends() {
        assert_eq!(below(0, 10), 0);
        assert_eq!(below(u64::MAX, 10), 9);
    }
}
