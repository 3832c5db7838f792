// Two lines over curvature: how far φ follows θ, and what first order takes it for; shaded where signs differ.

const HEIGHT = 190, TOP = 1.2;                               // the picture goes from TOP to −TOP

function render({ model, el }) {
  const colors = model.get("colors"), power = make("sup");
  const picture = make("svg:svg", { class: "mc-chart mc-curve", height: HEIGHT + 44, role: "img" });
  const swatch = (hue) => make("i", { style: `--mc-hue: ${hue}` });
  const legend = make("div", { class: "mc-legend" }, swatch(colors.exact),
    make("span", {}, "exact: (1 − αH)", power), make("span"), swatch(colors["first order"]), "first order: 1");

  function draw() {
    const { H, factor } = model.get("curve"), last = H.at(-1), wrong = H.filter((_, i) => factor[i] < 0);
    const x = (value) => `${(100 * value) / last}%`, y = (value) => (HEIGHT * (TOP - value)) / (2 * TOP);
    const text = (at, height, words, more = {}) =>
      make("svg:text", { x: at, y: height, class: "mc-axis", "text-anchor": "middle", ...more }, words);
    // A drawing that stretches with the page, while strokes and letters do not.
    const stretched = make("svg:svg", { width: "100%", height: HEIGHT, preserveAspectRatio: "none",
      viewBox: `0 ${-TOP} ${last} ${2 * TOP}` }, ...[[H.map(() => 1), "first order"], [factor, "exact"]].map(
      ([values, of]) => make("svg:polyline", { fill: "none", stroke: colors[of], "stroke-width": 3,
        "vector-effect": "non-scaling-stroke", points: values.map((value, i) => [H[i], -value]).join(" ") })));
    power.textContent = model.get("inner_steps") === 1 ? "" : model.get("inner_steps");
    picture.replaceChildren(
      ...(wrong.length ? [make("svg:rect", { x: x(wrong[0]), width: x(wrong.at(-1) - wrong[0]), height: HEIGHT,
        fill: colors["first order"], "fill-opacity": 0.2, "data-testid": "wrong" }),
      text(x((wrong[0] + wrong.at(-1)) / 2), y(0.5), "opposite signs")] : []),
      ...[-1, 0, 1].flatMap((value) => [
        text(-8, y(value) + 4, `${value}`.replace("-", "−"), { "text-anchor": "end" }),
        make("svg:line", { class: "mc-tick", x1: 0, x2: "100%", y1: y(value), y2: y(value) })]),
      ...[0, 0.25, 0.5, 0.75, 1].map((share) =>
        text(x(share * last), HEIGHT + 16, `${+(share * last).toPrecision(3)}`)),
      text("50%", HEIGHT + 36, "curvature H of the support loss"), stretched);
    picture.setAttribute("aria-label", `How far φ moves when θ moves by 1. ${model.get("status")}`);
  }

  return frame(model, el, {
    testid: "curvature-explorer", label: "Curvature explorer", draw,
    figure: make("div", {}, make("p", { class: "mc-caption mc-soft" }, "How far φ moves when θ moves by 1"),
      picture, legend),
    controls: [slider(model, "inner_steps", { label: "inner steps J", range: () => model.get("limits").inner_steps })],
  });
}

export default { render };
