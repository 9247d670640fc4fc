//! The page on paper.

use serde_json::json;

use crate::chromium::Page;
use crate::legible::assert_labels_can_be_read;
use crate::reading::opened;

/// A4 between the margins of Chromium (1 cm), at 96 px to the inch.
const A4_PX: u32 = 718;

/// Whether each of these is to be seen.
fn are_seen(page: &mut Page, selector: &str) -> Vec<bool> {
    let seen = page.eval(&format!(
        "[...document.querySelectorAll('{selector}')].map((it) => it.checkVisibility() \
         && it.getBoundingClientRect().height > 0)"
    ));
    serde_json::from_value(seen).expect("truths")
}

/// As the browser shows it while it prints.
fn to_paper(page: &mut Page) {
    page.resize(A4_PX, 1000);
    page.until(&format!("innerWidth === {A4_PX}"));
    page.call("Emulation.setEmulatedMedia", json!({ "media": "print" }));
    page.eval("void dispatchEvent(new Event('beforeprint'))");
}

#[test]
fn paper_shows_all_that_is_needed_and_no_control() {
    let Some((_folder, _, mut page)) = opened(12) else { return };
    page.choose("ranking-measure", "rate");
    page.choose("trials-measure", "p99");
    page.choose("text", "r");
    to_paper(&mut page);
    let needed = "main > section, h1, h2, figure, figcaption, .validity li, .legend, #command, \
                  #choices, #ranking-result table, #setup table, #matrix-result table, details.reasons table";
    for selector in needed.split(", ") {
        let seen = are_seen(&mut page, selector);
        assert!(!seen.is_empty() && seen.iter().all(|it| *it), "{selector}: {seen:?}");
    }
    let controls = are_seen(&mut page, "nav, select, input, #filters, #copy, dialog, .choice");
    assert!(controls.len() > 20 && !controls.contains(&true), "{controls:?}");
    let told = page.eval("document.getElementById('choices').textContent");
    for part in [
        "workload: json",
        "connections: 64",
        "entries that contain \"r\"",
        "ranked by right responses per second",
        "every trial: p99 latency",
        "offered load: p99",
    ] {
        assert!(told.as_str().is_some_and(|told| told.contains(part)), "{part}: {told}");
    }
    page.picture("12-print");
    page.call("Emulation.setEmulatedMedia", json!({ "media": "" }));
    assert_eq!(are_seen(&mut page, "#choices"), [false], "the controls say it on a screen");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn charts_and_tables_fit_on_paper_and_can_be_read_there() {
    let Some((_folder, _, mut page)) = opened(12) else { return };
    let widths = "[...document.querySelectorAll('figure svg')].map((it) => it.getBoundingClientRect().width)";
    let before = page.eval(widths);
    to_paper(&mut page);
    let wrong = page.eval(&format!(
        "[...document.querySelectorAll('figure svg')].map((it) => it.getBoundingClientRect()) \
         .filter(({{ left, right, width }}) => left < 0 || right > {A4_PX} || width !== 660).length"
    ));
    assert_eq!(wrong, 0, "none is beyond the page, or was shrunk to it with its labels");
    assert_labels_can_be_read(&mut page, "paper");
    let cut = page.eval(&format!(
        "[...document.querySelectorAll('table')].filter((it) => it.checkVisibility()) \
         .map((it) => [it.caption?.textContent ?? it.ariaLabel, it.getBoundingClientRect().right]) \
         .filter(([, right]) => right > {A4_PX})"
    ));
    assert_eq!(cut, json!([]), "no table is cut off by the edge of the page");
    page.call("Emulation.setEmulatedMedia", json!({ "media": "" }));
    page.resize(1280, 900);
    page.until("innerWidth === 1280");
    page.eval("void dispatchEvent(new Event('afterprint'))");
    assert_eq!(page.eval(widths), before, "as it was on the screen");
}

/// The browser itself announces that it prints; what it then draws is drawn for paper.
#[test]
fn printing_draws_for_paper_and_back() {
    let Some((_folder, _, mut page)) = opened(3) else { return };
    let width = "document.querySelector('#ranking-result svg').getAttribute('width')";
    let before = page.eval(width);
    page.eval(&format!(
        "window.printed = []; addEventListener('beforeprint', () => window.printed.push({width}))"
    ));
    page.call("Page.printToPDF", json!({ "printBackground": false }));
    assert_eq!(page.eval("window.printed"), json!(["660"]));
    page.until(&format!("{width} === {before}"));
}

#[test]
fn what_was_opened_for_paper_is_closed_again() {
    let Some((_folder, _, mut page)) = opened(3) else { return };
    let open = "[...document.querySelectorAll('details.reasons')].map((it) => it.open)";
    assert_eq!(page.eval(open), json!([false]));
    page.eval(
        "new Promise((resolve) => { \
             addEventListener('toggle', () => resolve(true), { capture: true, once: true }); \
             dispatchEvent(new Event('beforeprint')); })",
    );
    assert_eq!(page.eval(open), json!([true]));
    page.eval("void dispatchEvent(new Event('afterprint'))");
    assert_eq!(page.eval(open), json!([false]));
}
