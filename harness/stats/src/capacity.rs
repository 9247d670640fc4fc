//! The highest rate at which an objective is met: a search whose next probe follows from the
//! answers so far. Pure; the caller makes the probes, each with a fresh start.
//!
//! Near the boundary the same rate is met once and missed once. So the answers are taken as draws
//! from a psychometric function, P(met | rate) = a + (1 - 2a) / (1 + exp((ln rate - ln lambda)/s)),
//! and the posterior over lambda (flat in ln lambda) and s is kept on a grid, as in QUEST (A. B.
//! Watson, D. G. Pelli, QUEST: A Bayesian Adaptive Psychometric Method, Perception & Psychophysics
//! 33 (1983), 113-120). Once the boundary is bracketed the next rate is drawn from the posterior
//! (W. R. Thompson, Biometrika 25 (1933), 285-294): near the boundary, in random order. The search
//! ends when the 95 % interval of lambda lies within a tolerance (3 %), and a long trial at 0.95
//! lambda, the soak, confirms it.

use crate::random::Seeded;
use crate::units::Effect;

/// How the search is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// The interval of the result reaches no further than this to either side.
    pub tolerance: Effect,
    /// The most probes, those without an answer not counted.
    pub most_probes: u32,
    /// The most probes without an answer.
    pub most_voids: u32,
    /// The most soaks.
    pub most_soaks: u32,
    /// Decides the random choices.
    pub seed: u64,
}

impl Options {
    /// The default: 3 %, 40 probes, 8 without an answer, 3 soaks.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let tolerance = Effect::from_percent(3);
        Self { tolerance, most_probes: 40, most_voids: 8, most_soaks: 3, seed }
    }
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Try this rate, with a fresh start.
    Probe(u64),
    /// Try this rate for long.
    Soak(u64),
    /// Nothing.
    Done(Ending),
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The objective was met.
    Met,
    /// It was not.
    Missed,
    /// The trial says nothing: the machine or the generator was at fault.
    Void,
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Within the tolerance, and the soak met the objective.
    Confirmed,
    /// Within the tolerance, but the soaks missed the objective.
    NotConfirmed,
    /// Missed even at the lowest rate of the search.
    NeverMet,
    /// Met even at the highest rate of the search, which is beyond the closed loop's.
    AlwaysMet,
    /// The probes did not bring the interval within the tolerance.
    TooManyProbes,
    /// Too many trials said nothing.
    TooManyVoids,
}

/// What is known of the highest rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Estimate {
    /// The posterior's median, per second.
    pub rate_per_s: u64,
    /// Lower end of the 95 % interval.
    pub low_per_s: u64,
    /// Upper end of the 95 % interval.
    pub high_per_s: u64,
}

/// Answers that are wrong for reasons that have nothing to do with the rate.
const LAPSE: f64 = 0.02;
/// Widths s of the boundary that are thought possible, on the logarithmic scale.
const WIDTHS: [f64; 4] = [0.005, 0.01, 0.02, 0.04];
/// Between two rates of the grid, on the logarithmic scale.
const GRID_STEP: f64 = 0.0025;
/// The search goes from 2 % to 150 % of the closed loop's rate.
const LOWEST: f64 = 0.02;
const HIGHEST: f64 = 1.5;
/// The first probe, as a share of the closed loop's rate.
const FIRST: f64 = 0.8;
/// Until the boundary is bracketed: up and down by these.
const UP: f64 = 1.15;
const DOWN: f64 = 0.6;
/// Of the estimate, for the soak.
const SOAK_SHARE: f64 = 0.95;
/// A soak is worth so many probes.
const SOAK_WEIGHT: f64 = 3.0;

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    options: Options,
    lowest_ln: f64,
    cells: usize,
    /// By width, then by rate.
    log_posterior: Vec<f64>,
    random: Seeded,
    next: Step,
    highest_met: Option<f64>,
    lowest_missed: Option<f64>,
    probes: u32,
    voids: u32,
    soaks: u32,
}

impl Search {
    /// A search below and around `closed_loop_per_s`, the rate that a closed loop reached.
    #[must_use]
    pub fn new(closed_loop_per_s: u64, options: Options) -> Self {
        let ceiling_ln = (closed_loop_per_s.max(1) as f64).ln();
        let cells = ((HIGHEST / LOWEST).ln() / GRID_STEP).ceil() as usize + 1;
        let first = rate(ceiling_ln + FIRST.ln());
        Self {
            options,
            lowest_ln: ceiling_ln + LOWEST.ln(),
            cells,
            log_posterior: vec![0.0; cells * WIDTHS.len()],
            random: Seeded::new(options.seed),
            next: Step::Probe(first),
            highest_met: None,
            lowest_missed: None,
            probes: 0,
            voids: 0,
            soaks: 0,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn next(&self) -> Step {
        self.next
    }

    /// Takes in what came of [`Search::next`].
    pub fn observe(&mut self, answer: Answer) {
        let (tried, is_soak) = match self.next {
            Step::Probe(rate) => (rate, false),
            Step::Soak(rate) => (rate, true),
            Step::Done(_) => return,
        };
        if answer == Answer::Void {
            self.voids += 1;
            if self.voids > self.options.most_voids {
                self.next = Step::Done(Ending::TooManyVoids);
            }
            return;
        }
        let met = answer == Answer::Met;
        let tried_ln = (tried.max(1) as f64).ln();
        self.learn(tried_ln, met, if is_soak { SOAK_WEIGHT } else { 1.0 });
        self.next = if is_soak {
            self.soaks += 1;
            match met {
                true => Step::Done(Ending::Confirmed),
                false if self.soaks >= self.options.most_soaks => Step::Done(Ending::NotConfirmed),
                false => self.decide(),
            }
        } else {
            self.probes += 1;
            self.bracket(tried_ln, met);
            self.decide()
        };
    }

    /// What is known now.
    #[must_use]
    pub fn estimate(&self) -> Estimate {
        let weights = self.marginal();
        let at = |share: f64| rate(self.quantile_ln(&weights, share));
        Estimate { rate_per_s: at(0.5), low_per_s: at(0.025), high_per_s: at(0.975) }
    }

    /// Probes that had an answer.
    #[must_use]
    pub fn probes(&self) -> u32 {
        self.probes
    }

    fn bracket(&mut self, tried_ln: f64, met: bool) {
        let end = if met { &mut self.highest_met } else { &mut self.lowest_missed };
        let further = |known: f64| if met { known.max(tried_ln) } else { known.min(tried_ln) };
        *end = Some(end.map_or(tried_ln, further));
    }

    fn decide(&mut self) -> Step {
        let highest_ln = self.ln_at(self.cells - 1);
        match (self.highest_met, self.lowest_missed) {
            (Some(met), None) if met >= highest_ln - GRID_STEP => {
                return Step::Done(Ending::AlwaysMet);
            }
            (Some(met), None) => return Step::Probe(rate((met + UP.ln()).min(highest_ln))),
            (None, Some(missed)) if missed <= self.lowest_ln + GRID_STEP => {
                return Step::Done(Ending::NeverMet);
            }
            (None, Some(missed)) => {
                return Step::Probe(rate((missed + DOWN.ln()).max(self.lowest_ln)));
            }
            _ => {}
        }
        let weights = self.marginal();
        let at = |share: f64| self.quantile_ln(&weights, share);
        let (low, middle, high) = (at(0.025), at(0.5), at(0.975));
        let tolerance = self.options.tolerance.ln();
        if high - middle <= tolerance && middle - low <= tolerance {
            return Step::Soak(rate(middle + SOAK_SHARE.ln()));
        }
        if self.probes >= self.options.most_probes {
            return Step::Done(Ending::TooManyProbes);
        }
        // Far from the boundary halving is quickest; near it the order must not be predictable.
        let is_far = high - low > 8.0 * tolerance;
        let share = if is_far { 0.5 } else { self.random.uniform() };
        Step::Probe(rate(self.quantile_ln(&weights, share)))
    }

    fn learn(&mut self, tried_ln: f64, met: bool, weight: f64) {
        for (row, width) in WIDTHS.into_iter().enumerate() {
            for cell in 0..self.cells {
                let beyond = (tried_ln - self.ln_at(cell)) / width;
                let is_met = LAPSE + (1.0 - 2.0 * LAPSE) / (1.0 + beyond.exp());
                let likelihood = if met { is_met } else { 1.0 - is_met };
                self.log_posterior[row * self.cells + cell] += weight * likelihood.ln();
            }
        }
    }

    /// The posterior of the rate alone, by cell, adding up to 1.
    fn marginal(&self) -> Vec<f64> {
        let largest = self.log_posterior.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut weights = vec![0.0; self.cells];
        for (index, log) in self.log_posterior.iter().enumerate() {
            weights[index % self.cells] += (log - largest).exp();
        }
        let all: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|weight| *weight /= all);
        weights
    }

    fn quantile_ln(&self, weights: &[f64], share: f64) -> f64 {
        let mut sum = 0.0;
        let reaches = |weight: &f64| {
            sum += weight;
            sum >= share
        };
        self.ln_at(weights.iter().position(reaches).unwrap_or(weights.len() - 1))
    }

    fn ln_at(&self, cell: usize) -> f64 {
        self.lowest_ln + cell as f64 * GRID_STEP
    }
}

fn rate(ln: f64) -> u64 {
    (ln.exp().round() as u64).max(1)
}

#[cfg(test)]
mod tests;
