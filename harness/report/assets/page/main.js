// From the choice to the page.

const SECTIONS = [renderRanking, renderComposite, renderConnections, renderLatency, renderLoad, renderScale, renderTrials, renderResources, renderMatrix];

function update() {
  SECTIONS.forEach((render) => render());
  showPicked();
  const shown = DATA.entries.filter((_, index) => isShown(index)).length;
  byId("status").textContent = `${shown} of ${DATA.entries.length} entries shown`;
}

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
  let width = chartWidth();
  new ResizeObserver(() => {
    if (chartWidth() === width) return;
    width = chartWidth();
    requestAnimationFrame(update);
  }).observe(byId("content"));
}

async function start() {
  try {
    await loadMatrix();
  } catch (error) {
    byId("matrix-count").textContent = `The verdicts cannot be unpacked by this browser (${error}).`;
  }
  wireFilters();
  wireSections();
  chosen.workload = DATA.used_workloads[0] ?? -1;
  fillWorkloads();
  pickBest();
  document.documentElement.dataset.ready = "yes";
}

start();
