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

/** Persons under a coverage clause, from the ledger: the last phase at the chosen moment. */
function ledgerLine(rule) {
  return ledger.find((line) => line.rule === rule && line.phase === lastPhase && line.moment === state.moment);
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
  return legendList(clauseTitle(clause), entries, t(state.moment) + " · " + reachText(clause.coverage) + " · " + t("shaded"));
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
  const asked = findings.find((finding) => finding.rule === state.clause && finding.phase === lastPhase);
  const required = asked ? t("required") + " " + requirement(asked.required, asked.unit, asked.sense) : "";
  return legendList(clauseTitle(clause), entries, t(state.moment) + " · " + required);
}

function circleLegend() {
  const rows = circles.filter((circle) => circle.rule === state.circleRule && circle.moment === state.moment);
  const words = rows.map((row) => (row.minutes === null ? number(row.metres) + " " + t("unit.m") : number(row.minutes) + " " + t("unit.min")));
  return legendList(t("layer.circles"), [entry(h("i", { class: "swatch circle" }), words.join(" / "))]);
}

function siteLegend() {
  const kinds = Object.keys(data.kinds).filter((kind) => sites.some((site) => site.kind === kind && visible(site)));
  const entries = kinds.map((kind) => entry(symbolPicture(shapeOfKind(kind), "keep"), kindTitle(kind)));
  const group = h("div", null, legendList(t("layer.sites"), entries));
  if (state.moment === "after" && data.has_plan) {
    const actions = ACTION_ORDER.slice().reverse().filter((action) => sites.some((site) => site.action === action));
    group.append(h("ul", { class: "actions" }, actions.map((action) =>
      entry(symbolPicture("circle", action), t("action." + action)))));
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
  if (state.shown.sites) parts.push(siteLegend());
  byId("legend-body").replaceChildren(...parts);
}
