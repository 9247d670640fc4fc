//! The same entry on 1, 2, 4, ... cores, for a terminal.

use std::fmt::Write as _;

pub use httpdyno_analysis::scale::{ScaleStep, Scaling};
use httpdyno_record::{Figure, Record};

use crate::quantity::{count, duration, percent, ratio};
use crate::series::COST;
use crate::style::{Palette, styled};
use crate::text_table::{WIDTH, plain_table, wrapped};
use crate::void;
use crate::weak::{LEGEND, mark};

/// A table for each entry and point, for a terminal.
#[must_use]
pub fn render(record: &Record, scalings: &[Scaling]) -> String {
    let mut text = String::new();
    for warning in &record.run.warnings {
        let _ = writeln!(text, "{}", styled(Palette::WARNING, &format!("warning: {warning}")));
    }
    for scaling in scalings {
        let Scaling { entry, workload, connections, steps } = scaling;
        let heading = format!("{entry}: {workload}, {connections} connections");
        let _ = writeln!(text, "{}", styled(Palette::HEADING, &heading));
        let header =
            ["cores", "req/s", "speedup", "95 % interval", "efficiency", "CPU/req", "trials"];
        let table = plain_table(header, steps.iter().map(|step| cells(step).to_vec()), 0);
        let _ = writeln!(text, "{}", table.trim_fmt());
        let is_weak = steps.iter().any(|step| !step.weak.is_empty());
        let notes = is_weak.then_some(LEGEND).into_iter().chain([COST]);
        let _ = writeln!(text, "{}\n", wrapped(&notes.collect::<Vec<_>>().join("; "), WIDTH));
    }
    text
}

fn cells(step: &ScaleStep) -> [String; 7] {
    let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let or_why = |text: Option<String>, figure: Figure| {
        let marked = text.map(|text| format!("{}{text}", mark(&step.weak, figure)));
        or_dash(marked.or_else(|| void::text(&step.void, figure)))
    };
    let rate = step.throughput_per_s.map(|rate| count(rate.median));
    let valid = step.throughput_per_s.map_or(0, |rate| rate.trials);
    [
        step.cores.to_string(),
        or_why(rate, Figure::Throughput),
        or_dash(step.speedup_ppm.map(|[estimate, ..]| {
            format!("{}{}", mark(&step.weak, Figure::Throughput), ratio(estimate))
        })),
        or_dash(
            step.speedup_ppm.map(|[_, low, high]| format!("{} .. {}", ratio(low), ratio(high))),
        ),
        or_dash(step.efficiency_ppm.map(percent)),
        or_why(step.server_cpu_ns.map(|cpu| duration(cpu.median)), Figure::Cost),
        format!("{valid} of {}", step.trials),
    ]
}
