'use strict';
// The page: panels of linked maps, and everything else filled in anew when the language changes.
var ACTIONS = { open: '#1565c0', expand: '#2e7d32', convert: '#6a3d9a', close: '#4d5358' };
var panels = [], following = false;
var names = Object.keys(told.plans);

function chosen(count) {
  var robust = told.summary.best_in_worst, first = names.indexOf('base') < 0 ? names[0] : 'base';
  var list = [first].concat(robust && robust !== first ? [robust] : []).concat(names.filter(function (name) { return name !== first && name !== robust; }));
  var found = [];
  for (var at = 0; at < count; at += 1) { found.push(panels[at] ? panels[at].name : list[at % list.length]); }
  return found;
}

function build(count) {
  var wanted = chosen(count), view = panels.length ? [panels[0].map.getCenter(), panels[0].map.getZoom()] : null;
  panels.forEach(function (panel) { panel.map.remove(); });
  var place = emptied('maps');
  panels = wanted.map(function (name) {
    var box = element('div', null, 'panel'), head = element('div'), list = element('select'), note = element('span'), ground = element('div', null, 'map');
    names.forEach(function (one) { var item = element('option', called(one)); item.value = one; list.appendChild(item); });
    list.value = name;
    list.setAttribute('aria-label', word('column.plan'));
    head.append(list, note); box.append(head, ground); place.appendChild(box);
    var map = L.map(ground, { zoomControl: false, attributionControl: false, zoomSnap: 0.25, preferCanvas: true });
    L.geoJSON(told.districts, { interactive: false, style: { color: '#8a7f72', weight: 1, fillColor: '#fbfaf6', fillOpacity: 1 } }).addTo(map);
    labels(map, told.districts.features.map(function (feature) {
      var names = feature.properties;
      return { at: L.geoJSON(feature).getBounds().getCenter(), text: function () { return language === 'zh' ? names.name : names.name_en || names.name; } };
    }));
    L.control.zoom({ position: 'bottomright' }).addTo(map);
    L.control.scale({ imperial: false }).addTo(map);
    var panel = { name: name, map: map, note: note, list: list, sites: L.layerGroup().addTo(map) };
    list.onchange = function () { panel.name = list.value; marks(); };
    map.on('move', function () { follow(panel); });
    return panel;
  });
  var bounds = L.geoJSON(told.districts).getBounds();
  panels.forEach(function (panel) {
    if (view) { panel.map.setView(view[0], view[1], { animate: false }); } else { panel.map.fitBounds(bounds, { animate: false, padding: [8, 8] }); }
  });
  marks();
}

function follow(leader) {
  if (following) { return; }
  following = true;
  panels.forEach(function (panel) {
    if (panel !== leader) { panel.map.setView(leader.map.getCenter(), leader.map.getZoom(), { animate: false }); }
  });
  following = false;
}

function touched(name) { return new Set((told.plans[name] || []).map(function (row) { return row.site; })); }

// A site that every map shows is filled; one that only some show stands out in orange.
function marks() {
  var sets = panels.map(function (panel) { return touched(panel.name); });
  panels.forEach(function (panel, at) {
    panel.sites.clearLayers();
    panel.list.value = panel.name;
    var alone = 0;
    told.plans[panel.name].forEach(function (row) {
      var shared = sets.every(function (set) { return set.has(row.site); });
      alone += shared ? 0 : 1;
      var mark = L.circleMarker([row.lat, row.lon], {
        radius: shared ? 5 : 7, color: shared ? '#fff' : '#d55e00', weight: shared ? 1.2 : 2.5, fillColor: ACTIONS[row.action] || '#66727c', fillOpacity: 0.92
      }).addTo(panel.sites);
      mark.on('mouseover', function (event) { card(row, event.originalEvent); });
      mark.on('mouseout', function () { document.getElementById('card').hidden = true; });
    });
    Array.from(panel.list.options).forEach(function (item) { item.textContent = called(item.value); });
    panel.map.relabel();
    panel.note.textContent = sets[at].size + ' ' + word('page.sites') + ' · ' + word('page.only_here') + ' ' + alone;
  });
}

function card(row, event) {
  var place = emptied('card');
  place.append(element('b', row.name), element('div', word('action.' + row.action) + ' · ' + word('kind.' + row.kind) + ' · ' + row.district_name),
    element('div', number(row.beds_after, 0) + ' ' + word('page.beds') + ' · ' + yuan(row.cost)));
  place.hidden = false;
  place.style.left = Math.min(event.pageX + 14, window.innerWidth - 310) + 'px';
  place.style.top = event.pageY + 14 + 'px';
}

function tile(place, title, value, note) {
  var made = element('div');
  made.append(element('span', title), element('b', value), element('span', note || ''));
  place.appendChild(made);
}

function answer() {
  var place = emptied('answer'), said = told.summary, robust = {};
  told.tables.robust.forEach(function (row) { robust[row.plan] = row; });
  tile(place, word('page.how_many_scenarios'), number(said.scenarios, 0), said.failed.length ? word('status.failed') + ': ' + said.failed.join(', ') : '');
  function verdict(title, plan) {
    var row = robust[plan];
    if (row) { tile(place, title, called(plan), word('column.worst_persons_short') + ' ' + number(row.worst_persons_short, 0) + ' (' + called(row.worst_scenario) + ')'); }
  }
  verdict(word('page.nominal'), 'base');
  verdict(word('column.best_in_worst'), said.best_in_worst);
  verdict(word('column.least_regret'), said.least_regret);
  tile(place, word('column.price_of_robustness'), percent(said.price_of_robustness, 1), said.best_in_worst ? called(said.best_in_worst) : '');
  tile(place, word('column.no_regret'), number(said.no_regret.length, 0), word('page.no_regret_note'));
}

function shownOnMap(row) {
  var name = row.plan || row.scenario;
  if (!told.plans[name] || !panels.length) { return; }
  panels[panels.length - 1].name = name;
  marks();
  document.getElementById('maps').scrollIntoView({ block: 'nearest' });
}

function sensitivityTable() {
  var rows = told.tables.sensitivity.slice().sort(function (a, b) { return (b.move || 0) - (a.move || 0); });
  table(document.getElementById('sensitivity'), told.columns.sensitivity, rows);
}

function speak() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.getElementById('language').textContent = language === 'zh' ? 'English' : '中文';
  document.getElementById('title').textContent = told.study.title[language] + ' · ' + word('page.title');
  document.title = document.getElementById('title').textContent;
  var notice = document.getElementById('notice');
  notice.hidden = !told.study.notice;
  if (told.study.notice) { notice.textContent = told.study.notice[language]; }
  document.querySelectorAll('[data-word]').forEach(function (one) { one.textContent = word(one.dataset.word); });
  var legend = emptied('legend');
  Object.keys(ACTIONS).forEach(function (action) {
    var item = element('li'), dot = element('i');
    dot.style.background = ACTIONS[action];
    item.append(dot, word('action.' + action));
    legend.appendChild(item);
  });
  var item = element('li'), ring = element('i');
  ring.style.boxShadow = '0 0 0 2.5px #d55e00';
  item.append(ring, word('page.only_here'));
  legend.appendChild(item);
  answer();
  frontier(document.getElementById('frontier'), told.tables.frontier, shownOnMap);
  matrix(document.getElementById('matrix'), told.tables.worth);
  table(document.getElementById('scenarios'), told.columns.scenarios, told.tables.scenarios, function (row) { return row.status === 'failed'; }, shownOnMap);
  table(document.getElementById('robust'), told.columns.robust, told.tables.robust, function (row) { return row.best_in_worst || row.least_regret; }, shownOnMap);
  sensitivityTable();
  table(document.getElementById('sites'), told.columns.sites, told.tables.sites, function (row) { return row.no_regret; });
  if (panels.length) { marks(); }
}

document.getElementById('language').onclick = function () { language = language === 'zh' ? 'en' : 'zh'; speak(); };
document.getElementById('count').onchange = function (event) { build(Number(event.target.value)); };
if (window.innerWidth < 700) { document.getElementById('count').value = '1'; }
speak();
if (names.length) { build(Number(document.getElementById('count').value)); } else { document.getElementById('maps').textContent = word('page.nothing'); }
window.addEventListener('resize', function () { frontier(document.getElementById('frontier'), told.tables.frontier, shownOnMap); });
document.documentElement.dataset.ready = 'yes';
