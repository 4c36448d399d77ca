// The layers of the map, and which of them the state asks for.

let map; // Leaflet's map, made by folium
let images; // image overlays by key, made by folium
const drawn = {}; // our own layers by name
const markers = []; // one per site, in the order of `sites`
const districtShapes = data.shapes.districts.map(decode);

const PANES = {
  tiles: 195, ground: 200, fill: 205, fillBefore: 206, water: 210, cells: 215, cellsBefore: 216, roads: 220, lines: 240, links: 245, sites: 250,
  sitesBefore: 251, spots: 255, labels: 260,
};

const RATIO_CLASSES = [
  ...data.legend.degrees.map(([from, colour], place) => ({ key: ["reached", "ratio.90", "ratio.50", "ratio.0"][place], colour, from })),
  { key: "ratio.none", colour: null },
];
const CIRCLE_STYLE = { color: "#0a4f7a", weight: 1.6, fillColor: "#3b86b8", fillOpacity: 0.14 };

function makeLayers() {
  Object.entries(PANES).forEach(([name, zIndex]) => {
    const pane = map.createPane(name);
    pane.style.zIndex = zIndex;
    pane.style.pointerEvents = "none"; // clicks are looked up by place, see cards.js
  });
  const renderer = {};
  ["ground", "fill", "fillBefore", "water", "lines", "links", "sites", "sitesBefore"].forEach((pane) => { renderer[pane] = L.canvas({ pane, padding: 0.25 }); });
  const polygon = (text, pane, style) => L.polygon(rings(typeof text === "string" ? decode(text) : text),
    { renderer: renderer[pane], pane, interactive: false, smoothFactor: 1.2, ...style });

  drawn.ground = L.layerGroup(districtShapes.map((shape) =>
    polygon(shape, "ground", { stroke: true, color: "#fbfaf7", weight: 1, fillColor: "#fbfaf7", fillOpacity: 1 })));
  const { url, subdomains, max_zoom: maxNativeZoom } = data.tiles || {};
  drawn.tiles = url ? L.tileLayer(url, { pane: "tiles", subdomains, maxNativeZoom, maxZoom: 20, referrerPolicy: "no-referrer" }) : L.layerGroup();
  drawn.water = L.layerGroup(data.shapes.water.map((text) =>
    polygon(text, "water", { stroke: true, color: "#a9c6d6", weight: 0.8, fillColor: "#c9dfea", fillOpacity: 1 })));
  drawn.roads = new RoadTiles(data.shapes.roads.map(decode),
    { pane: "roads", tileSize: 512, minZoom: 1, maxZoom: 20, updateWhenZooming: false, keepBuffer: 1 });
  drawn.fills = districtShapes.map((shape) => polygon(shape, "fill", { stroke: false, fillOpacity: 0.58 }));
  drawn.fill = L.layerGroup(drawn.fills);
  drawn.outlines = L.layerGroup(districtShapes.map((shape) =>
    polygon(shape, "lines", { fill: false, color: "#6d6784", weight: 1.1, opacity: 0.8 })));
  const outermost = (circle) => circles.every((other) => other.rule !== circle.rule || other.metres <= circle.metres);
  drawn.circles = circles.map((circle, place) => polygon(data.shapes.circles[place], "lines",
    outermost(circle) ? CIRCLE_STYLE : { ...CIRCLE_STYLE, weight: 0.9, opacity: 0.65, dashArray: "3 3" }));
  drawn.selected = L.layerGroup().addTo(map);
  drawn.rings = { renderer, polygon };
  drawn.spots = L.layerGroup();
  drawn.links = L.layerGroup();
  drawn.catchments = L.layerGroup();
  drawn.sitesBefore = L.layerGroup();
  drawn.fillBefore = L.layerGroup();
  makeMarkers(renderer.sites);
  makeLabels();
  map.on("zoomend", () => { sizeMarkers(); declutter(); });
}

function makeMarkers(renderer) {
  sites.forEach((site) => {
    markers.push(new SiteSymbol([site.lat, site.lon], {
      renderer, pane: "sites", interactive: false, radius: 6, shape: shapeOfKind(site.kind), action: site.action,
    }));
  });
  drawn.sites = L.layerGroup();
}

/** Whether a site is drawn, and as what, at the stage: until its year comes only what stands, as it stands. */
function actionShown(site) {
  if (stage() === "before" || site.year > state.year) return site.existing ? "keep" : null;
  return site.action;
}

/** What kind a facility is at the stage: the plan may make another kind of it. */
function kindShown(site) {
  return site.existing && (stage() === "before" || site.year > state.year) ? site.kind_before : site.kind;
}

/** The colour of what is done in a year of the plan, where facilities are told apart by year; null for its own. */
function yearColour(site) {
  if (state.colourBy !== "year" || stage() === "before" || actionShown(site) === "close") return null;
  return actionShown(site) === "keep" ? KEPT_FILL : data.legend.phases[data.phases.indexOf(site.year) % data.legend.phases.length];
}

const KEPT_FILL = "#d5dadd";

function visible(site) {
  const action = actionShown(site);
  return state.shown.sites && action !== null && !state.hiddenKinds.has(kindShown(site))
    && !(state.moment === "after" && state.hiddenActions.has(action));
}

function showSites() {
  drawn.sites.clearLayers();
  const order = sites.map((site, place) => place).filter((place) => visible(sites[place]));
  const rank = (place) => ACTION_ORDER.indexOf(actionShown(sites[place]));
  order.sort((a, b) => rank(a) - rank(b) || a - b);
  order.forEach((place) => {
    markers[place].options.shape = shapeOfKind(kindShown(sites[place]));
    markers[place].options.action = actionShown(sites[place]);
    markers[place].options.fillWith = yearColour(sites[place]);
    drawn.sites.addLayer(markers[place]);
  });
  map.addLayer(drawn.sites);
}

function sizeMarkers() {
  const radius = baseRadius(map.getZoom());
  [markers, markersBefore].forEach((list) => list.forEach((marker, place) => marker.setRadius(radius * tierScale(sites[place].kind))));
}

// --- names of districts: the larger first, none over another, off the symbols where there is room ----------------

const LABEL_SHIFTS = [0, -20, 20, -40, 40]; // pixels up and down from the district's middle

function makeLabels() {
  drawn.labels = L.layerGroup(districts.map((district, place) => L.marker(data.shapes.labels[place], {
    pane: "labels", interactive: false, keyboard: false,
    icon: L.divIcon({ className: "district-label", iconSize: [0, 0], html: h("span") }),
  })));
}

function nameLabels() {
  drawn.labels.getLayers().forEach((label, place) => {
    const span = label.options.icon.options.html;
    span.textContent = districtName(districts[place]);
  });
  declutter();
}

function declutter() {
  if (!state.shown.labels) return;
  const taken = [];
  const symbols = sites.filter(visible).map((site) => map.latLngToLayerPoint([site.lat, site.lon]));
  const labels = drawn.labels.getLayers();
  const order = districts.map((district, place) => place).sort((a, b) => districts[b].area_km2 - districts[a].area_km2);
  order.forEach((place) => {
    const at = map.latLngToLayerPoint(labels[place].getLatLng());
    const half = Math.min(districtName(districts[place]).length, 16) * (state.language === "zh" ? 7 : 4);
    const found = LABEL_SHIFTS.map((shift) => ({ shift, box: [at.x - half, at.y + shift - 9, at.x + half, at.y + shift + 9] }))
      .filter(({ box }) => taken.every((other) => box[0] > other[2] || box[2] < other[0] || box[1] > other[3] || box[3] < other[1]));
    const covered = ({ box }) => symbols.filter((point) => point.x > box[0] - 6 && point.x < box[2] + 6 && point.y > box[1] - 6 && point.y < box[3] + 6).length;
    const best = found.map((one) => ({ ...one, covered: covered(one) })).sort((a, b) => a.covered - b.covered)[0]; // sort is stable
    const span = labels[place].options.icon.options.html;
    span.style.display = best ? "" : "none";
    if (!best) return;
    span.style.top = best.shift + "px";
    taken.push(best.box);
  });
}

// --- districts by a clause ---------------------------------------------------------------------------------------

/** Measured over required (turned over for "at most"); null where either says nothing. */
function districtRatio(district, rule, moment) {
  const { value, required } = measuredIn(district, rule, moment);
  if (value === null || value === undefined || required === null || required === undefined) return null;
  const [over, under] = senseOf.get(rule) === "<=" ? [required, value] : [value, required];
  return under === 0 ? 1 : over / under;
}

function ratioClass(district, rule, moment) {
  const ratio = districtRatio(district, rule, moment);
  const { status } = measuredIn(district, rule, moment);
  if (ratio === null || NOT_JUDGED.includes(status)) return RATIO_CLASSES[4];
  if (status === "met" || (!status && ratio >= 1)) return RATIO_CLASSES[0];
  return RATIO_CLASSES.slice(1, 4).find((entry) => ratio >= entry.from) || RATIO_CLASSES[3];
}

function colourDistricts(fills, moment) {
  districts.forEach((district, place) => {
    const colour = ratioClass(district, state.clause, moment).colour;
    fills[place].setStyle({ fill: colour !== null, fillColor: colour || "#fff" });
  });
}

// --- what the state asks for -------------------------------------------------------------------------------------

/** Clauses that the chosen theme can show. */
function themeClauses() {
  if (state.theme === "coverage") return coverageClauses;
  return state.theme === "districts" ? districtClauses : [];
}

function themes() {
  return ["none", ...(coverageClauses.length ? ["coverage"] : []), ...(districtClauses.length ? ["districts"] : []),
    ...(images.density ? ["density"] : []), ...(images.elderly ? ["elderly"] : [])];
}

/** Mend combinations that cannot be shown, such as a coverage theme of a clause without coverage. */
function settle() {
  const choice = themeClauses();
  if (choice.length && !choice.some((clause) => clause.id === state.clause)) state.clause = choice[0].id;
  const rules = circles.map((circle) => circle.rule);
  if (!stages.includes(stage())) setStage(stages[stages.length - 1]);
  const kinds = catchmentKinds();
  if (!kinds.includes(state.catchmentKind)) state.catchmentKind = kinds[0] || null;
  if (!rules.includes(state.circleRule)) state.circleRule = rules.includes(state.clause) ? state.clause : rules[0] || null;
}

function toggle(layer, wanted) {
  if (wanted && !map.hasLayer(layer)) map.addLayer(layer);
  if (!wanted && map.hasLayer(layer)) map.removeLayer(layer);
}

function applyState() {
  settle();
  ["tiles", "water", "roads", "outlines", "labels"].forEach((name) => toggle(drawn[name], state.shown[name]));
  toggle(drawn.ground, !state.shown.tiles);
  Object.entries(images).forEach(([key, image]) => toggle(image, key === state.theme));
  showCells("cells", state.theme === "coverage" ? stage() : null);
  if (state.theme === "districts") colourDistricts(drawn.fills, state.moment);
  toggle(drawn.fill, state.theme === "districts");
  circles.forEach((circle, place) =>
    toggle(drawn.circles[place], state.circles && circle.rule === state.circleRule && circle.moment === stage()));
  showSites();
  showSwipe();
  showSpots();
  showCatchments();
  showLinks();
  declutter();
}
