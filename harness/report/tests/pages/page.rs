//! The page as text: it stands alone, and nothing of a server's gets out of its place.

use std::fs;
use std::path::Path;

use httpdyno_record::Record;
use httpdyno_report::{Comparison, Provenance, html};
use sha2::{Digest, Sha256};

use crate::synthetic::{self, Shape};
use crate::texts::HOSTILE;

/// The page of `record`.
pub(crate) fn page_of(record: &Record) -> String {
    let comparison = Comparison::of(record).expect("histograms");
    let command =
        ["httpdyno", "report", "results/synthetic", "--format", "html"].map(str::to_owned);
    let provenance = Provenance::new(&command, &record.run);
    let capacity = record.capacity().expect("capacity.json");
    html::render(record, &comparison, capacity.as_ref(), &provenance).expect("a page")
}

#[test]
fn a_page_of_forty_entries_and_six_workloads_is_below_three_megabytes() {
    let folder = tempfile::tempdir().expect("folder");
    let shape = Shape {
        workloads: &["json", "plaintext", "users", "search", "echo-small", "upload"],
        blocks: 3,
        cases_per_group: 30,
        ..Shape::of(40)
    };
    let page = page_of(&synthetic::record(folder.path(), shape));
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn nothing_of_a_servers_is_markup_and_nothing_is_fetched() {
    let folder = tempfile::tempdir().expect("folder");
    let page = page_of(&synthetic::record(folder.path(), Shape::of(3)));
    for part in ["<script>window", "<img", "onerror=window.broken=1>", "\u{202e}", "\u{1b}"] {
        assert!(HOSTILE.contains(part) && !page.contains(part), "{part:?} is in the page");
    }
    for fetching in ["src=\"", "href=\"http", "url(", "@import"] {
        let outside: Vec<&str> = page.lines().filter(|line| line.len() < 1_000).collect();
        assert!(!outside.iter().any(|line| line.contains(fetching)), "{fetching} is in the page");
    }
    // Two libraries, the page's own script, and two pieces of data: no sixth.
    assert_eq!(page.matches("</script").count(), 5);
}

#[test]
fn the_library_is_what_was_published() {
    let vendor = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/vendor");
    let table = fs::read_to_string(vendor.join("README.md")).expect("README");
    for name in ["plot.umd.min.js", "d3.min.js"] {
        let digest = Sha256::digest(fs::read(vendor.join(name)).expect("library"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let line = table.lines().find(|line| line.contains(name)).expect("a line");
        assert!(line.contains(&digest), "{name} has {digest}");
    }
}
