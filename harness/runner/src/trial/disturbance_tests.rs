//! Gates about the machine, tripped by real disturbances: neighbours on the measured cores, servers
//! whose rate falls, that stall, or that wait for nobody knows what. A gate that must trip may trip
//! beside others, however busy the machine is.

use httpdyno_record::fitness::{Misfit, misfits};
use httpdyno_record::{Figure, Gate, Host, Measurement};
use httpdyno_spec::profile::Profile;
use httpdyno_target::CoreSplit;

use super::gate_tests::{Tried, assert_trips, span};
use super::tests::{misbehaving_server, profile};

/// A process on one core that never rests; it ends with this, or with the test.
struct Neighbour(std::process::Child);

impl Neighbour {
    fn on(core: u32) -> Self {
        let mut command = std::process::Command::new(misbehaving_server());
        command.args(["beside", &core.to_string()]).stdin(std::process::Stdio::piped());
        Self(command.spawn().expect("it starts"))
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn busy_neighbours_on_the_servers_core_trip_foreign_and_server_delay() {
    let cores = CoreSplit::resolve(&profile().placement).expect("cores");
    let on = |cores: &[u32]| -> Vec<Neighbour> {
        cores.iter().flat_map(|&core| (0..3).map(move |_| Neighbour::on(core))).collect()
    };
    let trial = || {
        let mut tried = Tried::new("");
        tried.profile.measure = span("1s");
        tried.measured()
    };
    let has_waited = |measured: &Measurement| {
        measured.failed_gates.iter().any(|failed| failed.is(Gate::ServerDelay))
    };
    let neighbours = on(&cores.server);
    let mut measured = trial();
    // Where the generator gets no time either, the server has nothing to wait for.
    for _ in 0..2 {
        if !has_waited(&measured) {
            measured = trial();
        }
    }
    drop(neighbours);
    let failed = |gate: Gate| {
        let mut all = measured.failed_gates.iter().filter(|failed| failed.is(gate));
        let found = all.find(|failed| !failed.message.contains("the generator's cores"));
        found.unwrap_or_else(|| panic!("{gate} is not among {:?}", measured.failed_gates))
    };
    let foreign = failed(Gate::Foreign);
    assert!(foreign.message.contains("the server's cores"), "{}", foreign.message);
    for figure in [Figure::Throughput, Figure::Latency, Figure::Cost] {
        assert!(foreign.makes_void(figure), "{figure}");
    }
    let time = measured.foreign.as_ref().expect("accounted for");
    // Which of them are the busiest depends on what else this machine does.
    assert!(!time.programs.is_empty(), "{time:?}");
    assert!(failed(Gate::ServerDelay).makes_void(Figure::Throughput));
    if cores.shared {
        return;
    }
    // On the generator's cores they are its neighbours. At a rate, since it spins there.
    let mut tried = Tried::new("");
    tried.per_s = Some(200);
    tried.profile.measure = span("1s");
    let neighbours = on(&cores.generator);
    let gates = tried.gates();
    drop(neighbours);
    let told = |(gate, message): &(String, String)| {
        gate == Gate::Foreign.id() && message.contains("the generator's cores")
    };
    assert_trips(&gates, Gate::Foreign);
    assert!(gates.iter().any(told), "{gates:?}");
}

#[test]
fn a_server_that_waits_for_nobody_knows_what_trips_nobody_busy() {
    assert_trips(&Tried::new("holds 20").gates(), Gate::NobodyBusy);
}

#[test]
fn a_rate_that_falls_within_the_window_trips_window() {
    let mut tried = Tried::new("slows-down");
    // Enough responses on a machine that wakes up late, too.
    tried.connections = 32;
    tried.profile.measure = span("2500ms");
    tried.profile.gates.flat_ppm = 100_000;
    let measured = tried.measured();
    let change = measured.change.expect("enough responses");
    assert!(change.ppm < -300_000, "{change:?}");
    assert!(measured.failed_gates.iter().any(|failed| failed.is(Gate::Window)), "{measured:?}");
}

/// The 99.9th percentile of a fast server knows nothing of it.
#[test]
fn a_stall_in_each_second_shows() {
    let mut tried = Tried::new("stalls");
    tried.profile.measure = span("2500ms");
    let measured = tried.measured();
    let silence_ns = measured.longest_silence_ns.expect("looked at");
    assert!(silence_ns >= 150_000_000, "{silence_ns}");
    assert!(measured.latency.max_ns >= 150_000_000, "{:?}", measured.latency);
}

#[test]
fn a_machine_that_does_not_fit_trips_unfit() {
    let rationed: fn(&Profile) -> Vec<Misfit> = |profile| {
        let mut host = Host::detect();
        if let Some(machine) = &mut host.machine {
            machine.cpu_quota_ns_per_s = Some(500_000_000);
        }
        misfits(profile, &host)
    };
    let mut tried = Tried::new("");
    tried.misfits = Some(rationed);
    let gates = tried.gates();
    assert_trips(&gates, Gate::Unfit);
    assert!(gates.iter().any(|(_, message)| message.contains("500 ms of CPU time")), "{gates:?}");
}
