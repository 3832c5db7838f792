// Beside the plane: the drawing that is pointed at, and its nearest in all dimensions.
// Python has sent every checkpoint: scrubbing only draws.

function render({ model, el }) {
  const about = model.get("about"), { drawings, colors, names, times, dim } = about;
  const status = () => el.querySelector("[role=status]"), classOf = (i) => Math.floor(i / drawings);
  const most = model.get("views")[0].near[0].length;
  let scrubbed = model.get("checkpoint"), picked = 0, pointed = null;

  const plane = embeddingPlane(model, {
    onPoint: (index) => { if (index !== pointed) { pointed = index; describe(); } },
    onPick: (index, focus) => {
      picked = index;
      pointed = null;
      plane.choose(index, focus, inWords(index));
      describe();
      ask(model, { picked: [classOf(index), index % drawings] });
    },
  });
  const big = tile("picked"), name = make("p", { class: "mc-name" });
  const said = make("p", { "data-testid": "own-neighbors" });
  const near = Array.from({ length: most }, (_, j) => ({ picture: tile(`near-${j}`), mark: make("span") }));
  const classes = make("div", { class: "mc-classes" }), caption = make("p", { class: "mc-about" });

  // An empty picture; `show` puts one of the drawings into it.
  function tile(testid) {
    const [height, width] = about.tile;
    return make("canvas", { width, height, class: "mc-tile", role: "img", "data-testid": testid });
  }
  function show(canvas, index) {
    const [height, width, channels] = about.tile, start = index * height * width * channels;
    const bytes = model.get("atlas"), pixels = new ImageData(width, height);
    for (let i = 0; i < height * width; i++) {
      for (let c = 0; c < 3; c++) {
        const byte = bytes.getUint8(start + i * channels + (channels === 1 ? 0 : c));
        pixels.data[4 * i + c] = channels === 1 ? 255 - byte : byte;             // one channel is ink on paper
      }
      pixels.data[4 * i + 3] = 255;
    }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    canvas.style.outlineColor = colors[classOf(index)];
    canvas.setAttribute("aria-label", inWords(index));
  }
  const inWords = (i) => `${names[classOf(i)].replaceAll("_", " ")}, drawing ${(i % drawings) + 1}, ` +
    (i % drawings < model.get("shot") ? "support" : "query");
  const chip = (k) => make("span", { class: "mc-chip", style: `background: ${colors[k]}` }, `${k}`);

  // The drawing pointed at, or else the picked one.
  function describe() {
    const shown = pointed ?? picked, nearest = model.get("views")[scrubbed].near[shown];
    const own = nearest.filter((i) => classOf(i) === classOf(shown)).length;
    plane.mark(shown, nearest);
    show(big, shown);
    name.replaceChildren(chip(classOf(shown)), inWords(shown));
    said.textContent = `${own} of its ${most} nearest are of its class.`;
    nearest.forEach((index, j) => {
      const right = classOf(index) === classOf(shown), { picture, mark } = near[j];
      show(picture, index);
      mark.textContent = `${right ? "✓" : "✗"} ${classOf(index)}`;
      mark.className = right ? "mc-right" : "mc-wrong";
    });
  }
  function scrub(to) {
    scrubbed = to;
    moment.textContent = times[to];
    slide.setAttribute("aria-valuetext", times[to]);
    plane.scrub(model.get("views")[to].places, model.get("shot"));
    caption.textContent = model.get("captions")[to];
    plane.node.dataset.checkpoint = to;
    describe();
    if (status() && !model.get("problem")) status().textContent = model.get("words")[to];
  }
  function draw() {
    const way = model.get("way"), [k, drawing] = model.get("picked");
    picked = (k < way ? k : 0) * drawings + drawing;         // a class that is no longer shown
    pointed = null;
    plane.build(way);
    plane.support(model.get("shot"));
    plane.choose(picked, false, inWords(picked));
    classes.replaceChildren(...names.slice(0, way).map((text, i) => {
      const first = tile(`class-${i}`);
      show(first, i * drawings);
      return make("div", { title: text }, chip(i), first, make("span", {}, text.replaceAll("_", " ")));
    }));
    scrub(scrubbed);
  }

  const moment = make("output"), slide = make("input", { type: "range", class: "mc-long", min: 0, step: 1,
    max: model.get("limits").checkpoint[1], "data-testid": "control-checkpoint",
    input: () => scrub(Number(slide.value)), change: () => ask(model, { checkpoint: Number(slide.value) }) });
  const time = { node: make("label", { class: "mc-control mc-time" }, make("span", {}, "training"), slide, moment),
    refresh: () => { scrubbed = slide.value = model.get("checkpoint"); } };
  const limits = (trait) => () => model.get("limits")[trait];
  return frame(model, el, {
    testid: "embedding-explorer", label: "Embedding explorer", draw,
    figure: make("div", { class: "mc-beside" },
      make("div", { class: "mc-main" }, plane.node, make("div", { class: "mc-marks" },
        ...["support", "query", "prototype", "nearest"].map((what) => make("span", { class: `mc-is-${what}` }, what)))),
      make("div", { class: "mc-side" },
        make("div", { class: "mc-card" }, big, make("div", {}, name, said)),
        make("p", { class: "mc-caption mc-soft" }, `Its nearest in all ${dim} dimensions`),
        make("div", { class: "mc-nearest" }, ...near.map(({ picture, mark }) => make("div", {}, picture, mark))),
        make("p", { class: "mc-caption mc-soft" }, "The classes, by their first drawing"), classes, caption)),
    controls: [time, slider(model, "way", { label: "way", range: limits("way") }),
      slider(model, "shot", { label: "shot", range: limits("shot") })],
  });
}

export default { render };
