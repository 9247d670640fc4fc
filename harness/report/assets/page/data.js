// The data that the page was made with, what is chosen, and how quantities are written.

/** Filled by `loadData`; see the harness's sources (`report/src/html/data.rs`) for the fields. */
let DATA = null;

/** What an element holds, unpacked: much in it is alike, so that it is kept compressed. */
async function unpacked(id) {
  const packed = atob(document.getElementById(id).textContent.trim());
  const stream = new Blob([Uint8Array.from(packed, (letter) => letter.charCodeAt(0))])
    .stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

async function loadData() {
  DATA = await unpacked("data");
}

/** What the reader has chosen. `picked` are the entries drawn as lines. */
const chosen = {
  endpoint: "",
  workload: 0,
  point: -1,
  languages: new Set(),
  tags: new Set(),
  text: "",
  picked: new Set(),
  /** Whether it is drawn for paper. */
  paper: false,
};

const entryAt = (index) => DATA.entries[index];

/** Entries that pass the filters by language, tag and text. */
function isShown(index) {
  const entry = entryAt(index);
  const text = chosen.text.toLowerCase();
  return (
    (chosen.languages.size === 0 || chosen.languages.has(entry.language)) &&
    (chosen.tags.size === 0 || entry.tags.some((tag) => chosen.tags.has(tag))) &&
    (text === "" || `${entry.entry} ${entry.name} ${entry.framework}`.toLowerCase().includes(text))
  );
}

/** Entries that are drawn as lines: those picked among those shown. */
const isDrawn = (index) => isShown(index) && chosen.picked.has(index);

const currentPoint = () => DATA.points[chosen.point];

/** The chosen workload at each number of connections, and at each rate where rates are given. */
const pointsOfWorkload = () =>
  DATA.points
    .filter((point) => point.workload === chosen.workload)
    .sort((one, other) => one.connections - other.connections || one.offered - other.offered);

/** Servers that are compared; the null server and references are no competitors. */
const isCompared = (index) => entryAt(index).role === "entry";

const shownRows = (point) => (point ? point.rows.filter((row) => isShown(row.entry)) : []);

// Quantities. The same rules as in the other reports: three significant digits, a unit beside them.

function scaled(value, base, units) {
  let unit = 0;
  while (unit + 1 < units.length && value >= base * 0.9995) {
    value /= base;
    unit += 1;
  }
  if (unit === 0) return `${Math.round(value)} ${units[0]}`;
  const decimals = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(decimals)} ${units[unit]}`;
}

const duration = (ns) => scaled(ns, 1000, ["ns", "µs", "ms", "s"]);
const bytes = (count) => scaled(count, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
const count = (value) => String(Math.round(value)).replace(/\B(?=(\d{3})+(?!\d))/g, "\u202f");
const ratio = (ppm) => (ppm / 1e6).toFixed(3);
const orDash = (value, write) => (value === null || value === undefined ? "–" : write(value));

/** Short forms for the ticks of an axis. */
const axis = {
  duration: (ns) => duration(ns).replace(/\.0+ /, " ").replace(/(\.\d*[1-9])0+ /, "$1 "),
  count: (value) =>
    value >= 1e6 ? `${+(value / 1e6).toPrecision(3)}M` : value >= 1e3 ? `${+(value / 1e3).toPrecision(3)}k` : String(value),
  bytes: (value) => bytes(value).replace(/\.0+ /, " "),
};

/** A long name with its middle left out, so that its beginning and its variant stay readable. */
function shortened(name, most = 30) {
  const letters = [...name];
  if (letters.length <= most) return name;
  const head = Math.ceil((most - 1) * 0.6);
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - (most - 1 - head)).join("")}`;
}
