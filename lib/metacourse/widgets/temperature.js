// One picture's classes as bars, softened by T, and the gradient beside them. All is drawn here; Python follows.

let albums = 0;                                              // so that each widget's radio buttons are its own

// The pictures to choose from, all in sight.
function album(model) {
  const { pictures, tile: [height, width, channels] } = model.get("about"), group = `mc-album-${albums += 1}`;
  const inputs = pictures.map((said, i) => make("input", { type: "radio", name: group, "aria-label": said,
    "data-testid": `picture-${i}`, change: () => ask(model, { picture: i }) }));
  return {
    node: make("div", { class: "mc-album", role: "radiogroup", "aria-label": "picture" },
      ...inputs.map((input, i) => make("label", { title: pictures[i] }, input, drawing(i)))),
    refresh: () => inputs.forEach((input, i) => { input.checked = i === model.get("picture"); }),
  };
  function drawing(i) {
    const canvas = make("canvas", { width, height, class: "mc-tile" }), pixels = new ImageData(width, height);
    const bytes = model.get("atlas"), start = i * height * width * channels;
    for (let j = 0; j < height * width; j++) {
      for (let c = 0; c < 3; c++) {
        const byte = bytes.getUint8(start + j * channels + (channels === 1 ? 0 : c));
        pixels.data[4 * j + c] = channels === 1 ? 255 - byte : byte;             // one channel is ink on paper
      }
      pixels.data[4 * j + 3] = 255;
    }
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return canvas;
  }
}

// A row per class: its name, a bar, its probability; the mark is where T = 1 leaves it.
function shareRows({ bar: hue }) {
  const node = make("div", { class: "mc-rows mc-shares", "data-testid": "shares", style: `--mc-hue: ${hue}` });
  let rows = [];
  return {
    node,
    build({ rows: names, label }) {
      rows = names.map((name, i) => ({ bar: make("i"), mark: make("b"),
        value: make("span", { class: "mc-value", "data-testid": `share-${i}` }),
        name: make("span", { class: i === label ? "mc-labeled" : "", title: name }, name) }));
      node.replaceChildren(...rows.flatMap(({ name, bar, mark, value }) =>
        [name, make("span", { class: "mc-bar" }, bar, mark), value]));
    },
    paint(p, before) {
      rows.forEach(({ bar, mark, value }, i) => {
        bar.style.width = `${100 * p[i]}%`;
        mark.style.left = `${100 * before[i]}%`;
        value.textContent = p[i] < 0.005 ? "<0.01" : p[i].toFixed(2);
        value.dataset.value = p[i];
      });
    },
  };
}

function render({ model, el }) {
  const about = model.get("about"), { temperatures, colors, most } = about, pictures = album(model);
  const shares = shareRows(about), chart = gradientChart(about), entropy = make("i");
  const bits = make("span", { class: "mc-value", "data-testid": "entropy" });
  const sizes = [...colors, "var(--mc-ink)"].map((hue) =>
    make("b", { class: "mc-size", style: `--mc-hue: ${hue}` }));
  let drawn = null;

  function paint() {
    const i = model.get("picture"), answer = model.get("answers")[i];
    const at = temperatures.indexOf(model.get("temperature"));
    if (drawn !== i) {
      shares.build(answer);
      chart.build(answer);
      drawn = i;
    }
    pictures.refresh();
    shares.paint(answer.p[at], answer.p[temperatures.indexOf(1)]);
    chart.mark(at, answer);
    entropy.style.width = `${(100 * answer.entropy[at]) / most}%`;
    bits.textContent = `${answer.entropy[at].toFixed(2)} of ${most.toFixed(2)} bits`;
    [answer.squared[at], answer.plain[at], about.label].forEach((size, k) => { sizes[k].textContent = sized(size); });
    const status = el.querySelector("[role=status]");
    if (status && !model.get("problem")) status.textContent = answer.words[at];
  }

  const live = ["picture", "temperature"].map((name) => `change:${name}`);
  live.forEach((event) => model.on(event, paint));           // before Python has answered
  const nearest = (T) => temperatures.reduce((best, value, i) =>
    (Math.abs(value - T) < Math.abs(temperatures[best] - T) ? i : best), 0);
  const stop = frame(model, el, {
    testid: "temperature", label: "Temperature", draw: paint,
    figure: make("div", { class: "mc-beside" },
      make("div", { class: "mc-main" }, shares.node, make("p", { class: "mc-soft mc-at-one" }, "mark: at T = 1"),
        make("div", { class: "mc-rows mc-entropy" }, make("span", {}, "entropy"),
          make("span", { class: "mc-bar", style: "--mc-hue: #808080" }, entropy), bits)),
      make("div", { class: "mc-side" },
        make("p", { class: "mc-sizes" }, "Size of the gradient at a student that finds all classes equally likely"),
        make("p", { class: "mc-sizes" }, "times T² ", sizes[0], ", without ", sizes[1], ", label ", sizes[2]),
        chart.node, make("p", { class: "mc-about" }, "The soft part's gradient is (q − p) / T, and q − p itself " +
          "shrinks with T: together like 1 / T². The factor T² undoes that. So the weight between the soft part " +
          "and the label's means about the same at every T."))),
    controls: [pictures, slider(model, "temperature", { label: "T",
      range: () => [temperatures[0], temperatures.at(-1)],
      scale: { place: nearest, value: (place) => temperatures[place] } })],
  });
  return () => { stop(); live.forEach((event) => model.off(event, paint)); };
}

export default { render };
