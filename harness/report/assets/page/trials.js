// Every trial as a dot, and what the servers used.

const TRIAL_MEASURES = {
  rate: { label: "Right responses/s →", write: count, tick: axis.count },
  cpu: { label: "Server CPU time per request →", write: duration, tick: axis.duration },
  p50: { label: "Median latency →", write: duration, tick: axis.duration },
  p99: { label: "p99 latency →", write: duration, tick: axis.duration },
  p999: { label: "p99.9 latency →", write: duration, tick: axis.duration },
  rss: { label: "Peak resident memory →", write: bytes, tick: axis.bytes },
};

/** The bit in `void` of the kind that a measure is of. */
const KIND = { rate: 1, cpu: 2, rss: 2, p50: 4, p99: 8, p999: 8 };
const VOIDABLE = [[1, "throughput"], [2, "cost"], [4, "median"], [8, "tail"]];
const isVoid = (trial, measure) => (trial.void & KIND[measure]) !== 0;

/** The trials of the current point, as objects. */
function currentTrials() {
  const columns = DATA.trials;
  const here = chosen.point;
  return columns.point.flatMap((point, index) =>
    point === here && isShown(columns.entry[index])
      ? [Object.fromEntries(Object.keys(columns).map((key) => [key, columns[key][index]]))]
      : []);
}

function renderTrials() {
  const measure = byId("trials-measure").value;
  const { label, write, tick } = TRIAL_MEASURES[measure];
  const trials = currentTrials();
  const drawn = trials.filter((trial) => trial[measure] !== null);
  const order = shownRows(currentPoint()).map((row) => row.entry).filter((entry) => drawn.some((trial) => trial.entry === entry));
  fill(
    "trials-result",
    drawn.length === 0 ? empty("No trial at this point was measured.") :
      figure(`Every trial at this point as a dot: ${label} The table has the numbers.`,
        "One dot is one fresh start, to four digits. Within an entry, blocks run from top to bottom. Crosses: a gate failed that makes this figure void.",
        trialsOptions(drawn, order, measure, label, write, tick)),
    behind("every trial at this point", [
      ["Entry", (trial) => nameOf(trial.entry)],
      ["Block", (trial) => String(trial.block), "number"],
      ["Responses/s", (trial) => orDash(trial.rate, count), "number"],
      ["CPU/request", (trial) => orDash(trial.cpu, duration), "number"],
      ["p50", (trial) => orDash(trial.p50, duration), "number"],
      ["p99", (trial) => orDash(trial.p99, duration), "number"],
      ["p99.9", (trial) => orDash(trial.p999, duration), "number"],
      ["Peak RSS", (trial) => orDash(trial.rss, bytes), "number"],
      ["Void", (trial) => (trial.rate === null ? "all" : VOIDABLE.filter(([bit]) => trial.void & bit).map(([, kind]) => kind).join(", ") || "–")],
      ["Why", (trial) => (trial.cause === null ? "–" : DATA.causes[trial.cause])],
    ], trials),
  );
}

function trialsOptions(trials, order, measure, label, write, tick) {
  const blocks = [...new Set(trials.map(({ block }) => block))].sort((one, other) => one - other);
  const offset = (block) => (blocks.length < 2 ? 0 : (blocks.indexOf(block) / (blocks.length - 1) - 0.5) * 14);
  const dots = blocks.flatMap((block) => {
    const here = trials.filter((trial) => trial.block === block);
    const common = { x: measure, y: "entry", dy: offset(block) };
    return [
      Plot.dot(here.filter((trial) => !isVoid(trial, measure)), { ...common, fill: ({ entry }) => colourOf(entry), fillOpacity: 0.75, r: 3 }),
      Plot.dot(here.filter((trial) => isVoid(trial, measure)), { ...common, stroke: "currentColor", symbol: "times", r: 4 }),
    ];
  });
  const values = trials.map((trial) => trial[measure]).filter((value) => value > 0);
  const isWide = Math.max(...values) / Math.min(...values) > 20;
  return {
    height: heightOfRows(order.length, 26), marginLeft: labelRoom(), marginRight: 24,
    x: { label, tickFormat: tick, grid: true, nice: true, type: isWide ? "log" : "linear",
      ticks: measure === "rss" && !isWide ? byteTicks(Math.min(...values), Math.max(...values)) : undefined },
    y: { ...entryAxis(order), grid: true },
    color: { type: "identity" },
    marks: [...dots, Plot.tip(trials, Plot.pointer({ x: measure, y: "entry", title: (trial) =>
      [entryAt(trial.entry).entry, `block ${trial.block}: ${write(trial[measure])}`,
        trial.cause === null ? "" : `${isVoid(trial, measure) ? "void" : "other figures void"}: ${DATA.causes[trial.cause]}`].filter(Boolean).join("\n") }))],
  };
}

/** A figure with one mark for each entry: `low` to `high` as a bar where there are two. */
function perEntry(rows, name, label, of, write, tick, ticks) {
  const drawn = rows.map((row) => ({ entry: row.entry, parts: of(row) })).filter(({ parts }) => parts.length > 0);
  if (drawn.length === 0) return null;
  const spans = drawn.map(({ entry, parts }) => ({ entry, low: Math.min(...parts), high: Math.max(...parts) }));
  return figure(`${name} of each entry. The table has the numbers.`, name, {
    height: heightOfRows(drawn.length), marginLeft: labelRoom(), marginRight: 24,
    x: { label: `${label} →`, tickFormat: tick, grid: true, zero: true, ticks: ticks?.(0, Math.max(...spans.map(({ high }) => high))) },
    y: entryAxis(drawn.map(({ entry }) => entry)),
    color: { type: "identity" },
    marks: [
      Plot.ruleY(spans, { y: "entry", x1: "low", x2: "high", stroke: ({ entry }) => colourOf(entry), strokeWidth: 4, strokeOpacity: 0.45 }),
      ...spans.map((span) => Plot.dot([span], { y: "entry", x: "high", fill: colourOf(span.entry), symbol: symbolOf(span.entry), r: 4 })),
      Plot.tip(spans, Plot.pointerY({ y: "entry", x: "high", title: ({ entry, low, high }) =>
        `${entryAt(entry).entry}\n${low === high ? write(high) : `${write(low)} – ${write(high)}`}` })),
    ],
  });
}

const present = (...values) => values.filter((value) => value !== null && value !== undefined);

function renderResources() {
  const rows = shownRows(currentPoint()).filter((row) => row.rate && isCompared(row.entry));
  if (rows.length === 0) return fill("resources-result", empty("No entry has a valid trial at this point."));
  const used = (key) => (row) => orDash(row.used?.[key], (value) => count(value));
  fill(
    "resources-result",
    el("div", { class: "pair" },
      perEntry(rows, "Resident memory, from idle (where known) to its peak", "Resident memory", (row) => present(row.used.idle_rss_bytes, row.rss), bytes, axis.bytes, byteTicks),
      perEntry(rows, "CPU time per request", "Server CPU time per request", (row) => present(row.cpu?.[1]), duration, axis.duration),
      perEntry(rows, "From the start to the first answer", "Time", (row) => present(row.used.start_to_ready_ns), duration, axis.duration)),
    behind("resources at this point (medians of the trials)", [
      ["Entry", (row) => nameOf(row.entry)],
      ["Idle RSS", (row) => orDash(row.used.idle_rss_bytes, bytes), "number"],
      ["Steady RSS", (row) => orDash(row.used.steady_rss_bytes, bytes), "number"],
      ["Steady PSS", (row) => orDash(row.used.steady_pss_bytes, bytes), "number"],
      ["Peak RSS", (row) => orDash(row.rss, (it) => marked(row, "cost", bytes(it))), "number"],
      ["CPU/request", (row) => orDash(row.cpu, (it) => marked(row, "cost", duration(it[1]))), "number"],
      ["of it user", (row) => orDash(row.used.user_ns_per_request, (it) => marked(row, "cost", duration(it))), "number"],
      ["of it kernel", (row) => orDash(row.used.system_ns_per_request, (it) => marked(row, "cost", duration(it))), "number"],
      ["Idle CPU/s", (row) => orDash(row.used.idle_cpu_ns_per_s, duration), "number"],
      ["Threads", used("threads"), "number"],
      ["Waits/s", used("voluntary_switches_per_s"), "number"],
      ["Preemptions/s", used("involuntary_switches_per_s"), "number"],
      ["System calls/request", (row) => orDash(row.used.syscalls_per_request_milli, (milli) => (milli / 1000).toFixed(2)), "number"],
      ["Start to ready", (row) => orDash(row.used.start_to_ready_ns, duration), "number"],
    ], rows),
  );
}
