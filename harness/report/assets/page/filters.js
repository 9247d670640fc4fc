// The controls: what is shown, and how.

const MOST_LINES_AT_FIRST = 8;

function option(value, text) {
  return el("option", { value }, text);
}

/** Workloads that measure something of the chosen endpoint. */
const fittingWorkloads = () =>
  DATA.workloads
    .map((workload, index) => ({ ...workload, index }))
    .filter(({ endpoints, index }) =>
      DATA.used_workloads.includes(index) && (chosen.endpoint === "" || endpoints.includes(chosen.endpoint)));

function fillEndpoints() {
  const endpoints = [...new Set(DATA.workloads.flatMap(({ endpoints }) => endpoints))].sort();
  byId("endpoint").replaceChildren(option("", "all endpoints"), ...endpoints.map((id) => option(id, id)));
}

function fillWorkloads() {
  const fitting = fittingWorkloads();
  byId("workload").replaceChildren(...fitting.map(({ id, index }) => option(index, id)));
  if (!fitting.some(({ index }) => index === chosen.workload)) chosen.workload = fitting[0]?.index ?? -1;
  byId("workload").value = String(chosen.workload);
  fillConnections();
}

function fillConnections() {
  const points = pointsOfWorkload();
  const place = (point) => DATA.points.indexOf(point);
  const named = ({ connections, offered }) =>
    offered === null ? connections : `${connections}, ${count(offered)} requests/s offered`;
  byId("connections").replaceChildren(...points.map((point) => option(place(point), named(point))));
  const before = currentPoint();
  const alike = points.find((point) => point.connections === before?.connections && point.offered === before?.offered);
  // Where some points have a ranking with intervals and others have none, one that has.
  const ranked = points.filter(({ rows }) => rows.some(({ ratio }) => ratio));
  const likely = ranked.length > 0 ? ranked : points;
  chosen.point = place(alike ?? likely[Math.floor((likely.length - 1) / 2)]);
  byId("connections").value = String(chosen.point);
  const summary = DATA.workloads[chosen.workload]?.summary ?? "";
  byId("workload-summary").textContent = summary;
}

/** A box for each of `values`, kept in `set`; none ticked means all. */
function boxes(id, values, set) {
  byId(id).hidden = values.length < 2;
  byId(id).querySelector(".boxes").replaceChildren(...values.map((value) => {
    const box = el("input", { type: "checkbox", onchange: () => {
      box.checked ? set.add(value) : set.delete(value);
      update();
    } });
    return el("label", {}, box, el("bdi", {}, value));
  }));
}

function fillPicker() {
  const boxed = DATA.entries.map((_, index) => index).filter((index) => DATA.measured.includes(index));
  byId("picker").replaceChildren(...boxed.map((index) => {
    const box = el("input", { type: "checkbox", "data-entry": index, onchange: () => {
      box.checked ? chosen.picked.add(index) : chosen.picked.delete(index);
      update();
    } });
    return el("label", {}, box, nameOf(index, 34));
  }));
}

function pick(indices) {
  chosen.picked = new Set(indices);
  update();
}

/** Entries with figures at the current point, the best first; where there is no point, those with trials beside it. */
function candidates() {
  const atPoint = shownRows(currentPoint()).filter((row) => (row.rate || row.cpu) && isCompared(row.entry)).map((row) => row.entry);
  if (atPoint.length > 0) return atPoint;
  const beside = [...DATA.loads, ...DATA.scales, ...DATA.capacities].filter(({ workload }) => workload === chosen.workload);
  return [...new Set(beside.map(({ entry }) => entry))].filter((entry) => isShown(entry) && isCompared(entry));
}

/** The best of the current point, and the baseline. */
function pickBest() {
  const best = candidates();
  const some = best.slice(0, MOST_LINES_AT_FIRST);
  if (best.includes(DATA.baseline) && !some.includes(DATA.baseline)) some[some.length - 1] = DATA.baseline;
  pick(some);
}

function showPicked() {
  byId("picker").querySelectorAll("input").forEach((box) => {
    const index = Number(box.dataset.entry);
    box.checked = chosen.picked.has(index);
    box.closest("label").hidden = !isShown(index);
  });
  byId("picked-count").textContent = `${drawnEntries().length} drawn`;
}

const onChange = (id, act) => byId(id).addEventListener("change", ({ target }) => {
  act(target.value);
  update();
});

function wireFilters() {
  fillEndpoints();
  onChange("endpoint", (value) => {
    chosen.endpoint = value;
    fillWorkloads();
  });
  onChange("workload", (value) => {
    chosen.workload = Number(value);
    fillConnections();
  });
  onChange("connections", (value) => (chosen.point = Number(value)));
  byId("text").addEventListener("input", ({ target }) => {
    chosen.text = target.value;
    update();
  });
  const shownEntries = DATA.entries.filter((_, index) => DATA.measured.includes(index) || DATA.entries[index].conformance);
  boxes("languages", [...new Set(shownEntries.map(({ language }) => language))].sort(), chosen.languages);
  boxes("tags", [...new Set(shownEntries.flatMap(({ tags }) => tags))].sort(), chosen.tags);
  fillPicker();
  byId("pick-best").addEventListener("click", pickBest);
  byId("pick-all").addEventListener("click", () => pick(DATA.measured));
  byId("pick-none").addEventListener("click", () => pick([]));
  byId("reset").addEventListener("click", resetFilters);
  byId("filters").addEventListener("submit", (event) => event.preventDefault());
  byId("theme").addEventListener("change", ({ target }) => setTheme(target.value));
}

function resetFilters() {
  Object.assign(chosen, { endpoint: "", text: "" });
  chosen.languages.clear();
  chosen.tags.clear();
  document.querySelectorAll("#filters input[type=checkbox]").forEach((box) => (box.checked = false));
  byId("text").value = "";
  byId("endpoint").value = "";
  fillWorkloads();
  pickBest();
}

function setTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
