// Beside the plane: the query's probabilities, and what the shades mean. All is drawn here; Python follows.

const FORMULA = {
  squared: ["‖z − c‖²", "−‖z − cₖ‖² / τ"],
  euclidean: ["‖z − c‖", "−‖z − cₖ‖ / τ"],
  cosine: ["cosine", "cos(z, cₖ) / τ"],
};

// A row per class: its number, how far the query is, a bar, the probability.
function oddsRows({ colors }) {
  const measure = make("span", { class: "mc-soft" }), formula = make("p", { class: "mc-formula" });
  const rows = colors.map((hue, k) => ({ value: make("span", { class: "mc-value" }), bar: make("i"),
    share: make("b", { class: "mc-value", "data-testid": `probability-${k}` }),
    chip: make("span", { class: "mc-chip", style: `background: ${hue}` }, `${k}`) }));
  return {
    node: make("div", {}, formula, make("div", { class: "mc-odds", "data-testid": "odds", role: "img" },
      make("span", { class: "mc-soft" }, "class"), measure,
      make("span", { class: "mc-soft mc-last" }, "probability of the query"),
      ...rows.flatMap(({ chip, value, bar, share }, k) => [chip, value,
        make("span", { class: "mc-bar", style: `--mc-hue: ${colors[k]}` }, bar), share]))),
    paint({ c, query, distance, p }) {
      const [name, exponent] = FORMULA[distance], sign = distance === "cosine" ? 1 : -1;
      measure.textContent = name;
      formula.replaceChildren("p(y = k | z) ∝ exp(", make("b", {}, exponent), ")");
      rows.forEach(({ value, bar, share }, k) => {
        value.textContent = (sign * LIKENESS[distance](c[k])(...query)).toFixed(2).replace("-", "−");
        bar.style.width = `${100 * p[k]}%`;
        share.textContent = p[k].toFixed(2);
        share.dataset.value = p[k];
      });
      this.node.lastChild.setAttribute("aria-label",
        `Probabilities of the query: ${p.map((share, k) => `class ${k} ${share.toFixed(2)}`).join(", ")}`);
    },
  };
}

// The shades from unsure to sure, with the probabilities between them.
function shadeLegend({ levels, shades }) {
  return make("div", { class: "mc-shades" },
    make("span", { class: "mc-soft" }, "Shade: probability of the likeliest class"),
    make("div", {}, ...shades.map((opacity, i) =>
      make("i", { style: `background: rgba(118, 118, 118, ${opacity})` },
        ...(levels[i] ? [make("span", {}, `${levels[i]}`)] : [])))));
}

function render({ model, el }) {
  const about = model.get("about"), live = ["points", "query", "distance", "temperature", "shots"];
  let waiting = null;
  const askWhenFree = () => {                                // the handle is ahead; Python gets the latest place
    if (!waiting || model.get("asked") !== model.get("answered")) return;
    const moved = waiting;
    waiting = null;
    ask(model, moved);
  };
  const plane = prototypePlane(model, (moved) => {
    waiting = { ...waiting, ...moved };
    paint();
    askWhenFree();
  });
  const rows = oddsRows(about);
  const paint = () => rows.paint(plane.paint());
  const draw = () => {
    if (!waiting) plane.follow();
    paint();
  };
  const nearest = (tau) => about.temperatures.reduce((best, value, i) =>
    (Math.abs(value - tau) < Math.abs(about.temperatures[best] - tau) ? i : best), 0);

  model.on("change:answered", askWhenFree);
  live.slice(2).forEach((name) => model.on(`change:${name}`, paint));       // before Python has answered
  const stop = frame(model, el, {
    testid: "prototype-board", label: "Prototype board", draw,
    figure: make("div", { class: "mc-beside" }, make("div", { class: "mc-main" }, plane.node),
      make("div", { class: "mc-side" }, rows.node, shadeLegend(about),
        make("p", { class: "mc-about" }, "Drag support points and the query, or choose one with Tab and move it with " +
          "the arrow keys (Shift: farther). A click on the plane calls the query there. + is the origin."))),
    controls: [tabs(model, "distance", about.distances, { words: { euclidean: "Euclidean" } }),
      slider(model, "temperature", { label: "τ", range: () => [about.temperatures[0], about.temperatures.at(-1)],
        scale: { place: nearest, value: (place) => about.temperatures[place] } }),
      slider(model, "shots", { label: "shots", range: () => model.get("limits").shots })],
  });
  return () => {
    stop();
    model.off("change:answered", askWhenFree);
    live.slice(2).forEach((name) => model.off(`change:${name}`, paint));
  };
}

export default { render };
