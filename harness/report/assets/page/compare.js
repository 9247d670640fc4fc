// The page of a comparison of two records: a chart for each quantity.

const ROWS = JSON.parse(document.getElementById("data").textContent);

function shortened(name, most) {
  const letters = [...name];
  return letters.length <= most ? name : `${letters.slice(0, most - 12).join("")}…${letters.slice(-11).join("")}`;
}

const chartWidth = () => Math.max(320, Math.min(1080, document.getElementById("content").clientWidth - 32));

function chart(quantity, rows) {
  const width = chartWidth();
  const bars = rows.map(({ entry, place, ratio, verdict }, index) => {
    const [low, mid, high] = ratio.map((ppm) => ppm / 1e6);
    return { index, label: `${entry}: ${place}`, low, mid, high, verdict };
  });
  const title = ({ label, low, mid, high, verdict }) =>
    `${label}\n${mid.toFixed(3)}  [${low.toFixed(3)} – ${high.toFixed(3)}]\n${verdict}`;
  const svg = Plot.plot({
    width,
    height: 80 + bars.length * 22,
    marginTop: 10,
    marginLeft: width < 600 ? 150 : 330,
    marginRight: 24,
    marginBottom: 46,
    style: { background: "transparent", fontSize: "12px" },
    x: { label: `${quantity}, candidate to base →`, labelAnchor: "center", labelOffset: 40, grid: true, nice: true },
    y: {
      type: "band", domain: bars.map(({ index }) => index), label: null, tickSize: 0,
      tickFormat: (index) => shortened(bars[index].label, width < 600 ? 20 : 46),
    },
    marks: [
      Plot.ruleX([1], { strokeDasharray: "4 3", strokeOpacity: 0.7 }),
      Plot.ruleY(bars, { y: "index", x1: "low", x2: "high", stroke: "#0072B2", strokeWidth: 5, strokeOpacity: 0.45 }),
      Plot.tickX(bars, { y: "index", x: "low", stroke: "#0072B2", inset: 5 }),
      Plot.tickX(bars, { y: "index", x: "high", stroke: "#0072B2", inset: 5 }),
      Plot.dot(bars, { y: "index", x: "mid", fill: "#0072B2", r: 4.5 }),
      Plot.tip(bars, Plot.pointerY({ y: "index", x: "mid", title })),
    ],
  });
  svg.querySelectorAll("style").forEach((style) => style.remove());
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${quantity}, candidate to base, with intervals. The table below has the numbers.`);
  const heading = document.createElement("h3");
  heading.textContent = quantity;
  const figure = document.createElement("figure");
  figure.append(heading, svg);
  return figure;
}

const quantities = [...new Set(ROWS.map(({ quantity }) => quantity))];

function draw() {
  const charts = quantities.map((quantity) => chart(quantity, ROWS.filter((row) => row.quantity === quantity)));
  document.getElementById("charts").replaceChildren(...charts);
}

draw();
let width = chartWidth();
new ResizeObserver(() => {
  if (chartWidth() === width) return;
  width = chartWidth();
  requestAnimationFrame(draw);
}).observe(document.getElementById("content"));
document.documentElement.dataset.ready = "yes";
