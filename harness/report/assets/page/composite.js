// One figure over several points: geometric means of the ratios to the baseline.

function renderComposite() {
  const figures = DATA.composites.flatMap((composite) => {
    const scores = composite.scores.filter((score) => isShown(score.entry));
    return scores.length === 0 ? [] : [compositeFigure(composite, scores), compositeTable(composite, scores)];
  });
  const none = "One figure over several points needs two points or more, each complete in two blocks or more.";
  fill("composite-result", ...(figures.length > 0 ? figures : [empty(none)]));
}

const COMPOSITES = { throughput: "Throughput", "cpu-per-request": "Requests per CPU time", "latency-p99": "Inverse of p99 latency" };

/** Above 1 is better, whichever way the quantity is good. */
const compositeName = (composite) =>
  `${COMPOSITES[composite.quantity]} (more is better), geometric mean over ${composite.points.length} points`;

function compositeFigure(composite, scores) {
  const bars = scores.map(({ entry, ratio, covered }) => {
    const [low, mid, high] = ratio.map((ppm) => ppm / 1e6);
    return { entry, low, mid, high, covered };
  });
  const title = ({ entry, low, mid, high, covered }) =>
    `${entryAt(entry).entry}\n${mid.toFixed(3)}  [${low.toFixed(3)} – ${high.toFixed(3)}]\nserves ${covered} of ${composite.of} points`;
  return figure(`${compositeName(composite)}, of ${bars.length} entries. The table below has the numbers.`,
    `${compositeName(composite)}, relative to ${shortened(entryAt(DATA.baseline).entry, 24)} (95 % interval): ${composite.points.join("; ")}.`, {
      height: heightOfRows(bars.length), marginLeft: labelRoom(), marginRight: 24,
      x: { label: `${COMPOSITES[composite.quantity]}, ratio →`, labelAnchor: "center",
        grid: true, nice: true, tickFormat: (value) => String(+value.toPrecision(3)) },
      y: entryAxis(bars.map(({ entry }) => entry)),
      marks: [Plot.ruleX([1], { strokeDasharray: "4 3", strokeOpacity: 0.7 }), ...intervalMarks(bars, title)],
      color: { type: "identity" },
    });
}

function compositeTable(composite, scores) {
  return behind(compositeName(composite), [
    ["Entry", (score) => nameOf(score.entry)],
    ["Ratio", (score) => ratio(score.ratio[1]), "number"],
    ["95 % interval", (score) => `${ratio(score.ratio[0])} – ${ratio(score.ratio[2])}`, "number"],
    ["Points served", (score) => `${score.covered} of ${composite.of}`, "number"],
  ], scores);
}
