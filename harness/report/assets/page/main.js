// From the choice to the page.

const SECTIONS = [
  renderRanking, renderComposite, renderConnections, renderLatency, renderRoutes, renderLoad, renderScale,
  renderTrials, renderResources, renderDatabase, renderMatrix,
];

function update() {
  SECTIONS.forEach((render) => render());
  showPicked();
  const compared = DATA.entries.map((_, index) => index).filter(isCompared);
  byId("status").textContent = `${compared.filter(isShown).length} of ${compared.length} entries shown`;
}

/** What the controls say, for paper, where there are none. */
function renderChoices() {
  const picked = (id) => byId(id).selectedOptions[0]?.text ?? "none";
  const all = (set) => (set.size === 0 ? "all" : [...set].join(", "));
  const text = chosen.text === "" ? [] : [`entries that contain "${chosen.text}"`];
  const choices = [
    `endpoint: ${picked("endpoint")}`, `workload: ${picked("workload")}`, `connections: ${picked("connections")}`,
    `languages: ${all(chosen.languages)}`, `tags: ${all(chosen.tags)}`, ...text,
    `ranked by ${picked("ranking-measure")}`, `offered load: ${picked("load-percentile")}`,
    `every trial: ${picked("trials-measure")}`, `cases: ${picked("matrix-cases")}`,
  ];
  byId("choices").textContent = `Shown: ${choices.join("; ")}.`;
}

/** Draws for paper, and back. */
function setPaper(isPaper) {
  if (chosen.paper === isPaper) return;
  chosen.paper = isPaper;
  renderChoices();
  redraw();
}

/** The matrix has no chart in it, and whoever is in it keeps the focus. */
const redraw = () => SECTIONS.filter((render) => render !== renderMatrix).forEach((render) => render());

function wireSections() {
  for (const [id, render] of [
    ["ranking-measure", renderRanking],
    ["trials-measure", renderTrials],
    ["load-percentile", renderLoad],
    ["matrix-cases", renderMatrix],
  ])
    byId(id).addEventListener("change", render);
  byId("cell-close").addEventListener("click", () => byId("cell").close());
  byId("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("command").textContent);
    byId("copied").textContent = "copied";
  });
  addEventListener("beforeprint", () => setPaper(true));
  addEventListener("afterprint", () => setPaper(false));
  let width = chartWidth();
  new ResizeObserver(() => {
    if (chartWidth() === width) return;
    width = chartWidth();
    requestAnimationFrame(redraw);
  }).observe(byId("content"));
}

async function start() {
  try {
    await loadData();
    await loadMatrix();
  } catch (error) {
    byId("status").textContent = `The figures cannot be unpacked by this browser (${error}); one of 2023 or later can.`;
    return;
  }
  wireFilters();
  wireSections();
  chosen.workload = DATA.used_workloads[0] ?? -1;
  fillWorkloads();
  pickPercentile();
  pickBest();
  document.documentElement.dataset.ready = "yes";
}

start();
