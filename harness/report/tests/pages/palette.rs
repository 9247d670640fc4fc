//! Whether lines of entries can be told from each other, also by the colour-blind.

use serde::Deserialize;

use crate::chromium::Page;
use crate::reading::opened;

/// How an entry is drawn.
#[derive(Deserialize, Debug)]
struct Drawn {
    colour: [f64; 3],
    dash: String,
    symbol: String,
}

type Matrix = [[f64; 3]; 3];

/// What becomes of linear RGB without one kind of cones: G. M. Machado, M. M. Oliveira, L. A. F.
/// Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency, IEEE
/// Transactions on Visualization and Computer Graphics 15(6), 2009; severity 1.0.
const VISIONS: [(&str, Matrix); 4] = [
    ("all cones", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ),
];

/// Three times the difference in Oklab that CSS Color Module Level 4 (section 13.2) takes for just
/// noticeable: lines are thin, and do not lie side by side.
const LEAST_DISTANCE: f64 = 3.0 * 0.02;

fn times(matrix: &Matrix, [x, y, z]: [f64; 3]) -> [f64; 3] {
    matrix.map(|[a, b, c]| a * x + b * y + c * z)
}

/// Oklab (B. Ottosson, A perceptual color space for image processing, 2020) of what is seen of an
/// sRGB colour.
fn oklab(colour: [f64; 3], vision: &Matrix) -> [f64; 3] {
    let linear = colour.map(|it| it / 255.0).map(|it| match it <= 0.04045 {
        true => it / 12.92,
        false => ((it + 0.055) / 1.055).powf(2.4),
    });
    let cones = [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ];
    let lab = [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ];
    let seen = times(vision, linear).map(|it| it.clamp(0.0, 1.0));
    times(&lab, times(&cones, seen).map(f64::cbrt))
}

fn distance(one: &Drawn, other: &Drawn, vision: &Matrix) -> f64 {
    let (one, other) = (oklab(one.colour, vision), oklab(other.colour, vision));
    one.iter().zip(other).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// The samples in the legend.
fn legend(page: &mut Page) -> Vec<Drawn> {
    let drawn = page.eval(
        "[...document.querySelectorAll('#connections-result .legend svg')].map((it) => { \
             const line = getComputedStyle(it.querySelector('g[aria-label=line] path')); \
             const dot = it.querySelector('g[aria-label=dot] :is(circle, path)'); \
             return { colour: line.stroke.match(/[\\d.]+/g).map(Number), \
                 dash: line.strokeDasharray, symbol: dot.getAttribute('d') ?? dot.tagName }; })",
    );
    serde_json::from_value(drawn).expect("samples")
}

fn pairs(drawn: &[Drawn]) -> impl Iterator<Item = (&Drawn, &Drawn)> {
    drawn
        .iter()
        .enumerate()
        .flat_map(|(index, one)| drawn[index + 1..].iter().map(move |other| (one, other)))
}

#[test]
fn lines_are_told_apart_by_colour_or_dash_whatever_cones_are_missing() {
    let Some((_folder, record, mut page)) = opened(40) else { return };
    let excluded = record.run.entries.iter().filter(|entry| entry.excluded.is_some()).count();
    let measured = record.run.entries.len() - excluded;
    page.eval("document.getElementById('pick-all').click()");
    for scheme in ["light", "dark"] {
        page.choose("theme", scheme);
        let drawn = legend(&mut page);
        assert_eq!(drawn.len(), measured, "every one that was measured");
        for (vision, matrix) in &VISIONS {
            for (one, other) in pairs(&drawn) {
                let distance = distance(one, other, matrix);
                assert!(
                    distance >= LEAST_DISTANCE || one.dash != other.dash,
                    "{scheme}, {vision}: {one:?} and {other:?} are {distance:.3} apart"
                );
            }
        }
    }
}

/// Those that are drawn without being asked for are told apart by symbols too, for who sees neither
/// colours nor dashes well.
#[test]
fn the_lines_of_the_beginning_differ_in_colour_or_in_dash_and_symbol() {
    let Some((_folder, _, mut page)) = opened(40) else { return };
    for scheme in ["light", "dark"] {
        page.choose("theme", scheme);
        let drawn = legend(&mut page);
        assert_eq!(drawn.len(), 8);
        for (vision, matrix) in &VISIONS {
            for (one, other) in pairs(&drawn) {
                let distance = distance(one, other, matrix);
                let is_other = one.dash != other.dash && one.symbol != other.symbol;
                assert!(
                    distance >= LEAST_DISTANCE || is_other,
                    "{scheme}, {vision}: {distance:.3}"
                );
            }
        }
    }
}
