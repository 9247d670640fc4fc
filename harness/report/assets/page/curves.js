// Charts with a line for each picked entry.

const connectionsAxis = (values) => ({
  label: "Connections →", type: "log", base: 2, ticks: values, tickFormat: String, grid: false,
});

/** A figure of `of(row)` = [low, mid, high] over the numbers of connections. */
function byConnections(name, label, of, write, tick, best) {
  const points = pointsOfWorkload().filter(({ offered }) => offered === null);
  const series = seriesOf(points.flatMap((point) =>
    point.rows.filter((row) => isDrawn(row.entry) && of(row)).map((row) => {
      const [low, y, high] = of(row);
      return { entry: row.entry, x: point.connections, y, low, high };
    })));
  if (series.length === 0) return empty("No picked entry has a valid trial in this workload.");
  return figure(`${name} by connections, one line for each picked entry. The table has the numbers.`,
    `${name}: median of the trials, bars from the least to the most. ${best}`, {
      height: 340, marginLeft: 60, grid: true,
      x: connectionsAxis([...new Set(points.map((point) => point.connections))]),
      y: { label, tickFormat: tick, zero: true, nice: true, grid: true },
      marks: seriesMarks(series, {
        tip: ({ entry, x, y, low, high }) =>
          `${entryAt(entry).entry}\n${x} connections\n${write(y)}  [${write(low)} – ${write(high)}]`,
      }),
    });
}

/** Points with an entry each as {entry, points}, in the order of entries and of x. */
function seriesOf(all) {
  const entries = [...new Set(all.map(({ entry }) => entry))].sort((one, other) => one - other);
  return entries.map((entry) => ({
    entry,
    points: all.filter((point) => point.entry === entry).sort((one, other) => one.x - other.x),
  }));
}

const drawnEntries = () => DATA.entries.map((_, index) => index).filter(isDrawn);

function renderConnections() {
  const points = pointsOfWorkload().filter(({ offered }) => offered === null);
  const rows = points.flatMap((point) => shownRows(point).map((row) => ({ ...row, connections: point.connections })));
  fill(
    "connections-result",
    legend(drawnEntries()),
    el("div", { class: "pair" },
      byConnections("Throughput", "↑ Right responses/s", (row) => row.rate, count, axis.count, "More is better."),
      byConnections("CPU per request", "↑ Server CPU time per request", (row) => row.cpu, duration, axis.duration, "Less is better.")),
    behind("throughput and CPU per request by connections", [
      ["Entry", (row) => nameOf(row.entry)],
      ["Connections", (row) => String(row.connections), "number"],
      ["Responses/s, median", (row) => orDash(row.rate, (it) => marked(row, "throughput", count(it[1]))), "number"],
      ["least", (row) => orDash(row.rate, (it) => count(it[0])), "number"],
      ["most", (row) => orDash(row.rate, (it) => count(it[2])), "number"],
      ["CPU/request, median", (row) => orDash(row.cpu, (it) => marked(row, "cost", duration(it[1]))), "number"],
      ["least", (row) => orDash(row.cpu, (it) => duration(it[0])), "number"],
      ["most", (row) => orDash(row.cpu, (it) => duration(it[2])), "number"],
    ], rows),
  );
}

const PERCENTILE_TICKS = [2, 10, 100, 1000, 10000, 100000];
const percentile = (inverse) => `p${+(100 - 100 / inverse).toFixed(5)}`;

function renderLatency() {
  const rows = shownRows(currentPoint()).filter((row) => row.curve);
  const drawn = rows.filter((row) => isDrawn(row.entry)).sort((one, other) => one.entry - other.entry);
  if (drawn.length === 0) return fill("latency-result", empty("No picked entry has a latency at this point."));
  const series = drawn.map((row) => ({
    entry: row.entry,
    points: row.curve.map((y, index) => ({ x: DATA.inverse_tails_milli[index] / 1000, y: Math.max(1, y) })),
  }));
  const furthest = Math.max(...series.flatMap(({ points }) => points.map(({ x }) => x)));
  fill(
    "latency-result",
    legend(drawn.map((row) => row.entry)),
    figure("Latency by percentile, one line for each picked entry, both axes logarithmic. The table has the numbers.",
      "From the intended sending to the last byte, all valid trials together (merged histograms): how far starts differ is in the table. Further right: rarer.", {
        height: 400, marginLeft: 62, marginRight: 24, grid: true,
        x: { type: "log", label: "Percentile →", domain: [1, furthest], ticks: PERCENTILE_TICKS.filter((tick) => tick <= furthest), tickFormat: percentile },
        y: { type: "log", label: "↑ Latency", tickFormat: axis.duration, ticks: 6 },
        marks: seriesMarks(series, { symbols: false, tip: ({ entry, x, y }) => `${entryAt(entry).entry}\n${percentile(x)}: ${duration(y)}` }),
      }),
    behind("latency by percentile", [
      ["Entry", (row) => nameOf(row.entry)],
      ["p50", (row) => marked(row, "latency", duration(row.latency.p50)), "number"],
      ...[["p90", "p90"], ["p99", "p99"], ["p99.9", "p999"], ["Largest", "max"]].map(
        ([heading, key]) => [`${heading}, 95\u00a0% of a start`, (row) => orDash(row.latency[key], (it) => marked(row, "tail latency", withInterval(it, duration))), "number"]),
    ], rows),
  );
}
