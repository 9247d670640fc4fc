//! Integers with their unit, written for people: three significant digits, the unit beside them.

/// Nanoseconds as `812 ns`, `8.12 us`, `81.2 ms` or `8.12 s`.
#[must_use]
pub fn duration(ns: u64) -> String {
    scaled(ns, 1000, &["ns", "us", "ms", "s"])
}

/// From `low` to `high` nanoseconds, in the unit of the larger: `0.98..1.33 ms`.
#[must_use]
pub fn durations(low: u64, high: u64) -> String {
    let written = duration(high);
    let Some((_, unit)) = written.split_once(' ') else { return written };
    let divisor = match unit {
        "us" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        _ => return format!("{low}..{written}"),
    };
    // Two decimals would leave nothing of it.
    if low < divisor / 100 {
        return format!("{}..{written}", duration(low));
    }
    format!("{}..{written}", three_digits(low, divisor))
}

/// Bytes as `812 B`, `8.12 KiB`, `81.2 MiB`.
#[must_use]
pub fn bytes(bytes: u64) -> String {
    scaled(bytes, 1024, &["B", "KiB", "MiB", "GiB", "TiB"])
}

/// Nanoseconds in microseconds, for a column that has the unit in its heading: `8.12`, `81.2`.
#[must_use]
pub fn ns_in_us(ns: u64) -> String {
    three_digits(ns, 1000)
}

/// Bytes in MiB, likewise.
#[must_use]
pub fn bytes_in_mib(bytes: u64) -> String {
    three_digits(bytes, 1 << 20)
}

/// A count with its thousands set apart: `1 234 567`.
#[must_use]
pub fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped
}

/// A ratio beyond this, in parts per million, says no more than that it is: its digits are those of a
/// denominator near nothing, or of an interval that two blocks do not bound.
const LARGEST_RATIO_PPM: u64 = 1_000_000_000;

/// Parts per million as per cent with one decimal: `12 345` is `1.2 %`; from 1000 times on, that alone.
#[must_use]
pub fn percent(ppm: u64) -> String {
    if ppm >= LARGEST_RATIO_PPM {
        return "> 100 000 %".to_owned();
    }
    let tenths = (ppm + 500) / 1000;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Parts per million as a ratio with three decimals: `1 234 567` is `1.235`; from 1000 on, that alone.
#[must_use]
pub fn ratio(ppm: u64) -> String {
    if ppm >= LARGEST_RATIO_PPM {
        return "> 1000".to_owned();
    }
    let thousandths = (ppm + 500) / 1000;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}

fn scaled(value: u64, base: u64, units: &[&str]) -> String {
    let mut unit = 0;
    let mut divisor = 1;
    // 999.5 would be written as 1000, so it belongs to the next unit already.
    while unit + 1 < units.len() && value.saturating_mul(2) >= divisor * (2 * base - base / 1000) {
        divisor *= base;
        unit += 1;
    }
    if divisor == 1 {
        return format!("{value} {}", units[unit]);
    }
    format!("{} {}", three_digits(value, divisor), units[unit])
}

/// `value / divisor`, with decimals as far as three digits need them.
fn three_digits(value: u64, divisor: u64) -> String {
    let whole = value / divisor;
    let decimals = 3 - digits(whole).min(3);
    let scale = 10_u64.pow(decimals);
    let rounded =
        (u128::from(value) * u128::from(scale) + u128::from(divisor) / 2) / u128::from(divisor);
    if decimals == 0 {
        return rounded.to_string();
    }
    let (integer, fraction) = (rounded / u128::from(scale), rounded % u128::from(scale));
    format!("{integer}.{fraction:0width$}", width = decimals as usize)
}

fn digits(value: u64) -> u32 {
    value.checked_ilog10().map_or(1, |log| log + 1)
}

#[cfg(test)]
mod tests {
    use super::{bytes, bytes_in_mib, count, duration, durations, ns_in_us, percent, ratio};

    #[test]
    fn durations_have_three_digits() {
        let written: Vec<String> = [
            0,
            999,
            1_000,
            9_994,
            81_234,
            812_345,
            999_600,
            1_000_000,
            2_500_000_000,
            75_000_000_000,
        ]
        .map(duration)
        .to_vec();
        assert_eq!(
            written,
            [
                "0 ns", "999 ns", "1.00 us", "9.99 us", "81.2 us", "812 us", "1.00 ms", "1.00 ms",
                "2.50 s", "75.0 s"
            ]
        );
    }

    #[test]
    fn both_ends_of_an_interval_have_one_unit() {
        assert_eq!(durations(980_000, 1_330_000), "0.98..1.33 ms");
        assert_eq!(durations(12, 999), "12..999 ns");
        assert_eq!(durations(999_600, 999_700), "1.00..1.00 ms");
        assert_eq!(durations(40_000, 2_500_000_000), "40.0 us..2.50 s");
    }

    #[test]
    fn columns_with_a_unit_have_three_digits_too() {
        assert_eq!([8_001, 17_649, 1_234_567].map(ns_in_us), ["8.00", "17.6", "1235"]);
        assert_eq!([5 << 20, 1 << 19].map(bytes_in_mib), ["5.00", "0.50"]);
    }

    #[test]
    fn bytes_have_binary_units() {
        assert_eq!([bytes(512), bytes(1536), bytes(10 << 20)], ["512 B", "1.50 KiB", "10.0 MiB"]);
    }

    #[test]
    fn ratios_have_three_decimals() {
        assert_eq!([1_234_567, 999_499, 999_500].map(ratio), ["1.235", "0.999", "1.000"]);
    }

    #[test]
    fn a_ratio_to_next_to_nothing_has_no_digits() {
        for absurd in [1_000_000_000, 30_000_000_000_000_000, u64::MAX] {
            assert_eq!((ratio(absurd), percent(absurd)), ("> 1000".into(), "> 100 000 %".into()));
        }
        assert_eq!(
            (ratio(999_999_499), percent(999_999_499)),
            ("999.999".into(), "99999.9 %".into())
        );
    }

    #[test]
    fn counts_are_grouped_and_shares_are_per_cent() {
        assert_eq!(
            [percent(0), percent(12_345), percent(1_000_000)],
            ["0.0 %", "1.2 %", "100.0 %"]
        );
        assert_eq!([count(7), count(1_234), count(1_234_567)], ["7", "1 234", "1 234 567"]);
    }
}
