// What the database did for each entry, apart from what the server did itself.

function renderDatabase() {
  const rows = shownRows(currentPoint()).filter((row) => row.database && isCompared(row.entry));
  if (rows.length === 0) return fill("database-result", empty("No database was used at this point, or no trial with it is valid."));
  const rate = ({ database }) => database.statements;
  fill(
    "database-result",
    el("div", { class: "pair" },
      costFigure(rows),
      perEntry(rows, "Statements per second", "Statements/s", (row) => present(rate(row)?.[1]), count, axis.count)),
    table("Server and database apart (medians of the trials)", [
      ["Entry", (row) => nameOf(row.entry)],
      ["Responses/s", (row) => orDash(row.rate, (it) => marked(row, "throughput", count(it[1]))), "number"],
      ["Statements/s", (row) => orDash(rate(row), (it) => count(it[1])), "number"],
      ["Server CPU/request", (row) => orDash(row.cpu, (it) => marked(row, "cost", duration(it[1]))), "number"],
      ["Database CPU/request", (row) => orDash(row.database.cpu, (it) => duration(it[1])), "number"],
      [`Throughput to ${DATA.reference ?? "the reference"}'s`, (row) => orDash(row.database.of_reference, ratio), "number"],
      ["95 % interval", (row) => orDash(row.database.interval, ([low, high]) => `${ratio(low)} – ${ratio(high)}`), "number"],
    ], rows),
  );
}

/** CPU time per request: the server's part and the database's, side by side on one line. */
function costFigure(rows) {
  const known = rows.filter((row) => row.cpu && row.database.cpu);
  if (known.length === 0) return empty("The database's CPU time was not measured.");
  const parts = known.map((row) => ({ entry: row.entry, server: row.cpu[1], sum: row.cpu[1] + row.database.cpu[1] }));
  const colour = ({ entry }) => colourOf(entry);
  const at = { y: "entry", insetTop: 4, insetBottom: 4 };
  return figure("CPU time per request of each entry, the server's and the database's. The table has the numbers.",
    "CPU time per request. Full: the server's; pale with an edge: the database's on top of it.", {
      height: heightOfRows(parts.length), marginLeft: labelRoom(), marginRight: 24,
      x: { label: "CPU time per request →", tickFormat: axis.duration, grid: true, zero: true },
      y: entryAxis(parts.map(({ entry }) => entry)),
      color: { type: "identity" },
      marks: [
        Plot.barX(parts, { ...at, x1: 0, x2: "server", fill: colour }),
        Plot.barX(parts, { ...at, x1: "server", x2: "sum", fill: colour, fillOpacity: 0.25, stroke: colour }),
        Plot.tip(parts, Plot.pointerY({ y: "entry", x: "sum", title: ({ entry, server, sum }) =>
          `${entryAt(entry).entry}\nserver ${duration(server)}, database ${duration(sum - server)}` })),
      ],
    });
}
