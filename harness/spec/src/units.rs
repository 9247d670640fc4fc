//! Quantities with their unit written beside the number, as the YAML files have them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// A duration such as `250us`, `400ms`, `2s` or `10m`: a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

/// A number of bytes such as `86B`, `10KiB` or `2MiB`: a whole number and a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ByteSize(pub u64);

/// A ratio such as `12.13x`: a number with at most six decimals, kept in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Times(pub u64);

/// A share such as `25%`: per cents of more than 0 and up to 100 with at most four decimals, kept in
/// parts per million. The sign may be left out; a flag and the file it stands for are written alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share(pub u32);

/// Why a text is not a quantity.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{found}` is not {expected}")]
pub struct InvalidQuantity {
    found: String,
    expected: &'static str,
}

const SPAN_UNITS: [(&str, u64); 4] =
    [("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000)];
const SIZE_UNITS: [(&str, u64); 4] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];

fn parse_with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let (_, scale) =
        units.iter().find(|(name, _)| *name == unit.strip_prefix(' ').unwrap_or(unit))?;
    number.parse::<u64>().ok()?.checked_mul(*scale)
}

/// Writes `value` in the largest unit that divides it, so that reading gives it back.
fn write_with_unit(value: u64, units: &[(&str, u64)]) -> String {
    let (name, scale) = units
        .iter()
        .rev()
        .find(|(_, scale)| value != 0 && value.is_multiple_of(*scale))
        .unwrap_or(&units[0]);
    format!("{}{name}", value / scale)
}

/// Parts per million in one.
const MILLION: u64 = 1_000_000;
/// Decimals of a ratio.
const DECIMALS: usize = 6;

fn parse_times(text: &str) -> Option<u64> {
    parse_decimal(text.strip_suffix('x')?, DECIMALS).filter(|ratio| *ratio > 0)
}

/// A decimal number in units of 10^-`most`, exactly: it has no more decimals.
fn parse_decimal(number: &str, most: usize) -> Option<u64> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > most {
        return None;
    }
    format!("{whole}{decimals:0<most$}").parse().ok()
}

fn write_times(ppm: u64) -> String {
    let decimals = format!("{:06}", ppm % MILLION);
    match decimals.trim_end_matches('0') {
        "" => format!("{}x", ppm / MILLION),
        decimals => format!("{}.{decimals}x", ppm / MILLION),
    }
}

macro_rules! quantity {
    ($name:ident, $parse:expr, $write:expr, $expected:literal, $pattern:literal) => {
        impl TryFrom<String> for $name {
            type Error = InvalidQuantity;
            fn try_from(found: String) -> Result<Self, InvalidQuantity> {
                match $parse(&found) {
                    Some(quantity) => Ok(quantity),
                    None => Err(InvalidQuantity { found, expected: $expected }),
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidQuantity;
            fn from_str(text: &str) -> Result<Self, InvalidQuantity> {
                Self::try_from(text.to_owned())
            }
        }

        impl From<$name> for String {
            fn from(quantity: $name) -> String {
                $write(quantity)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&String::from(*self))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({
                    "type": "string",
                    "pattern": $pattern,
                    "description": $expected,
                })
            }
        }
    };
}

quantity!(
    Span,
    |text: &str| parse_with_unit(text, &SPAN_UNITS).map(|ns| Span(Duration::from_nanos(ns))),
    |span: Span| {
        write_with_unit(u64::try_from(span.0.as_nanos()).unwrap_or(u64::MAX), &SPAN_UNITS)
    },
    "a duration: a whole number with us, ms, s or m, such as `400ms`",
    r"^[0-9]+ ?(us|ms|s|m)$"
);
quantity!(
    ByteSize,
    |text: &str| parse_with_unit(text, &SIZE_UNITS).map(ByteSize),
    |size: ByteSize| write_with_unit(size.0, &SIZE_UNITS),
    "a size: a whole number with B, KiB, MiB or GiB, such as `10KiB`",
    r"^[0-9]+ ?(B|KiB|MiB|GiB)$"
);
quantity!(
    Times,
    |text: &str| parse_times(text).map(Times),
    |times: Times| write_times(times.0),
    "a ratio: a number above 0 with at most six decimals and an x, such as `12.13x`",
    r"^[0-9]+(\.[0-9]{1,6})?x$"
);

/// What a share is, in messages.
const SHARE: &str = "a share: per cents of more than 0 and up to 100 with at most four decimals, \
                     such as `25%`";

impl FromStr for Share {
    type Err = InvalidQuantity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.trim();
        let number = number.strip_suffix('%').unwrap_or(number).trim_end();
        let ppm = parse_decimal(number, 4).filter(|ppm| (1..=MILLION).contains(ppm));
        let share = ppm.and_then(|ppm| u32::try_from(ppm).ok()).map(Self);
        share.ok_or_else(|| InvalidQuantity { found: text.to_owned(), expected: SHARE })
    }
}

/// YAML reads `25` and `12.5` as numbers, and `25%` as a text.
impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsWritten;

        impl Visitor<'_> for AsWritten {
            type Value = Share;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(SHARE)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Share, E> {
                text.parse().map_err(E::custom)
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Share, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Share, E> {
                self.visit_str(&number.to_string())
            }

            fn visit_f64<E: Error>(self, number: f64) -> Result<Share, E> {
                self.visit_str(&number.to_string())
            }
        }

        deserializer.deserialize_any(AsWritten)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": ["string", "number"],
            "pattern": r"^[0-9]+(\.[0-9]{1,4})? ?%?$",
            "exclusiveMinimum": 0,
            "maximum": 100,
            "description": SHARE,
        })
    }
}

impl Span {
    /// The standard library's duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::{Share, Times};

    #[test]
    fn a_share_is_read_exactly_with_its_sign_and_without() {
        let all = [("25%", 250_000), ("25", 250_000), ("12.5 %", 125_000), ("100%", 1_000_000)];
        for (text, ppm) in all.into_iter().chain([("0.0001%", 1), (" 7 ", 70_000)]) {
            assert_eq!(text.parse(), Ok(Share(ppm)), "{text}");
        }
        for wrong in
            ["", "%", "0", "0%", "-1%", "101%", "100.1", ".5", "5.", "1.00001", "1e1", "25%%"]
        {
            let error = wrong.parse::<Share>().expect_err(wrong).to_string();
            assert!(error.contains("per cents"), "{error}");
        }
    }

    #[test]
    fn a_ratio_is_read_exactly_and_written_as_it_was_read() {
        for (text, ppm) in
            [("12.13x", 12_130_000), ("1x", 1_000_000), ("0.976x", 976_000), ("0.000001x", 1)]
        {
            let read: Times = text.parse().expect(text);
            assert_eq!((read.0, read.to_string().as_str()), (ppm, text));
        }
        let wrong = ["", "x", "1", "1.x", ".5x", "1.1234567x", "-1x", "0x", "1 x", "1e3x", "1,5x"];
        for text in wrong.into_iter().chain(["99999999999999999999x"]) {
            assert!(text.parse::<Times>().is_err(), "{text}");
        }
    }
}
