let groups = 0;                                              // so that each group of radio buttons is its own

// One of a few values, all in sight. `words` say on the page what the values mean.
function tabs(model, name, options, { label = "", words = {} } = {}) {
  const group = `mc-${name}-${groups += 1}`;
  const inputs = options.map((value) => make("input", { type: "radio", name: group, value,
    "data-testid": `${name}-${value}`, change: () => ask(model, { [name]: value }) }));
  const row = make("div", { class: "mc-tabs", role: "radiogroup", "aria-label": label || name },
    ...inputs.map((input, i) => make("label", {}, input, make("span", {}, words[options[i]] ?? `${options[i]}`))));
  return {
    node: label ? make("div", { class: "mc-control" }, make("span", {}, label), row) : row,
    refresh: () => inputs.forEach((input, i) => { input.checked = options[i] === model.get(name); }),
  };
}
