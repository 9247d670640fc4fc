//! Which costs are planted in which entries.

use httpdyno_nullserver::planted::VARIABLE;
use httpdyno_runner::{Entry, PlantedPlan};
use httpdyno_spec::SpecTree;

use super::{Options, WORKLOAD, folder};
use crate::command_line;
use crate::exit::Failure;

/// None; as little as anyone cares for; twice that; more than enough.
const COSTS_PPM: [u32; 4] = [0, 10_000, 20_000, 50_000];
/// One request at a time, some, and as many as keep a core busy.
const CONNECTIONS: [u32; 3] = [1, 16, 64];
/// Quarters of the slowest pace.
const SHARES_PPM: [u32; 3] = [250_000, 500_000, 750_000];

pub(super) fn plan(options: &Options, tree: &SpecTree) -> Result<PlantedPlan, Failure> {
    let entries = crate::entries::select(tree, &options.planted, false)?;
    Ok(PlantedPlan {
        profile: tree.profile(&options.profile)?.value.clone(),
        workload: tree.workload(WORKLOAD)?.value.clone(),
        entries,
        plant: by_feature,
        costs_ppm: COSTS_PPM.to_vec(),
        connections: CONNECTIONS.to_vec(),
        shares_ppm: SHARES_PPM.to_vec(),
        blocks: options.blocks,
        warmup: options.warmup,
        measure: options.measure,
        margin_ppm: options.margin_ppm,
        seed: options.seed,
        folder: folder(options, tree)?,
        command_line: command_line::own(),
    })
}

/// The entry built with its cargo feature `planted` into a folder of its own, so that what is measured
/// otherwise stays as it is. Its process finds the cost in its environment.
fn by_feature(entry: &Entry, extra_cpu_ns: u64) -> Entry {
    const TARGET: &str = "{cargo_target}";
    const PLANTED: &str = "{cargo_target}/planted";
    let mut planted = entry.clone();
    let process = &mut planted.manifest.process;
    let more = ["--features", "planted", "--target-dir", PLANTED];
    process.build.extend(more.map(str::to_owned));
    for word in process.run.iter_mut().chain(&mut process.version) {
        *word = word.replace(TARGET, PLANTED);
    }
    process.run.splice(0..0, ["env".to_owned(), format!("{VARIABLE}={extra_cpu_ns}")]);
    planted
}

#[cfg(test)]
mod tests {
    use super::by_feature;
    use httpdyno_runner::Entry;
    use httpdyno_spec::SpecTree;

    #[test]
    fn a_planted_entry_is_built_beside_the_one_that_is_measured_otherwise() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2);
        let tree = SpecTree::load(root.expect("workspace root")).expect("the repository's spec");
        for name in ["rust-hyper", "rust-std"] {
            let entry = Entry::resolve(&tree, &tree.entry(name).expect("it is there"));
            let planted = by_feature(&entry, 217).manifest.process;
            assert_eq!(planted.run[..2], ["env", "HTTPDYNO_PLANTED_NS=217"]);
            assert_eq!(planted.run[2], format!("{{cargo_target}}/planted/entry/{name}"));
            assert_eq!(planted.version[0], planted.run[2]);
            let build = planted.build.join(" ");
            let own = entry.manifest.process.build.join(" ");
            let more = " --features planted --target-dir {cargo_target}/planted";
            assert_eq!(build, own + more);
            let manifest = tree.root.join(format!("implementations/{name}/Cargo.toml"));
            let manifest = std::fs::read_to_string(manifest).expect("a manifest");
            assert!(manifest.contains("\nplanted = ["), "{name} has no such feature");
        }
    }
}
