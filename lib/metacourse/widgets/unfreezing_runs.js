// Beside the switches: accuracy over time of the schedules that were run, and a row for each to go back to it.

const WIDE = 300, HIGH = 150, LEFT = 40, LOW = 8;            // of the chart

function runsBeside(model) {
  const { phases, chance, blocks } = model.get("about");
  const x = (time) => LEFT + ((WIDE - LEFT - 10) * time) / phases, y = (share) => LOW + (HIGH - LOW) * (1 - share);
  const text = (at, height, words, more) => make("svg:text", { x: at, y: height, class: "mc-axis", ...more }, words);
  const line = (more) => make("svg:line", { x1: LEFT, x2: x(phases), ...more });
  const lines = make("svg:g"), rows = make("div", { class: "mc-runs", "data-testid": "runs" });
  const chart = make("svg:svg", { class: "mc-chart mc-short", viewBox: `0 0 ${WIDE} ${HIGH + 36}`, role: "img",
    "data-testid": "curves" },
  ...[0, 0.5, 1].flatMap((share) => [line({ class: "mc-tick", y1: y(share), y2: y(share) }),
    text(LEFT - 6, y(share) + 4, `${100 * share}%`, { "text-anchor": "end" })]),
  ...Array.from({ length: phases + 1 }, (_, i) => text(x(i), HIGH + 15, i, { "text-anchor": "middle" })),
  text(x(phases / 2), HIGH + 31, "phases done → accuracy", { "text-anchor": "middle" }),
  ...(chance === null ? [] : [line({ class: "mc-now", y1: y(chance), y2: y(chance) }),
    text(x(phases), y(chance) - 4, "chance", { "text-anchor": "end" })]), lines);

  // A schedule in little: blocks × phases.
  function icon({ cells, hue }) {
    const [wide, high] = [8, 5];
    return make("svg:svg", { class: "mc-icon", width: wide * phases, height: high * blocks.length, "aria-hidden": true },
      ...cells.flatMap((row, block) => row.map(([rate, speed], phase) => make("svg:rect", {
        x: wide * phase + 0.5, y: high * (blocks.length - 1 - block) + 0.5, width: wide - 1, height: high - 1,
        style: `fill: ${rate ? hue : "var(--mc-line)"}; fill-opacity: ${rate ? speed : 0.35}` }))));
  }
  const ends = (accuracy) => `${Math.round(100 * accuracy.at(-1))}%`;
  return {
    node: make("div", {}, chart, rows),
    paint() {
      const runs = model.get("runs"), here = (run) => run.layerwise === model.get("layerwise") &&
        `${run.moving}` === `${model.get("moving")}`;
      lines.replaceChildren(...runs.flatMap((run) => {
        const points = run.accuracy.map((share, i) => [x((phases * (run.accuracy.length > 1 ? i : 1)) /
          Math.max(1, run.accuracy.length - 1)), y(share)]);
        return [make("svg:polyline", { fill: "none", points: points.join(" "), "stroke-linejoin": "round",
          style: `stroke: ${run.hue}; stroke-width: ${here(run) ? 3.6 : 2}` }),
        make("svg:circle", { cx: points.at(-1)[0], cy: points.at(-1)[1], r: 4, style: `fill: ${run.hue}` })];
      }));
      chart.setAttribute("aria-label", runs.length ? `Accuracy at the end: ${runs.map((run) =>
        `${run.name} ${ends(run.accuracy)}`).join(", ")}` : "Nothing was run yet.");
      rows.replaceChildren(...runs.map((run, i) => make("button", { type: "button", class: "mc-run",
        "aria-pressed": here(run), title: "back to this schedule", "data-testid": `run-${i}`, style: `--mc-hue: ${run.hue}`,
        click: () => ask(model, { moving: run.moving, layerwise: run.layerwise }) },
      icon(run), make("span", {}, run.name), make("b", {}, ends(run.accuracy)))));
    },
  };
}
