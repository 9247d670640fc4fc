//! Whether numbers are drawn uniformly from 1 to 10000: Pearson's chi-square test.

/// Largest number that is drawn.
const LARGEST: usize = 10_000;

/// How many equal parts the range is cut into.
const PARTS: usize = 50;

/// The 1 - 10^-9 quantile of the standard normal distribution. A uniform server fails a side of the
/// test once in 10^9 runs.
const Z: f64 = 5.997_807;

/// Pearson: On the criterion that a given system of deviations from the probable ... can be
/// reasonably supposed to have arisen from random sampling, Philosophical Magazine 50 (1900).
/// Both sides count: a sum that is too small is of numbers that follow a pattern, such as 1, 2,
/// 3, .... The error says what was found and expected.
pub(super) fn check(what: &str, numbers: &[u16]) -> Result<(), String> {
    let mut counts = [0_u32; PARTS];
    for &number in numbers {
        let part = (usize::from(number).saturating_sub(1) * PARTS / LARGEST).min(PARTS - 1);
        counts[part] += 1;
    }
    let expected = numbers.len() as f64 / PARTS as f64;
    let sum: f64 =
        counts.iter().map(|&count| (f64::from(count) - expected).powi(2) / expected).sum();
    let (low, high) = (quantile(-Z), quantile(Z));
    if (low..=high).contains(&sum) {
        return Ok(());
    }
    let (smallest, largest) = (numbers.iter().min(), numbers.iter().max());
    let kind = if sum > high { "uneven" } else { "too even to be random" };
    Err(format!(
        "{} {what} from {} to {} are {kind}: chi-square is {sum:.1} over {PARTS} parts of 1 to \
         {LARGEST}, expected {low:.1} to {high:.1}",
        numbers.len(),
        smallest.copied().unwrap_or(0),
        largest.copied().unwrap_or(0),
    ))
}

/// The quantile of the chi-square distribution with `PARTS - 1` degrees of freedom where the
/// standard normal distribution has `z`: Wilson and Hilferty, The distribution of chi-square,
/// PNAS 17 (1931).
fn quantile(z: f64) -> f64 {
    let degrees = (PARTS - 1) as f64;
    let spread = 2.0 / (9.0 * degrees);
    degrees * (1.0 - spread + z * spread.sqrt()).powi(3)
}

#[cfg(test)]
mod tests {
    use rand::RngExt;

    use super::super::super::application::case_rng;
    use super::{check, quantile};

    fn draw(from: u16, to: u16, times: usize) -> Vec<u16> {
        let mut rng = case_rng(1, "uniform");
        (0..times).map(|_| rng.random_range(from..=to)).collect()
    }

    #[test]
    fn the_quantiles_are_those_of_tables() {
        // 49 degrees of freedom: 0.95 at 66.339, 0.001 at 23.983 (R: qchisq).
        assert!((quantile(1.644_854) - 66.339).abs() < 0.1, "{}", quantile(1.644_854));
        assert!((quantile(-3.090_232) - 23.983).abs() < 0.1, "{}", quantile(-3.090_232));
    }

    #[test]
    fn the_whole_range_passes_and_a_part_of_it_does_not() {
        assert_eq!(check("ids", &draw(1, 10_000, 1_000)), Ok(()));
        assert_eq!(check("ids", &draw(1, 10_000, 10_000)), Ok(()));
        let part = check("ids", &draw(1, 9_000, 1_000)).expect_err("a tenth is never drawn");
        assert!(part.contains("uneven") && part.contains("1000 ids from"), "{part}");
    }

    #[test]
    fn repeated_and_counted_numbers_are_not_random() {
        let repeated: Vec<u16> = draw(1, 10_000, 500).repeat(10);
        assert!(check("ids", &repeated).is_err());
        let counted: Vec<u16> = (1..=10_000).step_by(10).collect();
        let error = check("ids", &counted).expect_err("a pattern");
        assert!(error.contains("too even"), "{error}");
    }
}
