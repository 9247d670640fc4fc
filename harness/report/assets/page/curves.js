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
      ["Responses/s, median", (row) => orDash(row.rate, (it) => count(it[1])), "number"],
      ["least", (row) => orDash(row.rate, (it) => count(it[0])), "number"],
      ["most", (row) => orDash(row.rate, (it) => count(it[2])), "number"],
      ["CPU/request, median", (row) => orDash(row.cpu, (it) => duration(it[1])), "number"],
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
      "From the intended sending to the last byte, over all valid trials (merged histograms). Further right: rarer.", {
        height: 400, marginLeft: 62, marginRight: 24, grid: true,
        x: { type: "log", label: "Percentile →", domain: [1, furthest], ticks: PERCENTILE_TICKS.filter((tick) => tick <= furthest), tickFormat: percentile },
        y: { type: "log", label: "↑ Latency", tickFormat: axis.duration, ticks: 6 },
        marks: seriesMarks(series, { symbols: false, tip: ({ entry, x, y }) => `${entryAt(entry).entry}\n${percentile(x)}: ${duration(y)}` }),
      }),
    behind("latency by percentile", [
      ["Entry", (row) => nameOf(row.entry)],
      ...[["p50", "p50"], ["p90", "p90"], ["p99", "p99"], ["p99.9", "p999"], ["Largest", "max"]].map(
        ([heading, key]) => [heading, (row) => duration(row.latency[key]), "number"]),
    ], rows),
  );
}

function renderLoad() {
  const which = byId("load-percentile").value;
  const here = DATA.loads.filter((load) => load.workload === chosen.workload && isShown(load.entry));
  if (here.length === 0)
    return fill("load-result", empty("This record holds no trials at offered rates for this workload."));
  const drawn = here.filter((load) => isDrawn(load.entry) && load.valid);
  const series = seriesOf(drawn.map((load) => ({ ...load, x: load.offered, y: Math.max(1, load[which]) })));
  fill(
    "load-result",
    legend(series.map(({ entry }) => entry)),
    series.length === 0 ? empty("No picked entry has a valid trial at an offered rate.") :
      figure("Latency against offered load, one line for each picked entry. The table has the numbers.",
        "Requests arrive at this rate whether the server keeps up or not; latency counts from when each was due.", {
          height: 360, marginLeft: 62, grid: true,
          x: { label: "Offered load (requests/s) →", tickFormat: axis.count, zero: true },
          y: { type: "log", label: "↑ Latency", tickFormat: axis.duration, ticks: 6 },
          marks: seriesMarks(series, { tip: (load) =>
            `${entryAt(load.entry).entry}\n${count(load.offered)}/s offered, ${count(load.achieved)}/s answered\n${duration(load.y)}` }),
        }),
    behind("latency against offered load", [
      ["Entry", (load) => nameOf(load.entry)],
      ["Purpose", (load) => load.purpose],
      ["Connections", (load) => String(load.connections), "number"],
      ["Offered/s", (load) => count(load.offered), "number"],
      ["Answered/s", (load) => count(load.achieved), "number"],
      ["p50", (load) => duration(load.p50), "number"],
      ["p99", (load) => duration(load.p99), "number"],
      ["p99.9", (load) => duration(load.p999), "number"],
      ["Valid", (load) => (load.valid ? "yes" : "no")],
    ], here),
  );
}

function renderScale() {
  const here = DATA.scales.filter((it) => it.workload === chosen.workload && isShown(it.entry));
  if (here.length === 0)
    return fill("scale-result", empty("This record holds no trials with several numbers of cores for this workload."));
  const cores = [...new Set(here.map((it) => it.cores))].sort((one, other) => one - other);
  const series = seriesOf(here.filter((it) => isDrawn(it.entry)).map((it) => {
    const [low, y, high] = it.rate;
    return { entry: it.entry, x: it.cores, y, low, high };
  }));
  const ideal = series.filter(({ points }) => points.length > 0).map(({ entry, points: [first] }) => ({
    entry, line: cores.map((x) => ({ x, y: (first.y * x) / first.x })) }));
  fill(
    "scale-result",
    legend(series.map(({ entry }) => entry)),
    figure("Throughput by number of server cores, one line for each picked entry. The table has the numbers.",
      "Median of the trials, bars from the least to the most. Faint: what perfect scaling from the fewest cores would give.", {
        height: 360, marginLeft: 60, grid: true,
        x: { label: "Server cores →", ticks: cores, tickFormat: String },
        y: { label: "↑ Right responses/s", tickFormat: axis.count, zero: true, nice: true },
        marks: [
          ...ideal.map(({ entry, line }) => Plot.line(line, { x: "x", y: "y", stroke: colourOf(entry), strokeOpacity: 0.3, strokeWidth: 1 })),
          ...seriesMarks(series, { tip: ({ entry, x, y }) => `${entryAt(entry).entry}\n${x} cores: ${count(y)}/s` }),
        ],
      }),
    behind("throughput by number of server cores", [
      ["Entry", (it) => nameOf(it.entry)],
      ["Cores", (it) => String(it.cores), "number"],
      ["Connections", (it) => String(it.connections), "number"],
      ["Responses/s, median", (it) => count(it.rate[1]), "number"],
      ["least", (it) => count(it.rate[0]), "number"],
      ["most", (it) => count(it.rate[2]), "number"],
      ["Trials", (it) => String(it.trials), "number"],
    ], here),
  );
}
