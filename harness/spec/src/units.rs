//! Quantities with their unit written beside the number, as the YAML files have them.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    let number = text.strip_suffix('x')?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(decimals) || decimals.len() > DECIMALS {
        return None;
    }
    let millionths: u64 = format!("{decimals:0<DECIMALS$}").parse().ok()?;
    let ratio = whole.parse::<u64>().ok()?.checked_mul(MILLION)?.checked_add(millionths)?;
    Some(ratio).filter(|ratio| *ratio > 0)
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

impl Span {
    /// The standard library's duration.
    #[must_use]
    pub fn duration(self) -> Duration {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::Times;

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
