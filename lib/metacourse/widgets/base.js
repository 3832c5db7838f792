// What the widgets share. This file is put in front of each widget's own.

// An element with attributes, listeners (functions) and children.
function make(tag, attributes = {}, ...children) {
  const node = tag.startsWith("svg:")
    ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4))
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Send changes to Python, and count them.
function ask(model, changes) {
  for (const [name, value] of Object.entries(changes)) model.set(name, value);
  model.set("asked", model.get("asked") + 1);
  model.save_changes();
}

// The widget's frame: controls, the state in words, a figure. `draw` runs now and after every answer.
function frame(model, el, { testid, label, controls, figure, draw }) {
  const status = make("p", { class: "mc-status", role: "status", "data-testid": `${testid}-status` });
  const root = make("section", { class: "mc", "aria-label": label, "data-testid": testid,
    "data-lm-suppress-shortcuts": "true", keydown: (event) => event.stopPropagation() },   // arrows are ours
    make("div", { class: "mc-controls" }, ...controls.map((control) => control.node)), status, figure);
  let version = null, since = null;
  const refresh = () => {
    version = model.get("version");
    controls.forEach((control) => control.refresh?.());
    draw();
    const problem = model.get("problem");
    status.textContent = problem ? `Something went wrong. ${problem}` : model.get("status");
    status.classList.toggle("mc-problem", Boolean(problem));
  };
  const onChange = () => {
    if (model.get("version") !== version) refresh();
    Object.assign(root.dataset, { asked: model.get("asked"), answered: model.get("answered") });
    if (model.get("asked") !== model.get("answered")) since ??= performance.now();
    else if (since !== null) {
      root.dataset.milliseconds = Math.round(performance.now() - since);     // from the event to its picture
      since = null;
    }
  };
  model.on("change", onChange);
  onChange();
  el.append(root);
  return () => model.off("change", onChange);
}

// A labeled slider for an integer trait. `scale` translates between the slider's place and the value;
// `also` are changes that go with every move.
function slider(model, name, { label, range, scale = { place: (v) => v, value: (p) => p }, also = {} }) {
  const limits = () => range().map(scale.place);
  const output = make("output");
  const input = make("input", { type: "range", "data-testid": `control-${name}`, input: () => {
    const value = scale.value(Number(input.value));
    show(value);
    if (value !== model.get(name)) ask(model, { [name]: value, ...also });
  } });
  const show = (value) => {
    output.textContent = value.toLocaleString("en");
    input.setAttribute("aria-valuetext", `${value}`);
  };
  const refresh = () => {
    [input.min, input.max] = limits();
    const value = model.get(name);
    if (scale.value(Number(input.value)) !== value) input.value = scale.place(value);
    show(value);
  };
  return { node: make("label", { class: "mc-control" }, make("span", {}, label), input, output), refresh };
}

// A labeled choice among strings.
function choice(model, name, { label, options }) {
  const input = make("select", { "data-testid": `control-${name}`,
    change: () => ask(model, { [name]: input.value }) }, ...options.map((text) => make("option", {}, text)));
  return { node: make("label", { class: "mc-control" }, make("span", {}, label), input),
    refresh: () => { input.value = model.get(name); } };
}

// A labeled whole number that may be typed.
function number(model, name, { label, range }) {
  const input = make("input", { type: "number", "data-testid": `control-${name}`, change: () => {
    const [low, high] = range();
    const value = Math.min(high, Math.max(low, Math.round(Number(input.value) || 0)));
    input.value = value;
    if (value !== model.get(name)) ask(model, { [name]: value });
  } });
  return { node: make("label", { class: "mc-control" }, make("span", {}, label), input), refresh: () => {
    [input.min, input.max] = range();
    input.value = model.get(name);
  } };
}

function button(testid, text, onclick) {
  return { node: make("button", { type: "button", class: "mc-button", "data-testid": testid, click: onclick }, text) };
}
