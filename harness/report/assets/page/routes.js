// The routes of a mixed workload, each apart.

function renderRoutes() {
  const rows = shownRows(currentPoint()).flatMap((row) => row.routes.map((route) => ({ entry: row.entry, weak: row.weak, ...route })));
  if (rows.length === 0) return fill("routes-result");
  const drawn = rows.filter(({ entry }) => isDrawn(entry));
  fill(
    "routes-result",
    el("h3", {}, "Each route of this mix"),
    drawn.length > 0 ? routesFigure(drawn) : empty("No picked entry has a latency at this point."),
    behind("latency by route", [
      ["Entry", (row) => nameOf(row.entry)],
      ["Route", (row) => el("bdi", {}, row.route)],
      ["Responses", (row) => count(row.responses), "number"],
      ["p50", (row) => marked(row, "latency", duration(row.p50)), "number"],
      ["p99, 95\u00a0%", (row) => orDash(row.p99, (it) => marked(row, "tail latency", withInterval(it, duration))), "number"],
      ["p99.9, 95\u00a0%", (row) => orDash(row.p999, (it) => marked(row, "tail latency", withInterval(it, duration))), "number"],
      ["Largest, 95\u00a0%", (row) => orDash(row.max, (it) => marked(row, "tail latency", withInterval(it, duration))), "number"],
    ], rows),
  );
}

function routesFigure(all) {
  // The estimates over the starts; the table has their intervals.
  const rows = all.map((row) => ({ ...row, p99: row.p99?.[1] ?? null, p999: row.p999?.[1] ?? null }));
  const routes = [...new Set(rows.map(({ route }) => route))];
  const entries = [...new Set(rows.map(({ entry }) => entry))].sort((one, other) => one - other);
  const stroke = ({ entry }) => colourOf(entry);
  const at = { y: "entry", fy: "route" };
  return figure("Latency by route and entry, from p50 to p99.9. The table has the numbers.",
    "Symbol: p50. Upright lines: p99 and p99.9. From the intended sending to the last byte, over all valid trials.", {
      height: heightOfRows(routes.length, entries.length * 18 + 14), marginLeft: labelRoom(), marginRight: chartWidth() < 600 ? 84 : 130,
      x: { type: "log", label: "Latency →", tickFormat: axis.duration, grid: true },
      y: entryAxis(entries),
      fy: { domain: routes, label: null, padding: 0.08, tickFormat: (route) => shortened(route, chartWidth() < 600 ? 10 : 20) },
      color: { type: "identity" },
      marks: [
        Plot.ruleY(rows, { ...at, x1: "p50", x2: "p999", stroke, strokeWidth: 3, strokeOpacity: 0.4 }),
        Plot.tickX(rows, { ...at, x: "p99", stroke, inset: 3 }),
        Plot.tickX(rows, { ...at, x: "p999", stroke, inset: 3 }),
        ...rows.map((row) => Plot.dot([row], { ...at, x: "p50", fill: colourOf(row.entry), symbol: symbolOf(row.entry), r: 4 })),
        Plot.tip(rows, Plot.pointerY({ ...at, x: "p50", title: ({ entry, route, p50, p99, p999 }) =>
          `${entryAt(entry).entry}\n${route}\np50 ${duration(p50)}, p99 ${orDash(p99, duration)}, p99.9 ${orDash(p999, duration)}` })),
      ],
    });
}
