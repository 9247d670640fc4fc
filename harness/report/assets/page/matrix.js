// Conformance: entry by case, each cell opening to what was sent and what came back.

/** Filled by `loadMatrix`: {cases, texts, cells}, see the page's source for the fields. */
let matrix = null;

async function loadMatrix() {
  matrix = await unpacked("conformance");
}

/** The group of a case: its id without the last part. */
const groupOf = (id) => id.slice(0, id.lastIndexOf("/"));

function isCaseShown(row) {
  const { id } = matrix.cases[row];
  if (chosen.endpoint && id.startsWith("app/") && !id.startsWith(`app/${chosen.endpoint}/`)) return false;
  if (chosen.endpoint && !id.startsWith("app/")) return false;
  if (byId("matrix-cases").value === "all") return true;
  return matrix.columns.some((column, index) => isShown(column) && !["pass", "not-applicable", undefined].includes(statusOf(index, row)?.name));
}

const statusOf = (column, row) => {
  const cell = matrix.cells[column][row];
  return cell ? matrix.statuses[cell[0]] : undefined;
};

function renderMatrix() {
  if (matrix === null || matrix.cases.length === 0)
    return fill("matrix-result", empty("This record holds no verdicts."));
  const columns = matrix.columns.map((entry, column) => ({ entry, column })).filter(({ entry }) => isShown(entry));
  const rows = matrix.cases.map((_, row) => row).filter(isCaseShown);
  byId("matrix-count").textContent = `${rows.length} of ${matrix.cases.length} cases shown.`;
  if (rows.length === 0 || columns.length === 0)
    return fill("matrix-result", empty("Every case shown here is passed by every entry, or nothing fits the filters."));
  const head = columns.map(({ entry }) =>
    el("th", { scope: "col", class: "upright" }, el("span", {}, nameOf(entry, 24))));
  const body = [];
  let group = null;
  for (const row of rows) {
    const { id } = matrix.cases[row];
    if (groupOf(id) !== group) {
      group = groupOf(id);
      body.push(el("tr", { class: "group" }, el("th", { scope: "rowgroup", colspan: columns.length + 1 }, group)));
    }
    body.push(matrixRow(row, columns));
  }
  const grid = el("table", { class: "matrix" },
    el("caption", {}, "Conformance by case and entry. Arrow keys move between cells, Enter opens one."),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "Case"), ...head)), el("tbody", {}, ...body));
  grid.addEventListener("click", ({ target }) => openCell(target.closest("button")));
  grid.addEventListener("keydown", moveInMatrix);
  grid.querySelector("button")?.setAttribute("tabindex", "0");
  fill("matrix-result", el("div", { class: "scroll tall", role: "region", "aria-label": "Conformance matrix", tabindex: 0 }, grid));
}

function matrixRow(row, columns) {
  const { id, title } = matrix.cases[row];
  const cells = columns.map(({ entry, column }) => {
    const status = statusOf(column, row);
    if (status === undefined) return el("td", {}, el("span", { class: "none" }, " "));
    const { name, sign, words } = status;
    return el("td", {}, el("button", {
      type: "button", tabindex: -1, class: `verdict ${name}`, "data-row": row, "data-column": column,
      "aria-label": `${id}, ${entryAt(entry).entry}: ${words}`, title: words }, sign));
  });
  return el("tr", {}, el("th", { scope: "row", title }, id.slice(groupOf(id).length + 1)), ...cells);
}

const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

/** One stop for the tabulator key; arrows go from cell to cell. */
function moveInMatrix(event) {
  const move = MOVES[event.key];
  const from = event.target.closest("button.verdict");
  if (!move || !from) return;
  event.preventDefault();
  const rows = [...event.currentTarget.querySelectorAll("tbody tr:not(.group)")];
  let [line, place] = [rows.indexOf(from.closest("tr")), from.closest("td").cellIndex];
  do {
    [line, place] = [line + move[0], place + move[1]];
  } while (rows[line]?.cells[place] && !rows[line].cells[place].querySelector("button"));
  const to = rows[line]?.cells[place]?.querySelector("button");
  if (!to) return;
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

function openCell(button) {
  if (!button) return;
  const row = Number(button.dataset.row);
  const column = Number(button.dataset.column);
  const { id, title, level, source, requires } = matrix.cases[row];
  const [status, ...texts] = matrix.cells[column][row];
  const [observed, reason, expected, sent, received] = texts.map((text) => matrix.texts[text]);
  const { name: kind, words } = matrix.statuses[status];
  const item = (name, text) => (text ? [el("dt", {}, name), el("dd", {}, el("bdi", {}, text))] : []);
  const raw = (name, text) => [
    el("h4", {}, name),
    text ? el("pre", { tabindex: 0, "aria-label": name, class: "bytes" }, text) : el("p", { class: "empty" }, "not recorded"),
  ];
  byId("cell-title").replaceChildren(id);
  byId("cell-body").replaceChildren(
    el("p", {}, el("bdi", {}, `${entryAt(matrix.columns[column]).entry}`), ": ", el("strong", { class: `verdict-word ${kind}` }, words)),
    el("dl", {}, ...item("Tried", title), ...item(`Required (${level.toUpperCase()}, ${source})`, requires),
      ...item("Observed", observed), ...item("Allowed", expected), ...item("Why", reason)),
    ...raw("Bytes sent", sent),
    ...raw("Bytes received", received),
  );
  byId("cell").showModal();
}
