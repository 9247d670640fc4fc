// How an entry is drawn: a colour, a dash and a symbol, so that no entry is told by colour alone.
// Colours: M. Okabe, K. Ito, Color Universal Design (2008), without the yellow, which is too pale
// on white; the seventh is the colour of the text.

const COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "currentColor"];
const DASHES = [null, "7 3", "2 3", "9 3 2 3", "14 4", "1 5"];
const SYMBOLS = ["circle", "triangle", "square", "diamond", "cross", "star", "wye"];

const colourOf = (index) => COLOURS[index % COLOURS.length];
const dashOf = (index) => DASHES[Math.floor(index / COLOURS.length) % DASHES.length];
const symbolOf = (index) => SYMBOLS[(index + Math.floor(index / COLOURS.length)) % SYMBOLS.length];

/** Round numbers of bytes from `least` to `most`, about as many as asked for. */
const byteTicks = (least, most) => (about) => {
  const unit = most >= 2 ** 30 ? 2 ** 30 : most >= 2 ** 20 ? 2 ** 20 : 2 ** 10;
  return d3.ticks(least / unit, most / unit, about).map((tick) => tick * unit);
};

const MARGIN_TOP = 34;
const MARGIN_BOTTOM = 46;

/** The height of a chart with so many rows of so many pixels each. */
const heightOfRows = (rows, each = 22) => MARGIN_TOP + MARGIN_BOTTOM + rows * each;

/** A chart as an image with a name for screen readers, and the caption below it. */
function figure(name, caption, options) {
  const { x, ...others } = { marginLeft: 40, marginRight: 20, ...options };
  const room = chartWidth() - others.marginLeft - others.marginRight;
  // Asked for so many ticks, the library draws up to half as many more.
  const about = Math.max(2, Math.floor(room / 110));
  const ticks = typeof x.ticks === "function" ? x.ticks(about) : x.ticks ?? about;
  const svg = Plot.plot({
    width: chartWidth(), marginTop: MARGIN_TOP, marginBottom: MARGIN_BOTTOM, ...others, x: { labelOffset: 40, ...x, ticks }, style: { background: "transparent", fontSize: "12px" },
  });
  // Its rules are in the page's own style sheet: the page allows no other.
  svg.querySelectorAll("style").forEach((style) => style.remove());
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", name);
  return el("figure", {}, svg, el("figcaption", {}, caption));
}

/** What fits on A4 and on Letter between the usual margins. */
const PAPER_WIDTH = 660;

/** As wide as the page allows. */
const chartWidth = () => (chosen.paper ? PAPER_WIDTH : Math.max(320, Math.min(1080, byId("content").clientWidth - 32)));

/** Room for the names of entries at the left of a chart. */
const labelRoom = () => (chartWidth() < 600 ? 140 : 240);
const labelLetters = () => (chartWidth() < 600 ? 17 : 30);

const entryAxis = (indices) => ({
  type: "band",
  domain: indices,
  label: null,
  tickSize: 0,
  tickFormat: (index) => shortened(entryAt(index).entry, labelLetters()),
});

/** What the lines of the charts below stand for. */
function legend(indices) {
  const items = indices.map((index) => {
    const sample = Plot.plot({
      width: 40,
      height: 16,
      margin: 0,
      x: { axis: null, domain: [0, 2] },
      y: { axis: null, domain: [0, 2] },
      marks: [
        Plot.line([[0, 1], [2, 1]], { stroke: colourOf(index), strokeDasharray: dashOf(index), strokeWidth: 2 }),
        Plot.dot([[1, 1]], { fill: colourOf(index), symbol: symbolOf(index), r: 4 }),
      ],
    });
    sample.querySelectorAll("style").forEach((style) => style.remove());
    sample.setAttribute("aria-hidden", "true");
    return el("li", {}, sample, nameOf(index, 34));
  });
  return el("ul", { class: "legend", "aria-label": "Entries drawn" }, ...items);
}

/** Intervals with ends and a symbol in them: `bars` are {entry, low, mid, high}. */
function intervalMarks(bars, title) {
  const stroke = ({ entry }) => colourOf(entry);
  return [
    Plot.ruleY(bars, { y: "entry", x1: "low", x2: "high", stroke, strokeWidth: 5, strokeOpacity: 0.45 }),
    Plot.tickX(bars, { y: "entry", x: "low", stroke, inset: 5 }),
    Plot.tickX(bars, { y: "entry", x: "high", stroke, inset: 5 }),
    ...bars.map((bar) => Plot.dot([bar], { y: "entry", x: "mid", fill: colourOf(bar.entry), symbol: symbolOf(bar.entry), r: 4.5 })),
    Plot.tip(bars, Plot.pointerY({ y: "entry", x: "mid", title })),
  ];
}

/** Lines with symbols for entries: `series` are {entry, points: [{x, y, low?, high?}]}. */
function seriesMarks(series, { tip, curve = "linear", symbols = true }) {
  const marks = [];
  for (const { entry, points } of series) {
    const stroke = colourOf(entry);
    marks.push(Plot.line(points, { x: "x", y: "y", stroke, strokeDasharray: dashOf(entry), strokeWidth: 1.8, curve }));
    const spread = points.filter((point) => point.low !== undefined && point.low !== point.high);
    marks.push(Plot.ruleX(spread, { x: "x", y1: "low", y2: "high", stroke, strokeWidth: 1.2 }));
    if (symbols) marks.push(Plot.dot(points, { x: "x", y: "y", fill: stroke, symbol: symbolOf(entry), r: 4 }));
  }
  const all = series.flatMap(({ entry, points }) => points.map((point) => ({ ...point, entry })));
  marks.push(Plot.tip(all, Plot.pointer({ x: "x", y: "y", title: tip, maxRadius: 60 })));
  return marks;
}
