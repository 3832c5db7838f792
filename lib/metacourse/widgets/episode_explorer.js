// The episode as a grid of small pictures; the atlas holds them row by row, support first.

function render({ model, el }) {
  const limits = (name) => () => model.get("limits")[name];
  const grid = make("div", { class: "mc-grid", role: "group", "aria-label": "Pictures of the episode",
    "data-testid": "episode-grid", keydown: walk });
  const about = make("p", { class: "mc-about", "data-testid": "episode-about" });
  const hint = "Point at a picture, or walk with the arrow keys, to see its class.";
  let tiles = [], columns = 0;

  // One picture on a canvas: one channel is ink on paper, three are red, green, blue.
  function picture(index) {
    const [height, width, channels] = model.get("tile");
    const bytes = model.get("atlas"), size = height * width, start = index * size * channels;
    const pixels = new ImageData(width, height);
    for (let i = 0; i < size; i++) {
      for (let c = 0; c < 3; c++) {
        const byte = bytes.getUint8(start + i * channels + (channels === 1 ? 0 : c));
        pixels.data[4 * i + c] = channels === 1 ? 255 - byte : byte;
      }
      pixels.data[4 * i + 3] = 255;
    }
    const canvas = make("canvas", { width, height, class: "mc-tile", role: "img", tabindex: index ? -1 : 0 });
    canvas.getContext("2d").putImageData(pixels, 0, 0);
    return canvas;
  }

  function describe(index) {
    const row = Math.floor(index / columns), column = index % columns, shot = model.get("shot");
    const place = column < shot ? `support ${column + 1}` : `query ${column - shot + 1}`;
    return `label ${row}, ${place}: ${model.get("names")[row].replaceAll("_", " ")}`;
  }

  function choose(index, focus = false) {
    tiles.forEach((tile, i) => {
      tile.classList.toggle("mc-chosen", i === index);
      tile.tabIndex = i === Math.max(index, 0) ? 0 : -1;
    });
    about.textContent = index < 0 ? hint : describe(index);
    if (focus) tiles[index].focus();
  }

  function walk(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[event.key];
    const next = tiles.indexOf(event.target) + (step ?? NaN);
    if (!tiles[next]) return;
    event.preventDefault();
    choose(next, true);
  }

  function draw() {
    const [way, shot, queries] = ["way", "shot", "queries"].map((name) => model.get(name));
    const [height, width, channels] = model.get("tile");
    columns = shot + queries;
    if (model.get("atlas").byteLength !== way * columns * height * width * channels) return;   // not yet answered
    const side = `minmax(14px, ${columns > 12 ? 40 : 52}px)`;
    grid.style.gridTemplateColumns = `auto repeat(${shot}, ${side}) 12px repeat(${queries}, ${side})`;
    grid.style.gap = columns > 12 ? "3px" : "5px";
    tiles = [];
    const cells = [
      make("div", { class: "mc-head", style: `grid-column: 2 / span ${shot}` }, "support"),
      make("div", { class: "mc-head", style: `grid-column: ${shot + 3} / span ${queries}` }, "query"),
    ];
    for (let row = 0; row < way; row++) {
      const hue = model.get("palette")[row % model.get("palette").length];
      cells.push(make("div", { class: "mc-chip", style: `background: ${hue}; grid-column: 1`,
        "aria-hidden": "true" }, `${row}`));
      for (let column = 0; column < columns; column++) {
        const index = row * columns + column, tile = picture(index);
        tile.setAttribute("aria-label", describe(index));
        tile.style.gridColumn = column < shot ? column + 2 : column + 3;
        if (column < shot) tile.style.outline = `2px solid ${hue}`;
        tile.addEventListener("pointerenter", () => choose(index));
        tile.addEventListener("focus", () => choose(index));
        tiles.push(tile);
        cells.push(tile);
      }
    }
    grid.replaceChildren(...cells);
    choose(-1);
  }

  return frame(model, el, {
    testid: "episode-explorer", label: "Episode explorer", draw,
    figure: make("div", {}, grid, about),
    controls: [
      slider(model, "way", { label: "way", range: limits("way") }),
      slider(model, "shot", { label: "shot", range: limits("shot") }),
      slider(model, "queries", { label: "queries", range: limits("queries") }),
      choice(model, "split", { label: "classes", options: model.get("splits") }),
      number(model, "seed", { label: "seed", range: limits("seed") }),
      button("draw-another", "Draw another episode", () => {
        const [low, high] = model.get("limits").seed;
        ask(model, { seed: model.get("seed") < high ? model.get("seed") + 1 : low });
      }),
    ],
  });
}

export default { render };
