// Which block moves in which phase: a grid of switches, presets, and a button that trains. The output is on top.

// A rate in few letters.
const written = (rate) => (rate < 1e-4 ? rate.toExponential(1) : `${Number(rate.toPrecision(2))}`);

// A switch per block and phase. Arrow keys walk, space and Enter switch; a block's name switches its row.
function switches(model) {
  const { blocks, phases, hue } = model.get("about");
  const order = blocks.map((_, block) => blocks.length - 1 - block);         // from output to input
  const set = (change) => ask(model, { moving: model.get("moving").map((row, block) =>
    row.map((on, phase) => change(block, phase) ?? on)) });
  const cells = blocks.map((name, block) => Array.from({ length: phases }, (_, phase) => make("button", {
    type: "button", class: "mc-cell", tabindex: -1, "data-testid": `cell-${block}-${phase}`,
    click: () => set((b, p) => (b === block && p === phase ? !model.get("moving")[b][p] : undefined)),
    focus: () => rove(block, phase), keydown: (event) => walk(event, block, phase) })));
  const names = blocks.map((name, block) => make("button", { type: "button", class: "mc-block",
    title: `switch ${name} in all phases`, "data-testid": `block-${block}`, click: () => {
      const on = model.get("moving")[block].every(Boolean);
      set((b) => (b === block ? !on : undefined));
    } }, name));

  function rove(block, phase) {                              // one cell is reached by Tab: the last one visited
    cells.flat().forEach((cell) => cell.setAttribute("tabindex", -1));
    cells[block][phase].setAttribute("tabindex", 0);
  }
  function walk(event, block, phase) {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [1, 0], ArrowDown: [-1, 0] }[event.key];
    const next = step && cells[block + step[0]]?.[phase + step[1]];
    if (!step) return;
    event.preventDefault();
    next?.focus();
  }
  rove(order[0], 0);
  return {
    node: make("div", { class: "mc-switches", role: "group", "aria-label": "What moves when. Arrow keys walk, " +
      "space switches.", style: `--mc-hue: ${hue}; --mc-phases: ${phases}`, "data-testid": "grid" },
    make("span", { class: "mc-soft" }, "block"), ...Array.from({ length: phases }, (_, phase) =>
      make("span", { class: "mc-soft mc-phase" }, `phase ${phase + 1}`)),
    ...order.flatMap((block) => [names[block], ...cells[block]])),
    paint() {
      const moving = model.get("moving"), told = model.get("cells");
      cells.forEach((row, block) => row.forEach((cell, phase) => {
        const on = moving[block][phase], [rate, speed] = told[block][phase];
        cell.setAttribute("aria-pressed", on);
        cell.style.setProperty("--mc-speed", on ? speed || 1 : 0);
        cell.textContent = on && rate ? written(rate) : "";
        cell.setAttribute("aria-label", `${blocks[block]}, phase ${phase + 1}: ` +
          (on ? `moves${rate ? ` at ${written(rate)}` : ""}` : "frozen"));
      }));
    },
  };
}

// A button for each preset; the present one is marked.
function presetButtons(model) {
  const { presets } = model.get("about");
  const buttons = Object.entries(presets).map(([name, preset]) => make("button", { type: "button",
    class: "mc-preset", "data-testid": `preset-${name.replace(" ", "-")}`, click: () => ask(model, preset) }, name));
  const same = (preset) => preset.layerwise === model.get("layerwise") &&
    `${preset.moving}` === `${model.get("moving")}`;
  return { node: make("div", { class: "mc-presets", role: "group", "aria-label": "presets" }, ...buttons),
    refresh: () => buttons.forEach((node) => node.setAttribute("aria-pressed", same(presets[node.textContent]))) };
}

function render({ model, el }) {
  const grid = switches(model), presets = presetButtons(model), runs = runsBeside(model);
  const train = button("run", "Run", () => {
    if (model.get("asked") !== model.get("answered")) return;
    ask(model, { trained: model.get("trained") + 1 });
    wait(true);
  });
  const slow = make("input", { type: "checkbox", "data-testid": "control-layerwise",
    change: () => ask(model, { layerwise: slow.checked }) });
  const layerwise = { node: make("label", { class: "mc-control" }, slow, "slower toward the input"),
    refresh: () => { slow.checked = model.get("layerwise"); } };

  function wait(training = false) {                          // a run takes a moment, a switch does not
    const busy = model.get("asked") !== model.get("answered");
    if (busy && !training) return;
    train.node.disabled = busy;
    train.node.textContent = busy ? "Training …" : "Run";
  }
  function paint() {
    grid.paint();
    presets.refresh();
    runs.paint();
    wait();
  }
  const live = ["change:moving", "change:layerwise"];
  live.forEach((event) => model.on(event, paint));           // before Python has answered
  const answered = () => wait();
  model.on("change:answered", answered);
  const stop = frame(model, el, {
    testid: "unfreezing-schedule", label: "Unfreezing schedule", draw: paint,
    figure: make("div", { class: "mc-beside" },
      make("div", { class: "mc-main" }, grid.node, make("p", { class: "mc-about" },
        "Click a cell to let a block move in a phase: it shows the rate. Empty cells are frozen. " +
        "The name of a block switches its whole row.")),
      make("div", { class: "mc-side" }, runs.node)),
    controls: [presets, layerwise, train],
  });
  return () => {
    stop();
    live.forEach((event) => model.off(event, paint));
    model.off("change:answered", answered);
  };
}

export default { render };
