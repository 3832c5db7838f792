// Drawings as dots on the plane of a checkpoint: scrubbing moves them, pointing and arrow keys choose one.

const SIDE = 400, PAD = 18, NEAR = 16;                       // NEAR: how far beside a dot still points at it

// `onPoint` is called with the dot under the pointer (or null), `onPick` with the one chosen.
function embeddingPlane(model, { onPoint, onPick }) {
  const { colors, drawings } = model.get("about");
  const inner = SIDE / 2 - PAD, place = ([x, y]) => [SIDE / 2 + inner * x, SIDE / 2 - inner * y];
  const put = (node, [x, y]) => { node.style.transform = `translate(${x}px, ${y}px)`; };
  const node = make("svg:svg", { class: "mc-plane mc-cloud", viewBox: `0 0 ${SIDE} ${SIDE}`, role: "group",
    "aria-label": "Drawings on the plane. Arrow keys walk through drawings and classes.",
    "data-testid": "embedding-plane", pointermove: (event) => onPoint(under(event)), pointerleave: () => onPoint(null),
    click: (event) => { const at = under(event); if (at !== null) onPick(at, true); }, keydown: walk });
  let dots = [], chips = [], near = [], now = [], picked = 0, seen = 0;
  let lens = make("svg:g");

  function under(event) {
    const box = node.getBoundingClientRect(), scale = SIDE / box.width;
    const at = [(event.clientX - box.x) * scale, (event.clientY - box.y) * scale];
    const far = now.map(([x, y]) => Math.hypot(x - at[0], y - at[1])), least = Math.min(...far);
    return least <= NEAR ? far.indexOf(least) : null;
  }
  function walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -drawings, ArrowDown: drawings }[event.key];
    if (!step || !dots[picked + step]) return;
    event.preventDefault();
    onPick(picked + step, true);
  }

  return {
    node,
    // As many dots as there are drawings of the classes shown.
    build(way) {
      if (chips.length === way) return;
      const ring = () => make("svg:circle", { class: "mc-ring-near", r: 9.5 });
      dots = Array.from({ length: way * drawings }, (_, i) => make("svg:g", { class: "mc-dot", tabindex: -1,
        role: "img", "data-testid": `dot-${i}` }, ring(),
      make("svg:circle", { class: "mc-core", style: `fill: ${colors[Math.floor(i / drawings)]}` })));
      chips = Array.from({ length: way }, (_, k) => numberChip(k, colors[k], 22));
      node.replaceChildren(make("svg:rect", { class: "mc-frame", x: 0.5, y: 0.5, width: SIDE - 1, height: SIDE - 1,
        rx: 6 }), ...dots, ...chips, lens);
    },
    // The first drawings of each class are its support.
    support(shot) {
      dots.forEach((dot, i) => {
        dot.classList.toggle("mc-support", i % drawings < shot);
        dot.lastChild.setAttribute("r", i % drawings < shot ? 7 : 4.5);
      });
    },
    // Where all are at a checkpoint. Prototypes are means of support, in the plane as in all dimensions.
    scrub(places, shot) {
      now = places.map(place);
      now.forEach((at, i) => put(dots[i], at));
      if (now[seen]) put(lens, now[seen]);
      chips.forEach((chip, k) => {
        const own = now.slice(k * drawings, k * drawings + shot);
        put(chip, [0, 1].map((i) => own.reduce((sum, at) => sum + at[i], 0) / shot));
      });
    },
    // Ring the nearest of the drawing that is described; itself it lies above all, under a lens.
    mark(shown, nearest) {
      near.forEach((dot) => dot.classList.remove("mc-near-dot"));
      near = nearest.map((i) => dots[i]);
      near.forEach((dot) => dot.classList.add("mc-near-dot"));
      if (shown === seen && lens.firstChild) return;         // it glides with its dot
      seen = shown;
      const hue = colors[Math.floor(shown / drawings)];
      const fresh = make("svg:g", { class: "mc-lens" }, make("svg:circle", { class: "mc-glass", r: 10 }),
        make("svg:circle", { r: 5.5, style: `fill: ${hue}` }));
      put(fresh, now[shown]);
      lens.replaceWith(fresh);
      lens = fresh;
    },
    choose(index, focus, words) {
      dots[picked]?.setAttribute("tabindex", -1);
      picked = index;
      dots[index].setAttribute("tabindex", 0);
      dots[index].setAttribute("aria-label", words);
      if (focus) dots[index].focus({ preventScroll: true });
    },
  };
}
