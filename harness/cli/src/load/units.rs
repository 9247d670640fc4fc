//! Times, counts and percentiles as people type them; files of this suite are stricter.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use httpdyno_spec::units::Span;

/// A unit and how many nanoseconds it has.
const TIMES: [(&str, u128); 12] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("\u{3bc}s", 1_000),
    ("ms", 1_000_000),
    // Without a unit.
    ("", 1_000_000_000),
    ("s", 1_000_000_000),
    ("sec", 1_000_000_000),
    ("m", 60_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

const COUNTS: [(&str, u128); 5] =
    [("", 1), ("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000)];

/// `10`, `1.5s`, `400ms`, `1h` or `1h30m`; seconds where no unit stands.
pub(crate) fn time(text: &str) -> Result<Span, String> {
    let wrong = || format!("`{text}` is no time, expected e.g. 10 (seconds), 1.5s, 400ms or 1h30m");
    let mut sum_ns = 0_u128;
    let mut rest = text.trim();
    let mut parts = 0;
    while !rest.is_empty() || parts == 0 {
        let (ns, unit, after) = part(rest, &TIMES).ok_or_else(wrong)?;
        // `1h30` may be minutes or seconds.
        if unit.is_empty() && (parts > 0 || !after.is_empty()) {
            return Err(wrong());
        }
        sum_ns += ns;
        rest = after;
        parts += 1;
    }
    let ns = u64::try_from(sum_ns).map_err(|_| wrong())?;
    Ok(Span(Duration::from_nanos(ns)))
}

/// `1000`, `1_000`, `1k` or `2.5M`.
pub(super) fn count(text: &str) -> Result<u64, String> {
    let wrong = || format!("`{text}` is no count, expected e.g. 1000, 1k or 2.5M");
    let digits = text.trim().replace('_', "");
    let (count, _, after) = part(&digits, &COUNTS).ok_or_else(wrong)?;
    let count = u64::try_from(count).ok().filter(|_| after.is_empty());
    count.ok_or_else(wrong)
}

/// [`count`], of what is held in memory.
pub(super) fn number(text: &str) -> Result<usize, String> {
    usize::try_from(count(text)?)
        .map_err(|_| format!("`{text}` is more than this machine can count"))
}

/// A decimal number and its unit at the start of a text: how much, the unit, and what follows.
/// Nothing where a unit has no place for so many decimals.
fn part<'a>(text: &'a str, units: &[(&str, u128)]) -> Option<(u128, &'a str, &'a str)> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.';
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let unit_end = rest.find(is_number).unwrap_or(rest.len());
    let (unit, rest) = rest.split_at(unit_end);
    let unit = unit.trim();
    let (_, scale) = units.iter().find(|(name, _)| *name == unit)?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && decimals.is_empty()) || decimals.contains('.') || number.len() > 24 {
        return None;
    }
    let parse = |digits: &str| if digits.is_empty() { Some(0) } else { digits.parse().ok() };
    let (whole, fraction): (u128, u128) = (parse(whole)?, parse(decimals)?);
    let tens = 10_u128.pow(u32::try_from(decimals.len()).ok()?);
    let scaled = fraction.checked_mul(*scale)?;
    if scaled % tens != 0 {
        return None;
    }
    Some((whole.checked_mul(*scale)?.checked_add(scaled / tens)?, unit, rest))
}

/// A percentile above 0 and up to 100, as typed.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Percentile {
    digits: String,
    /// From 0 to 1.
    pub(super) quantile: f64,
    /// It is 100, and not only rounded to it.
    is_all: bool,
}

/// Each once, in the order given.
pub(super) fn distinct(percentiles: &[Percentile]) -> Vec<Percentile> {
    let mut distinct: Vec<Percentile> = Vec::new();
    for one in percentiles {
        let is_same = |it: &Percentile| (it.quantile, it.is_all) == (one.quantile, one.is_all);
        if !distinct.iter().any(is_same) {
            distinct.push(one.clone());
        }
    }
    distinct
}

impl Percentile {
    /// Of whole per cent.
    pub(super) fn whole(percent: u8) -> Self {
        let quantile = f64::from(percent) / 100.0;
        Self { digits: percent.to_string(), quantile, is_all: percent == 100 }
    }

    /// How many values there must be, so that at least one is expected beyond it.
    pub(super) fn fewest_values(&self) -> u64 {
        if self.is_all {
            return 1;
        }
        let beyond = 1.0 - self.quantile;
        if beyond <= f64::EPSILON {
            return u64::MAX;
        }
        // At least 1; a share of 1e-15 is beyond any run.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let fewest = (1.0 / beyond - 1e-6).ceil() as u64;
        fewest
    }
}

impl FromStr for Percentile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim().trim_start_matches('p').trim_end_matches('%').trim();
        let plain = digits.chars().all(|c| c.is_ascii_digit() || c == '.');
        let value = digits.parse::<f64>().ok().filter(|value| plain && *value > 0.0);
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let is_hundred = whole.trim_start_matches('0') == "100";
        let is_all = is_hundred && decimals.bytes().all(|digit| digit == b'0');
        match value.filter(|value| *value <= 100.0 && is_all == is_hundred) {
            Some(value) => Ok(Self { digits: digits.to_owned(), quantile: value / 100.0, is_all }),
            None => Err(format!("`{text}` is no percentile, expected e.g. 50, 95 or 99.9")),
        }
    }
}

impl fmt::Display for Percentile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("p{}", self.digits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_taken_as_people_type_them() {
        for (text, ms) in [
            ("10", 10_000),
            ("0", 0),
            ("1.5", 1_500),
            ("1.5s", 1_500),
            (".5s", 500),
            ("400ms", 400),
            ("400 ms", 400),
            ("2000us", 2),
            ("2000\u{b5}s", 2),
            ("5000000ns", 5),
            ("2m", 120_000),
            ("2min", 120_000),
            ("1h", 3_600_000),
            ("1h30m", 5_400_000),
            ("1m 30s", 90_000),
            ("0.5h", 1_800_000),
            ("1d", 86_400_000),
        ] {
            assert_eq!(time(text), Ok(Span(Duration::from_millis(ms))), "{text}");
        }
        for text in ["", "s", "-1s", "1x", "1h30", "1.2.3s", ".", "1e3s", "ten", "0.0000000001s"] {
            let error = time(text).unwrap_err();
            assert!(error.contains("is no time, expected"), "{text}: {error}");
        }
        assert!(time("99999999999h").is_err());
    }

    #[test]
    fn counts_may_be_thousands_and_millions() {
        let of = |text: &str| count(text);
        assert_eq!([of("0"), of("7"), of("1k"), of("1K")], [Ok(0), Ok(7), Ok(1_000), Ok(1_000)]);
        let large = [Ok(2_500_000), Ok(1_000), Ok(1_000_000_000)];
        assert_eq!([of("2.5M"), of("1_000"), of("1G")], large);
        for text in ["", "k", "-1", "1.5", "1kk", "1k5", "many", "1.2345k", "1e3"] {
            assert!(count(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_percentile_knows_how_many_values_it_takes() {
        let fewest = |text: &str| text.parse::<Percentile>().unwrap().fewest_values();
        assert_eq!(
            ["50", "90", "p95", "99%", "99.9", "99.99"].map(fewest),
            [2, 10, 20, 100, 1000, 10_000]
        );
        assert_eq!(["100", "100.00", "0100."].map(fewest), [1; 3]);
        // A double has no such number: it would be the maximum.
        assert_eq!(fewest("99.99999999999999999999"), u64::MAX);
        let list = ["50", "99.99999999999999999999", "p50", "100", "50.0", "9"];
        let list = distinct(&list.map(|text| text.parse().unwrap()));
        let names: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(names, ["p50", "p99.99999999999999999999", "p100", "p9"]);
        assert_eq!("p99.9".parse::<Percentile>().unwrap().to_string(), "p99.9");
        for text in ["", "0", "101", "100.00000000000000000001", "-5", "NaN", "inf", "1e1", "p"] {
            assert!(text.parse::<Percentile>().is_err(), "{text}");
        }
    }
}
