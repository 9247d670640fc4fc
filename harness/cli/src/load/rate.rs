//! `--rate`: constant, ramp or steps.

use std::str::FromStr;
use std::time::Duration;

use httpdyno_loadgen::{Schedule, Step};

use super::units::time;
use crate::output::shown;

/// What `--rate` says, in requests per second.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rate {
    Constant(f64),
    Ramp(f64, f64),
    Steps(Vec<Step>),
}

impl Rate {
    /// The schedule; a ramp takes as long as the measurement.
    pub(super) fn schedule(&self, measured: Duration) -> Schedule {
        match self {
            Self::Constant(rate) => Schedule::Rate(*rate),
            Self::Ramp(from, to) => Schedule::Ramp { from: *from, to: *to, over: measured },
            Self::Steps(steps) => Schedule::Steps(steps.clone()),
        }
    }

    /// How long the schedule says that it takes.
    pub(super) fn duration(&self) -> Option<Duration> {
        match self {
            Self::Steps(steps) => Some(steps.iter().map(|step| step.lasts).sum()),
            Self::Constant(_) | Self::Ramp(..) => None,
        }
    }
}

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some((from, to)) = text.split_once("..") {
            return Ok(Self::Ramp(number(from)?, number(to)?));
        }
        if text.contains('x') {
            return text.split(',').map(step).collect::<Result<_, _>>().map(Self::Steps);
        }
        number(text).map(Self::Constant)
    }
}

fn step(text: &str) -> Result<Step, String> {
    let (rate, lasts) =
        text.split_once('x').ok_or_else(|| format!("`{text}` is no step such as 100x5s"))?;
    let lasts = time(lasts)?;
    Ok(Step { rate: number(rate)?, lasts: lasts.duration() })
}

/// Requests per second: 500, 0.5, 20k, or a fraction of them, 1/3, or so many in a time, 30/min.
fn number(text: &str) -> Result<f64, String> {
    let wrong = || {
        let text = shown(text);
        format!("`{text}` is no rate, expected e.g. 500, 20k or 0.5 (per second), 30/min or 1/10s")
    };
    let (amount, seconds) = match text.split_once('/') {
        Some((amount, per)) => (amount, seconds(per.trim()).ok_or_else(wrong)?),
        None => (text, 1.0),
    };
    let amount = amount.trim();
    let (digits, factor) = match amount.char_indices().last() {
        Some((at, 'k' | 'K')) => (&amount[..at], 1e3),
        Some((at, 'M')) => (&amount[..at], 1e6),
        _ => (amount, 1.0),
    };
    let number = digits.parse::<f64>().ok().map(|number| number * factor / seconds);
    number.filter(|number| number.is_finite() && *number >= 0.0).ok_or_else(wrong)
}

/// Of `s`, `min`, `10s`, or `3`, which makes a fraction.
fn seconds(text: &str) -> Option<f64> {
    let with_number = if text.starts_with(|first: char| first.is_ascii_alphabetic()) {
        format!("1{text}")
    } else {
        text.to_owned()
    };
    let seconds = time(&with_number).ok()?.duration().as_secs_f64();
    Some(seconds).filter(|seconds| *seconds > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_constant_ramps_or_steps() {
        assert_eq!("500".parse(), Ok(Rate::Constant(500.0)));
        for (text, rate) in [
            ("0.5", 0.5),
            (".25", 0.25),
            ("1/4", 0.25),
            ("3/2", 1.5),
            ("30/m", 0.5),
            ("30/min", 0.5),
            ("36/h", 0.01),
            ("1/10s", 0.1),
            ("1/500ms", 2.0),
            ("7/s", 7.0),
            ("1M", 1e6),
            ("6k/min", 100.0),
        ] {
            assert_eq!(text.parse(), Ok(Rate::Constant(rate)), "{text}");
        }
        assert_eq!("1/2..1/4".parse(), Ok(Rate::Ramp(0.5, 0.25)));
        assert_eq!("2.5k".parse(), Ok(Rate::Constant(2500.0)));
        assert_eq!("100..1k".parse(), Ok(Rate::Ramp(100.0, 1000.0)));
        let step = |rate, seconds| Step { rate, lasts: Duration::from_secs(seconds) };
        let steps: Rate = "100x5s,0x1s".parse().unwrap();
        assert_eq!(steps, Rate::Steps(vec![step(100.0, 5), step(0.0, 1)]));
        assert_eq!(steps.duration(), Some(Duration::from_secs(6)));
    }

    #[test]
    fn others_are_refused() {
        for text in [
            "", "fast", "-1", "inf", "1..", "1x", "1x5s,2", "NaN", "1/", "/2", "1/0", "1/0s",
            "1/x", "1/2/3",
        ] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
