//! Whether texts can be read: large enough, apart from each other, and set off from their ground.

use serde_json::json;

use crate::chromium::Page;
use crate::reading::opened;
use crate::synthetic::MIXED;

/// The contrast of two colours (WCAG 2.2, success criterion 1.4.3), and the ground of an element.
const CONTRAST: &str = "\
    const light = (parts) => parts.map((it) => it / 255) \
        .map((it) => (it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)) \
        .reduce((sum, it, index) => sum + it * [0.2126, 0.7152, 0.0722][index], 0); \
    const parse = (colour) => colour.match(/[\\d.]+/g).map(Number); \
    const behind = (it) => { for (; it; it = it.parentElement) { \
        const [r, g, b, a = 1] = parse(getComputedStyle(it).backgroundColor); \
        if (a === 1) return [r, g, b]; } return [255, 255, 255]; }; \
    const opacity = (it) => it === null ? 1 : \
        Number(getComputedStyle(it).opacity) * opacity(it.parentElement); \
    const contrast = (it, colour) => { \
        const [back, front] = [behind(it), parse(colour)]; \
        const share = (front[3] ?? 1) * opacity(it); \
        const mixed = back.map((under, index) => under + (front[index] - under) * share); \
        const [dark, bright] = [light(mixed), light(back)].sort((one, other) => one - other); \
        return (bright + 0.05) / (dark + 0.05); }; ";

/// Texts that do not stand out from what lies behind them.
const FAINT: &str = "\
    const faint = new Set(); \
    for (const it of document.querySelectorAll('body *:not(svg, svg *, script, style)')) { \
        const own = [...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim()); \
        if (!own || !it.checkVisibility()) continue; \
        const found = contrast(it, getComputedStyle(it).color); \
        if (found < 4.5) faint.add(`${it.tagName}.${it.className} ${found.toFixed(2)}`); \
    } \
    return [...faint];";

/// What is wrong with the labels of charts.
const MISPLACED: &str = "\
    const wrong = new Set(); \
    for (const svg of document.querySelectorAll('figure svg')) { \
        const chart = svg.getBoundingClientRect(); \
        const blame = (words) => wrong.add(`${svg.getAttribute('aria-label')}: ${words}`); \
        const labels = [...svg.querySelectorAll('text')] \
            .filter((it) => it.textContent.trim() && !it.closest('[aria-label=tip]')) \
            .map((it) => ({ it, text: it.textContent, box: it.getBoundingClientRect() })); \
        if (labels.length < 4) blame(`${labels.length} labels`); \
        labels.forEach(({ it, text, box }, index) => { \
            if (box.left < chart.left - 1 || box.right > chart.right + 1 || \
                box.top < chart.top - 1 || box.bottom > chart.bottom + 1) blame(`${text} is cut off`); \
            if (box.height < 9) blame(`${text} is ${box.height} px high`); \
            const { fill, fillOpacity } = getComputedStyle(it); \
            const found = contrast(it, fill); \
            if (found < 4.5 || Number(fillOpacity) < 1) blame(`${text} has a contrast of ${found}`); \
            for (const other of labels.slice(index + 1)) { \
                const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left); \
                const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top); \
                if (width > 1 && height > 1) blame(`${text} lies over ${other.text}`); \
            } \
        }); \
    } \
    return [...wrong];";

fn assert_none(page: &mut Page, script: &str, place: &str) {
    let found = page.eval(&format!("(() => {{ {CONTRAST} {script} }})()"));
    assert_eq!(found, json!([]), "{place}");
}

/// That a page is so wide, and its charts were drawn for that.
pub(crate) fn charts_fit(width: u32) -> String {
    format!(
        "innerWidth === {width} && [...document.querySelectorAll('figure svg')] \
         .every((it) => Number(it.getAttribute('width')) === \
         Math.max(320, Math.min(1080, document.getElementById('content').clientWidth - 32)))"
    )
}

/// The labels of every chart of a page as it stands.
pub(crate) fn assert_labels_can_be_read(page: &mut Page, place: &str) {
    assert_none(page, MISPLACED, place);
}

#[test]
fn every_text_stands_out_from_its_ground_in_light_and_dark() {
    let Some((_folder, _, mut page)) = opened(12) else { return };
    page.choose("matrix-cases", "all");
    for theme in ["light", "dark"] {
        page.choose("theme", theme);
        assert_none(&mut page, FAINT, theme);
    }
}

/// Chooses each option of a control, one after the other, and looks at the labels of each.
fn assert_labels_with_each(page: &mut Page, control: &str, place: &str) {
    let options = page
        .eval(&format!("[...document.getElementById('{control}').options].map((it) => it.value)"));
    for option in options.as_array().expect("options") {
        let option = option.as_str().expect("a value");
        page.choose(control, option);
        assert_labels_can_be_read(page, &format!("{place}, {control} {option}"));
    }
}

/// Every chart that there is, at two widths, in light and dark.
fn assert_labels(entries: usize) {
    let Some((_folder, _, mut page)) = opened(entries) else { return };
    let workload = |name: &str| {
        format!(
            "[...document.getElementById('workload').options].find((it) => it.text === '{name}').value"
        )
    };
    for width in [1280, 700, 390] {
        page.resize(width, 900);
        page.until(&charts_fit(width));
        for theme in ["light", "dark"] {
            page.choose("theme", theme);
            for name in ["json", MIXED] {
                let value = page.eval(&workload(name));
                page.choose("workload", value.as_str().expect("a value"));
                let place = format!("{entries} entries, {width} px, {theme}, {name}");
                assert_labels_can_be_read(&mut page, &place);
                page.picture(&format!("{entries}-{width}-{theme}-{name}"));
            }
        }
        for control in ["ranking-measure", "trials-measure"] {
            assert_labels_with_each(&mut page, control, &format!("{entries} entries, {width} px"));
        }
    }
    assert_eq!(page.complaints(), Vec::<String>::new());
}

#[test]
fn labels_of_charts_with_3_entries_can_be_read() {
    assert_labels(3);
}

#[test]
fn labels_of_charts_with_12_entries_can_be_read() {
    assert_labels(12);
}

#[test]
fn labels_of_charts_with_40_entries_can_be_read() {
    assert_labels(40);
}
