// The legend: facilities as they are drawn now, and the theme with what it measures.

function swatch(colour, opacity) {
  const box = h("i", { class: "swatch" });
  if (colour) box.style.background = colour;
  else box.classList.add("empty");
  if (colour && opacity) box.style.opacity = Math.min(1, opacity + 0.12);
  return box;
}

function entry(mark, words, figure) {
  return h("li", null, mark, h("span", null, words), figure ? h("em", null, figure) : null);
}

function legendList(title, entries, note) {
  return h("div", { class: "group" }, h("h3", null, title), note ? h("p", { class: "note" }, note) : null,
    h("ul", null, entries));
}

/** Persons under a coverage clause at the stage, from the ledger; today is held against the last phase's persons. */
function ledgerLine(rule) {
  const year = state.moment === "before" ? lastPhase : state.year;
  return ledger.find((line) => line.rule === rule && line.phase === year && line.moment === state.moment);
}

const CODE_NAMES = { 1: "covered", 2: "uncovered", 3: "other_component", 4: "no_road" };

function coverageLegend() {
  const clause = clauseById.get(state.clause);
  const line = ledgerLine(state.clause);
  const entries = Object.entries(data.legend.coverage).map(([code, [colour, opacity]]) => {
    const persons = line ? line[CODE_NAMES[code]] : null;
    const share = line && line.demand ? " · " + percent(persons / line.demand) : "";
    return entry(shadedSwatch(colour, opacity), t("code." + CODE_NAMES[code]), line ? number(persons) + (state.language === "zh" ? " 人" : "") + share : "");
  });
  return legendList(clauseTitle(clause), entries, stageName() + " · " + reachText(clause.coverage) + " · " + t("shaded"));
}

/** The shades of a coverage colour side by side: few, more and most persons. */
function shadedSwatch(colour, opacity) {
  return h("i", { class: "swatch shaded" }, data.legend.shades.map((shade) => {
    const part = h("i");
    part.style.background = colour;
    part.style.opacity = opacity * shade;
    return part;
  }));
}

function reachText(reach) {
  const kinds = reach.kinds.map(kindTitle).join(state.language === "zh" ? "、" : ", ");
  const metres = number(reach.metres) + " " + t("unit.m");
  return kinds + " ≤ " + (reach.minutes ? number(reach.minutes) + " " + t("unit.min") + " (" + metres + ")" : metres);
}

function densityLegend() {
  const edges = data.density_edges;
  const entries = data.legend.density.map((colour, place) => {
    let words = place === 0 ? "< " + number(edges[0]) : number(edges[place - 1]) + "–" + number(edges[place]);
    if (place === edges.length) words = "> " + number(edges[place - 1]);
    return entry(swatch(colour, 0.72), words);
  });
  return legendList(t("per_km2"), entries.reverse());
}

function elderlyLegend() {
  const levels = data.legend.elderly;
  const short = (value) => number(value, value < 1 ? (value < 0.1 ? 2 : 1) : 0);
  const entries = levels.map(([from, colour], place) => entry(swatch(colour, 0.8),
    place === 0 && levels.length > 1 ? "< " + short(levels[1][0]) : place + 1 < levels.length ? short(from) + "–" + short(levels[place + 1][0]) : "≥ " + short(from)));
  return legendList(t("per_cell"), entries.reverse());
}

function districtLegend() {
  const clause = clauseById.get(state.clause);
  const classes = districts.map((district) => ratioClass(district, state.clause, state.moment));
  const entries = RATIO_CLASSES.map((kind) => entry(swatch(kind.colour, 0.58), t(kind.key),
    String(classes.filter((other) => other === kind).length)));
  const year = state.moment === "before" ? lastPhase : state.year;
  const asked = findings.find((finding) => finding.rule === state.clause && finding.phase === year);
  const required = asked ? t("required") + " " + requirement(asked.required, asked.unit, asked.sense) : "";
  return legendList(clauseTitle(clause), entries, stageName() + " · " + required);
}

function circleLegend() {
  const rows = circles.filter((circle) => circle.rule === state.circleRule && circle.moment === stage());
  const words = rows.map((row) => (row.minutes === null ? number(row.metres) + " " + t("unit.m") : number(row.minutes) + " " + t("unit.min")));
  if (!rows.length) return legendList(t("layer.circles"), [], t("last_stage_only"));
  return legendList(t("layer.circles"), [entry(h("i", { class: "swatch circle" }), words.join(" / "))]);
}

function siteLegend() {
  const kinds = kindsByTier().filter((kind) => sites.some((site) => kindShown(site) === kind && visible(site)));
  const entries = kinds.map((kind) => entry(symbolPicture(shapeOfKind(kind), "keep"), kindTitle(kind)));
  const group = h("div", null, legendList(t("layer.sites"), entries));
  if (stage() !== "before" && state.colourBy === "year") {
    group.append(h("ul", { class: "actions" }, entry(symbolPicture("circle", "keep", 20, KEPT_FILL), t("action.keep")),
      data.phases.filter((year) => year <= state.year).map((year, place) =>
        entry(symbolPicture("circle", "keep", 20, data.legend.phases[place % data.legend.phases.length]), String(year)))));
  }
  if (stage() !== "before") {
    const actions = ACTION_ORDER.slice().reverse().filter((action) => sites.some((site) => visible(site) && actionShown(site) === action));
    group.append(h("ul", { class: "actions" }, actions.map((action) =>
      entry(symbolPicture("circle", action, 20, state.colourBy === "year" && action !== "close" ? "#ffffff" : null), t("action." + action)))));
  }
  return group;
}

function drawLegend() {
  const parts = [];
  if (state.theme === "coverage") parts.push(coverageLegend());
  if (state.theme === "density") parts.push(densityLegend());
  if (state.theme === "elderly") parts.push(elderlyLegend());
  if (state.theme === "districts") parts.push(districtLegend());
  if (state.circles && state.circleRule) parts.push(circleLegend());
  if (state.catchments && state.catchmentKind) {
    parts.push(legendList(t("layer.catchments"), catchmentsKnown()
      ? [entry(h("i", { class: "swatch catchments" }), kindTitle(state.catchmentKind))] : [], catchmentsKnown() ? "" : t("last_stage_only")));
  }
  if (state.spots && coverageClauses.length) {
    parts.push(legendList(t("layer.spots"), [entry(h("i", { class: "swatch hot" }), t("spots.legend").replace("{rule}", spotRule()))]));
  }
  if (state.links && links.length) parts.push(legendList(t("layer.links"), [entry(h("i", { class: "swatch link" }), t("links.note"))]));
  if (state.shown.sites) parts.push(siteLegend());
  byId("legend-body").replaceChildren(...parts);
}
