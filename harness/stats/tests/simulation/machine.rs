//! A simulated machine: what trials of A and B would have given on it.

use httpdyno_stats::abba::{self, Arm};
use httpdyno_stats::{PairedBlock, Seeded};

/// The shape of a trial's noise; each is scaled to a standard deviation of 1, and has mean 0.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// As the textbook has it.
    Normal,
    /// Student's t with 3 degrees of freedom: no fourth moment, now and then a trial far off.
    StudentThree,
    /// One trial in ten has five times the noise (J. W. Tukey, 1960).
    Contaminated,
    /// Long tail to one side, for A and B alike: stalls.
    Lognormal,
    /// Long tail to one side for A, normal for B.
    LognormalForAOnly,
    /// Long tail to one side for A, none for B: the worst case.
    LognormalForASilentB,
}

/// A machine and how it misbehaves, on the logarithmic scale: 0.01 is 1 %.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    pub(crate) shape: Shape,
    /// Standard deviation of a trial.
    pub(crate) trial: f64,
    /// Standard deviation of what all trials of a block have in common.
    pub(crate) block: f64,
    /// Change from each trial to the next.
    pub(crate) drift: f64,
    /// Standard deviation of a random step from each trial to the next.
    pub(crate) wandering: f64,
}

impl Machine {
    /// 1 % per trial, 5 % per block, no drift.
    pub(crate) const fn with(shape: Shape) -> Self {
        Self { shape, trial: 0.01, block: 0.05, drift: 0.0, wandering: 0.0 }
    }

    /// One that becomes slower by 0.5 % with each trial, and wanders by 0.3 %.
    pub(crate) const fn drifting(shape: Shape) -> Self {
        Self { drift: -0.005, wandering: 0.003, ..Self::with(shape) }
    }
}

/// Noise from a seed.
pub(crate) struct Noise(Seeded);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Seeded::new(seed))
    }

    pub(crate) fn seed(&mut self) -> u64 {
        self.0.below(usize::MAX) as u64
    }

    /// G. E. P. Box, M. E. Muller, A Note on the Generation of Random Normal Deviates (1958).
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.0.uniform().ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.0.uniform()).cos()
    }

    /// The noise of a whole record, in which no arm is told apart.
    pub(crate) fn of_record(&mut self, shape: Shape) -> f64 {
        self.of(shape, Arm::A)
    }

    fn of(&mut self, shape: Shape, arm: Arm) -> f64 {
        match shape {
            Shape::Normal => self.normal(),
            Shape::StudentThree => {
                let square = (0..3).map(|_| self.normal().powi(2)).sum::<f64>() / 3.0;
                self.normal() / square.sqrt() / 3.0_f64.sqrt()
            }
            Shape::Contaminated => {
                let factor = if self.0.uniform() < 0.1 { 5.0 } else { 1.0 };
                factor * self.normal() / (0.9_f64 + 0.1 * 25.0).sqrt()
            }
            Shape::LognormalForAOnly if arm == Arm::B => self.normal(),
            Shape::LognormalForASilentB if arm == Arm::B => 0.0,
            Shape::Lognormal | Shape::LognormalForAOnly | Shape::LognormalForASilentB => {
                let e = std::f64::consts::E;
                (e.sqrt() - self.normal().exp()) / (e * (e - 1.0)).sqrt()
            }
        }
    }
}

/// Trials of A and B in `orders`, where A is truly exp(`truth`) times as fast as B.
pub(crate) fn run(
    machine: &Machine,
    truth: f64,
    orders: &[[Arm; 4]],
    noise: &mut Noise,
) -> Vec<PairedBlock> {
    let mut mood = 0.0;
    let mut blocks = Vec::with_capacity(orders.len());
    for order in orders {
        let of_block = machine.block * noise.normal();
        let mut block = PairedBlock { a: vec![], b: vec![] };
        for &arm in order {
            mood += machine.drift + machine.wandering * noise.normal();
            let ln = mood + of_block + machine.trial * noise.of(machine.shape, arm);
            let rate = |ln: f64| (1e8 * ln.exp()).round() as u64;
            match arm {
                Arm::A => block.a.push(rate(ln + truth)),
                Arm::B => block.b.push(rate(ln)),
            }
        }
        blocks.push(block);
    }
    blocks
}

/// As [`run`], in `blocks` randomised ABBA/BAAB blocks.
pub(crate) fn run_abba(
    machine: &Machine,
    truth: f64,
    blocks: usize,
    noise: &mut Noise,
) -> Vec<PairedBlock> {
    let orders = abba::orders(blocks, noise.seed());
    run(machine, truth, &orders, noise)
}

#[test]
fn every_shape_has_mean_zero_and_a_standard_deviation_of_one() {
    let shapes = [
        Shape::Normal,
        Shape::StudentThree,
        Shape::Contaminated,
        Shape::Lognormal,
        Shape::LognormalForAOnly,
    ];
    for shape in shapes {
        let mut noise = Noise::new(1);
        let drawn: Vec<f64> = (0..40_000).map(|_| noise.of(shape, Arm::A)).collect();
        let mean = drawn.iter().sum::<f64>() / 40_000.0;
        let square = drawn.iter().map(|value| value * value).sum::<f64>() / 40_000.0;
        assert!(mean.abs() < 0.03, "{shape:?}: mean {mean}");
        // The fourth moments are large or infinite, so this is only rough.
        assert!((square.sqrt() - 1.0).abs() < 0.2, "{shape:?}: {}", square.sqrt());
    }
}
