//! The table of gates: whole, and what METHODOLOGY.md says.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use httpdyno_record::gate::{GATES, written_into};
use httpdyno_record::{Figure, Gate, GateFailure};
use httpdyno_spec::profile::Gates;

#[test]
fn each_gate_stands_at_its_place_under_a_name_of_its_own() {
    for (place, facts) in GATES.iter().enumerate() {
        assert_eq!(
            facts.gate as usize, place,
            "{}: the table has another order than `Gate`",
            facts.id
        );
        assert_eq!(Gate::named(facts.id), Some(facts.gate));
        assert!(!facts.fails_when.is_empty() && !facts.voids.is_empty(), "{}", facts.id);
    }
    let names: BTreeSet<&str> = GATES.iter().map(|facts| facts.id).collect();
    assert_eq!(names.len(), GATES.len());
    assert_eq!(Gate::named("a-gate-of-old"), None);
}

/// A threshold that no gate has would be obeyed by nobody, and a gate's that no profile has told of.
#[test]
fn the_thresholds_of_gates_are_those_of_profiles() {
    let of_profile = serde_json::to_value(Gates::default()).expect("a map");
    let of_profile: BTreeSet<&str> =
        of_profile.as_object().expect("a map").keys().map(String::as_str).collect();
    let of_gates: BTreeSet<&str> = GATES.iter().flat_map(|facts| facts.thresholds()).collect();
    assert_eq!(of_gates, of_profile);
}

#[test]
fn the_methodology_has_the_table_as_it_is() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("root");
    let text = fs::read_to_string(root.join("METHODOLOGY.md")).expect("readable");
    let anew = written_into(&text).expect("a place for the table");
    assert!(anew == text, "METHODOLOGY.md differs from the gates; run `httpdyno schema --write`");
    let cut = text.replacen("| `errors` |", "| `error` |", 1);
    assert_eq!(written_into(&cut).as_deref(), Some(text.as_str()), "what is wrong is put right");
    assert_eq!(written_into("# Another text\n"), None);
}

#[test]
fn a_failure_knows_its_gate() {
    let failed = GateFailure::of(Gate::SendLag, &[Figure::Tail], "late".to_owned());
    assert!(failed.is(Gate::SendLag) && !failed.is(Gate::Steal));
    assert_eq!((failed.gate.as_str(), failed.makes_void(Figure::Latency)), ("send-lag", false));
}
