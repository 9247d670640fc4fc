//! The page in a real browser.

use crate::chromium::Page;
use crate::reading;
use crate::synthetic::Shape;

pub(crate) const READY: &str = "document.documentElement.dataset.ready === 'yes'";

/// Opens the page of a synthetic record of so many entries; nothing where there is no browser.
fn opened(entries: usize) -> Option<(tempfile::TempDir, Page)> {
    let (folder, _, page) = reading::opened(entries)?;
    Some((folder, page))
}

const SECTIONS: [&str; 9] = [
    "ranking",
    "composite",
    "connections",
    "latency",
    "load",
    "scale",
    "trials",
    "resources",
    "database",
];

#[test]
fn every_chart_is_drawn_with_3_12_and_40_entries() {
    for entries in [3, 12, 40] {
        let Some((_folder, mut page)) = opened(entries) else { return };
        // The first workload needs no database. What the charts hold is tested in `charts`.
        let counts = [1, 2, 2, 1, 1, 2, 1, 3, 0];
        for (section, count) in SECTIONS.into_iter().zip(counts) {
            let charts = page
                .eval(&format!("document.querySelectorAll('#{section}-result figure svg').length"));
            assert_eq!(charts, count, "{section} of {entries} entries");
        }
        page.picture(&format!("{entries}-light"));
        assert_eq!(page.complaints(), Vec::<String>::new());
    }
}

#[test]
fn filters_narrow_what_is_shown() {
    let Some((_folder, mut page)) = opened(12) else { return };
    let rows = "document.querySelector('#ranking-result tbody').rows.length";
    assert_eq!(page.eval(rows), 12, "eleven measured entries and the null server");

    page.eval("[...document.querySelectorAll('#languages label')].find((it) => it.textContent === 'java').click()");
    assert_eq!(page.eval(rows), 2, "Netty and Undertow");
    page.eval("[...document.querySelectorAll('#tags label')].find((it) => it.textContent === 'async').click()");
    assert_eq!(page.eval(rows), 1, "Netty");
    page.eval("document.getElementById('reset').click()");
    assert_eq!(page.eval(rows), 12);

    page.choose("text", "HYPER");
    assert_eq!(page.eval(rows), 1);
    assert_eq!(page.eval("document.getElementById('status').textContent"), "1 of 12 entries shown");
    page.eval("document.getElementById('reset').click()");

    page.choose("endpoint", "plaintext");
    assert_eq!(
        page.eval("document.getElementById('workload').selectedOptions[0].text"),
        "plaintext"
    );
    page.choose("matrix-cases", "all");
    let groups =
        "[...document.querySelectorAll('#matrix-result .group')].map((it) => it.textContent)";
    assert_eq!(page.eval(groups), serde_json::json!(["app/plaintext"]));
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn a_cell_opens_by_keyboard_and_shows_bytes_as_text() {
    let Some((_folder, mut page)) = opened(12) else { return };
    page.eval("document.querySelector('#matrix-result button.verdict').focus()");
    page.press("ArrowDown");
    page.press("ArrowRight");
    let at = page.eval("document.activeElement.getAttribute('aria-label')");
    assert!(at.as_str().is_some_and(|label| label.contains("rust-may")), "{at}");
    assert_eq!(
        page.eval("document.querySelectorAll('#matrix-result [tabindex=\"0\"].verdict').length"),
        1
    );
    page.press("Enter");
    page.until("document.getElementById('cell').open");
    let bytes = page
        .eval("[...document.querySelectorAll('#cell .bytes')].map((it) => it.textContent).join()");
    let bytes = bytes.as_str().expect("text");
    assert!(
        bytes.contains("GET /") && bytes.contains("<script>window.broken=1</script>"),
        "{bytes}"
    );
    assert_eq!(page.eval("document.querySelectorAll('#cell :is(script, img)').length"), 0);
    assert_eq!(page.eval("window.broken === undefined"), true);
    page.picture("cell");
    page.press("Escape");
    page.until("!document.getElementById('cell').open");
    let back = page.eval("document.activeElement.getAttribute('aria-label')");
    assert_eq!(back, at, "the focus is back where it was");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn the_tabulator_reaches_the_controls_in_their_order() {
    let Some((_folder, mut page)) = opened(3) else { return };
    let mut reached = Vec::new();
    for _ in 0..40 {
        page.press("Tab");
        let id = page
            .eval("document.activeElement.id || document.activeElement.getAttribute('href') || ''");
        reached.push(id.as_str().unwrap_or_default().to_owned());
    }
    let place = |id: &str| reached.iter().position(|it| it == id);
    let wanted = [
        "#validity",
        "#reproduce",
        "endpoint",
        "workload",
        "connections",
        "text",
        "theme",
        "reset",
        "ranking-measure",
    ];
    let places: Vec<Option<usize>> = wanted.iter().map(|id| place(id)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{reached:?}");
}

#[test]
fn light_and_dark_follow_the_system_and_the_reader() {
    let Some((_folder, mut page)) = opened(3) else { return };
    let back = "getComputedStyle(document.body).backgroundColor";
    page.prefer("light");
    let light = page.eval(back);
    page.prefer("dark");
    let dark = page.eval(back);
    assert_ne!(light, dark);
    page.choose("theme", "light");
    assert_eq!(page.eval(back), light);
    page.choose("theme", "dark");
    assert_eq!(page.eval(back), dark);
    page.picture("3-dark");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn it_becomes_a_document_and_fits_a_telephone() {
    let Some((_folder, mut page)) = opened(12) else { return };
    let printed = page.call("Page.printToPDF", serde_json::json!({ "printBackground": false }));
    assert!(printed["data"].as_str().is_some_and(|data| data.len() > 50_000));
    page.resize(390, 800);
    page.until("document.querySelector('#ranking-result svg').getAttribute('width') < 400");
    let sideways = page.eval("document.documentElement.scrollWidth - innerWidth");
    assert_eq!(sideways, 0, "the page itself does not scroll sideways");
    page.picture("12-narrow");
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn what_is_not_in_the_record_is_said_in_words() {
    let folder = tempfile::tempdir().expect("folder");
    let mut record = crate::synthetic::record(folder.path(), Shape::of(3));
    record.trials.clear();
    record.cases.clear();
    let Some(mut page) = reading::opened_record(&record) else { return };
    for section in SECTIONS {
        let told = page.eval(&format!(
            "document.querySelector('#{section}-result .empty')?.textContent ?? ''"
        ));
        assert_ne!(told, "", "{section} says nothing");
    }
    assert_eq!(page.complaints(), Vec::<String>::new());
}
