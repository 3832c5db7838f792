// The clouds of two domains on a plane, a dot for each image. All is drawn here; Python has sent every moment.

const SIDE = 400, PAD = 16;

// A dot per image (source filled, target outlined), and a chip at the mean of each class of the source.
function cloudPlane(about) {
  const { source, target, names, hues, domains } = about, inner = SIDE / 2 - PAD;
  const put = (node, [x, y]) => { node.style.transform = `translate(${x}px, ${y}px)`; };
  const dot = (kind, r) => make("svg:g", { class: "mc-dot" }, make("svg:circle", { class: kind, r }));
  const dots = [...source.map(() => dot("mc-from-source", 3.9)), ...target.map(() => dot("mc-from-target", 3.9))];
  const present = [...new Set(source)].sort((a, b) => a - b);
  const chips = present.map((k) => numberChip(names[k], hues[k], 20));
  const node = make("svg:svg", { class: "mc-plane mc-domains", viewBox: `0 0 ${SIDE} ${SIDE}`, role: "img",
    "data-testid": "domains-plane" }, make("svg:rect", { class: "mc-frame", x: 0.5, y: 0.5, width: SIDE - 1,
    height: SIDE - 1, rx: 6 }), ...dots, ...chips);
  let colored = null;
  return {
    node,
    color(by) {
      if (by === colored) return;
      colored = by;
      [...source, ...target].forEach((k, i) => {
        dots[i].style.setProperty("--mc-hue", by === "class" ? hues[k] : domains[i < source.length ? 0 : 1]);
      });
      node.classList.toggle("mc-by-domain", by === "domain");
    },
    move(places) {                                           // of one moment: [x, y] from −1 to 1
      const at = places.map(([x, y]) => [SIDE / 2 + inner * x, SIDE / 2 - inner * y]);
      at.forEach((place, i) => put(dots[i], place));
      present.forEach((k, i) => {
        const own = at.slice(0, source.length).filter((_, j) => source[j] === k);
        put(chips[i], [0, 1].map((axis) => own.reduce((sum, place) => sum + place[axis], 0) / own.length));
      });
    },
  };
}

function render({ model, el }) {
  const about = model.get("about"), points = about.source.length + about.target.length;
  const plane = cloudPlane(about), chart = domainsChart(model), moments = about.times.length;
  let scrubbed = model.get("moment");
  const run = () => about.reversals.indexOf(model.get("reversal"));
  const marks = make("div", { class: "mc-marks mc-domain-marks" }, ...["source", "target"].map((what, i) =>
    make("span", { class: `mc-is-${what}`, style: `--mc-hue: ${about.domains[i]}` }, what)),
  make("span", { class: "mc-is-mean" }, "mean of a class of the source"));

  function places(at) {
    const bytes = model.get("places"), start = 4 * points * (run() * moments + at);
    const number = (i) => bytes.getInt16(start + 2 * i, true) / about.fine;
    return Array.from({ length: points }, (_, i) => [number(2 * i), number(2 * i + 1)]);
  }
  function paint() {
    moment.textContent = about.times[scrubbed];
    slide.setAttribute("aria-valuetext", about.times[scrubbed]);
    plane.color(model.get("colors"));
    plane.move(places(scrubbed));
    chart.paint(run(), scrubbed);
    marks.classList.toggle("mc-by-domain", model.get("colors") === "domain");
    const words = model.get("words")[run()][scrubbed];
    plane.node.setAttribute("aria-label", `Source and target features on a plane. ${words}`);
    Object.assign(plane.node.dataset, { moment: scrubbed, reversal: model.get("reversal") });
    const status = el.querySelector("[role=status]");
    if (status && !model.get("problem")) status.textContent = words;
  }
  const moment = make("output"), slide = make("input", { type: "range", class: "mc-long", min: 0, step: 1,
    max: moments - 1, "data-testid": "control-moment",
    input: () => { scrubbed = Number(slide.value); paint(); },
    change: () => ask(model, { moment: Number(slide.value) }) });
  const time = { node: make("label", { class: "mc-control mc-time" }, make("span", {}, "training"), slide, moment),
    refresh: () => { scrubbed = slide.value = model.get("moment"); } };

  const live = ["reversal", "colors"].map((name) => `change:${name}`);
  live.forEach((event) => model.on(event, paint));           // before Python has answered
  const stop = frame(model, el, {
    testid: "two-domains", label: "Two domains", draw: paint,
    figure: make("div", { class: "mc-beside" }, make("div", { class: "mc-main" }, plane.node, marks),
      make("div", { class: "mc-side" }, chart.node, make("p", { class: "mc-about" },
        "Each moment is scaled to fill the plane. Training sees the labels of the source, and none of the target."))),
    controls: [tabs(model, "reversal", about.reversals, { label: "λ" }), time,
      tabs(model, "colors", ["class", "domain"], { label: "colors by" })],
  });
  return () => { stop(); live.forEach((event) => model.off(event, paint)); };
}

export default { render };
