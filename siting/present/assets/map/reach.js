// What coverage looks like at a stage: cells coloured anew, hot spots, catchments, links between tiers.

/** Bytes of base64. */
function bytes(text) { return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)); }

/** Images of cells by clause and stage: a PNG without its colours, and colours for every stage. */
const cellImages = new Map();
data.coverage.forEach(({ rule, bounds, head, tail, palettes }) => {
  const [before, after] = [bytes(head), bytes(tail)];
  Object.entries(palettes).forEach(([name, colours]) =>
    cellImages.set(rule + " " + name, { bounds, parts: () => [before, bytes(colours), after], address: null }));
});

function cellAddress(image) {
  if (!image.address) image.address = URL.createObjectURL(new Blob(image.parts(), { type: "image/png" }));
  return image.address;
}

/** Show a clause's cells at a stage in a pane, or none. */
function showCells(pane, name) {
  const image = name && cellImages.get(state.clause + " " + name);
  if (image && !drawn[pane]) drawn[pane] = L.imageOverlay(cellAddress(image), image.bounds, { pane, interactive: false });
  if (image) drawn[pane].setUrl(cellAddress(image)).setBounds(L.latLngBounds(image.bounds));
  if (drawn[pane]) toggle(drawn[pane], Boolean(image));
}

// --- hot spots ---------------------------------------------------------------------------------------------------

/** The clause whose hot spots are shown: the theme's, else the one that concerns most. */
function spotRule() {
  if (state.theme === "coverage" || coverageClauses.some((clause) => clause.id === state.clause)) return state.clause;
  return widestClause();
}

/** The coverage clause that concerns most persons. */
function widestClause() {
  const demand = (clause) => { const line = ledger.find((one) => one.rule === clause.id && one.phase === lastPhase); return line ? line.demand : 0; };
  const order = coverageClauses.slice().sort((a, b) => demand(b) - demand(a));
  return order.length ? order[0].id : null;
}

function spotsNow() {
  return spots.filter((spot) => spot.rule === spotRule() && spot.stage === stage());
}

function showSpots() {
  drawn.spots.clearLayers();
  toggle(drawn.spots, state.spots);
  if (!state.spots) return;
  const found = spotsNow();
  const most = Math.max(...found.map((spot) => spot.persons), 1);
  found.forEach((spot) => {
    const side = Math.round(26 + 22 * Math.sqrt(spot.persons / most));
    const icon = L.divIcon({ className: "hot-spot", iconSize: [side, side], html: h("b", null, number(spot.persons)) });
    drawn.spots.addLayer(L.marker([spot.lat, spot.lon], { pane: "spots", icon, interactive: false, keyboard: false }));
  });
}

function spotList() {
  const found = spotsNow();
  if (!found.length) return h("p", { class: "note" }, t("spots.none"));
  const note = t("spots.note").replace("{rule}", spotRule()).replace("{m}", number(found[0].radius_m));
  return h("div", null, h("p", { class: "note" }, stageName() + " · " + note), h("ol", { class: "spots" }, found.map((spot) => {
    const district = districtById.get(String(spot.district));
    return h("li", { events: { click: () => { state.spots = true; goTo([spot.lat, spot.lon], 14); changed("view"); } } },
      h("span", null, district ? districtName(district) : t("outside_districts")), h("b", null, number(spot.persons) + (state.language === "zh" ? " 人" : "")));
  })));
}

// --- catchments --------------------------------------------------------------------------------------------------

const CATCHMENT_COLOURS = ["#8d63b8", "#3b86b8", "#c08a2d", "#5f9e6e", "#b86a8a", "#6b7a8f"];

function catchmentKinds() {
  const own = new Set(sites.filter((site) => data.shapes.catchments[site.site]).map((site) => site.kind));
  return Object.keys(data.kinds).filter((kind) => own.has(kind));
}

/** Catchments are known of the last stage alone. */
function catchmentsKnown() { return stage() === stages[stages.length - 1]; }

function showCatchments() {
  drawn.catchments.clearLayers();
  const wanted = state.catchments && catchmentsKnown();
  toggle(drawn.catchments, wanted);
  if (!wanted) return;
  sites.filter((site) => site.kind === state.catchmentKind && data.shapes.catchments[site.site]).forEach((site, place) => {
    const colour = CATCHMENT_COLOURS[place % CATCHMENT_COLOURS.length];
    drawn.catchments.addLayer(drawn.rings.polygon(data.shapes.catchments[site.site], "lines",
      { color: colour, weight: 1, opacity: 0.9, fillColor: colour, fillOpacity: 0.3 }));
  });
}

// --- links between tiers -----------------------------------------------------------------------------------------

const siteById = new Map(sites.map((site) => [String(site.site), site]));
const LINK_STYLE = { color: "#5b3f8c", weight: 1.4, opacity: 0.75, interactive: false };

function inForce(site) {
  const action = site && actionShown(site);
  return Boolean(action) && action !== "close";
}

function showLinks() {
  drawn.links.clearLayers();
  toggle(drawn.links, state.links);
  if (!state.links) return;
  links.forEach((link) => {
    const [child, parent] = [siteById.get(String(link.child)), siteById.get(String(link.parent))];
    if (!inForce(child) || !inForce(parent)) return;
    drawn.links.addLayer(L.polyline([[child.lat, child.lon], [parent.lat, parent.lon]],
      { ...LINK_STYLE, pane: "links", renderer: drawn.rings.renderer.links }));
  });
}
