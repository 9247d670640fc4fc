// Who is ahead at one point, with intervals, and who cannot be told apart.

const QUANTITIES = {
  throughput: "Throughput",
  "cpu-per-request": "CPU time per request (less is better)",
  "latency-p99": "p99 latency (less is better)",
};

const RANKINGS = {
  ratio: {
    name: (point) => `${QUANTITIES[point.ranked_by]}, relative to ${shortened(DATA.entries[DATA.baseline]?.entry ?? "", 24)} (95 % interval)`,
    of: (row) => (row.entry === DATA.baseline && row.rate ? [1, 1, 1] : row.ratio?.map((ppm) => ppm / 1e6)),
    write: (value) => value.toFixed(3),
    tick: (value) => String(+value.toPrecision(3)),
    line: 1,
  },
  rate: {
    name: () => "Right responses per second (median; bar from the least to the most of the trials)",
    of: (row) => row.rate,
    write: count,
    tick: axis.count,
  },
  cpu: {
    name: () => "Server CPU time per request (median; bar from the least to the most; less is better)",
    of: (row) => row.cpu,
    write: duration,
    tick: axis.duration,
  },
};

function renderRanking() {
  const rows = shownRows(currentPoint());
  if (rows.length === 0) return fill("ranking-result", empty("No entry fits the filters at this point."));
  const measured = rows.some((row) => row.ratio && isCompared(row.entry));
  const asked = byId("ranking-measure").value;
  const kind = RANKINGS[asked === "ratio" && !measured ? "rate" : asked];
  const drawn = rows.filter((row) => isCompared(row.entry) && kind.of(row));
  const without = asked === "ratio" && !measured
    ? empty("Too few blocks for a ratio with an interval: throughput is shown as measured.") : null;
  fill(
    "ranking-result",
    without,
    drawn.length > 0 ? rankingFigure(drawn, kind) : empty("No entry has a valid trial at this point."),
    rankingTable(rows),
  );
}

function rankingFigure(rows, kind) {
  const bars = rows.map((row) => {
    const [low, mid, high] = kind.of(row);
    return { entry: row.entry, low, mid, high, groups: row.groups, verdict: row.verdict };
  });
  const values = bars.flatMap(({ low, high }) => [low, high]).filter((value) => value > 0);
  const spread = Math.max(...values) / Math.min(...values);
  const title = ({ entry, low, mid, high, groups, verdict }) =>
    [entryAt(entry).entry, `${kind.write(mid)}  [${kind.write(low)} – ${kind.write(high)}]`,
      groups && `tie group ${groups}`, verdict].filter(Boolean).join("\n");
  return figure(`Ranking of ${bars.length} entries: ${kind.name(currentPoint())}. The table below has the numbers.`,
    "Entries that share a letter (right) cannot be told apart at 95 %, after adjustment for all pairs.", {
      height: 70 + bars.length * 24,
      marginLeft: labelRoom(),
      marginRight: 70,
      x: { label: `${kind.name(currentPoint())} →`, labelAnchor: "center",  grid: true, type: spread > 8 ? "log" : "linear",
        tickFormat: kind.tick, ticks: chartWidth() < 600 ? 4 : 7, nice: true },
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

function rankingTable(rows) {
  const range = ([low, , high], write) => `${write(low)} – ${write(high)}`;
  return table("Ranking at this point", [
    ["Entry", (row) => el("span", {}, nameOf(row.entry), isCompared(row.entry) ? "" : ` (${ROLES[entryAt(row.entry).role]})`)],
    ["Ratio", (row) => (row.entry === DATA.baseline ? "1 (baseline)" : orDash(row.ratio, (it) => ratio(it[1]))), "number"],
    ["95 % interval", (row) => orDash(row.ratio, (it) => range(it, ratio)), "number"],
    ["Verdict", (row) => row.verdict ?? "–"],
    ["Tie group", (row) => row.groups || "–"],
    ["Rank", (row) => orDash(row.ranks, ([best, worst]) => (best === worst ? best : `${best}–${worst}`)), "number"],
    ["Responses/s", (row) => orDash(row.rate, (it) => count(it[1])), "number"],
    ["CPU/request", (row) => orDash(row.cpu, (it) => duration(it[1])), "number"],
    ["p50", (row) => orDash(row.latency, (it) => duration(it.p50)), "number"],
    ["p99", (row) => orDash(row.latency, (it) => duration(it.p99)), "number"],
    ["p99.9", (row) => orDash(row.latency, (it) => duration(it.p999)), "number"],
    ["Peak RSS", (row) => orDash(row.rss, bytes), "number"],
    ["Valid trials", (row) => `${row.valid} of ${row.trials}`, "number"],
    ["Not a number, not ranked", (row) =>
      [...row.invalid.map(({ cause, trials }) => `${trials} × ${cause}`), row.not_ranked].filter(Boolean).join("; ") || "–"],
  ], rows);
}
