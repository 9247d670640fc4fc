//! `--rate`: constant, ramp or steps.

use std::str::FromStr;
use std::time::Duration;

use httpdyno_loadgen::{Schedule, Step};
use httpdyno_spec::units::Span;

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
    let lasts: Span = lasts.parse().map_err(|e| format!("`{lasts}`: {e}"))?;
    Ok(Step { rate: number(rate)?, lasts: lasts.duration() })
}

/// A number of requests per second, such as 500, 0.5 or 20k.
fn number(text: &str) -> Result<f64, String> {
    let (digits, factor) = match text.strip_suffix('k') {
        Some(digits) => (digits, 1000.0),
        None => (text, 1.0),
    };
    digits
        .parse::<f64>()
        .ok()
        .map(|number| number * factor)
        .filter(|number| number.is_finite() && *number >= 0.0)
        .ok_or_else(|| format!("`{text}` is no rate, expected e.g. 500 or 20k (per second)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_constant_ramps_or_steps() {
        assert_eq!("500".parse(), Ok(Rate::Constant(500.0)));
        assert_eq!("2.5k".parse(), Ok(Rate::Constant(2500.0)));
        assert_eq!("100..1k".parse(), Ok(Rate::Ramp(100.0, 1000.0)));
        let step = |rate, seconds| Step { rate, lasts: Duration::from_secs(seconds) };
        let steps: Rate = "100x5s,0x1s".parse().unwrap();
        assert_eq!(steps, Rate::Steps(vec![step(100.0, 5), step(0.0, 1)]));
        assert_eq!(steps.duration(), Some(Duration::from_secs(6)));
    }

    #[test]
    fn others_are_refused() {
        for text in ["", "fast", "-1", "inf", "1..", "1x", "1x5s,2", "NaN"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }
}
