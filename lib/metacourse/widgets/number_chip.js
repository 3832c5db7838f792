// A prototype on a plane: its class's number on a chip of that many pixels.
function numberChip(k, fill, side) {
  return make("svg:g", { class: "mc-prototype", "data-testid": `prototype-${k}` },
    make("svg:rect", { x: -side / 2, y: -side / 2, width: side, height: side, rx: side / 4, style: `fill: ${fill}` }),
    make("svg:text", { y: 5.3, "text-anchor": "middle" }, k));
}
