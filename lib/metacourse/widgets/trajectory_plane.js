// A plane of two parameters: the landscape, the start as a handle, and every task's path as far as `steps`.

const SIDE = 360, EDGE = 44, TOP = 8, ARROW = 62;            // in the plane's own pixels
let planes = 0;                                              // so that every plane clips with its own frame

// `model` gives what Python computed; `onMove` is called with every new place of the start.
function parameterPlane(model, onMove) {
  const about = model.get("about"), [horizontal, vertical] = about.plane;
  const across = ([, low, high], value) => (SIDE * (value - low)) / (high - low);
  const px = (value) => EDGE + across(horizontal, value), py = (value) => TOP + SIDE - across(vertical, value);
  const chosen = () => about.landscapes.indexOf(model.get("landscape")) - 1;             // -1: all tasks
  const opacity = (task) => (chosen() < 0 || chosen() === task ? 1 : 0.35);
  const [ground, marks, paths, names, arrows] = [0, 1, 2, 3, 4].map(() => make("svg:g"));
  const clip = `mc-plane-${planes += 1}`;
  let at = model.get("start");

  const handle = make("svg:g", { class: "mc-handle", tabindex: 0, role: "group",
    "aria-roledescription": "point to drag", "data-testid": "start-handle",
    pointerdown: grab, pointermove: drag, keydown: nudge },
  make("svg:circle", { r: 20, fill: "transparent" }),
  make("svg:circle", { class: "mc-grip", r: 8 }),
  make("svg:text", { class: "mc-theta mc-halo", x: 11, y: -9 }, "θ"));
  const node = make("svg:svg", { class: "mc-plane", viewBox: `0 0 ${EDGE + SIDE + 8} ${SIDE + 52}`, role: "group",
    "aria-label": `Plane of ${horizontal[0]} and ${vertical[0]}`, "data-testid": "plane",
    click: (event) => moveTo(under(event)) },
  make("svg:clipPath", { id: clip }, make("svg:rect", { x: EDGE, y: TOP, width: SIDE, height: SIDE })),
  make("svg:g", { "clip-path": `url(#${clip})` }, ground, marks, paths, names, arrows), ...axes(), handle);

  function axes() {
    const ticks = ([, low, high]) => {
      const step = Math.ceil((high - low) / 9), first = Math.ceil(low / step) * step;
      return Array.from({ length: Math.floor((high - first) / step) + 1 }, (_, i) => first + i * step);
    };
    const text = (x, y, words, more) =>
      make("svg:text", { x, y, class: "mc-axis", "text-anchor": "middle", ...more }, `${words}`.replace("-", "−"));
    return [make("svg:rect", { class: "mc-frame", x: EDGE, y: TOP, width: SIDE, height: SIDE }),
      ...ticks(horizontal).map((v) => text(px(v), TOP + SIDE + 17, v)),
      ...ticks(vertical).map((v) => text(EDGE - 7, py(v) + 4, v, { "text-anchor": "end" })),
      text(EDGE + SIDE / 2, TOP + SIDE + 37, horizontal[0]),
      text(-TOP - SIDE / 2, 13, vertical[0], { transform: "rotate(-90)" })];
  }

  function under(event) {
    const box = node.getBoundingClientRect(), scale = (EDGE + SIDE + 8) / box.width;
    const value = ([, low, high], pixels) => low + ((high - low) * pixels) / SIDE;
    return [value(horizontal, (event.clientX - box.x) * scale - EDGE),
      value(vertical, TOP + SIDE - (event.clientY - box.y) * scale)];
  }
  function moveTo(point) {
    at = point.map((value, i) => {
      const [, low, high] = about.plane[i];
      return Math.min(high, Math.max(low, Math.round(100 * value) / 100));
    });
    place(at);
    onMove(at);
  }
  function grab(event) {
    event.preventDefault();
    handle.setPointerCapture(event.pointerId);
    handle.focus();
  }
  function drag(event) {
    if (handle.hasPointerCapture(event.pointerId)) moveTo(under(event));
  }
  function nudge(event) {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!step) return;
    event.preventDefault();
    moveTo(at.map((value, i) => value + step[i] * (event.shiftKey ? 0.5 : 0.1)));
  }
  function place(point) {
    at = point;
    handle.setAttribute("transform", `translate(${px(at[0])} ${py(at[1])})`);
    const said = at.map((value, i) => `${about.plane[i][0]} ${value.toFixed(2)}`);
    handle.setAttribute("aria-label", `Start θ: ${said.join(", ")}. Arrow keys move it.`);
  }

  // What stays while the steps change.
  function paint() {
    const hue = about.colors[chosen()] ?? "#808080";
    const [sx, sy] = about.plane.map(([, low, high]) => SIDE / (high - low));
    ground.setAttribute("transform", `matrix(${sx} 0 0 ${-sy} ${px(0)} ${py(0)})`);
    ground.replaceChildren(...model.get("ground").map((d) =>
      make("svg:path", { class: "mc-ring", d, fill: hue, stroke: hue })));
    marks.replaceChildren(
      ...(about.optima ?? []).map(([x, y], i) => make("svg:path", { class: "mc-optimum", stroke: about.colors[i],
        d: `M${px(x) - 5} ${py(y) - 5}l10 10m0 -10l-10 10`, opacity: opacity(i) })),
      ...about.starts.map(([, x, y], i) =>
        make("svg:circle", { class: "mc-named", cx: px(x), cy: py(y), r: 5, stroke: about.hues[i] })));
    names.replaceChildren(...about.starts.map(([label, x, y]) =>
      make("svg:text", { class: "mc-halo", x: px(x), y: py(y) + 21, "text-anchor": "middle" }, label)));
  }

  // What follows the steps: cheap enough for every frame.
  function scrub(steps) {
    const { paths: all, arrows: directions, lengths } = model.get("walks");
    paths.replaceChildren(...all.map((path, i) => {
      const points = path.slice(0, steps + 1).map(([x, y]) => [px(x), py(y)]), [x, y] = points.at(-1);
      return make("svg:g", { stroke: about.colors[i], opacity: opacity(i), "data-testid": `path-${i}` },
        make("svg:polyline", { class: "mc-path", points: points.join(" ") }),
        make("svg:path", { class: "mc-stops", d: points.map(([a, b]) => `M${a} ${b}h0`).join("") }),
        make("svg:circle", { class: "mc-end", cx: x, cy: y, r: 5.5, fill: about.colors[i] }));
    }));
    const now = (values) => values.at(chosen())[steps];      // .at(-1) is the mean over all tasks
    if (directions) arrows.replaceChildren(...Object.entries(about.arrows).reverse().map(([kind, hue]) =>
      arrow(kind, hue, now(directions[kind]), now(lengths[kind]))));
    node.dataset.steps = steps;
  }

  // A unit vector, drawn shorter where the gradient is short.
  function arrow(kind, stroke, [dx, dy], length) {
    if (dx === null) return make("svg:g");
    const [x, y] = model.get("start"), a = px(x + dx) - px(x), b = py(y + dy) - py(y);
    const scale = (ARROW * Math.max(0.3, Math.min(1, 2 * length))) / Math.hypot(a, b);
    const tip = [px(x) + scale * a, py(y) + scale * b];
    const wing = (side) => [0, 1].map((i) => tip[i] - scale * (0.2 * [a, b][i] + 0.11 * side * [-b, a][i]));
    const attributes = { class: `mc-arrow mc-${kind.replace(" ", "-")}`, stroke, "data-testid": `arrow-${kind}` };
    return make("svg:polyline", { ...attributes,
      points: [[px(x), py(y)], tip, wing(1), tip, wing(-1)].join(" ") });
  }

  return { node, place, paint, scrub };
}
