use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use httpdyno_loadgen::{BodyCheck, ValueKind};
use httpdyno_spec::SpecTree;

use super::{LoadSettings, fresh_in_json, load_plan};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("workspace root").to_owned()
}

#[test]
fn a_place_for_fresh_text_is_found_where_it_changes_nothing_but_itself() {
    for (json, expected) in [
        (r#"{"id":1,"name":"Widget"}"#, Some((16, 6))),
        (r#"{"name":"short","note":"long enough by far"}"#, Some((24, 12))),
        (r#"{"name":"Müller und","note":"\\u00e9 escaped","last":"letters"}"#, Some((55, 7))),
        (r#"{"name":"a"}"#, None),
        (r#"["in an array"]"#, None),
        ("", None),
    ] {
        let found = fresh_in_json(json.as_bytes());
        assert_eq!(found, expected, "{json}");
    }
}

#[test]
fn every_echo_and_upload_of_the_repository_has_fresh_content() {
    let tree = SpecTree::load(&root()).expect("the repository's spec");
    let mut seen = 0;
    for workload in &tree.workloads {
        let workload = &workload.value;
        let verified: BTreeMap<_, _> =
            workload.routes.iter().map(|route| (route.id.to_string(), Vec::new())).collect();
        let settings = LoadSettings {
            target: "127.0.0.1:1".parse().expect("address"),
            connections: 1,
            cores: vec![0],
            alone: false,
            warmup: Duration::ZERO,
            measure: Duration::from_secs(1),
            seed: 1,
            payloads: tree.payloads(),
            verified,
        };
        let plan = load_plan(workload, &settings).expect("a plan");
        for route in &plan.routes {
            if !matches!(route.expect.body, BodyCheck::EchoJson | BodyCheck::Receipt) {
                continue;
            }
            seen += 1;
            let body = String::from_utf8_lossy(route.request.body.as_deref().expect("content"))
                .into_owned();
            let of_route = format!("{{{{{}-", route.name);
            assert!(body.contains(&of_route), "{}: {}", workload.id, route.name);
            let values = plan.values.iter().filter(|value| body.contains(&value.name));
            let differs = |kind: &ValueKind| match *kind {
                ValueKind::Sequential { .. } => true,
                ValueKind::RandomInteger { min, max } => max - min > 1 << 20,
                ValueKind::RandomText { length } => length >= 6,
            };
            assert!(values.map(|value| value.kind).any(|kind| differs(&kind)), "{}", route.name);
        }
    }
    assert!(seen >= 6, "{seen}");
}
