// Five slots of drawings and the sheet "?"; Python renders what is drawn and says where it lands.

const QUERY = -1;                                            // the slot that is none: the sheet "?"

// A tile that shows a picture [28, 28] as the network sees it: ink on paper.
function pictureTile(attributes) {
  const canvas = make("canvas", { width: 28, height: 28 });
  const node = make("button", { type: "button", class: "mc-drawn", ...attributes }, canvas);
  return { node, paint(bytes, start) {
    const pixels = new ImageData(28, 28);
    for (let i = 0; i < 784; i++) pixels.data.set([0, 1, 2].map(() => 255 - bytes.getUint8(start + i)).concat(255), 4 * i);
    canvas.getContext("2d").putImageData(pixels, 0, 0);
  } };
}

function render({ model, el }) {
  const about = model.get("about"), past = new Map();        // past: earlier states of each sheet, for Undo
  let active = model.get("mode") === "own" ? firstEmpty(0) : { slot: QUERY, shot: 0 };

  const slots = () => model.get("slots"), isOwn = () => model.get("mode") === "own";
  const titled = (i) => (i === QUERY ? "?" : slots()[i].name || `${i + 1}`);
  const read = ({ slot, shot }) => (slot === QUERY ? model.get("query") : slots()[slot].drawings[shot] ?? []);
  const hue = (i) => about.colors[i] ?? "var(--mc-ink)";
  function firstEmpty(from) {
    const order = model.get("slots").map((slot, i) => [slot, i]).filter(([slot, i]) =>
      i >= from && !slot.drawings.some((one) => one.length));
    return { slot: order.length ? order[0][1] : QUERY, shot: 0 };
  }
  function change(i, values) {
    ask(model, { slots: slots().map((slot, j) => (j === i ? { ...slot, ...values } : slot)) });
  }

  // Put a drawing on the active sheet; `kept` false: without a way back to the one before.
  function write(drawing, kept = true) {
    const key = `${model.get("mode")} ${active.slot} ${active.shot}`;
    if (kept) past.set(key, [...(past.get(key) ?? []), read(active)]);
    if (active.slot === QUERY) ask(model, { query: drawing });
    else {
      const drawings = [...slots()[active.slot].drawings];
      drawings[active.shot] = drawing;
      change(active.slot, { drawings });
    }
    draw();
  }
  function undo() {
    const states = past.get(`${model.get("mode")} ${active.slot} ${active.shot}`) ?? [];
    if (states.length) write(states.pop(), false);
    else if (read(active).length) write(read(active).slice(0, -1), false);
  }
  const clear = () => { if (read(active).length) write([]); };
  function choose(slot, shot = 0) {
    sheet.drop();
    active = { slot, shot };
    draw();
  }
  function next() {
    if (!isOwn()) {
      choose(QUERY);
      ask(model, { example: model.get("example") + 1 });
    } else if (active.slot === QUERY) clear();
    else choose(firstEmpty(active.slot + 1).slot);
  }
  function turnTo(mode) {
    if (mode === model.get("mode")) return;
    const { slots: there, query } = model.get("other");
    ask(model, { mode, slots: there, query, other: { slots: slots(), query: model.get("query") } });
    const { slot } = mode === "own" ? firstEmpty(0) : { slot: QUERY };
    choose(slot);
  }
  function shortcut(event) {
    const place = "12345?".indexOf(event.key);
    if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) undo();
    else if (event.key === "Delete") clear();
    else if (event.key === "Enter") next();
    else if (event.key.length === 1 && place >= 0) choose(place === 5 ? QUERY : place);
    else return;
    event.preventDefault();
  }

  const sheet = paperSheet({ side: about.sheet, onKey: shortcut,
    onStroke: (stroke) => write([...read(active), stroke]) });
  const rows = about.colors.map((color, i) => slotRow(i, color));
  const seen = pictureTile({ "data-testid": "tile-query", click: () => choose(QUERY) });
  const questionChip = make("button", { type: "button", class: "mc-chip mc-choose", style: "--mc-hue: #444",
    "data-testid": "choose-query", "aria-label": "sheet “?”", click: () => choose(QUERY) }, "?");
  const question = make("div", { class: "mc-slot mc-question", style: "--mc-hue: var(--mc-ink)" }, questionChip,
    seen.node, make("span", { class: "mc-soft" }, "the picture to recognize, as the network sees it"));
  const onward = button("next", "", next);
  const heading = make("p", { class: "mc-heading" });

  function slotRow(i, color) {
    const tiles = Array.from({ length: about.shots }, (_, shot) => pictureTile({ click: () => choose(i, shot),
      "data-testid": `tile-${i}-${shot}` }));
    const more = make("button", { type: "button", class: "mc-more", "data-testid": `more-${i}`,
      click: () => choose(i, slots()[i].drawings.length) }, "+");
    const name = make("input", { type: "text", class: "mc-name", maxlength: about.letters, "data-testid": `name-${i}`,
      "aria-label": `name of character ${i + 1}`, spellcheck: "false", autocomplete: "off",
      keydown: (event) => { if (event.key === "Enter") name.blur(); },
      change: () => change(i, { name: name.value.trim() }) });
    const bar = make("i"), percent = make("output", { class: "mc-percent", "data-testid": `percent-${i}` });
    const chip = make("button", { type: "button", class: "mc-chip mc-choose", click: () => choose(i),
      "data-testid": `choose-${i}` }, `${i + 1}`);
    const node = make("div", { class: "mc-slot", style: `--mc-hue: ${color}`, "data-testid": `slot-${i}` }, chip,
      make("div", { class: "mc-shots" }, ...tiles.map((tile) => tile.node), more),
      make("div", { class: "mc-naming" }, name, make("div", { class: "mc-chance" }, bar)), percent);
    return { node, tiles, more, name, bar, percent, chip };
  }

  function drawRow(row, i, { probabilities, nearest }) {
    const { name, drawings } = slots()[i], here = active.slot === i, p = probabilities[i];
    const shown = Math.max(1, drawings.length, here ? active.shot + 1 : 0);
    row.node.classList.toggle("mc-nearest", nearest === i);
    row.node.classList.toggle("mc-active", here);
    row.chip.setAttribute("aria-label", `sheet ${i + 1}: ${name}`);
    row.chip.setAttribute("aria-pressed", here);
    if (row.name.getRootNode().activeElement !== row.name) row.name.value = name;
    row.tiles.forEach(({ node }, shot) => {
      node.hidden = shot >= shown;
      node.setAttribute("aria-pressed", here && active.shot === shot);
      node.setAttribute("aria-label", `${name}, drawing ${shot + 1}`);
      node.classList.toggle("mc-blank", !drawings[shot]?.length);
    });
    row.more.hidden = !drawings.length || shown > drawings.length || shown >= about.shots;
    row.more.setAttribute("aria-label", `another drawing of ${name}`);
    row.bar.style.width = `${100 * (p ?? 0)}%`;
    row.percent.textContent = p === null || p === undefined ? "" : `${Math.round(100 * p)} %`;
  }
  function paintTiles() {
    const bytes = model.get("pictures"), counts = slots().map(({ drawings }) => drawings.length);
    if (bytes.byteLength !== 784 * (counts.reduce((sum, n) => sum + n, 0) + 1)) return;      // not yet answered
    let start = 0;
    rows.forEach(({ tiles }, i) => {
      for (let shot = 0; shot < counts[i]; shot++, start += 784) tiles[shot].paint(bytes, start);
    });
    seen.paint(bytes, start);
  }
  function draw() {
    const { slot, shot } = active, name = titled(slot), drawing = read(active);
    const what = slot === QUERY ? "Sheet “?”: the picture to recognize" : `Sheet ${slot + 1}: “${name}”`
      + (shot ? `, drawing ${shot + 1}` : "");
    const words = slot === QUERY ? "draw one of them again" : `draw “${name}” here`;
    easel.style.setProperty("--mc-hue", hue(slot));
    heading.textContent = what;
    sheet.paint(drawing, words, what);
    rows.forEach((row, i) => drawRow(row, i, model.get("result")));
    lineup.style.setProperty("--mc-tiles", Math.max(...rows.map(({ tiles }) => tiles.filter(({ node }) => !node.hidden).length)));
    question.classList.toggle("mc-active", slot === QUERY);
    questionChip.setAttribute("aria-pressed", slot === QUERY);
    seen.node.setAttribute("aria-label", "the picture to recognize");
    seen.node.classList.toggle("mc-blank", !model.get("query").length);
    paintTiles();
    onward.node.textContent = !isOwn() ? "Another picture" : slot === QUERY ? "New picture" : "Next sheet";
    modes.forEach(({ node }) => node.setAttribute("aria-pressed", node.dataset.mode === model.get("mode")));
  }

  function save() {
    const characters = slots().map(({ name, drawings }, i) => ({ name: name || `${i + 1}`,
      drawings: drawings.filter((one) => one.length) })).filter(({ drawings }) => drawings.length);
    const file = new Blob([JSON.stringify({ format: about.format, characters })], { type: "application/json" });
    const link = make("a", { href: URL.createObjectURL(file), download: "alphabet.json" });
    document.body.append(link);                              // some browsers follow only links that are in the page
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }
  const chosen = make("input", { type: "file", accept: ".json,application/json", hidden: "", "data-testid": "file",
    change: async () => {
      const text = chosen.files.length ? await chosen.files[0].text() : "";
      chosen.value = "";
      if (text) ask(model, { opened: text });
    } });
  const modes = [["recorded", "Recorded characters"], ["own", "Use my own"]].map(([mode, text]) => {
    const each = button(`mode-${mode}`, text, () => turnTo(mode));
    each.node.dataset.mode = mode;
    each.node.classList.add("mc-mode");
    return each;
  });
  const quiet = (testid, text, onclick) => {
    const each = button(testid, text, onclick);
    each.node.classList.add("mc-quiet");
    return each;
  };
  const easel = make("div", { class: "mc-easel" }, heading, sheet.node, make("div", { class: "mc-tools" },
    quiet("undo", "Undo", undo).node, quiet("clear", "Clear", clear).node, onward.node));
  const lineup = make("div", { class: "mc-lineup", role: "group", "aria-label": "The characters to choose among" },
    ...rows.map(({ node }) => node), question);

  return frame(model, el, {
    testid: "alphabet-canvas", label: "Teach it your alphabet", draw,
    figure: make("div", { class: "mc-drawing" }, easel, lineup),
    controls: [{ node: make("div", { class: "mc-modes" }, ...modes.map(({ node }) => node)) },
      { node: make("div", { class: "mc-modes" }, quiet("save", "Save …", save).node,
        quiet("open", "Open …", () => chosen.click()).node, chosen) }],
  });
}

export default { render };
