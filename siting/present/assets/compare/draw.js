'use strict';
// Words, numbers, tables and the two small drawings; whatever comes from input files goes through textContent only.
var told = JSON.parse(document.getElementById('told').textContent);
var language = told.language;

function word(key) { var found = told.words[key]; return found ? found[language] : key.replace(/^\w+\./, ''); }
function element(tag, text, kind) {
  var made = document.createElement(tag);
  if (text !== undefined && text !== null) { made.textContent = text; }
  if (kind) { made.className = kind; }
  return made;
}
function emptied(id) { var place = document.getElementById(id); place.replaceChildren(); return place; }
function number(value, digits) {
  return value === null || value === undefined ? '—' : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
function percent(value, digits) { return value === null || value === undefined ? '—' : number(value * 100, digits === undefined ? 1 : digits) + '%'; }
function yuan(value) {
  if (value === null || value === undefined) { return '—'; }
  if (Math.abs(value) < 1e5) { return language === 'zh' ? number(value, 0) + ' 元' : '¥' + number(value, 0); }
  return language === 'zh' ? number(value / 1e4, 0) + ' 万元' : '¥' + number(value / 1e6, 2) + ' m';
}
// The study as it stands has a name in words; other scenarios are called as the study calls them.
function called(name) { return name === 'base' ? word('page.base') : name; }
function keyed(key) {
  var clause = /^rules\.([^.]+)\.?(.*)$/.exec(key);
  return clause ? titled(clause[1]) + ' ' + clause[2] : word('key.' + key);
}
function titled(clause) { var found = told.words['clause.' + clause]; return found ? clause + ' ' + found[language] : clause; }
function changed(text) {
  return text.split('; ').map(function (one) {
    var at = one.indexOf('=');
    return keyed(one.slice(0, at)) + ' = ' + one.slice(at + 1).replace(/[\w-]+(?=: )/g, function (name) { return word('kind.' + name); });
  }).join('; ');
}

var SHARES = { gap: 2, share: 0, share_in_common: 0, coverage: 2, price_of_robustness: 1, move: 1, met_before: 0, met_after: 0 };
var WORDS = { actions: 'action.', status: 'status.', kinds: 'kind.' };
var CALLED = ['plan', 'scenario', 'worst_scenario', 'low_scenario', 'high_scenario'];
var MAY_BE_EMPTY = ['reason', 'changes', 'group'];
function heading(column) { return column === 'cost' || column === 'bound' ? word('page.' + (column === 'cost' ? 'yuan' : 'bound')) : word('column.' + column); }
function shown(column, value, row) {
  if (column === 'neighbours' && !value) { return ''; }
  if (value === null || value === undefined || value === '') { return MAY_BE_EMPTY.indexOf(column) >= 0 ? '' : '—'; }
  if (column === 'clause') { return value === 'cost' ? word('page.yuan') : titled(value); }
  if (column === 'parameter') { return keyed(value); }
  if (column === 'changes') { return changed(value); }
  if (CALLED.indexOf(column) >= 0) { return called(value); }
  if (row && row.clause === 'cost' && (column === 'low' || column === 'high')) { return yuan(value); }
  if (typeof value === 'boolean') { return value ? '✓' : ''; }
  if (WORDS[column]) { return String(value).split(';').map(function (one) { return word(WORDS[column] + one); }).join('、'); }
  if (typeof value !== 'number') { return String(value); }
  if (column in SHARES) { return percent(value, SHARES[column]); }
  if (column === 'cost' || column === 'bound') { return yuan(value); }
  if (column === 'lon' || column === 'lat') { return number(value, 5); }
  return number(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 3);
}

// A table whose headings sort it; rows for which `marked` holds are set off.
function table(place, columns, rows, marked, picked) {
  var order = { column: null, down: false };
  function fill() {
    var made = element('table'), head = made.createTHead().insertRow(), body = made.createTBody();
    columns.forEach(function (column) {
      var texts = rows.some(function (row) { return typeof row[column] === 'string'; });
      var cell = element('th', heading(column) + (order.column === column ? (order.down ? ' ↓' : ' ↑') : ''), texts ? 'text' : '');
      cell.onclick = function () { order = { column: column, down: order.column === column && !order.down }; fill(); };
      head.appendChild(cell);
    });
    var sorted = rows.slice();
    if (order.column) {
      sorted.sort(function (a, b) {
        var x = a[order.column], y = b[order.column];
        if (x === null || y === null) { return x === y ? 0 : x === null ? 1 : -1; }
        return (x < y ? -1 : x > y ? 1 : 0) * (order.down ? -1 : 1);
      });
    }
    sorted.forEach(function (row) {
      var line = body.insertRow();
      if (marked && marked(row)) { line.className = 'marked'; }
      if (picked) { line.onclick = function () { picked(row); }; line.style.cursor = 'pointer'; }
      columns.forEach(function (column) {
        var cell = element('td', shown(column, row[column], row), typeof row[column] === 'string' ? 'text' : '');
        if (typeof row[column] === 'string') { cell.title = cell.textContent; }
        line.appendChild(cell);
      });
    });
    place.replaceChildren(made);
  }
  fill();
}

var SVG = 'http://www.w3.org/2000/svg';
function drawn(tag, attributes, text) {
  var made = document.createElementNS(SVG, tag);
  Object.keys(attributes).forEach(function (name) { made.setAttribute(name, attributes[name]); });
  if (text !== undefined) { made.textContent = text; }
  return made;
}
function ticks(low, high, count) {
  var raw = (high - low) / count || 1, power = Math.pow(10, Math.floor(Math.log10(raw)));
  var step = [1, 2, 2.5, 5, 10].map(function (one) { return one * power; }).find(function (one) { return one >= raw; });
  var found = [];
  for (var at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) { found.push(at); }
  return found;
}

// Cost (across) against coverage (up); efficient plans are joined.
function frontier(place, rows, picked) {
  rows = rows.filter(function (row) { return row.coverage !== null; });
  if (!rows.length) { place.replaceChildren(element('p', word('page.nothing'), 'note')); return; }
  var wide = Math.max(300, Math.min(760, place.clientWidth || 640)), high = Math.round(wide * 0.4) + 130, left = 62, low = 42, top = 14, right = 24;
  function span(name, room) {
    var values = rows.map(function (row) { return row[name]; });
    var least = Math.min.apply(null, values), most = Math.max.apply(null, values), pad = (most - least || Math.abs(most) * room || 1) * 0.08;
    return [least - pad, most + pad];
  }
  var xs = span('cost', 0.02), ys = span('coverage', 0.02);
  function x(value) { return left + (value - xs[0]) / (xs[1] - xs[0]) * (wide - left - right); }
  function y(value) { return high - low - (value - ys[0]) / (ys[1] - ys[0]) * (high - low - top); }
  var svg = drawn('svg', { viewBox: '0 0 ' + wide + ' ' + high, role: 'img' });
  ticks(ys[0], ys[1], 5).forEach(function (at) {
    svg.appendChild(drawn('line', { x1: left, x2: wide - right, y1: y(at), y2: y(at), stroke: '#e2e6e9' }));
    svg.appendChild(drawn('text', { x: left - 6, y: y(at) + 4, 'text-anchor': 'end' }, percent(at, ys[1] - ys[0] < 0.05 ? 2 : 1)));
  });
  ticks(xs[0], xs[1], Math.max(3, Math.floor(wide / 130))).forEach(function (at) {
    svg.appendChild(drawn('text', { x: x(at), y: high - low + 17, 'text-anchor': 'middle' }, yuan(at)));
  });
  svg.appendChild(drawn('line', { x1: left, x2: wide - right, y1: high - low, y2: high - low, stroke: '#8a949c' }));
  svg.appendChild(drawn('text', { x: (left + wide) / 2, y: high - 5, 'text-anchor': 'middle' }, word('page.yuan')));
  svg.appendChild(drawn('text', { x: 12, y: top + 90, transform: 'rotate(-90 12 ' + (top + 90) + ')', 'text-anchor': 'middle' }, word('column.coverage')));
  var best = rows.filter(function (row) { return row.efficient; }).sort(function (a, b) { return a.cost - b.cost; });
  var line = best.map(function (row) { return x(row.cost) + ',' + y(row.coverage); }).join(' ');
  svg.appendChild(drawn('polyline', { points: line, fill: 'none', stroke: '#12616b', 'stroke-width': 1.5 }));
  rows.forEach(function (row) {
    var dot = drawn('circle', {
      cx: x(row.cost), cy: y(row.coverage), r: row.plan === 'base' ? 7 : 5, 'class': 'dot', stroke: '#fff', 'stroke-width': 1.5,
      fill: row.plan === 'base' ? '#1f2a33' : row.efficient ? '#12616b' : '#a9b3ba'
    });
    dot.appendChild(drawn('title', {}, called(row.plan) + '\n' + yuan(row.cost) + ' · ' + percent(row.coverage, 2)));
    dot.onclick = function () { picked(row); };
    svg.appendChild(dot);
  });
  var taken = [];
  best.concat(rows.filter(function (row) { return row.plan === 'base' && !row.efficient; })).forEach(function (row) {
    var at = { x: x(row.cost) + 9, y: y(row.coverage) - 8 };
    if (taken.some(function (other) { return Math.abs(other.x - at.x) < 95 && Math.abs(other.y - at.y) < 13; })) { return; }
    taken.push(at);
    var end = at.x > wide - 110;
    svg.appendChild(drawn('text', { x: end ? at.x - 18 : at.x, y: at.y, 'text-anchor': end ? 'end' : 'start' }, called(row.plan)));
  });
  place.replaceChildren(svg);
}

// Plans down, scenarios across: persons short, the darker the more.
function matrix(place, rows) {
  var plans = Array.from(new Set(rows.map(function (row) { return row.plan; })));
  var scenarios = Array.from(new Set(rows.map(function (row) { return row.scenario; })));
  var most = Math.max.apply(null, rows.map(function (row) { return row.persons_short; }).concat([1]));
  var made = element('table'), head = made.createTHead().insertRow(), body = made.createTBody(), at = {};
  rows.forEach(function (row) { at[row.plan + '\n' + row.scenario] = row; });
  head.appendChild(element('th', ''));
  scenarios.forEach(function (name) { head.appendChild(element('th', called(name))); });
  plans.forEach(function (plan) {
    var line = body.insertRow();
    line.appendChild(element('th', called(plan), 'text'));
    scenarios.forEach(function (scenario) {
      var row = at[plan + '\n' + scenario], cell = element('td', row ? number(row.persons_short, 0) : '—');
      if (row) {
        var depth = row.persons_short / most;
        cell.style.background = row.clauses_short === 0 ? '#d9efe8' : 'rgb(' + [250 - 38 * depth, 236 - 142 * depth, 220 - 208 * depth].map(Math.round).join(',') + ')';
        cell.style.color = depth > 0.6 ? '#fff' : '';
        cell.title = called(plan) + ' × ' + called(scenario) + ': ' + row.clauses_short + ' ' + word('column.clauses_short');
      }
      line.appendChild(cell);
    });
  });
  place.replaceChildren(made);
}

// Names on a map, each where there is room for it beside those before it; set anew when the scale or the language changes.
function labels(map, places) {
  var group = L.layerGroup().addTo(map);
  map.relabel = function () {
    var taken = [];
    group.clearLayers();
    places.forEach(function (place) {
      var spot = map.latLngToContainerPoint(place.at), text = place.text();
      var half = text.length * (/[^\x00-\xff]/.test(text) ? 6 : 3.4) + 3;
      if (taken.some(function (other) { return Math.abs(other.x - spot.x) < other.half + half && Math.abs(other.y - spot.y) < 15; })) { return; }
      taken.push({ x: spot.x, y: spot.y, half: half });
      L.marker(place.at, { interactive: false, keyboard: false, icon: L.divIcon({ className: 'label', html: element('span', text), iconSize: [0, 0] }) }).addTo(group);
    });
  };
  map.on('zoomend', map.relabel);
  map.whenReady(map.relabel);
}
