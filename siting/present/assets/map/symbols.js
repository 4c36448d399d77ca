// Symbols of facilities: the outline says the kind, colour and inner mark say the action, the size says the tier.
// Colours after Okabe and Ito; marks and outlines differ as well, so that the map can be read in black and white.

const TIER_SCALE = { county: 1.3, town: 1.1, community: 0.9 };

const ACTIONS = {
  keep: { fill: "#0072b2", mark: null, ink: "#fff" },
  expand: { fill: "#e69f00", mark: "up", ink: "#3a2600" },
  convert: { fill: "#cc79a7", mark: "half", ink: "#4d1535" },
  open: { fill: "#d55e00", mark: "plus", ink: "#fff" },
  close: { fill: "#fff", mark: "cross", ink: "#444c53", edge: "#444c53" },
};
const ACTION_ORDER = ["close", "keep", "convert", "expand", "open"]; // the last is drawn on top

function shapeOfKind(kind) { return data.legend.shapes[kind] || "circle"; }

function tierScale(kind) { return (data.kinds[kind] && TIER_SCALE[data.kinds[kind].tier]) || 1; }

/** Corners of a regular figure around (x, y), the first one upward; every second one drawn in for a star. */
function corners(context, x, y, radius, count, inner) {
  context.beginPath();
  for (let corner = 0; corner < count; corner += 1) {
    const reach = inner && corner % 2 ? radius * inner : radius;
    const angle = (2 * Math.PI * corner) / count - Math.PI / 2;
    context.lineTo(x + reach * Math.cos(angle), y + reach * Math.sin(angle));
  }
  context.closePath();
}

/** A triangle that is turned by an angle. */
function turned(context, x, y, radius, angle) {
  const points = [0, 1, 2].map((corner) => (2 * Math.PI * corner) / 3 - Math.PI / 2 + angle).map((at) => [Math.cos(at), Math.sin(at)]);
  polyline(context, x, y, radius, points);
}

/** A closed figure by its corners, in units of the radius. */
function polyline(context, x, y, radius, points) {
  context.beginPath();
  points.forEach(([dx, dy]) => context.lineTo(x + dx * radius, y + dy * radius));
  context.closePath();
}

const PLUS = [[-0.45, -1.15], [0.45, -1.15], [0.45, -0.45], [1.15, -0.45], [1.15, 0.45], [0.45, 0.45],
  [0.45, 1.15], [-0.45, 1.15], [-0.45, 0.45], [-1.15, 0.45], [-1.15, -0.45], [-0.45, -0.45]];

function outline(context, x, y, radius, shape) {
  if (shape === "square") {
    context.beginPath();
    context.rect(x - radius * 0.9, y - radius * 0.9, radius * 1.8, radius * 1.8);
  } else if (shape === "triangle") corners(context, x, y + radius * 0.18, radius * 1.28, 3);
  else if (shape === "diamond") corners(context, x, y, radius * 1.2, 4);
  else if (shape === "pentagon") corners(context, x, y, radius * 1.12, 5);
  else if (shape === "hexagon") corners(context, x, y, radius * 1.1, 6);
  else if (shape === "star") corners(context, x, y, radius * 1.4, 10, 0.52);
  else if (shape === "down") turned(context, x, y - radius * 0.18, radius * 1.28, Math.PI);
  else if (shape === "left") turned(context, x + radius * 0.18, y, radius * 1.28, -Math.PI / 2);
  else if (shape === "slim") polyline(context, x, y, radius, [[0, -1.35], [0.75, 0], [0, 1.35], [-0.75, 0]]);
  else if (shape === "plus") polyline(context, x, y, radius, PLUS);
  else {
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
  }
}

/** Lines of an action's mark, as pairs of corners in units of the radius. */
const MARKS = {
  plus: [[-0.5, 0, 0.5, 0], [0, -0.5, 0, 0.5]],
  cross: [[-0.42, -0.42, 0.42, 0.42], [-0.42, 0.42, 0.42, -0.42]],
  up: [[-0.45, 0.12, 0, -0.4], [0, -0.4, 0.45, 0.12], [0, -0.3, 0, 0.5]],
  half: [[-0.5, -0.16, 0.5, -0.16], [0.5, -0.16, 0.24, -0.42], [0.5, 0.2, -0.5, 0.2], [-0.5, 0.2, -0.24, 0.46]],
};

/** Ink that is read on a fill. */
function inkOn(fill) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(fill.slice(at, at + 2), 16));
  return 0.299 * red + 0.587 * green + 0.114 * blue > 150 ? "#2b2f33" : "#fff";
}

/** `fillWith` takes the place of the action's own colour. */
function drawSymbol(context, x, y, radius, shape, action, fillWith) {
  const style = { ...(ACTIONS[action] || ACTIONS.keep), ...(fillWith ? { fill: fillWith, ink: inkOn(fillWith) } : {}) };
  context.save();
  context.lineJoin = "round";
  outline(context, x, y, radius, shape);
  context.lineWidth = radius < 5 ? 1.8 : Math.max(2.6, radius * 0.42);
  context.strokeStyle = style.edge || "#fff"; // a halo that lifts the symbol off whatever lies below
  context.stroke();
  context.fillStyle = style.fill;
  context.fill();
  if (!style.edge) {
    context.lineWidth = 0.9;
    context.strokeStyle = "rgba(20,28,34,.85)";
    context.stroke();
  }
  if (style.mark && radius >= 4) {
    const drop = shape === "triangle" ? radius * 0.2 : 0;
    context.beginPath();
    MARKS[style.mark].forEach(([ax, ay, bx, by]) => {
      context.moveTo(x + ax * radius, y + drop + ay * radius);
      context.lineTo(x + bx * radius, y + drop + by * radius);
    });
    context.lineCap = "round";
    context.lineWidth = Math.max(1.2, radius * 0.24);
    context.strokeStyle = style.ink;
    context.stroke();
  }
  context.restore();
}

/** A symbol as a small picture, for legend, lists and cards. */
function symbolPicture(shape, action, size, fillWith) {
  const side = size || 20;
  const canvas = h("canvas", { class: "symbol", attributes: { "aria-hidden": "true" } });
  const ratio = Math.max(2, window.devicePixelRatio || 1);
  canvas.width = canvas.height = side * ratio;
  canvas.style.width = canvas.style.height = side + "px";
  const context = canvas.getContext("2d");
  context.scale(ratio, ratio);
  drawSymbol(context, side / 2, side / 2, side * 0.33, shape, action, fillWith);
  return canvas;
}

// A marker that a canvas renderer draws by our own hand.
L.Canvas.include({
  _drawSiteSymbol(marker) {
    if (!this._drawing || marker._empty()) return;
    drawSymbol(this._ctx, marker._point.x, marker._point.y, marker._radius, marker.options.shape, marker.options.action, marker.options.fillWith);
  },
});

const SiteSymbol = L.CircleMarker.extend({
  _updatePath() { this._renderer._drawSiteSymbol(this); },
});

/** Radius of a symbol in pixels: grows with the zoom, and starts smaller where there are hundreds or little room. */
function baseRadius(zoom) {
  const many = sites.length > 250 || map.getSize().x < 500 ? 0.8 : 1;
  return Math.min(11, Math.max(many < 1 ? 2.6 : 4.2, (zoom - 6.5) * 1.25 * (zoom < 13 ? many : 1)));
}
