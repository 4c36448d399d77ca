'use strict';
// Counties coloured by one measure, and their table.
var MEASURES = ['met_after', 'met_before', 'cost_per_person', 'gap', 'persons'];
var RAMP = ['#dcebe8', '#b9d8d3', '#8fc0b9', '#4f9a92', '#12616b'], NOTHING = '#d9d6ce';
var measure = 'met_after', layers = {};
var map = L.map('county-map', { attributionControl: false, zoomSnap: 0.25, preferCanvas: true });
L.control.scale({ imperial: false }).addTo(map);

function rowOf(name) { return told.rows.find(function (row) { return row.county === name; }); }
function limits() {
  var values = told.rows.map(function (row) { return row[measure]; }).filter(function (value) { return value !== null; });
  return values.length ? [Math.min.apply(null, values), Math.max.apply(null, values)] : null;
}
function colour(value, ends) {
  if (value === null || value === undefined || !ends) { return NOTHING; }
  var at = ends[1] > ends[0] ? (value - ends[0]) / (ends[1] - ends[0]) : 1;
  return RAMP[Math.min(RAMP.length - 1, Math.floor(at * RAMP.length))];
}
// A limit of a class: shares that lie close together need a digit more than in the table.
function edged(value, span) { return measure in SHARES ? percent(value, span < 0.1 ? 1 : 0) : shown(measure, value); }
function paint() {
  var ends = limits(), legend = emptied('legend');
  Object.keys(layers).forEach(function (name) { layers[name].setStyle({ fillColor: colour(rowOf(name)[measure], ends) }); });
  function entry(fill, text) {
    var item = element('li'), dot = element('i');
    dot.style.background = fill;
    item.append(dot, text);
    legend.appendChild(item);
  }
  if (ends) {
    RAMP.forEach(function (fill, at) {
      var edges = [at, at + 1].map(function (edge) { return edged(ends[0] + (ends[1] - ends[0]) * edge / RAMP.length, ends[1] - ends[0]); });
      if (ends[1] > ends[0]) { entry(fill, edges.join(' – ')); } else if (at === RAMP.length - 1) { entry(fill, edges[0]); }
    });
  }
  if (told.rows.some(function (row) { return row[measure] === null; })) { entry(NOTHING, word('page.without')); }
}
function card(name, event) {
  var place = emptied('card'), row = rowOf(name);
  place.append(element('b', told.titles[name][language]));
  ['status', 'reason', 'persons', 'cost', 'beds_before', 'beds_after', 'met_before', 'met_after', 'neighbours'].forEach(function (column) {
    if (column === 'reason' && !row[column]) { return; }
    place.appendChild(element('div', heading(column) + ': ' + shown(column, row[column])));
  });
  place.hidden = false;
  place.style.left = Math.min(event.pageX + 14, window.innerWidth - 310) + 'px';
  place.style.top = event.pageY + 14 + 'px';
}
// Beds and money of counties that have a plan only, so that before and after speak of the same ones.
var planned = told.rows.filter(function (row) { return row.cost !== null; });
function sum(column, rows) { return rows.reduce(function (all, row) { return all + (row[column] || 0); }, 0); }
function tile(place, title, value) {
  var made = element('div');
  made.append(element('span', title), element('b', value));
  place.appendChild(made);
}
function speak() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.getElementById('language').textContent = language === 'zh' ? 'English' : '中文';
  document.getElementById('title').textContent = document.title = word('page.province');
  document.getElementById('notice').hidden = !told.notice[language];
  document.getElementById('notice').textContent = told.notice[language];
  document.querySelectorAll('[data-word]').forEach(function (one) { one.textContent = word(one.dataset.word); });
  var list = emptied('measure'), answer = emptied('answer');
  MEASURES.forEach(function (name) { var item = element('option', word('column.' + name)); item.value = name; list.appendChild(item); });
  list.value = measure;
  tile(answer, word('column.county'), number(told.rows.length, 0));
  tile(answer, word('column.persons'), number(sum('persons', told.rows), 0));
  tile(answer, word('page.planned'), number(planned.length, 0));
  tile(answer, word('page.planned') + ': ' + word('column.beds_before'), planned.length ? number(sum('beds_before', planned), 0) : '—');
  tile(answer, word('page.planned') + ': ' + word('column.beds_after'), planned.length ? number(sum('beds_after', planned), 0) : '—');
  tile(answer, word('page.planned') + ': ' + word('page.yuan'), planned.length ? yuan(sum('cost', planned)) : '—');
  told.rows.forEach(function (row) { if (told.titles[row.county]) { row.title = told.titles[row.county][language]; } });
  table(document.getElementById('counties'), told.columns, told.rows, function (row) { return row.status === 'failed' || row.status === 'infeasible'; }, function (row) {
    if (layers[row.county]) { map.fitBounds(layers[row.county].getBounds(), { animate: false, padding: [60, 60] }); }
  });
  paint();
}
var everything = L.featureGroup().addTo(map);
Object.keys(told.outlines).forEach(function (name) {
  layers[name] = L.geoJSON(told.outlines[name], { style: { color: '#6d747a', weight: 1, fillOpacity: 0.95 } }).addTo(everything);
  layers[name].on('mousemove', function (event) { card(name, event.originalEvent); });
  layers[name].on('mouseout', function () { document.getElementById('card').hidden = true; });
});
labels(map, Object.keys(layers).map(function (name) { return { at: layers[name].getBounds().getCenter(), text: function () { return name; } }; }));
if (Object.keys(layers).length) { map.fitBounds(everything.getBounds(), { animate: false, padding: [10, 10] }); }
document.getElementById('measure').onchange = function (event) { measure = event.target.value; paint(); };
document.getElementById('language').onclick = function () { language = language === 'zh' ? 'en' : 'zh'; speak(); };
speak();
document.documentElement.dataset.ready = 'yes';
