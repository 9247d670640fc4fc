// Making elements. Everything from a record goes through text nodes, never through markup.

function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const byId = (id) => document.getElementById(id);

/** The name of an entry: isolated, so that its direction of writing touches nothing around it. */
const nameOf = (index, most) =>
  el("bdi", { class: "name", title: entryAt(index).entry }, shortened(entryAt(index).entry, most));

/**
 * A table: `columns` are [heading, cell of a row, "number" or ""]. The first column heads its row.
 */
function table(caption, columns, rows) {
  const head = columns.map(([heading, , kind]) => el("th", { scope: "col", class: kind }, heading));
  const body = rows.map((row) =>
    el(
      "tr",
      {},
      ...columns.map(([, cell, kind], index) =>
        el(index === 0 ? "th" : "td", { scope: index === 0 ? "row" : null, class: kind }, cell(row)),
      ),
    ),
  );
  return el(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    el("table", {}, el("caption", {}, caption), el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...body)),
  );
}

/** The numbers behind a chart, for who cannot see it or wants them exact. */
function behind(caption, columns, rows, kind = "") {
  return el("details", { class: `behind ${kind}` }, el("summary", {}, `Table: ${caption}`), table(caption, columns, rows));
}

const openTables = new Set();

/** Puts `children` into the section's place for results; keeps tables open that were. On paper, why trials are no numbers is told. */
function fill(id, ...children) {
  const place = byId(id);
  place.replaceChildren(...children.filter(Boolean));
  place.querySelectorAll("details.behind").forEach((details, index) => {
    const key = `${id} ${index}`;
    details.open = openTables.has(key) || (chosen.paper && details.classList.contains("reasons"));
    details.addEventListener("toggle", () => {
      // What is opened for paper was not opened by the reader.
      if (chosen.paper || !details.isConnected) return;
      details.open ? openTables.add(key) : openTables.delete(key);
    });
  });
}

const empty = (text) => el("p", { class: "empty" }, text);
