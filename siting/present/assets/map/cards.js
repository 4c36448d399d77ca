// Clicks, and the cards they open. Places are looked up by hand, so that no drawn layer hides another from the mouse.

const REACH_PX = 6; // beyond the symbol's edge
const TOUCH_PX = 14;

/** The nearest drawn site under a point of the screen, or −1. */
function siteAt(point, reach) {
  let [best, least] = [-1, Infinity];
  sites.forEach((site, place) => {
    if (!visible(site)) return;
    const away = map.latLngToContainerPoint([site.lat, site.lon]).distanceTo(point);
    if (away <= markers[place].getRadius() + reach && away < least) [best, least] = [place, away];
  });
  return best;
}

function districtAt(latlng) {
  return districtShapes.findIndex((shape) => inside(shape, latlng.lat, latlng.lng));
}

function startClicks() {
  map.on("click", (event) => {
    const touch = event.originalEvent.pointerType === "touch";
    const site = siteAt(event.containerPoint, touch ? TOUCH_PX : REACH_PX);
    if (site >= 0) { select({ site }); return; }
    const district = districtAt(event.latlng);
    select(district >= 0 ? { district: String(districts[district].id) } : null);
  });
  startHover();
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") select(null); });
}

function startHover() {
  const tip = L.tooltip({ direction: "top", offset: [0, -10], className: "site-tip" });
  let waiting = false;
  let shown = -1;
  map.on("mousemove", (event) => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      const site = siteAt(event.containerPoint, 3);
      map.getContainer().classList.toggle("pointing", site >= 0);
      if (site === shown) return;
      shown = site;
      if (site < 0) { map.closeTooltip(tip); return; }
      tip.setContent(h("span", null, sites[site].name)).setLatLng([sites[site].lat, sites[site].lon]);
      map.openTooltip(tip);
    });
  });
  map.on("mouseout", () => { shown = -1; map.closeTooltip(tip); });
}

/** Move the map to a place, no farther away than a zoom. */
function goTo(place, zoom) { map.setView(place, Math.max(map.getZoom(), zoom), { animate: false }); }

/** Choose a facility or a district (or nothing), and go there when asked. */
function select(what, go) {
  state.selected = what;
  if (what && go) {
    if (what.site !== undefined) goTo([sites[what.site].lat, sites[what.site].lon], 14);
    else {
      const found = extent(districtShapes[districts.findIndex((district) => String(district.id) === what.district)]);
      if (found) map.fitBounds(found, { padding: [30, 30], animate: false });
    }
    if (window.innerWidth < 700) { // the card lies over the lower half
      foldPanel(true);
      map.panBy([0, map.getSize().y * 0.2], { animate: false });
    }
  }
  changed("selection");
}

function drawSelection() {
  drawn.selected.clearLayers();
  const card = byId("card");
  card.hidden = !state.selected;
  if (!state.selected) return;
  const { polygon, renderer } = drawn.rings;
  if (state.selected.site !== undefined) {
    const site = sites[state.selected.site];
    const catchment = data.shapes.catchments[site.site];
    if (catchment && catchmentsKnown()) {
      drawn.selected.addLayer(polygon(catchment, "lines", { color: "#6a3d9a", weight: 1.5, fillColor: "#8d63b8", fillOpacity: 0.28 }));
    }
    drawn.selected.addLayer(L.circleMarker([site.lat, site.lon], { renderer: renderer.sites, pane: "sites", interactive: false,
      radius: markers[state.selected.site].getRadius() + 6, color: "#111", weight: 2.5, fill: false }));
    card.replaceChildren(...siteCard(site, Boolean(catchment)));
  } else {
    const place = districts.findIndex((district) => String(district.id) === state.selected.district);
    drawn.selected.addLayer(polygon(districtShapes[place], "lines", { color: "#222b33", weight: 3, fill: false }));
    card.replaceChildren(...districtCard(districts[place]));
  }
  card.scrollTop = 0;
}

function cardHead(mark, name, kind) {
  return h("header", null, mark, h("div", null, h("h2", null, name), h("p", null, kind)),
    h("button", { class: "close", attributes: { type: "button", "aria-label": t("ui.close") }, events: { click: () => select(null) } }, "×"));
}

function siteCard(site, catchment) {
  const action = actionShown(site) || site.action;
  const tenure = data.tenures[site.tenure];
  const district = districtById.get(String(site.district));
  const year = site.year ? number(site.year).replace(",", "") : null;
  return [
    cardHead(symbolPicture(shapeOfKind(kindShown(site)), data.has_plan ? site.action : action, 30), site.name, kindTitle(kindShown(site))),
    h("p", { class: "action " + site.action }, data.has_plan ? t("action." + site.action) + (year ? " · " + year : "") : t("existing")),
    bedTable(site),
    terms([
      [t("cost"), site.cost ? money(site.cost) : null],
      [t("persons_nearest"), site.persons_nearest === null ? null : number(site.persons_nearest) + " " + t("unit.persons")],
      [t("clauses_served"), clauseNames(site.clauses)],
      [t("district"), district ? districtName(district) : site.district_name],
      [t("unit"), site.unit],
      [t("operator"), site.operator && known("operator." + site.operator) ? t("operator." + site.operator) : site.operator],
      [t("tenure"), tenure ? either(tenure) : site.tenure],
      [t("module"), site.module],
      [t("floor_area"), site.floor_area_m2 ? number(site.floor_area_m2) + " " + t("unit.m2") : null],
      [t("origin"), site.origin],
    ]),
    ...whoComes(servedAt.get(site.site)),
    ...whyChosen(reasonOf.get(site.site)),
    catchment && catchmentsKnown() ? h("p", { class: "note" }, t("catchment_shown")) : "",
  ];
}

/** Who is served at the facility at the end, and who waits there; nothing where the study declares no service. */
function whoComes(lines) {
  if (!lines) return [];
  const persons = (count) => number(count) + " " + t("unit.persons");
  return [
    h("h3", null, t("served")),
    terms(lines.flatMap((line) => {
      const service = serviceById.get(line.service);
      const waiting = line.waiting >= 1 ? t("list") + t("served.waiting") + " " + persons(line.waiting) : "";
      return [[either(service.title), persons(line.served) + " / " + number(line.room) + " " + t("room_unit." + service.room)
        + t("list") + t("served.occupancy") + " " + percent(line.occupancy) + waiting]];
    })),
  ];
}

/** What would be missing without the site, and what would take its place; nothing where nobody asked. */
function whyChosen(reason) {
  if (!reason) return [];
  const listed = (name) => (reason[name] || "").split(";");
  const lost = listed("persons_lost").map((part) => part.split("=")).filter(([, persons]) => Number(persons) > 0);
  const short = [...new Set(listed("clauses").map((part) => part.split("@")[0]))].join(";");
  const names = listed("instead_names");
  const instead = listed("instead").map((site, place) => (site === reason.site ? t("why.otherwise") : names[place]));
  const price = reason.without === "found" ? money(reason.price) : reason.without === "impossible" ? t("why.impossible")
    : reason.at_least > 0 ? "≥ " + money(reason.at_least) : t("why.unknown");
  return [
    h("h3", null, t("why")),
    terms([
      [t("why.persons"), lost.map(([rule, persons]) => rule + " " + number(Number(persons)) + " " + t("unit.persons")).join(t("list"))],
      [t("why.beds"), reason.beds_lost ? number(reason.beds_lost) : null],
      [t("why.clauses"), clauseNames(short)],
      [t("why.price"), price],
      [t("why.instead"), instead.join(t("list"))],
    ]),
  ];
}

function clauseNames(joined) {
  const ids = (joined || "").split(";").filter(Boolean);
  return ids.length ? h("span", null, ids.map((id) => h("span", { class: "tag", title: clauseById.has(id) ? clauseTitle(clauseById.get(id)) : "" }, id))) : null;
}

function bedTable(site) {
  if (!site.beds_before && !site.beds_after) return "";
  const row = (name, key, bold) => h("tr", { class: bold ? "total" : "" }, h("th", null, name), h("td", null, number(site[key + "_before"])),
    data.has_plan ? h("td", null, number(site[key + "_after"])) : null);
  return h("table", { class: "beds" },
    h("thead", null, h("tr", null, h("th", null, t("beds")), h("th", null, t("before")), data.has_plan ? h("th", null, t("after")) : null)),
    h("tbody", null, row(t("beds.general"), "general"), row(t("beds.nursing"), "nursing"), row(t("beds.dementia"), "dementia"),
      row(t("beds.total"), "beds", true)));
}

function districtCard(district) {
  const rows = districtClauses.filter((clause) => district[clause.id + "_before"] !== null).map((clause) => {
    const moment = data.has_plan ? "after" : "before";
    const { required, status } = measuredIn(district, clause.id, moment);
    const [before, after] = ["before", "after"].map((name) => measuredIn(district, clause.id, name).value);
    return h("li", null, h("span", { class: "name" }, h("b", null, clause.id), " ", clauseTitle(clause)), chip(status),
      h("span", { class: "figures" }, change(measure(before, clause.unit, required), measure(after, clause.unit, required)),
        h("small", null, requirement(required, clause.unit, senseOf.get(clause.id)))));
  });
  const persons = data.phases.map((phase) => [t("persons") + " " + phase, number(district["persons_" + phase])]);
  return [
    cardHead(h("i", { class: "place" }), districtName(district), [t("unit"), district.unit].join(" ")),
    terms([
      ...persons,
      [t("facilities"), change(number(district.facilities_before), number(district.facilities_after))],
      [t("beds"), change(number(district.beds_before), number(district.beds_after))],
      [t("cost"), district.cost ? money(district.cost) : null],
      [t("km2"), number(district.area_km2, 1) + " " + t("unit.km2")],
    ]),
    h("h3", null, t("findings") + (data.has_plan ? " · " + state.year : "")),
    h("ul", { class: "clauses" }, rows),
    ...districtLedger(district),
  ];
}

/** Where the district's persons stand under each coverage clause, before the plan and at the stage. */
function districtLedger(district) {
  const parts = ["covered", "uncovered", "other_component", "no_road", "demand"];
  const tables = coverageClauses.map((clause) => {
    const line = districtLineOf(district, clause.id, "after") || districtLineOf(district, clause.id, "before");
    if (!line || !line.demand_before) return null;
    const row = (part) => h("tr", { class: part === "demand" ? "total" : "" }, h("th", null, t(known("code." + part) ? "code." + part : part)),
      h("td", null, number(line[part + "_before"])), data.has_plan ? h("td", null, number(line[part + "_after"])) : null);
    return h("table", { class: "beds" },
      h("thead", null, h("tr", null, h("th", null, h("b", null, clause.id), " ", t("unit.persons")), h("th", null, t("before")),
        data.has_plan ? h("th", null, String(line.phase)) : null)),
      h("tbody", null, parts.filter((part) => line[part + "_before"] || line[part + "_after"] || part === "covered").map(row)));
  }).filter(Boolean);
  return tables.length ? [h("h3", null, t("ledger")), ...tables] : [];
}
