// Latency against offered load, the highest rates that meet an objective, and several numbers of cores.

/** The percentiles that can be chosen, in thousandths of a per cent, as objectives name them. */
const PERCENTILES = { p50: 50000, p99: 99000, p999: 99900 };

function renderLoad() {
  const which = byId("load-percentile").value;
  const here = DATA.loads.filter((load) => load.workload === chosen.workload && isShown(load.entry));
  const found = DATA.capacities.filter((it) => it.workload === chosen.workload && isShown(it.entry));
  if (here.length === 0 && found.length === 0)
    return fill("load-result", empty("This record holds no trials at offered rates for this workload."));
  const drawn = here.filter((load) => isDrawn(load.entry) && isNumber(load, which));
  const series = seriesOf(drawn.map((load) => ({ ...load, x: load.offered, y: Math.max(1, load[which]) })));
  fill(
    "load-result",
    found.length > 0 ? capacityTable(found) : null,
    legend(series.map(({ entry }) => entry)),
    series.length === 0 ? empty(`No picked entry has a trial whose ${which === "p50" ? "median is a number" : "percentiles above the median are numbers"} at an offered rate.`) : loadFigure(series, found, which),
    behind("latency against offered load", [
      ["Entry", (load) => nameOf(load.entry)],
      ["Purpose", (load) => load.purpose],
      ["Connections", (load) => String(load.connections), "number"],
      ["Offered/s", (load) => count(load.offered), "number"],
      ["Answered/s", (load) => count(load.achieved), "number"],
      ["p50", (load) => duration(load.p50), "number"],
      ["p99", (load) => duration(load.p99), "number"],
      ["p99.9", (load) => duration(load.p999), "number"],
      ["Valid", (load) => (load.tail_valid ? "yes" : load.valid ? "median only" : "no")],
      ["Weaker", (load) => load.weak || "–"],
    ], here),
  );
}

/** The percentile shown first: the median, where few trials are valid for more. */
function pickPercentile() {
  const valid = DATA.loads.filter((load) => load.valid);
  const more = valid.filter((load) => load.tail_valid);
  if (more.length * 2 < valid.length) byId("load-percentile").value = "p50";
}

const isNumber = (load, which) => (which === "p50" ? load.valid : load.tail_valid);

function loadFigure(series, found, which) {
  const capacities = found.filter((it) => isDrawn(it.entry) && it.rate).map((it) => ({ ...it, x: it.rate[1] }));
  const asked = DATA.objective?.percentile_milli === PERCENTILES[which] ? [DATA.objective.latency] : [];
  const words = [
    "Requests arrive at this rate whether the server keeps up or not; latency counts from when each was due.",
    capacities.length > 0 ? "Dashed upright: the capacity of an entry." : "",
    asked.length > 0 ? "Dashed across: the objective." : "",
  ];
  return figure("Latency against offered load, one line for each picked entry. The table has the numbers.", words.filter(Boolean).join(" "), {
    height: 360, marginLeft: 62, grid: true,
    x: { label: "Offered load (requests/s) →", tickFormat: axis.count, zero: true },
    y: { type: "log", label: "↑ Latency", tickFormat: axis.duration, ticks: 6 },
    color: { type: "identity" },
    marks: [
      Plot.ruleY(asked, { strokeDasharray: "4 3", strokeOpacity: 0.7 }),
      Plot.ruleX(capacities, { x: "x", stroke: ({ entry }) => colourOf(entry), strokeDasharray: "4 3" }),
      ...seriesMarks(series, { tip: (load) =>
        `${entryAt(load.entry).entry}\n${count(load.offered)}/s offered, ${count(load.achieved)}/s answered\n${duration(load.y)}` }),
    ],
  });
}

function capacityTable(found) {
  return table(`Capacity: the highest rate with ${DATA.objective.words}`, [
    ["Entry", (it) => nameOf(it.entry)],
    ["Connections", (it) => String(it.connections), "number"],
    ["Requests/s", (it) => it.bound ?? orDash(it.rate, (rate) => count(rate[1])), "number"],
    ["95 % interval", (it) => orDash(it.rate, ([low, , high]) => `${count(low)} – ${count(high)}`), "number"],
    ["Of the closed loop", (it) => (it.rate && it.closed_loop > 0 ? `${((it.rate[1] / it.closed_loop) * 100).toFixed(1)} %` : "–"), "number"],
    ["Ended", (it) => it.ending],
    ["Probes", (it) => String(it.probes), "number"],
    ["After an overload", (it) => it.recovery ?? "–"],
  ], found);
}

function renderScale() {
  const here = DATA.scales.filter((it) => it.workload === chosen.workload && isShown(it.entry));
  if (here.length === 0)
    return fill("scale-result", empty("This record holds no trials with several numbers of cores for this workload."));
  const drawn = here.filter((it) => isDrawn(it.entry));
  const shown = legend([...new Set(drawn.map(({ entry }) => entry))].sort((one, other) => one - other));
  fill(
    "scale-result",
    shown,
    el("div", { class: "pair" }, scaleFigure(drawn), efficiencyFigure(drawn)),
    behind("throughput, efficiency and cost by number of server cores", [
      ["Entry", (it) => nameOf(it.entry)],
      ["Cores", (it) => String(it.cores), "number"],
      ["Connections", (it) => String(it.connections), "number"],
      ["Responses/s, median", (it) => orDash(it.rate, (rate) => count(rate[1])), "number"],
      ["least – most", (it) => orDash(it.rate, ([low, , high]) => `${count(low)} – ${count(high)}`), "number"],
      ["Speedup", (it) => orDash(it.speedup, (speedup) => ratio(speedup[1])), "number"],
      ["95 % interval", (it) => orDash(it.speedup, ([low, , high]) => `${ratio(low)} – ${ratio(high)}`), "number"],
      ["Efficiency", (it) => orDash(it.efficiency, (ppm) => `${(ppm / 1e4).toFixed(1)} %`), "number"],
      ["CPU/request", (it) => orDash(it.cpu, (cpu) => duration(cpu[1])), "number"],
      ["Trials", (it) => String(it.trials), "number"],
      ["Weaker", (it) => it.weak || "–"],
    ], here),
  );
}

const coresAxis = (all) => ({
  label: "Server cores →", domain: d3.extent(all, ({ cores }) => cores), ticks: [...new Set(all.map(({ cores }) => cores))].sort((one, other) => one - other), tickFormat: String,
});

function scaleFigure(drawn) {
  const series = seriesOf(drawn.filter(({ rate }) => rate).map((it) => {
    const [low, y, high] = it.rate;
    return { entry: it.entry, x: it.cores, y, low, high };
  }));
  if (series.length === 0) return empty("No picked entry has a valid throughput here.");
  const cores = [...new Set(drawn.map((it) => it.cores))].sort((one, other) => one - other);
  const ideal = series.map(({ entry, points: [first] }) => ({ entry, line: cores.map((x) => ({ x, y: (first.y * x) / first.x })) }));
  return figure("Throughput by number of server cores, one line for each picked entry. The table has the numbers.",
    "Median of the trials, bars from the least to the most. Faint: what perfect scaling from the fewest cores would give.", {
      height: 360, marginLeft: 60, grid: true,
      x: coresAxis(drawn),
      y: { label: "↑ Right responses/s", tickFormat: axis.count, zero: true, nice: true },
      marks: [
        ...ideal.map(({ entry, line }) => Plot.line(line, { x: "x", y: "y", stroke: colourOf(entry), strokeOpacity: 0.3, strokeWidth: 1 })),
        ...seriesMarks(series, { tip: ({ entry, x, y }) => `${entryAt(entry).entry}\n${x} cores: ${count(y)}/s` }),
      ],
    });
}

function efficiencyFigure(drawn) {
  const series = seriesOf(drawn.filter(({ efficiency }) => efficiency !== null).map((it) => ({ entry: it.entry, x: it.cores, y: it.efficiency / 1e6 })));
  if (series.length === 0) return empty("Efficiency needs blocks with two numbers of cores.");
  return figure("Efficiency by number of server cores, one line for each picked entry. The table has the numbers.",
    "Efficiency: the speedup over the fewest cores, divided by the factor of cores. 100 % is perfect scaling.", {
      height: 300, marginLeft: 60, grid: true,
      x: coresAxis(drawn),
      y: { label: "↑ Efficiency", tickFormat: (value) => `${Math.round(value * 100)} %`, zero: true, nice: true },
      marks: [
        Plot.ruleY([1], { strokeDasharray: "4 3", strokeOpacity: 0.7 }),
        ...seriesMarks(series, { tip: ({ entry, x, y }) => `${entryAt(entry).entry}\n${x} cores: ${(y * 100).toFixed(1)} %` }),
      ],
    });
}
