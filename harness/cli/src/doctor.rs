//! `httpdyno doctor`: a profile's declaration beside the machine.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use httpdyno_record::Host;
use httpdyno_record::lack::warning;
use httpdyno_report::doctor::{self, Diagnosis, Standing, Surroundings};
use httpdyno_report::quantity;
use httpdyno_runner::lacks::of_this_process;
use httpdyno_spec::SpecTree;
use httpdyno_spec::profile::Profile;
use httpdyno_stats::{Interval, LogDifferences, PairedBlock, Probability, Ratio};
use httpdyno_target::accounting::can_count_syscalls;
use httpdyno_target::core_load::{SHORTEST_WATCH, watch_cores};
use httpdyno_target::idle_effect::measure_idle_effect;
use httpdyno_target::idle_guard::would_lack;
use httpdyno_target::privileges::user;
use httpdyno_target::{CoreSplit, database, installed};
use serde_json::{Value, json};

use crate::Outcome;
use crate::exit::{Exit, Failure};
use crate::root;

#[derive(Args)]
pub(crate) struct Options {
    /// The profile to compare with this machine [default: the one that fits best]
    #[arg(long)]
    profile: Option<String>,
    /// Leave out the measurement of what the idle guard is worth (2 s)
    #[arg(long)]
    no_measurement: bool,
    /// Print everything as JSON
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(options: &Options, asked_root: Option<&Path>) -> Outcome {
    let tree = root::load(asked_root)?;
    let asked = match &options.profile {
        Some(id) => Some(&tree.profile(id)?.value),
        None => None,
    };
    let host = Host::detect();
    let profiles = || tree.profiles.iter().map(|profile| &profile.value);
    let best = doctor::best_profile(profiles(), &host, &Surroundings::default());
    let Some(profile) = asked.or(best).or(profiles().next()) else {
        return Err(Failure::new("spec/profiles has no profile; write one"));
    };
    let cores = CoreSplit::resolve(&profile.placement).ok();
    let around = surroundings(profile, cores.as_ref());
    let diagnosis = Diagnosis::of(profile, &host, &around);
    let effect = match &cores {
        Some(cores) if !options.no_measurement => Some(GuardEffect::measure(cores)?),
        _ => None,
    };
    let report = Report { tree: &tree, host: &host, around: &around, diagnosis, best, effect };
    if options.json {
        crate::output::line!("{}", serde_json::to_string_pretty(&report.json())?);
    } else {
        crate::output::print(&report.text())?;
    }
    Ok(if report.diagnosis.fits() { Exit::Done } else { Exit::UsageOrEnvironment })
}

fn surroundings(profile: &Profile, cores: Option<&CoreSplit>) -> Surroundings {
    let shares_cores = cores.is_some_and(|cores| cores.shared);
    let load = cores.and_then(|cores| watch_cores(&cores.measured(), SHORTEST_WATCH));
    Surroundings {
        steal_ppm: load.map(|load| load.steal_ppm),
        busy_ppm: load.map(|load| load.busy_ppm),
        syscalls_not_counted: can_count_syscalls().err(),
        lacks: of_this_process(profile, shares_cores, profile.idle_guard.then(would_lack)),
        container_engine: installed::container_engine(),
        postgresql: database::installed_version(),
    }
}

/// A window, long against the tick of the scheduler.
const WINDOW: Duration = Duration::from_millis(60);
/// Enough for an interval; with four windows each, about two seconds.
const BLOCKS: u32 = 8;
/// The ratio of equals.
const NO_DIFFERENCE_PPM: u64 = 1_000_000;

/// What the idle guard is worth: round trips with it to round trips without it.
struct GuardEffect {
    ratio: Ratio,
    interval: Interval,
    round_trip_with_ns: u64,
    round_trip_without_ns: u64,
}

impl GuardEffect {
    fn measure(cores: &CoreSplit) -> Result<Self, Failure> {
        let blocks = measure_idle_effect(&cores.server, &cores.generator, WINDOW, BLOCKS)
            .map_err(|error| Failure::new(format!("cannot measure the idle guard: {error}")))?;
        let pairs: Vec<PairedBlock> = blocks
            .iter()
            .map(|block| PairedBlock {
                a: block.with_guard.to_vec(),
                b: block.without_guard.to_vec(),
            })
            .collect();
        let estimate = LogDifferences::from_blocks(&pairs)?.estimate();
        let each = |side: fn(&PairedBlock) -> &Vec<u64>| {
            let count: u64 = pairs.iter().flat_map(side).sum();
            let windows = WINDOW * 2 * BLOCKS;
            u64::try_from(windows.as_nanos()).unwrap_or(u64::MAX).checked_div(count).unwrap_or(0)
        };
        Ok(Self {
            ratio: estimate.ratio(),
            interval: estimate.interval(Probability::P95),
            round_trip_with_ns: each(|pair| &pair.a),
            round_trip_without_ns: each(|pair| &pair.b),
        })
    }

    fn text(&self) -> String {
        format!(
            "idle guard: {:.2} times as many round trips on loopback with it as without it \
             (95 % interval {:.2} .. {:.2}; {} against {} each): {}\n",
            self.ratio,
            self.interval.low,
            self.interval.high,
            quantity::duration(self.round_trip_with_ns),
            quantity::duration(self.round_trip_without_ns),
            self.conclusion(),
        )
    }

    /// What follows from it, and what to do.
    fn conclusion(&self) -> &'static str {
        if self.interval.high.ppm() < NO_DIFFERENCE_PPM {
            "it takes more than it gives here, so choose a profile with `idle_guard: false`, or stop \
             whatever else runs in the session of this terminal, and look again"
        } else if self.interval.low.ppm() > NO_DIFFERENCE_PPM {
            "it is worth having, as `idle_guard: true` of a profile"
        } else {
            "no difference can be told; this machine does without"
        }
    }

    fn json(&self) -> Value {
        json!({
            "ratio_ppm": self.ratio.ppm(),
            "low_ppm": self.interval.low.ppm(),
            "high_ppm": self.interval.high.ppm(),
            "round_trip_with_ns": self.round_trip_with_ns,
            "round_trip_without_ns": self.round_trip_without_ns,
            "blocks": BLOCKS,
            "conclusion": self.conclusion(),
        })
    }
}

struct Report<'a> {
    tree: &'a SpecTree,
    host: &'a Host,
    around: &'a Surroundings,
    diagnosis: Diagnosis,
    best: Option<&'a Profile>,
    effect: Option<GuardEffect>,
}

impl Report<'_> {
    fn text(&self) -> String {
        let host = self.host;
        let mut text = format!(
            "{}, {} cores, {}, {} ({})\n\n{}\n",
            host.cpu_model,
            host.cores,
            quantity::bytes(host.memory_bytes),
            host.kernel,
            host.fingerprint,
            doctor::render(&self.diagnosis)
        );
        if let Some(text_of_run) = warning(&self.around.lacks, user()) {
            text.push_str(&format!("a run would warn: {text_of_run}\n\n"));
        }
        if let Some(effect) = &self.effect {
            text.push_str(&effect.text());
        }
        for profile in &self.tree.profiles {
            let found = Diagnosis::of(profile, host, self.around);
            let unfit = |finding: &&doctor::Finding| finding.standing == Standing::Unfit;
            let line = match found.findings.iter().find(unfit) {
                _ if self.best.is_some_and(|best| best.id == profile.id) => "fits best".to_owned(),
                None => "can be run".to_owned(),
                Some(finding) => format!("does not fit: {}", finding.subject),
            };
            text.push_str(&format!("profile {}: {line}\n", profile.id));
        }
        text
    }

    fn json(&self) -> Value {
        let fitting: Vec<&str> = self
            .tree
            .profiles
            .iter()
            .filter(|profile| Diagnosis::of(profile, self.host, self.around).fits())
            .map(|profile| profile.id.as_str())
            .collect();
        json!({
            "host": self.host,
            "now": self.around,
            "diagnosis": self.diagnosis,
            "fits": self.diagnosis.fits(),
            "best_profile": self.best.map(|profile| profile.id.as_str()),
            "profiles_that_fit": fitting,
            "idle_guard": self.effect.as_ref().map(GuardEffect::json),
        })
    }
}
