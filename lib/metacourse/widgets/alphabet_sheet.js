// A sheet of paper to draw on, by mouse, pen, finger or keys. A drawing is a list of strokes [x, y, x, y, …].

const STEP = 0.7;                                            // a point nearer to the last one is left out

// `side`: of the sheet in its own units. `onStroke` is called with every finished stroke.
function paperSheet({ side, onStroke, onKey }) {
  const ink = make("svg:g"), fresh = make("svg:path"), hint = make("svg:text", { x: side / 2, y: side / 2 });
  const nib = make("svg:circle", { class: "mc-nib", r: 2.4, visibility: "hidden" });
  const node = make("svg:svg", { class: "mc-paper", viewBox: `0 0 ${side} ${side}`, tabindex: 0, role: "group",
    "aria-roledescription": "sheet to draw on", "data-testid": "sheet", pointerdown: begin, pointermove: move,
    pointerup: end, pointercancel: end, lostpointercapture: end, keydown: keys, blur: lift },
  hint, make("svg:g", { class: "mc-ink" }, ink, fresh), nib);
  const pen = { by: null, stroke: [], x: side / 2, y: side / 2 };        // by: a pointer's number, "keys", or null

  const path = (stroke) => stroke.reduce((d, value, i) => `${d}${i === 0 ? "M" : i % 2 ? " " : "L"}${value}`, "")
    + (stroke.length === 2 ? "h0.01" : "");
  const within = (value) => Math.min(side, Math.max(0, Math.round(10 * value) / 10));

  function add(x, y) {
    const [oldX, oldY] = pen.stroke.slice(-2);
    if (pen.stroke.length && Math.hypot(x - oldX, y - oldY) < STEP) return;
    pen.stroke.push(within(x), within(y));
    fresh.setAttribute("d", path(pen.stroke));
  }
  function under(event) {
    const box = node.getBoundingClientRect(), scale = side / node.clientWidth;
    return [event.clientX - box.x - node.clientLeft, event.clientY - box.y - node.clientTop].map((v) => v * scale);
  }
  function begin(event) {
    if (event.button !== 0 || pen.by !== null) return;       // one finger draws; a resting hand does not
    event.preventDefault();
    node.focus({ preventScroll: true });
    node.setPointerCapture(event.pointerId);
    nib.setAttribute("visibility", "hidden");
    pen.by = event.pointerId;
    add(...under(event));
  }
  function move(event) {
    if (event.pointerId !== pen.by) return;
    const all = event.getCoalescedEvents?.() ?? [];
    (all.length ? all : [event]).forEach((each) => add(...under(each)));
  }
  function end(event) {
    if (event.pointerId === pen.by) finish();
  }
  function lift() {
    if (pen.by === "keys") finish();
    nib.setAttribute("visibility", "hidden");
  }
  function finish() {
    const stroke = pen.stroke;
    Object.assign(pen, { by: null, stroke: [] });
    nib.classList.remove("mc-down");
    if (stroke.length) onStroke(stroke);
  }

  // Arrow keys move the pen, the space bar lowers and lifts it.
  function keys(event) {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (way && (pen.by === null || pen.by === "keys")) {
      const step = event.shiftKey ? 1 : 5;
      Object.assign(pen, { x: within(pen.x + step * way[0]), y: within(pen.y + step * way[1]) });
      if (pen.by === "keys") add(pen.x, pen.y);
    } else if (event.key === " ") {
      if (pen.by === "keys") finish();
      else if (pen.by === null) {
        pen.by = "keys";
        nib.classList.add("mc-down");
        add(pen.x, pen.y);
      }
    } else return onKey(event);
    event.preventDefault();
    nib.setAttribute("visibility", "visible");
    nib.setAttribute("cx", pen.x);
    nib.setAttribute("cy", pen.y);
  }

  // The sheet's drawing; `words` stand on it while it is empty.
  function paint(drawing, words, label) {
    if (pen.by === null) fresh.setAttribute("d", "");
    ink.replaceChildren(...drawing.filter((stroke) => stroke.length).map((stroke) =>
      make("svg:path", { d: path(stroke) })));
    hint.textContent = drawing.length || pen.by !== null ? "" : words;
    node.setAttribute("aria-label", `${label}. ${drawing.length} strokes. Arrow keys move the pen, the space bar `
      + "lowers and lifts it, 1 to 5 and ? choose a sheet.");
    node.dataset.strokes = drawing.length;
  }
  const drop = () => Object.assign(pen, { by: null, stroke: [] });
  return { node, paint, drop };
}
