// Rows of measurements, the newest on top: how it was done, time per task, memory.

function render({ model, el }) {
  const bills = make("div", { class: "mc-bills", role: "group", "aria-label": "Measurements", "data-testid": "bills" });
  const limits = (name) => () => model.get("limits")[name];
  const options = model.get("options");
  const measure = button("measure", "Measure", () => {
    if (model.get("asked") !== model.get("answered")) return;
    ask(model, { measured: model.get("measured") + 1 });
    wait();
  });
  function wait() {                                          // a measurement takes a moment
    const busy = model.get("asked") !== model.get("answered");
    measure.node.disabled = busy;
    measure.node.textContent = busy ? "Measuring …" : "Measure";
  }

  function draw() {
    const rows = model.get("rows"), digits = (value) => Number(value.toPrecision(3)).toLocaleString("en");
    const most = [2, 3].map((column) => Math.max(...rows.map((row) => row[column]), 1e-9));
    const bar = (value, top) => make("div", { class: "mc-bill" },
      make("span", {}, make("i", { style: `width: ${(100 * value) / top}%` })), make("output", {}, digits(value)));
    bills.replaceChildren(make("span", { class: "mc-said" }), make("span", { class: "mc-unit" }, "time per task, ms"),
      make("span", { class: "mc-unit" }, "memory, MB"), ...rows.flatMap(([way, said, time, memory], i) => {
        const style = `--mc-hue: ${model.get("colors")[way]}`, cells = [bar(time, most[0]), bar(memory, most[1])];
        cells.forEach((cell) => cell.setAttribute("style", style));
        return [make("span", { class: i ? "mc-said" : "mc-said mc-newest" }, said), ...cells];
      }));
    wait();
  }

  model.on("change:answered", wait);
  const stop = frame(model, el, {
    testid: "meter", label: "Meter of time and memory", draw,
    figure: make("div", { class: "mc-fit" }, bills, make("p", { class: "mc-caption mc-soft" },
      "Memory: bytes of tensors alive at the fullest moment. For threads: one task's, times the threads.")),
    controls: [choice(model, "way", { label: "tasks by", options: options.way }),
      slider(model, "tasks", { label: "tasks", range: limits("tasks") }),
      slider(model, "inner_steps", { label: "inner steps", range: limits("inner_steps") }),
      choice(model, "order", { label: "order", options: options.order }), measure],
  });
  return () => { stop(); model.off("change:answered", wait); };
}

export default { render };
