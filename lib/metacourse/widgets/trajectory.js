// Beside the plane: each task's query loss, the mean loss over the steps, and how far gradients are apart.
// Python has walked all steps: scrubbing only draws.

const WIDE = 300, HIGH = 130, LEFT = 26;                     // of the small chart
const written = (loss) => (loss === null || loss > 1000 ? "> 1000" : loss.toFixed(2));

// A row per landscape: its name chooses it, its bar is the query loss now, its mark the loss before.
function lossRows(model, top) {
  const about = model.get("about");
  const rows = about.landscapes.map((name, i) => {
    const [bar, mark, value] = [make("i"), make("b"), make("span", { class: "mc-value" })];
    const pick = make("button", { type: "button", class: "mc-row-name", "data-testid": `landscape-${i}`,
      style: `--mc-hue: ${about.colors[i - 1] ?? "#808080"}`, click: () => ask(model, { landscape: name }) }, name);
    return { pick, bar, mark, value, nodes: [pick,
      make("span", { class: "mc-bar", style: pick.getAttribute("style") }, bar, mark), value] };
  });
  const share = (loss) => `${100 * Math.min(1, (loss ?? Infinity) / top())}%`;
  return {
    node: make("div", { class: "mc-rows" }, ...rows.flatMap((row) => row.nodes)),
    scrub(steps) {
      const { losses, mean } = model.get("walks");
      rows.forEach(({ pick, bar, mark, value }, i) => {
        const loss = i ? losses[i - 1] : mean;
        bar.style.width = share(loss[steps]);
        mark.style.left = share(loss[0]);
        value.textContent = written(loss[steps]);
        pick.setAttribute("aria-pressed", about.landscapes[i] === model.get("landscape"));
      });
    },
  };
}

// Mean query loss after 0, 1, … steps: from the named starts, and (thick) from the present one.
function meanChart(model, top) {
  const about = model.get("about"), most = model.get("limits").inner_steps[1];
  const x = (step) => LEFT + ((WIDE - LEFT - 52) * step) / Math.max(1, most);
  const y = (loss) => 8 + (HIGH - 8) * (1 - Math.min(1.06, (loss ?? Infinity) / top()));
  const text = (at, height, words, more = {}) =>
    make("svg:text", { x: at, y: height, class: "mc-axis", ...more }, words);
  const line = (losses, more) =>
    make("svg:polyline", { fill: "none", points: losses.map((loss, i) => [x(i), y(loss)]).join(" "), ...more });
  const lines = make("svg:g"), now = make("svg:line", { class: "mc-now", y1: 4, y2: HIGH });
  const here = make("svg:circle", { r: 5, fill: "var(--mc-ink)", stroke: "var(--mc-paper)", "stroke-width": 1.5 });
  const node = make("svg:svg", { class: "mc-chart", viewBox: `0 0 ${WIDE} ${HIGH + 36}`, role: "img" },
    now, lines, here, ...[0, most].map((step) => text(x(step), HIGH + 15, step, { "text-anchor": "middle" })),
    text(x(most / 2), HIGH + 31, "inner steps → mean query loss", { "text-anchor": "middle" }));
  return {
    node,
    paint() {
      const { named, mean } = model.get("walks");
      const heights = apart(named.map((losses) => y(losses.at(-1)) + 4), 13);
      lines.replaceChildren(
        ...[0, Math.floor(top() / 2)].flatMap((loss) => [text(LEFT - 6, y(loss) + 4, loss, { "text-anchor": "end" }),
          make("svg:line", { class: "mc-tick", x1: LEFT, x2: x(most), y1: y(loss), y2: y(loss) })]),
        ...named.flatMap((losses, i) => [line(losses, { stroke: about.hues[i], "stroke-width": 2 }),
          text(x(most) + 7, heights[i], about.starts[i][0], { style: `fill: ${about.hues[i]}` })]),
        line(mean, { stroke: "var(--mc-ink)", "stroke-width": 3 }));
    },
    scrub(steps) {
      const { mean, named } = model.get("walks");
      now.setAttribute("x1", x(steps));
      now.setAttribute("x2", x(steps));
      here.setAttribute("cx", x(steps));
      here.setAttribute("cy", y(mean[steps]));
      const said = named.map((losses, i) => `${about.starts[i][0]} ${written(losses[steps])}`);
      node.setAttribute("aria-label", "Mean query loss after " +
        `${steps} steps: here ${written(mean[steps])}; ${said.join(", ")}`);
    },
  };
}

// Heights in their order, at least `gap` from each other.
function apart(heights, gap) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[b] - heights[a]), moved = [...heights];
  order.slice(1).forEach((i, k) => { moved[i] = Math.min(moved[i], moved[order[k]] - gap); });
  const over = Math.max(0, 12 - Math.min(...moved));         // above the chart
  return moved.map((height) => height + over);
}

// How long each gradient is, and how far it points away from the exact one.
function angleLegend(model) {
  const { arrows, landscapes } = model.get("about");
  const rows = Object.entries(arrows).map(([kind, hue]) => ({ kind, said: make("span", { class: "mc-soft" }),
    swatch: make("i", { class: kind.startsWith("finite") ? "mc-wide" : "", style: `--mc-hue: ${hue}` }) }));
  return {
    node: make("div", { class: "mc-legend", "data-testid": "angles" }, make("span", { class: "mc-legend-title" },
      "Where should θ go? (Reptile's length is that of θ − φ.)"),
    ...rows.flatMap(({ swatch, kind, said }) => [swatch, kind, said])),
    scrub(steps) {
      const of = landscapes.indexOf(model.get("landscape")) - 1;
      rows.forEach(({ kind, said }) => {
        const { angles, lengths } = model.get("walks"), degrees = angles[kind].at(of)[steps];
        const turned = kind === "exact" ? "" : `, ${Math.round(degrees)}° from exact`;
        said.textContent = degrees === null ? "none" : `length ${written(lengths[kind].at(of)[steps])}${turned}`;
      });
    },
  };
}

function render({ model, el }) {
  const about = model.get("about");
  const top = () => 1.12 * Math.max(...model.get("walks").named.map((losses) => losses[0]));
  let waiting = null, scrubbed = model.get("inner_steps");
  const askWhenFree = () => {                                // the handle is ahead; Python gets the latest place
    if (!waiting || model.get("asked") !== model.get("answered")) return;
    const start = waiting;
    waiting = null;
    ask(model, { start });
  };
  const plane = parameterPlane(model, (start) => { waiting = start; askWhenFree(); });
  const rows = lossRows(model, top), chart = meanChart(model, top);
  const legend = model.get("walks").arrows ? angleLegend(model) : null;
  const parts = [plane, rows, chart, ...(legend ? [legend] : [])];

  const count = make("output"), stepper = make("input", { type: "range", class: "mc-long", min: 0, step: 1,
    max: model.get("limits").inner_steps[1], "data-testid": "control-inner_steps",
    input: () => scrub(Number(stepper.value)),
    change: () => ask(model, { inner_steps: Number(stepper.value) }) });
  const steps = { node: make("label", { class: "mc-control" }, make("span", {}, "steps J"), stepper, count),
    refresh: () => { scrubbed = stepper.value = model.get("inner_steps"); } };

  function scrub(to) {
    scrubbed = to;
    count.textContent = to;
    parts.forEach((part) => part.scrub(to));
    const status = el.querySelector("[role=status]");
    if (status && !model.get("problem")) status.textContent = model.get("words")[to];
  }
  function draw() {
    if (!waiting) plane.place(model.get("start"));
    plane.paint();
    chart.paint();
    scrub(scrubbed);
  }

  const nearest = (rate) => about.rates.reduce((best, value, i) =>
    (Math.abs(value - rate) < Math.abs(about.rates[best] - rate) ? i : best), 0);
  model.on("change:answered", askWhenFree);
  const stop = frame(model, el, {
    testid: "trajectory-explorer", label: "Trajectory explorer", draw,
    figure: make("div", { class: "mc-beside" },
      make("div", { class: "mc-main" }, plane.node, ...(legend ? [legend.node] : [])),
      make("div", { class: "mc-side" }, rows.node, chart.node)),
    controls: [steps, slider(model, "inner_lr", { label: "α", range: () => [about.rates[0], about.rates.at(-1)],
      scale: { place: nearest, value: (place) => about.rates[place] } }),
    ...about.starts.map(([label, ...start]) => button(`start-${label}`, label, () => {
      waiting = null;
      ask(model, { start });
    }))],
  });
  return () => { stop(); model.off("change:answered", askWhenFree); };
}

export default { render };
