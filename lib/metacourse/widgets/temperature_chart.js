// The size of the soft gradient against the temperature, with and without T², both axes logarithmic.

const WIDE = 300, HIGH = 150, LEFT = 44, RIGHT = 238, LOW = 10;

function gradientChart({ temperatures, colors, label }) {
  const text = (at, height, words, more) => make("svg:text", { x: at, y: height, class: "mc-axis", ...more }, words);
  const ends = [temperatures[0], temperatures.at(-1)].map(Math.log10);
  const x = (T) => LEFT + ((RIGHT - LEFT) * (Math.log10(T) - ends[0])) / (ends[1] - ends[0]);
  const lines = make("svg:g"), now = make("svg:line", { class: "mc-now", y1: LOW, y2: HIGH });
  const dots = colors.map((hue) => make("svg:circle", { r: 5, stroke: "var(--mc-paper)", "stroke-width": 1.5,
    style: `fill: ${hue}` }));
  const node = make("svg:svg", { class: "mc-chart mc-short", viewBox: `0 0 ${WIDE} ${HIGH + 20}`, role: "img",
    "data-testid": "gradients" }, lines, now, ...dots,
  ...[temperatures[0], 1, 4, temperatures.at(-1)].map((T) => text(x(T), HIGH + 16, T, { "text-anchor": "middle" })));
  let y = null;

  // The lines of one picture.
  function build({ squared, plain }) {
    const sizes = [...squared, ...plain, label].map((size) => Math.log10(Math.max(size, 1e-6)));
    const low = Math.floor(Math.min(...sizes)), high = Math.ceil(Math.max(...sizes));
    y = (size) => LOW + ((HIGH - LOW) * (high - Math.log10(Math.max(size, 1e-6)))) / (high - low);
    const line = (own, hue) => make("svg:polyline", { fill: "none", style: `stroke: ${hue}; stroke-width: 2.6`,
      points: own.map((size, i) => [x(temperatures[i]), y(size)]).join(" ") });
    const names = [["times T²", squared.at(-1)], ["label", label], ["without", plain.at(-1)]];
    const heights = separate(names.map(([, size]) => y(size) + 4), 14);
    const powers = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    lines.replaceChildren(...powers.flatMap((power) => [
      text(LEFT - 6, y(10 ** power) + 4, (10 ** power).toFixed(Math.max(0, -power)), { "text-anchor": "end" }),
      make("svg:line", { class: "mc-tick", x1: LEFT, x2: RIGHT, y1: y(10 ** power), y2: y(10 ** power) })]),
    make("svg:line", { class: "mc-label-size", x1: LEFT, x2: RIGHT, y1: y(label), y2: y(label) }),
    line(squared, colors[0]), line(plain, colors[1]),
    ...names.map(([name], i) => text(RIGHT + 7, heights[i], name)));
  }
  return {
    node, build,
    mark(at, { squared, plain }) {
      ["x1", "x2"].forEach((end) => now.setAttribute(end, x(temperatures[at])));
      [squared, plain].forEach((sizes, i) => {
        dots[i].setAttribute("cx", x(temperatures[at]));
        dots[i].setAttribute("cy", y(sizes[at]));
      });
      node.setAttribute("aria-label", `Size of the soft gradient at T = ${temperatures[at]}: ` +
        `${sized(squared[at])} with T², ${sized(plain[at])} without; of the label's gradient: ${sized(label)}`);
    },
  };
}

// Heights of names, from top to bottom, at least `gap` from each other.
function separate(heights, gap) {
  const order = heights.map((_, i) => i).sort((a, b) => heights[a] - heights[b]), moved = [...heights];
  order.slice(1).forEach((i, k) => { moved[i] = Math.max(moved[i], moved[order[k]] + gap); });
  return moved;
}

const sized = (size) => (size >= 0.0095 ? size.toPrecision(2) : size.toFixed(4));
