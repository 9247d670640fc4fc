// Who is ahead at one point, with intervals, and who cannot be told apart.

const QUANTITIES = {
  throughput: "Throughput",
  "cpu-per-request": "CPU used per request at this load, sleeping and batching included (less is better)",
  "latency-p99": "p99 latency (less is better)",
};

/** Short, for an axis and a choice. */
const RATIOS = { throughput: "throughput", "cpu-per-request": "CPU per request", "latency-p99": "p99 latency" };

const RANKINGS = {
  ratio: {
    label: (point) => `Relative ${RATIOS[point.ranked_by]} →`,
    name: (point) => `${QUANTITIES[point.ranked_by]}, relative to ${shortened(DATA.entries[DATA.baseline]?.entry ?? "", 24)} (95 % interval)`,
    of: (row) => (row.entry === DATA.baseline && row.rate ? [1, 1, 1] : row.ratio?.map((ppm) => ppm / 1e6)),
    write: (value) => value.toFixed(3),
    tick: (value) => String(+value.toPrecision(3)),
    line: 1,
  },
  rate: {
    label: () => "Right responses/s →",
    name: () => "Right responses per second (median; bar from the least to the most of the trials)",
    of: (row) => row.rate,
    write: count,
    tick: axis.count,
  },
  cpu: {
    label: () => "Server CPU time per request →",
    name: () => "Server CPU time per request (median; bar from the least to the most; less is better)",
    of: (row) => row.cpu,
    write: duration,
    tick: axis.duration,
  },
};

function renderRanking() {
  const ranked = RATIOS[currentPoint()?.ranked_by ?? "throughput"];
  byId("ranking-measure").querySelector("[value=ratio]").text = `${ranked} relative to the baseline`;
  const rows = shownRows(currentPoint());
  if (rows.length === 0) return fill("ranking-result", empty("No entry fits the filters at this point."));
  const compared = rows.filter((row) => isCompared(row.entry));
  const asked = byId("ranking-measure").value;
  // A ratio needs blocks with both; on few cores a gate may leave nothing but the cost.
  const has = { ratio: (row) => row.ratio, rate: (row) => row.rate, cpu: (row) => row.cpu };
  const shown = [asked, "rate", "cpu"].find((kind) => compared.some(has[kind])) ?? asked;
  const kind = RANKINGS[shown];
  const drawn = compared.filter((row) => kind.of(row));
  fill(
    "ranking-result",
    shown === asked ? null : empty(`${INSTEAD[asked]}: ${kind.name(currentPoint())}.`),
    drawn.length > 0 ? rankingFigure(drawn, kind) : empty("No entry has a valid trial at this point."),
    rankingTable(rows),
  );
}

const INSTEAD = {
  ratio: "Too few valid blocks for a ratio with an interval; shown instead",
  rate: "No valid throughput at this point; shown instead",
  cpu: "No valid cost at this point; shown instead",
};

/** Letters beside a bar; on a narrow chart, no more than leave room for the bar. The table has all. */
const tieLetters = (groups) => (chartWidth() < 600 && groups.length > 9 ? `${groups.slice(0, 8)}…` : groups);

function rankingFigure(rows, kind) {
  const bars = rows.map((row) => {
    const [low, mid, high] = kind.of(row);
    return { entry: row.entry, low, mid, high, groups: tieLetters(row.groups), verdict: row.verdict };
  });
  const values = bars.flatMap(({ low, high }) => [low, high]).filter((value) => value > 0);
  const spread = Math.max(...values) / Math.min(...values);
  const title = ({ entry, low, mid, high, groups, verdict }) =>
    [entryAt(entry).entry, `${kind.write(mid)}  [${kind.write(low)} – ${kind.write(high)}]`,
      groups && `tie group ${groups}`, verdict].filter(Boolean).join("\n");
  return figure(`Ranking of ${bars.length} entries: ${kind.name(currentPoint())}. The table below has the numbers.`,
    `${kind.name(currentPoint())}. Entries that share a letter (right) cannot be told apart at 95 %, after adjustment for all pairs.`, {
      height: heightOfRows(bars.length),
      marginLeft: labelRoom(),
      marginRight: 24 + 8 * Math.max(2, ...bars.map(({ groups }) => groups.length)),
      x: { label: kind.label(currentPoint()), labelAnchor: "center", grid: true, type: spread > 8 ? "log" : "linear",
        tickFormat: kind.tick, nice: true },
      y: entryAxis(bars.map(({ entry }) => entry)),
      marks: [
        kind.line && Plot.ruleX([kind.line], { strokeDasharray: "4 3", strokeOpacity: 0.7 }),
        Plot.text(bars, { y: "entry", text: "groups", frameAnchor: "right", textAnchor: "start", dx: 8, fontWeight: 600 }),
        ...intervalMarks(bars, title),
      ],
      color: { type: "identity" },
    });
}

const ROLES = { "null-server": "ceiling", "null-process": "ceiling as a process", reference: "reference" };

/** An estimate with its interval below it, which takes less room than two columns. */
const withInterval = ([low, mid, high], write) =>
  el("span", {}, write(mid), el("span", { class: "interval" }, `${write(low)} – ${write(high)}`));

/** The kind of figure whose validity decides on a ratio. */
const RANKED_FIGURES = { throughput: "throughput", "cpu-per-request": "cost", "latency-p99": "tail latency" };

/** A figure of a kind that is weaker than it should be has a mark before it, which says why. */
const marked = (row, kind, shown) => (row.weak[kind] === undefined ? shown : el("span", { class: "weak", title: row.weak[kind] }, "~", shown));

/** How a column's values are written, by their unit. */
const WRITERS = { count, time: duration, bytes, ratio };

/** A cell of a point's table: text stands as it is, an interval below its estimate. */
function cellOf(row, { unit, weak }, value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  const write = WRITERS[unit];
  const shown = Array.isArray(value) ? withInterval(value, write) : write(value);
  return weak ? marked(row, weak === "ranked" ? RANKED_FIGURES[currentPoint().ranked_by] : weak, shown) : shown;
}

const nameCell = (row) => el("span", {}, nameOf(row.entry), isCompared(row.entry) ? "" : ` (${ROLES[entryAt(row.entry).role]})`);

function rankingTable(rows) {
  const columns = DATA.columns.map((column, place) => [
    column.heading,
    column.unit === "name" ? nameCell : (row) => cellOf(row, column, row.cells[place]),
    column.words ? undefined : "number",
  ]);
  return el("div", {}, table("Ranking at this point", columns, rows), weaker(rows), reasons(rows));
}

/** What the mark means, and why each kind of figure has it. */
function weaker(rows) {
  const whys = new Set(rows.flatMap((row) => Object.entries(row.weak).map(([kind, why]) => `${kind}: ${why}`)));
  if (whys.size === 0) return null;
  return el("p", { class: "note" }, `~ weaker than it should be, for what this run could not have. ${[...whys].join(". ")}.`);
}

/** Why trials are no numbers, and entries have no rank. */
function reasons(rows) {
  const told = rows.filter((row) => row.invalid.length > 0 || row.not_ranked);
  if (told.length === 0) return null;
  return behind("trials that are no numbers, and entries without a rank", [
    ["Entry", (row) => nameOf(row.entry)],
    ["No numbers", (row) => row.invalid.map(({ cause, trials }) => `${trials} × ${cause}`).join("; ") || "–"],
    ["Not ranked", (row) => row.not_ranked ?? "–"],
  ], told, "reasons");
}
