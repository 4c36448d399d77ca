// Shapes as siting.present.map_codec writes them: pixels of the 256-pixel Mercator world at zoom 18, differences,
// bytes of seven bits, base64.

const CODE_ZOOM = 18;
const CODE_WORLD = 256 * 2 ** CODE_ZOOM;

/** Decode to {starts: Uint32Array[parts + 1], xy: Int32Array[2 · points]}. */
function decode(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  let place = 0;
  const next = () => {
    let value = 0;
    let factor = 1;
    let byte;
    do {
      byte = bytes[place];
      place += 1;
      value += (byte & 127) * factor;
      factor *= 128;
    } while (byte > 127);
    return value;
  };
  const count = next();
  const starts = new Uint32Array(count + 1);
  for (let part = 0; part < count; part += 1) starts[part + 1] = starts[part] + next();
  const xy = new Int32Array(2 * starts[count]);
  let [x, y] = [0, 0];
  for (let point = 0; point < xy.length; point += 2) {
    x += signed(next());
    y += signed(next());
    xy[point] = x;
    xy[point + 1] = y;
  }
  return { starts, xy };
}

function signed(zigzag) { return zigzag % 2 ? -(zigzag + 1) / 2 : zigzag / 2; }

function latLng(x, y) {
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / CODE_WORLD))) * 180) / Math.PI;
  return [lat, (x / CODE_WORLD) * 360 - 180];
}

/** Rings as Leaflet takes them. */
function rings(shape) {
  const found = [];
  for (let part = 0; part + 1 < shape.starts.length; part += 1) {
    const ring = [];
    for (let point = shape.starts[part]; point < shape.starts[part + 1]; point += 1) {
      ring.push(latLng(shape.xy[2 * point], shape.xy[2 * point + 1]));
    }
    found.push(ring);
  }
  return found;
}

/** Whether a place lies inside the rings, by the even-odd rule. */
function inside(shape, lat, lng) {
  const x = ((lng + 180) / 360) * CODE_WORLD;
  const y = (0.5 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI)) * CODE_WORLD;
  let within = false;
  for (let part = 0; part + 1 < shape.starts.length; part += 1) {
    let before = shape.starts[part + 1] - 1;
    for (let point = shape.starts[part]; point < shape.starts[part + 1]; before = point, point += 1) {
      const [ax, ay] = [shape.xy[2 * point], shape.xy[2 * point + 1]];
      const [bx, by] = [shape.xy[2 * before], shape.xy[2 * before + 1]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
    }
  }
  return within;
}

/** Degrees that hold a shape, or null of nothing. */
function extent(shape) {
  const found = boxes(shape);
  if (!found.length) return null;
  let [west, north, east, south] = [Infinity, Infinity, -Infinity, -Infinity];
  for (let part = 0; part < found.length; part += 4) {
    west = Math.min(west, found[part]);
    north = Math.min(north, found[part + 1]);
    east = Math.max(east, found[part + 2]);
    south = Math.max(south, found[part + 3]);
  }
  return L.latLngBounds(latLng(west, south), latLng(east, north));
}

/** Left, top, right, bottom of every part, one after the other. */
function boxes(shape) {
  const found = new Int32Array(4 * (shape.starts.length - 1));
  for (let part = 0; part + 1 < shape.starts.length; part += 1) {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let point = shape.starts[part]; point < shape.starts[part + 1]; point += 1) {
      const [x, y] = [shape.xy[2 * point], shape.xy[2 * point + 1]];
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
    found.set([left, top, right, bottom], 4 * part);
  }
  return found;
}

// --- roads: drawn tile by tile, as many as the zoom can show -----------------------------------------------------

/** Colour and width in pixels of a road level at a zoom; null where it is not drawn. */
function roadStyle(level, zoom) {
  if (level === 1) return { colour: zoom < 11 ? "#b3a894" : "#a3967f", width: Math.min(4.2, Math.max(0.9, (zoom - 8) * 0.5)) };
  if (level === 2) {
    return zoom < 10 ? null : { colour: "#b9af9e", width: Math.min(3.2, Math.max(0.6, (zoom - 9) * 0.38)) };
  }
  return zoom < 11 ? null : { colour: zoom < 13 ? "#d3cbbd" : "#c6bdad", width: Math.min(2.4, Math.max(0.4, (zoom - 10.5) * 0.3)) };
}

const RoadTiles = L.GridLayer.extend({
  initialize(levels, options) {
    L.GridLayer.prototype.initialize.call(this, options);
    this._network = levels.map((shape) => ({ shape, boxes: boxes(shape) }));
  },

  createTile(coords) {
    const size = this.getTileSize().x;
    const ratio = window.devicePixelRatio || 1;
    const canvas = h("canvas");
    canvas.width = canvas.height = size * ratio;
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    context.lineCap = context.lineJoin = "round";
    for (let level = this._network.length; level >= 1; level -= 1) {
      const style = roadStyle(level, coords.z);
      if (style) this._stroke(context, this._network[level - 1], style, coords, size);
    }
    return canvas;
  },

  _stroke(context, { shape, boxes: box }, style, coords, size) {
    const scale = 2 ** (coords.z - CODE_ZOOM);
    const [left, top] = [(coords.x * size) / scale, (coords.y * size) / scale];
    const margin = style.width / scale;
    const [right, bottom] = [left + size / scale + margin, top + size / scale + margin];
    const { starts, xy } = shape;
    context.beginPath();
    for (let part = 0, at = 0; part + 1 < starts.length; part += 1, at += 4) {
      if (box[at] > right || box[at + 2] < left - margin || box[at + 1] > bottom || box[at + 3] < top - margin) continue;
      let [lastX, lastY] = [Infinity, Infinity];
      const end = starts[part + 1];
      for (let point = starts[part]; point < end; point += 1) {
        const x = (xy[2 * point] - left) * scale;
        const y = (xy[2 * point + 1] - top) * scale;
        if (point === starts[part]) context.moveTo(x, y);
        else if (point === end - 1 || Math.abs(x - lastX) + Math.abs(y - lastY) > 1) context.lineTo(x, y);
        else continue;
        [lastX, lastY] = [x, y];
      }
    }
    context.strokeStyle = style.colour;
    context.lineWidth = style.width;
    context.stroke();
  },
});
