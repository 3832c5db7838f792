// Two strips: each method's mean on its own episodes, and the difference: of own episodes, and of the same ones.

// 20 … 99 by ones, 100 … 990 by tens, 1,000 … 2,000 by hundreds; fifty places a decade.
function logarithmic(low) {
  const round = (value) => {
    const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
    return Math.round(value / unit) * unit;
  };
  const place = (value) => Math.round(50 * Math.log10(value / low));
  return { place, value: (at) => round(low * 10 ** (at / 50)) };
}

function render({ model, el }) {
  const { labels, colors, truth, recorded } = model.get("methods");
  const limits = (name) => () => model.get("limits")[name];
  const points = (value) => (100 * value).toFixed(1);
  const written = (i) => `${points(model.get("result").means[i])} ± ${points(model.get("result").half_widths[i])} %`;
  const signed = (value) => `${value < 0 ? "−" : "+"}${points(Math.abs(value))}`;
  const whole = (value) => `${value < -1e-9 ? "−" : value > 1e-9 ? "+" : ""}${Math.round(100 * Math.abs(value))}`;
  const above = make("svg:svg", { class: "mc-strip", height: 152, role: "img" });
  const below = make("svg:svg", { class: "mc-strip", height: 106, role: "img" });

  const caption = make("p", { class: "mc-caption" });

  // Shapes on a strip; x is a share of its width, so that strips stretch with the page.
  function strip([low, high]) {
    const x = (value) => `${100 * Math.min(1, Math.max(0, (value - low) / (high - low)))}%`;
    const text = (at, y, content, attributes = {}) => make("svg:text", { x: at, y, ...attributes }, content);
    const line = (from, to, y1, y2, attributes) =>
      make("svg:line", { x1: x(from), x2: x(to), y1, y2, ...attributes });
    const interval = (mean, half, y, color) => [
      line(mean - half, mean + half, y, y, { stroke: color, "stroke-width": 6, "stroke-opacity": 0.55 }),
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
    above.replaceChildren(...top.axis(130, (value) => `${Math.round(100 * value)} %`), ...[0, 1].flatMap((i) => {
      const y = 44 + 60 * i;
      return [top.text(0, y - 22, `${labels[i]}: ${written(i)}`),
        top.line(truth[i], truth[i], y - 13, y + 13, { stroke: ink, "stroke-width": 1.5, "stroke-dasharray": "3 2" }),
        ...top.interval(means[i], half_widths[i], y, colors[i])];
    }));
    above.setAttribute("aria-label", `Accuracies: ${labels[0]} ${written(0)}; ${labels[1]} ${written(1)}`);
    const wrong = (value) => Math.sign(value) !== Math.sign(truth[2]);
    const apart = Math.hypot(half_widths[0], half_widths[1]), own = means[0] - means[1];
    const said = `${labels[0]} − ${labels[1]}: on episodes of their own ${signed(own)} ± ${points(apart)} points (thin), ` +
      `on the same episodes ${signed(means[2])} ± ${points(half_widths[2])} (thick)`;
    caption.textContent = said;
    below.setAttribute("aria-label", said);
    below.replaceChildren(...bottom.axis(84, whole), bottom.line(0, 0, 4, 84, { class: "mc-zero" }),
      ...differences.map((value, i) => make("svg:circle", { cx: bottom.x(value), cy: 48 + 28 * ((i * 0.618) % 1),
        r: 3.5, fill: wrong(value) ? "#d55e00" : "#8c8c8c", "fill-opacity": 0.6 })),      // 0.618: evenly spread
      bottom.line(own - apart, own + apart, 13, 13, { stroke: ink, "stroke-width": 1.5 }),
      make("svg:circle", { cx: bottom.x(own), cy: 13, r: 4, fill: wrong(own) ? "#d55e00" : ink }),
      ...bottom.interval(means[2], half_widths[2], 31, ink));
  }

  const more = (count) => () => ask(model, { draws: Math.min(model.get("draws") + count, limits("draws")()[1]) });
  return frame(model, el, {
    testid: "interval-explorer", label: "Interval explorer", draw,
    figure: make("div", {}, above, caption, below, make("p", { class: "mc-caption mc-soft" },
      `Dashed: the mean over all ${recorded.toLocaleString("en")} recorded episodes. ` +
      "Dots: the difference on own episodes in every draw so far, red where the order is wrong.")),
    controls: [
      slider(model, "episodes", { label: "episodes", range: limits("episodes"), also: { draws: 1 },
        scale: logarithmic(limits("episodes")()[0]) }),
      button("draw-again", "Draw again", more(1)),
      button("draw-100", "Draw 100 times", more(100)),
    ],
  });
}

export default { render };
