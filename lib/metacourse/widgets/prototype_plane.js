// A plane of embeddings: regions on a canvas; over it support points and a query as handles, and prototypes.

const SIDE = 360, EDGE = 44, TOP = 8, WIDE = EDGE + SIDE + 8, HIGH = TOP + SIDE + 44;        // in its own pixels
const FINE = 400;                                            // pixels along each side of the canvas
const SMALL = 1e-12;                                         // the least length that cosine divides by

// How alike a point is to one prototype: its logit, before the temperature divides it.
const LIKENESS = {
  squared: ([a, b]) => (x, y) => -((x - a) * (x - a) + (y - b) * (y - b)),
  euclidean: ([a, b]) => (x, y) => -Math.sqrt((x - a) * (x - a) + (y - b) * (y - b)),
  cosine: ([a, b]) => {
    const length = Math.max(SMALL, Math.hypot(a, b));
    return (x, y) => (x * a + y * b) / (length * Math.max(SMALL, Math.sqrt(x * x + y * y)));
  },
};

// The means of the first `shots` points of each class.
function prototypesOf(points, shots) {
  const mean = (own, i) => own.slice(0, shots).reduce((sum, point) => sum + point[i], 0) / shots;
  return points.map((own) => [mean(own, 0), mean(own, 1)]);
}

// p(y = k | z), as metacourse.methods.protonet computes it.
function probabilities(prototypes, query, distance, temperature) {
  const logits = prototypes.map((c) => LIKENESS[distance](c)(...query) / temperature), top = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - top)), sum = odds.reduce((a, b) => a + b);
  return odds.map((value) => value / sum);
}

// Each pixel in its winner's color, the more opaque the likelier. Returns the winners.
// What LIKENESS says is written out here, since this runs for every pixel of every move.
function paintRegions(canvas, prototypes, distance, temperature, { reach, colors, levels, shades }) {
  const context = canvas.getContext("2d"), image = context.createImageData(FINE, FINE), way = prototypes.length;
  const pixels = new Uint32Array(image.data.buffer), winners = new Uint8Array(FINE * FINE);
  const inks = colors.map((hue) => shades.map((opacity) => packed(hue, opacity)));
  const length = distance === "cosine" ? prototypes.map((c) => Math.max(SMALL, Math.hypot(...c))) : [];
  const a = Float64Array.from(prototypes, ([x], k) => x / (length[k] ?? 1));
  const b = Float64Array.from(prototypes, ([, y], k) => y / (length[k] ?? 1));
  const logit = new Float64Array(way), isCosine = distance === "cosine", isSquared = distance === "squared";
  const place = (i) => reach * ((2 * i + 1) / FINE - 1);
  for (let row = 0, i = 0; row < FINE; row++) {
    const y = -place(row);
    for (let column = 0; column < FINE; column++, i++) {
      const x = place(column), scale = isCosine ? 1 / Math.max(SMALL, Math.sqrt(x * x + y * y)) : 1;
      let best = 0, sum = 1, band = 0;
      for (let k = 0; k < way; k++) {
        const dx = x - a[k], dy = y - b[k], squared = dx * dx + dy * dy;
        logit[k] = isCosine ? (x * a[k] + y * b[k]) * scale : isSquared ? -squared : -Math.sqrt(squared);
        if (logit[k] > logit[best]) best = k;
      }
      for (let k = 0; k < way; k++) {
        const behind = (logit[k] - logit[best]) / temperature;
        if (k !== best && behind > -20) sum += Math.exp(behind);             // less is not seen
      }
      while (band < levels.length && 1 >= levels[band] * sum) band++;        // 1 / sum is the winner's probability
      winners[i] = best;
      pixels[i] = inks[best][band];
    }
  }
  context.putImageData(image, 0, 0);
  return winners;
}

// An SVG path, in pixels, along which the winner changes: through the middle between pixels that differ.
function borders(winners) {
  let path = "";
  for (let y = 1; y < FINE; y++) {
    for (let x = 1; x < FINE; x++) {
      const i = (y - 1) * FINE + x - 1, a = winners[i], b = winners[i + 1], c = winners[i + FINE], d = winners[i + FINE + 1];
      if (a === b && a === c && a === d) continue;
      const ends = [];
      if (a !== b) ends.push(`${x} ${y - 0.5}`);
      if (c !== d) ends.push(`${x} ${y + 0.5}`);
      if (a !== c) ends.push(`${x - 0.5} ${y}`);
      if (b !== d) ends.push(`${x + 0.5} ${y}`);
      path += ends.length === 2 ? `M${ends[0]}L${ends[1]}` : ends.map((end) => `M${x} ${y}L${end}`).join("");
    }
  }
  return path;
}

// A color "#rrggbb" and its opacity as one number of a pixel (red in the lowest byte).
function packed(hue, opacity) {
  const [red, green, blue] = [1, 3, 5].map((i) => parseInt(hue.slice(i, i + 2), 16));
  return ((Math.round(255 * opacity) << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

// `onMove` is called with every new place: { points } or { query }.
function prototypePlane(model, onMove) {
  const about = model.get("about"), { reach, colors } = about;
  const px = (x) => EDGE + (SIDE * (x + reach)) / (2 * reach), py = (y) => TOP + (SIDE * (reach - y)) / (2 * reach);
  const put = (node, [x, y]) => node.setAttribute("transform", `translate(${px(x)} ${py(y)})`);
  const canvas = make("canvas", { width: FINE, height: FINE, class: "mc-regions", "data-testid": "regions",
    style: `left: ${(100 * EDGE) / WIDE}%; top: ${(100 * TOP) / HIGH}%; width: ${(100 * SIDE) / WIDE}%` });
  let points = model.get("points"), query = model.get("query");

  const dots = points.map((own, k) => own.map((_, shot) => handle(
    `Support point ${shot + 1} of class ${k}`, `support-${k}-${shot}`, () => points[k][shot],
    (at) => {
      points = points.map((same, j) => same.map((point, i) => (j === k && i === shot ? at : point)));
      onMove({ points });
    },
    make("svg:circle", { class: "mc-grip", r: 7, style: `fill: ${colors[k]}` }))));
  const asked = handle("Query", "query", () => query, (at) => { query = at; onMove({ query }); },
    make("svg:path", { class: "mc-grip", d: "M0 -10 10 0 0 10 -10 0Z" }),
    make("svg:text", { class: "mc-halo", x: 14, y: 5 }, "query"));
  const border = make("svg:path", { class: "mc-border",
    transform: `translate(${EDGE} ${TOP}) scale(${SIDE / FINE})` });
  const spokes = make("svg:g"), chips = points.map((_, k) => numberChip(k, colors[k], 26));
  const svg = make("svg:svg", { class: "mc-plane", viewBox: `0 0 ${WIDE} ${HIGH}`, role: "group",
    "aria-label": "Plane of embeddings", "data-testid": "prototype-plane",
    click: (event) => asked.moveTo(under(event)) },
  border, ...axes(), spokes, ...dots.flat().map((dot) => dot.node), ...chips, asked.node);

  // A point that mouse, touch and arrow keys move.
  function handle(name, testid, where, moved, ...shape) {
    const clamp = (value) => Math.min(reach, Math.max(-reach, Math.round(100 * value) / 100));
    const moveTo = (point) => moved(point.map(clamp));
    const node = make("svg:g", { class: "mc-handle", tabindex: 0, role: "group",
      "aria-roledescription": "point to drag", "data-testid": testid,
      click: (event) => event.stopPropagation(),             // a click on the plane would call the query here
      pointerdown: (event) => {
        event.preventDefault();
        node.setPointerCapture(event.pointerId);
        node.focus({ preventScroll: true });
      },
      pointermove: (event) => { if (node.hasPointerCapture(event.pointerId)) moveTo(under(event)); },
      keydown: (event) => {
        const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!step) return;
        event.preventDefault();
        const far = (reach * (event.shiftKey ? 5 : 1)) / 40;
        moveTo(where().map((value, i) => value + step[i] * far));
      } }, make("svg:circle", { class: "mc-reach", r: 17 }), ...shape);
    const place = () => {
      put(node, where());
      const said = where().map((value) => value.toFixed(2)).join(", ");
      node.setAttribute("aria-label", `${name} at ${said}. Arrow keys move it.`);
    };
    return { node, moveTo, place };
  }

  function axes() {
    const text = (x, y, words, more) =>
      make("svg:text", { x, y, class: "mc-axis", "text-anchor": "middle", ...more }, `${words}`.replace("-", "−"));
    const ticks = [-1, -0.5, 0, 0.5, 1].map((share) => share * reach);
    return [make("svg:rect", { class: "mc-frame", x: EDGE, y: TOP, width: SIDE, height: SIDE }),
      ...ticks.map((v) => text(px(v), TOP + SIDE + 17, v)),
      ...ticks.map((v) => text(EDGE - 7, py(v) + 4, v, { "text-anchor": "end" })),
      text(px(0), TOP + SIDE + 36, "first dimension of z"),
      text(-py(0), 14, "second dimension", { transform: "rotate(-90)" }),
      make("svg:path", { class: "mc-origin", d: `M${px(0) - 6} ${py(0)}h12m-6 -6v12` })];
  }
  function under(event) {
    const box = svg.getBoundingClientRect(), scale = WIDE / box.width;
    return [(event.clientX - box.x) * scale - EDGE, TOP + SIDE - (event.clientY - box.y) * scale]
      .map((pixels) => reach * ((2 * pixels) / SIDE - 1));
  }

  return {
    node: make("div", { class: "mc-field" }, canvas, svg),
    follow() { points = model.get("points"); query = model.get("query"); },      // what Python knows
    paint() {
      const shots = model.get("shots"), c = prototypesOf(points, shots);
      const [distance, temperature] = [model.get("distance"), model.get("temperature")];
      const started = performance.now();
      border.setAttribute("d", borders(paintRegions(canvas, c, distance, temperature, about)));
      canvas.dataset.milliseconds = (performance.now() - started).toFixed(1);
      dots.forEach((own) => own.forEach((dot, shot) => {
        dot.node.style.display = shot < shots ? "" : "none";
        dot.place();
      }));
      asked.place();
      chips.forEach((chip, k) => put(chip, c[k]));
      spokes.replaceChildren(...c.flatMap(([x, y], k) => points[k].slice(0, shots).map(([a, b]) =>
        make("svg:line", { class: "mc-spoke", stroke: colors[k], x1: px(x), y1: py(y), x2: px(a), y2: py(b) }))));
      return { c, query, distance, temperature, p: probabilities(c, query, distance, temperature) };
    },
  };
}
