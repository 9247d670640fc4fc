//! Whatever stands in a file, reading it ends in a value or in errors with places in the file.

use std::fs;
use std::path::Path;

use httpdyno_spec::case::{CasesFile, StatusPattern, unescape};
use httpdyno_spec::endpoint::EndpointsFile;
use httpdyno_spec::id::{CaseId, EndpointId, EntryId};
use httpdyno_spec::manifest::Manifest;
use httpdyno_spec::profile::Profile;
use httpdyno_spec::template::{Piece, pieces};
use httpdyno_spec::units::{ByteSize, Span};
use httpdyno_spec::workload::Workload;
use httpdyno_spec::{SpecErrors, SpecFile, read_str};
use proptest::prelude::*;

/// One file of each kind, small enough that a change hits something that matters.
fn sources() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let files = [
        "spec/workloads/echo-fresh.yaml",
        "spec/workloads/json-open.yaml",
        "spec/profiles/vm-2core.yaml",
        "spec/cases/host.yaml",
        "implementations/rust-hyper/implementation.yaml",
        "harness/spec/tests/bad/endpoints/sequence.yaml",
    ];
    files.iter().map(|file| fs::read_to_string(root.join(file)).expect(file)).collect()
}

fn read_as_everything(text: &str) {
    fn one<T: SpecFile>(text: &str) {
        let Err(errors) = read_str::<T>(Path::new("file.yaml"), text) else { return };
        check(&errors, text);
    }
    fn check(errors: &SpecErrors, text: &str) {
        assert!(!errors.errors().is_empty());
        for error in errors.errors() {
            assert!(!error.problem.is_empty());
            assert!(!error.to_string().contains('\u{1b}'), "escape codes reach the terminal");
            let lines = text.lines().count() as u32 + 1;
            assert!(error.position.is_none_or(|at| at.line <= lines && at.column > 0), "{error}");
        }
    }
    one::<Workload>(text);
    one::<Profile>(text);
    one::<CasesFile>(text);
    one::<Manifest>(text);
    one::<EndpointsFile>(text);
}

/// A slip of an editor: a piece is cut out, doubled or replaced.
#[derive(Clone, Debug)]
struct Slip {
    at: prop::sample::Index,
    length: usize,
    text: String,
}

fn slip() -> impl Strategy<Value = Slip> {
    let marks = prop::sample::select(vec![
        "",
        ":",
        ": ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "'",
        "\n",
        "\n  ",
        "\t",
        "&a ",
        "*a",
        "!x ",
        "<<: ",
        "~",
        "-1",
        "99999999999999999999",
        "1e999",
        ".nan",
        "null",
        "---\n",
        "? ",
        "|\n",
        "\u{1b}[31m",
        "\u{feff}",
        "é",
        "\0",
        "%",
        "#",
        "true",
        "${x}",
        "{x}",
    ]);
    let text = prop_oneof![marks.prop_map(str::to_owned), any::<String>()];
    (any::<prop::sample::Index>(), 0..12_usize, text).prop_map(|(at, length, text)| Slip {
        at,
        length,
        text,
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 200,
        failure_persistence: None,
        ..Default::default()
    })]

    #[test]
    fn spoiled_files_are_refused_or_read(
        source in prop::sample::select(sources()),
        slips in prop::collection::vec(slip(), 1..4),
    ) {
        let mut text: Vec<char> = source.chars().collect();
        for Slip { at, length, text: new } in slips {
            let start = at.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, new.chars());
        }
        read_as_everything(&text.into_iter().collect::<String>());
    }

    #[test]
    fn any_text_is_refused_or_read(text in any::<String>()) {
        read_as_everything(&text);
    }

    #[test]
    fn quantities_are_read_as_they_are_written(number in any::<u64>()) {
        let size = ByteSize(number);
        prop_assert_eq!(size.to_string().parse::<ByteSize>(), Ok(size));
        let span = Span(std::time::Duration::from_micros(number / 1_000));
        prop_assert_eq!(span.to_string().parse::<Span>(), Ok(span));
    }

    #[test]
    fn any_text_is_a_quantity_or_not(text in ".{0,12}") {
        let _ = text.parse::<Span>();
        let _ = text.parse::<ByteSize>();
    }

    #[test]
    fn ids_are_read_as_they_are_written(
        words in prop::collection::vec("[a-z][a-z0-9]{0,5}", 1..4),
        variant in prop::option::of("[a-z]{1,5}"),
    ) {
        let slug = words.join("-");
        let id: EndpointId = slug.parse().expect("a slug");
        prop_assert_eq!(id.as_str(), &slug);
        let case = format!("h1/{slug}/{slug}");
        prop_assert_eq!(case.parse::<CaseId>().expect("a case id").to_string(), case);
        let entry = variant.map_or(slug.clone(), |variant| format!("{slug}@{variant}"));
        prop_assert_eq!(entry.parse::<EntryId>().expect("an entry id").to_string(), entry);
        let trailing = slug.clone() + "-";
        prop_assert!(trailing.parse::<EndpointId>().is_err());
        prop_assert!(slug.to_uppercase().parse::<EndpointId>().is_err());
    }

    #[test]
    fn statuses_are_read_as_they_are_written(code in 100..=599_u16, class in 1..=5_u8) {
        for pattern in [StatusPattern::Code(code), StatusPattern::Class(class)] {
            let text = serde_json::to_string(&pattern).expect("written");
            prop_assert_eq!(serde_json::from_str::<StatusPattern>(&text).expect("read"), pattern);
        }
    }

    #[test]
    fn every_byte_can_be_escaped(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let text: String = bytes.iter().map(|byte| format!("\\x{byte:02x}\n")).collect();
        prop_assert_eq!(unescape(&text, "host"), Ok(bytes));
    }

    #[test]
    fn any_text_is_bytes_or_not(text in any::<String>()) {
        let _ = unescape(&text, "host");
    }

    #[test]
    fn the_pieces_of_a_template_are_the_template(text in "[a-z{}é \"]{0,24}") {
        let whole: String = pieces(&text)
            .map(|piece| match piece {
                Piece::Text(text) => text.to_owned(),
                Piece::Variable(name) => format!("{{{name}}}"),
            })
            .collect();
        prop_assert_eq!(whole, text);
    }
}
