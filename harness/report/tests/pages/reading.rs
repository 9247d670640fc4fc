//! What a reader finds in the page, however they read it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use serde_json::{Value, json};
use tempfile::TempDir;

use httpdyno_record::{Purpose, Record, TrialRecord};

use crate::browser::READY;
use crate::chromium::{self, Page};
use crate::page::page_of;
use crate::synthetic::{self, MIXED, Shape};

/// The page of a synthetic record of so many entries; nothing where there is no browser.
pub(crate) fn opened(entries: usize) -> Option<(TempDir, Record, Page)> {
    let folder = tempfile::tempdir().expect("folder");
    let record = synthetic::record(folder.path(), Shape::of(entries));
    let page = opened_text(&record, || page_of_entries(entries, &record))?;
    Some((folder, record, page))
}

/// The page of `record`, in its folder.
pub(crate) fn opened_record(record: &Record) -> Option<Page> {
    opened_text(record, || Arc::new(page_of(record)))
}

/// What is computed of a record of so many entries takes longer than all that one test asks of it,
/// and it is the same for all of them.
fn page_of_entries(entries: usize, record: &Record) -> Arc<String> {
    type Pages = BTreeMap<usize, Arc<OnceLock<Arc<String>>>>;
    static PAGES: Mutex<Pages> = Mutex::new(BTreeMap::new());
    let page = Arc::clone(PAGES.lock().expect("no test panics here").entry(entries).or_default());
    Arc::clone(page.get_or_init(|| Arc::new(page_of(record))))
}

fn opened_text(record: &Record, text: impl FnOnce() -> Arc<String>) -> Option<Page> {
    let program = chromium::find()?;
    let file = record.folder.join("report.html");
    std::fs::write(&file, &*text()).expect("a file");
    let mut page = Page::open(&program, &file);
    page.until(READY);
    Some(page)
}

#[test]
fn how_far_to_trust_it_comes_first_and_how_to_repeat_it_last() {
    let Some((_folder, _, mut page)) = opened(3) else { return };
    let sections = page.eval("[...document.querySelectorAll('main > section')].map((it) => it.id)");
    let sections: Vec<&str> =
        sections.as_array().expect("sections").iter().filter_map(Value::as_str).collect();
    assert_eq!((sections.first(), sections.last()), (Some(&"validity"), Some(&"reproduce")));
    let command = page.eval("document.getElementById('command').textContent");
    assert_eq!(command, r"httpdyno bench --profile vm-2core 'it'\''s'");
    page.call(
        "Browser.grantPermissions",
        json!({ "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"] }),
    );
    page.call("Page.bringToFront", json!({}));
    page.eval("document.getElementById('copy').click()");
    page.until("document.getElementById('copied').textContent === 'copied'");
}

/// Hardware, profile and commands: what somebody needs to repeat the run.
#[test]
fn the_machine_the_profile_and_the_commands_are_written_out() {
    let Some((_folder, record, mut page)) = opened(12) else { return };
    let tables = page.eval(
        "Object.fromEntries([...document.querySelectorAll('#setup table.facts')].map((table) => \
         [table.getAttribute('aria-label'), Object.fromEntries([...table.rows].map((row) => \
         [row.cells[0].textContent, row.cells[1].textContent]))]))",
    );
    for (table, name, value) in [
        ("Machine", "Processor", "A Processor of Some Make @ 2.60GHz"),
        ("Machine", "Cores online", "2"),
        ("Machine", "Memory", "8.00 GiB"),
        ("Machine", "Kernel", "Linux 6.1"),
        ("Machine", "Virtual machine", "yes"),
        ("Machine", "Fingerprint", "0badcafe"),
        ("Profile", "Name", "synthetic"),
        ("Profile", "Server on cores", "[0]"),
        ("Profile", "Generator on cores", "[1]"),
        ("Profile", "Warm-up of each trial", "1s"),
        ("Profile", "Measured in each trial", "1s"),
        ("Profile", "Blocks", "5"),
        ("Database", "Server", "15.8"),
    ] {
        assert_eq!(tables[table][name], value, "{name}: {tables}");
    }
    let names = page.eval(
        "[...document.querySelectorAll('#setup table.entries tbody th')].map((it) => it.textContent)",
    );
    let entries: Vec<&str> = record.run.entries.iter().map(|it| it.entry.as_str()).collect();
    assert_eq!(names, json!(entries));
    let commands =
        page.eval("[...document.querySelectorAll('#reproduce pre')].map((it) => it.textContent)");
    let of_page = "httpdyno report results/synthetic --format html";
    assert_eq!(commands, json!([r"httpdyno bench --profile vm-2core 'it'\''s'", of_page]));
}

#[test]
fn every_trial_of_a_point_is_a_dot_or_a_cross() {
    let Some((_folder, record, mut page)) = opened(12) else { return };
    let point = page.eval("document.getElementById('connections').selectedOptions[0].text");
    let point: Option<u32> = point.as_str().and_then(|text| text.parse().ok());
    let here: Vec<&TrialRecord> = record
        .trials
        .iter()
        .filter(|trial| trial.purpose == Purpose::Compare && trial.workload == "json")
        .filter(|trial| Some(trial.connections) == point)
        .filter(|trial| trial.measurement().is_some())
        .collect();
    let valid = here.iter().filter(|trial| trial.valid().is_some()).count();
    let marks = |page: &mut Page, mark: &str| {
        let inside = format!("#trials-result figure g[aria-label=dot] {mark}");
        page.eval(&format!("document.querySelectorAll('{inside}').length"))
    };
    assert!(valid > 40 && here.len() > valid, "{valid} of {}", here.len());
    assert_eq!(marks(&mut page, "circle"), valid);
    assert_eq!(marks(&mut page, "path"), here.len() - valid);
}

#[test]
fn the_matrix_has_a_cell_for_each_entry_and_case() {
    let Some((_folder, record, mut page)) = opened(12) else { return };
    page.choose("matrix-cases", "all");
    let cells = page.eval("document.querySelectorAll('#matrix-result button.verdict').length");
    assert_eq!(cells, record.cases.len());
    let columns = page.eval("document.querySelectorAll('#matrix-result thead th').length");
    assert_eq!(columns, 12 + 1);
}

#[test]
fn the_ranking_needs_no_scrolling_sideways() {
    for entries in [3, 12, 40] {
        let Some((_folder, _, mut page)) = opened(entries) else { return };
        for width in [1160, 1280, 1600, 800] {
            page.resize(width, 900);
            page.until(&format!("innerWidth === {width}"));
            let beyond = page.eval(
                "(() => { const it = document.querySelector('#ranking-result .scroll'); \
                 return it.scrollWidth - it.clientWidth; })()",
            );
            assert_eq!(beyond, 0, "{entries} entries at {width}");
        }
        let letters = "getComputedStyle(document.querySelector('#ranking-result td')).fontSize";
        let letters = page.eval(letters);
        let size: f64 =
            letters.as_str().and_then(|it| it.strip_suffix("px")?.parse().ok()).expect("px");
        assert!(size >= 11.5, "{size} px at 800");
        page.picture(&format!("{entries}-800"));
    }
}

#[test]
fn database_and_routes_are_shown_apart() {
    let Some((_folder, _, mut page)) = opened(12) else { return };
    let told = "document.querySelector('#database-result .empty') !== null";
    assert_eq!(page.eval(told), true, "json needs no database");
    let mixed = page.eval(&format!(
        "[...document.getElementById('workload').options].find((it) => it.text === '{MIXED}').value"
    ));
    page.choose("workload", mixed.as_str().expect("a value"));
    let heads = page.eval(
        "[...document.querySelectorAll('#database-result th[scope=col]')].map((it) => it.textContent)",
    );
    assert_eq!(
        heads,
        json!([
            "Entry",
            "Responses/s",
            "Statements/s",
            "Server CPU/request",
            "Database CPU/request",
            "Throughput to pgbench's",
            "95 % interval"
        ])
    );
    let rows = "document.querySelectorAll('#database-result tbody tr').length";
    assert_eq!(page.eval(rows), 11);
    let figures =
        "document.querySelectorAll('#database-result figure, #routes-result figure').length";
    assert_eq!(page.eval(figures), 3);
    let dash = "[...document.querySelectorAll('#database-result tbody tr')] \
                .filter((it) => it.textContent.includes('–0') || it.lastChild.textContent === '–').length";
    assert_eq!(page.eval(dash), 0, "every entry has a ratio to pgbench with its interval");
    let routes = page.eval(
        "[...new Set([...document.querySelectorAll('#routes-result tbody tr')] \
         .map((it) => it.children[1].textContent))]",
    );
    assert_eq!(routes, json!(["db", "queries-20", "fortunes"]));
    page.picture("12-database");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn capacity_and_scaling_stand_in_the_page() {
    let Some((_folder, _, mut page)) = opened(3) else { return };
    let caption = page.eval("document.querySelector('#load-result caption').textContent");
    let words = "p99 <= 10.0 ms, errors <= 0.0 %, goodput >= 99.5 %";
    assert_eq!(caption, format!("Capacity: the highest rate with {words}"));
    let found = page.eval("document.querySelector('#load-result tbody').textContent");
    let found = found.as_str().expect("text");
    for part in ["confirmed", "never-met", "97.0 %", "the latency was met again within 1.00 s"] {
        assert!(found.contains(part), "{part}: {found}");
    }
    let rules = "document.querySelectorAll('#load-result figure g[aria-label=rule] line').length";
    assert_eq!(page.eval(rules), 3, "the objective, and a capacity each of two");
    page.choose("load-percentile", "p50");
    assert_eq!(page.eval(rules), 2, "the objective is about p99");
    let scale = page.eval("document.querySelector('#scale-result tbody').textContent");
    assert!(scale.as_str().is_some_and(|it| it.contains(" %")), "{scale}");
    assert_eq!(page.eval("document.querySelectorAll('#scale-result figure').length"), 2);
}

/// A record of `scale` or `capacity` holds no comparison, but its trials are drawn.
#[test]
fn a_record_without_a_comparison_is_drawn_too() {
    let folder = tempfile::tempdir().expect("folder");
    let mut record = synthetic::record(folder.path(), Shape::of(3));
    record.trials.retain(|trial| trial.purpose != Purpose::Compare);
    let Some(mut page) = opened_record(&record) else { return };
    for section in ["load", "scale"] {
        let lines = format!(
            "document.querySelectorAll('#{section}-result g[aria-label=line] path').length"
        );
        assert!(page.eval(&lines).as_u64() >= Some(3), "{section}");
    }
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn a_pointer_over_a_curve_shows_its_number() {
    let Some((_folder, _, mut page)) = opened(3) else { return };
    let middle = page.eval(
        "(() => { const it = document.querySelector('#latency-result figure svg'); \
         it.scrollIntoView({ behavior: 'instant', block: 'center' }); \
         const [path] = it.querySelectorAll('g[aria-label=line] path'); \
         const box = path.getBoundingClientRect(); \
         return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()",
    );
    let mut moved = json!({ "type": "mouseMoved" });
    (moved["x"], moved["y"]) = (middle["x"].clone(), middle["y"].clone());
    page.call("Input.dispatchMouseEvent", moved);
    page.until("/p\\d.*: .*[µm]s/.test(document.querySelector('#latency-result g[aria-label=tip]').textContent)");
}

/// The roles of what a reader must be able to name.
const NAMED: [&str; 12] = [
    "button",
    "checkbox",
    "combobox",
    "dialog",
    "figure",
    "form",
    "image",
    "link",
    "navigation",
    "region",
    "searchbox",
    "table",
];

#[test]
fn a_screen_reader_finds_names_headings_and_landmarks() {
    let Some((_folder, _, mut page)) = opened(12) else { return };
    let tree = page.call("Accessibility.getFullAXTree", json!({}));
    let nodes: Vec<&Value> = tree["nodes"]
        .as_array()
        .expect("nodes")
        .iter()
        .filter(|node| node["ignored"] == false)
        .collect();
    let of_role = |role: &str| nodes.iter().filter(|node| node["role"]["value"] == role).count();
    for role in ["main", "navigation", "form", "contentinfo"] {
        assert_eq!(of_role(role), 1, "{role}");
    }
    assert!(of_role("image") >= 10 && of_role("table") >= 5 && of_role("button") >= 50);
    for node in &nodes {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        let name = node["name"]["value"].as_str().unwrap_or_default();
        // A figure is named by the image in it.
        if NAMED.contains(&role) && role != "figure" {
            assert!(!name.trim().is_empty(), "a {role} without a name: {node}");
        }
    }
    let levels = page.eval(
        "[...document.querySelectorAll('h1, h2, h3, h4')].filter((it) => it.checkVisibility()) \
         .map((it) => Number(it.tagName[1]))",
    );
    let levels: Vec<u64> =
        levels.as_array().expect("levels").iter().filter_map(Value::as_u64).collect();
    assert_eq!(levels.iter().filter(|level| **level == 1).count(), 1);
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

#[test]
fn no_two_entries_are_drawn_alike() {
    let Some((_folder, _, mut page)) = opened(40) else { return };
    page.eval("document.getElementById('pick-all').click()");
    let samples = "[...document.querySelectorAll('#connections-result .legend svg')] \
                   .map((it) => it.innerHTML)";
    let all = page.eval(&format!("{samples}.length"));
    assert!(all.as_u64() >= Some(40), "{all} drawn");
    assert_eq!(page.eval(&format!("new Set({samples}).size")), all);
}
