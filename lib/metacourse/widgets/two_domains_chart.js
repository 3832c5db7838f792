// Beside the plane: three accuracies now, and over training; the other λs stay behind, faint.

const WIDE = 300, HIGH = 82, LEFT = 40, LOW = 8;             // of each small chart
const percent = (share) => `${Math.round(100 * share)}%`;

// What is scored, its column in `scores`, and its color.
function measures({ domains }) {
  const [source, target] = domains;
  return [["source right", 0, source], ["target right", 1, target], ["domain recognized", 2, "var(--mc-ink)"]];
}

function domainsChart(model) {
  const about = model.get("about"), { steps } = about, last = Math.max(1, steps.length - 1);
  const rows = measures(about).map(([name, column, hue]) => {
    const bar = make("i"), value = make("b", { class: "mc-value", "data-testid": `score-${column}` });
    const track = make("span", { class: "mc-bar", style: `--mc-hue: ${hue}` }, bar);
    if (column === 2) track.append(make("b", { class: "mc-half", style: "left: 50%", title: "chance" }));
    return { column, bar, value, nodes: [make("span", {}, name), track, value] };
  });
  const x = (i) => LEFT + ((WIDE - LEFT - 12) * i) / last, y = (share) => LOW + (HIGH - LOW) * (1 - share);
  const over = [panel("target right", 1, about.domains[1]), panel("domain recognized", 2, "var(--mc-ink)")];

  // One accuracy over training, for every λ.
  function panel(name, column, hue) {
    const text = (at, height, words, more) =>
      make("svg:text", { x: at, y: height, class: "mc-axis", ...more }, words);
    const lines = make("svg:g"), now = make("svg:line", { class: "mc-now", y1: LOW, y2: HIGH });
    const here = make("svg:circle", { r: 5, stroke: "var(--mc-paper)", "stroke-width": 1.5, style: `fill: ${hue}` });
    const node = make("svg:svg", { class: "mc-chart mc-short", viewBox: `0 0 ${WIDE} ${HIGH + 20}`, role: "img",
      "data-testid": `chart-${column}` },
    ...[0, 0.5, 1].flatMap((share) => [text(LEFT - 6, y(share) + 4, percent(share), { "text-anchor": "end" }),
      make("svg:line", { class: share === 0.5 && column === 2 ? "mc-now" : "mc-tick", x1: LEFT, x2: x(last),
        y1: y(share), y2: y(share) })]), now, lines, here,
    text(LEFT, HIGH + 16, steps[0].toLocaleString("en")),
    text(x(last), HIGH + 16, `${steps.at(-1).toLocaleString("en")} steps`, { "text-anchor": "end" }));
    return { name, column, hue, node, lines, now, here };
  }

  function paint(run, at) {
    const scores = model.get("scores"), now = scores[run][at];
    rows.forEach(({ column, bar, value }) => {
      bar.style.width = percent(now[column]);
      value.textContent = percent(now[column]);
    });
    over.forEach(({ name, column, hue, node, lines, now: line, here }) => {
      const points = (own) => own.map((moment, i) => [x(i), y(moment[column])]).join(" ");
      const draw = (own, width, opacity) => make("svg:polyline", { fill: "none", points: points(own),
        style: `stroke: ${hue}; stroke-width: ${width}; stroke-opacity: ${opacity}` });
      lines.replaceChildren(...scores.filter((_, i) => i !== run).map((own) => draw(own, 1.3, 0.35)),
        draw(scores[run], 3, 1));
      [["x1", x(at)], ["x2", x(at)]].forEach(([end, place]) => line.setAttribute(end, place));
      here.setAttribute("cx", x(at));
      here.setAttribute("cy", y(now[column]));
      node.setAttribute("aria-label", `${name} ${about.times[at]}: ${about.reversals.map((reversal, i) =>
        `λ = ${reversal} ${percent(scores[i][at][column])}`).join(", ")}`);
    });
  }
  const captions = ["Target right (thin: other λ)", "Domain recognized (dashed: chance)"];
  return { paint, node: make("div", {},
    make("div", { class: "mc-rows mc-scores" }, ...rows.flatMap((row) => row.nodes)),
    ...over.flatMap(({ node }, i) => [make("p", { class: "mc-caption mc-soft" }, captions[i]), node])) };
}
