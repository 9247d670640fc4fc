//! Rules for `spec/profiles/*.yaml`.

use super::{
    At, Check, in_range, named_like_file, not_blank, not_empty, positive, unique, version,
};
use crate::profile::{CoreSets, FixedRates, Placement, Profile};
use crate::suggest::unknown;

/// A whole, in parts per million.
const ALL_PPM: u64 = 1_000_000;
/// `max_connections` of the database less some for the harness.
const MOST_DATABASE_CONNECTIONS: u64 = 500;
/// The kernel's largest `CONFIG_NR_CPUS`.
const MAX_CORE: u64 = 8191;

impl Check for Profile {
    fn check(&self, at: At<'_>) {
        version(at.field("version"), self.version);
        named_like_file(at.field("id"), "profile", self.id.as_str());
        not_blank(at.field("summary"), "the summary", &self.summary);
        unique(at.field("implementations"), "implementation", &self.implementations);
        not_empty(at.field("workloads"), "the list of workloads", &self.workloads);
        unique(at.field("workloads"), "workload", &self.workloads);
        if let Some(known) = at.known().workloads {
            for (index, id) in self.workloads.iter().enumerate() {
                if !known.contains(id.as_str()) {
                    let names = known.iter().map(String::as_str);
                    let unknown = unknown("workload", id.as_str(), names);
                    at.field("workloads").item(index).say_unknown(unknown);
                }
            }
        }
        not_empty(at.field("connections"), "the list of connections", &self.connections);
        unique(at.field("connections"), "number of connections", &self.connections);
        for (index, count) in self.connections.iter().enumerate() {
            let at = at.field("connections").item(index);
            in_range(at, "the number of connections", (*count).into(), 1..=65_535);
        }
        positive(at.field("measure"), "the measured time", self.measure);
        positive(at.field("start_timeout"), "the start timeout", self.start_timeout);
        positive(at.field("build_timeout"), "the build timeout", self.build_timeout);
        in_range(at.field("blocks"), "blocks", self.blocks.into(), 1..=1_000);
        in_range(
            at.field("database").field("pool"),
            "the number of connections to the database",
            self.database.pool.into(),
            1..=MOST_DATABASE_CONNECTIONS,
        );
        if let Some(memory) = self.server_memory {
            let at = at.field("server_memory");
            in_range(at, "the server's memory in bytes", memory.0, 1 << 20..=u64::MAX);
        }
        let gates = at.field("gates");
        for (name, share) in [
            ("errors_ppm", self.gates.errors_ppm),
            ("flat_ppm", self.gates.flat_ppm),
            ("littles_law_ppm", self.gates.littles_law_ppm),
            ("steal_ppm", self.gates.steal_ppm),
            ("offered_ppm", self.gates.offered_ppm),
            ("send_lag_ppm", self.gates.send_lag_ppm),
            ("generator_cpu_ppm", self.gates.generator_cpu_ppm),
            ("generator_delay_ppm", self.gates.generator_delay_ppm),
            ("headroom_ppm", self.gates.headroom_ppm),
            ("server_busy_ppm", self.gates.server_busy_ppm),
            ("server_limit_ppm", self.gates.server_limit_ppm),
            ("drift_ppm", self.gates.drift_ppm),
        ] {
            in_range(gates.field(name), name, share.into(), 0..=ALL_PPM);
        }
        if let Some(rates) = &self.fixed_rates {
            fixed_rates(at.field("fixed_rates"), rates, &self.connections);
        }
        if let Placement::Cores(sets) = &self.placement {
            cores(at.field("placement").field("cores"), sets);
        }
    }
}

/// They are compared with the closed loop at the same number of connections.
fn fixed_rates(at: At<'_>, rates: &FixedRates, connections: &[u32]) {
    if !connections.contains(&rates.connections) {
        at.field("connections").say(format!(
            "fixed rates at {} connections, which is none of the profile's {connections:?}",
            rates.connections
        ));
    }
    if rates.shares_ppm.is_empty() && rates.per_s.is_empty() {
        at.say("no fixed rate is given; name `shares` or `per_s`".to_owned());
    }
    // Their own type says which shares there are; records have them in parts per million.
    unique(at.field("shares"), "share", &rates.shares_ppm);
    unique(at.field("per_s"), "rate", &rates.per_s);
    for (index, share) in rates.shares_ppm.iter().enumerate() {
        in_range(at.field("shares_ppm").item(index), "the share", (*share).into(), 1..=ALL_PPM);
    }
    for (index, rate) in rates.per_s.iter().enumerate() {
        in_range(at.field("per_s").item(index), "the rate", *rate, 1..=100_000_000);
    }
}

/// Server and generator share no core: each would measure the other. The database may share one of
/// the server's, where there are too few: its CPU time is accounted apart.
fn cores(at: At<'_>, sets: &CoreSets) {
    not_empty(at.field("server"), "the server's core set", &sets.server);
    not_empty(at.field("generator"), "the generator's core set", &sets.generator);
    for (role, set) in
        [("server", &sets.server), ("generator", &sets.generator), ("database", &sets.database)]
    {
        let at = at.field(role);
        unique(at, "core", set);
        for (index, core) in set.iter().enumerate() {
            let at = at.item(index);
            in_range(at, "the core's number", (*core).into(), 0..=MAX_CORE);
            if role == "generator" && sets.server.contains(core) {
                at.say(format!("core {core} is the server's, and each would measure the other"));
            }
        }
    }
}
