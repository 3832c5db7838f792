// Two strips: each method's mean with its interval, and their paired difference with those of all draws.

// 20 … 99 by ones, 100 … 990 by tens, 1,000 … 2,000 by hundreds; fifty places a decade.
function logarithmic(low) {
  const round = (value) => {
    const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
    return Math.round(value / unit) * unit;
  };
  return { place: (value) => Math.round(50 * Math.log10(value / low)), value: (place) => round(low * 10 ** (place / 50)) };
}

function render({ model, el }) {
  const { labels, colors, truth, recorded } = model.get("methods");
  const limits = (name) => () => model.get("limits")[name];
  const percent = (value, digits = 1) => `${(100 * value).toFixed(digits)} %`;
  const signed = (value) => `${value < 0 ? "−" : "+"}${(100 * Math.abs(value)).toFixed(1)}`;
  const above = make("svg:svg", { class: "mc-strip", height: 152, role: "img" });
  const below = make("svg:svg", { class: "mc-strip", height: 124, role: "img" });

  // Shapes on a strip; x is a share of its width, so that strips stretch with the page.
  function strip([low, high]) {
    const x = (value) => `${100 * Math.min(1, Math.max(0, (value - low) / (high - low)))}%`;
    const text = (at, y, content, attributes = {}) => make("svg:text", { x: at, y, ...attributes }, content);
    const line = (from, to, y1, y2, attributes) => make("svg:line", { x1: x(from), x2: x(to), y1, y2, ...attributes });
    const interval = (mean, half, y, color) => [
      line(mean - half, mean + half, y, y, { stroke: color, "stroke-width": 6, "stroke-opacity": 0.45 }),
      make("svg:circle", { cx: x(mean), cy: y, r: 6.5, fill: color }),
    ];
    const axis = (y, format) => [0, 0.25, 0.5, 0.75, 1].flatMap((share) => {
      const value = low + share * (high - low), anchor = { 0: "start", 1: "end" }[share] ?? "middle";
      return [line(value, value, 0, y, { class: "mc-tick", "stroke-opacity": 0.5 }),
        text(x(value), y + 15, format(value), { class: "mc-axis", "text-anchor": anchor })];
    });
    return { x, text, line, interval, axis };
  }

  function draw() {
    const { means, half_widths, differences } = model.get("result");
    const axes = model.get("axes"), ink = "var(--mc-ink)";
    const top = strip(axes.accuracy), bottom = strip(axes.difference);
    above.replaceChildren(...top.axis(130, (value) => percent(value, 0)), ...[0, 1].flatMap((i) => {
      const y = 44 + 60 * i;
      return [top.text(0, y - 22, `${labels[i]}: ${percent(means[i])} ± ${(100 * half_widths[i]).toFixed(1)}`),
        top.line(truth[i], truth[i], y - 13, y + 13, { stroke: ink, "stroke-width": 1.5, "stroke-dasharray": "3 2" }),
        ...top.interval(means[i], half_widths[i], y, colors[i])];
    }));
    above.setAttribute("aria-label", `Accuracies with intervals: ${[0, 1].map((i) =>
      `${labels[i]} ${percent(means[i])} plus or minus ${(100 * half_widths[i]).toFixed(1)}`).join("; ")}`);
    const wrong = (value) => Math.sign(value) !== Math.sign(truth[2]);
    const apart = Math.hypot(half_widths[0], half_widths[1]);
    below.replaceChildren(...bottom.axis(100, signed),
      bottom.line(0, 0, 24, 100, { class: "mc-zero" }),
      bottom.text(0, 14, `${labels[0]} − ${labels[1]}: ${signed(means[2])} ± ${(100 * half_widths[2]).toFixed(1)} points ` +
        `paired (± ${(100 * apart).toFixed(1)} if not paired)`),
      ...differences.map((value, i) => make("svg:circle", { cx: bottom.x(value), cy: 66 + 26 * ((i * 0.618) % 1), r: 3.5,
        fill: wrong(value) ? "#d55e00" : "#8c8c8c", "fill-opacity": 0.6 })),
      ...bottom.interval(means[2], half_widths[2], 44, ink));
    below.setAttribute("aria-label", `Paired difference ${signed(means[2])} plus or minus ` +
      `${(100 * half_widths[2]).toFixed(1)} points; ${differences.filter(wrong).length} of ${differences.length} draws wrong`);
  }

  const more = (count) => () => ask(model, { draws: Math.min(model.get("draws") + count, limits("draws")()[1]) });
  return frame(model, el, {
    testid: "interval-explorer", label: "Interval explorer", draw,
    figure: make("div", {}, above, make("p", { class: "mc-soft" },
      `Dashed: the mean over all ${recorded.toLocaleString("en")} recorded episodes. ` +
      "Dots: the difference in every draw so far, red where the order is wrong."), below),
    controls: [
      slider(model, "episodes", { label: "episodes", range: limits("episodes"), scale: logarithmic(limits("episodes")()[0]),
        also: { draws: 1 } }),
      button("draw-again", "Draw again", more(1)),
      button("draw-100", "Draw 100 times", more(100)),
    ],
  });
}

export default { render };
