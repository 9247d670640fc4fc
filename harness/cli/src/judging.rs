//! `--margin` and `--fail-on`: what difference matters, and which verdict ends a gate in red.

use std::fmt;
use std::str::FromStr;

use clap::ValueEnum;
use httpdyno_report::compare::plain::FailOn;
use httpdyno_stats::Effect;

/// See [`FailOn`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnOption {
    /// The candidate is worse by more than the margin, or failed; unresolved is not worse
    Slower,
    /// Some quantity is not shown to be equivalent: worse, better or unresolved
    NotEquivalent,
    /// No verdict
    Never,
}

impl From<FailOnOption> for FailOn {
    fn from(option: FailOnOption) -> Self {
        match option {
            FailOnOption::Slower => Self::Slower,
            FailOnOption::NotEquivalent => Self::NotEquivalent,
            FailOnOption::Never => Self::Never,
        }
    }
}

/// A difference in per cent, with up to four decimals: `3%`, `2.5 %` or `3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Margin(u32);

impl Margin {
    pub(crate) fn effect(self) -> Effect {
        Effect::from_ppm(self.0)
    }

    pub(crate) fn ppm(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Margin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1}", self.effect())
    }
}

impl FromStr for Margin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}`: expected per cents more than 0 and up to 100, e.g. 3%");
        let number = text.strip_suffix('%').unwrap_or(text).trim();
        let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 4 {
            return Err(wrong());
        }
        let whole: u32 = whole.parse().map_err(|_| wrong())?;
        let decimals: u32 = format!("{decimals:0<4}").parse().map_err(|_| wrong())?;
        let ppm = whole.checked_mul(10_000).and_then(|ppm| ppm.checked_add(decimals));
        ppm.filter(|ppm| (1..=1_000_000).contains(ppm)).map(Self).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::Margin;

    #[test]
    fn margins_are_per_cents() {
        for (text, ppm) in [("3%", 30_000), ("2.5 %", 25_000), ("3", 30_000), ("0.0001%", 1)] {
            assert_eq!(text.parse(), Ok(Margin(ppm)), "{text}");
        }
        assert_eq!("100%".parse(), Ok(Margin(1_000_000)));
        for wrong in ["", "%", "0", "0%", "-1%", "101%", "1.00001", ".5", "1.", "three", "1e2"] {
            assert!(wrong.parse::<Margin>().is_err(), "{wrong}");
        }
    }
}
