// The panel's head, its tabs, the bar of choices above the map, and the tab of layers.

function drawHead() {
  const study = data.study;
  byId("title").textContent = either(study.title) || study.name;
  document.title = byId("title").textContent;
  document.documentElement.lang = state.language === "zh" ? "zh-CN" : "en";
  const notice = either(study.notice);
  [byId("notice"), byId("stamp")].forEach((place) => {
    place.textContent = notice;
    place.hidden = !notice;
  });
  byId("summary").replaceChildren(...summary());
  document.querySelectorAll("[data-text]").forEach((element) => { element.textContent = t(element.dataset.text); });
  document.querySelectorAll("[data-label]").forEach((element) => element.setAttribute("aria-label", t(element.dataset.label)));
  document.querySelectorAll("[data-placeholder]").forEach((element) => { element.placeholder = t(element.dataset.placeholder); });
}

/** What a reader wants first: what was decided, how sure it is, what it costs; or why there is no plan. */
function summary() {
  const { totals, certificate } = data;
  const parts = [];
  if (!data.has_plan) {
    const reason = certificate && known(certificate.status) ? certificate.status : "no_plan";
    parts.push(h("p", { class: "noplan" }, t(reason === "optimal" || reason === "gap" ? "no_plan" : reason)));
    if (data.conflicts.length) parts.push(conflictList());
  }
  const tile = (words, figure) => h("div", null, h("b", null, figure), h("span", null, words));
  const year = state.moment === "before" ? lastPhase : state.year;
  const tiles = [tile(t("persons_total") + " " + year, number(totals.persons[year]))];
  const counted = sites.filter((site) => !(data.kinds[site.kind] || {}).partner);
  const existing = counted.filter((site) => site.existing).length;
  const now = totalsNow() || { beds: totals.beds_after, cost: totals.cost, ...totals,
    facilities: counted.filter((site) => site.action !== "close").length };
  if (stage() !== "before") {
    tiles.push(tile(t("beds"), h("span", null, number(totals.beds_before), " → ", number(now.beds))));
    tiles.push(tile(year === lastPhase ? t("total_cost") : t("cost_until").replace("{year}", year), money(now.cost)));
    tiles.push(tile(t("facilities"), h("span", null, number(existing), " → ", number(now.facilities))));
    tiles.push(h("div", { class: "measures" }, [["open", "new"], ["expand", "expanded"], ["convert", "converted"], ["close", "closed"]]
      .map(([action, name]) => h("span", null, symbolPicture("circle", action, 18), t("sites_" + name) + " ", h("b", null, number(now["sites_" + name]))))));
  } else {
    tiles.push(tile(t("beds") + " · " + t("before"), number(totals.beds_before)));
    tiles.push(tile(t("facilities") + " · " + t("before"), number(existing)));
  }
  parts.push(h("div", { class: "tiles" }, tiles));
  if (data.has_plan && certificate) parts.push(h("p", { class: "certificate" }, certificateLine(certificate)));
  return parts;
}

function certificateLine(certificate) {
  const parts = [t("certificate." + certificate.status)];
  if (certificate.bound !== null) parts.push(t("bound") + " " + money(certificate.bound));
  if (certificate.gap !== null) parts.push(t("gap") + " " + percent(certificate.gap, 2));
  return parts.join(" · ");
}

function conflictList() {
  return h("div", { class: "conflicts" }, h("h3", null, t("conflicts")),
    h("ul", null, data.conflicts.map((conflict) => {
      const clause = clauseById.get(conflict.clause);
      const name = conflict.subject_name || t("area");
      return h("li", null, h("b", null, conflict.clause + " " + (clause ? clauseTitle(clause) : "")),
        h("span", null, [name, conflict.phase, t("required") + " " + requirement(conflict.required, conflict.unit, senseOf.get(conflict.clause)),
          t("best") + " " + measure(conflict.best, conflict.unit, conflict.required)].join(" · ")));
    })));
}

// --- the bar of choices ------------------------------------------------------------------------------------------

function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, words]) => h("option", { attributes: { value } }, words)));
  select.value = chosen;
}

function drawBar() {
  options(byId("theme"), themes().map((theme) => [theme, t("theme." + theme)]), state.theme);
  const clauses = themeClauses();
  options(byId("clause"), clauses.map((clause) => [clause.id, clause.id + " " + clauseTitle(clause)]), state.clause);
  byId("clause").hidden = !clauses.length;
  byId("moment").hidden = byId("swipe").hidden = !data.has_plan;
  byId("moment").querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", one.dataset.moment === stage()));
  byId("swipe").setAttribute("aria-pressed", document.body.classList.contains("swiping"));
  byId("split-after").textContent = stageName();
  const slider = byId("phase");
  slider.hidden = byId("year").hidden = stages.length < 3;
  slider.max = stages.length - 1;
  slider.value = stages.indexOf(stage());
  slider.setAttribute("aria-valuetext", stageName());
  byId("year").textContent = stage() === "before" ? t("before") : String(state.year);
}

function startBar() {
  byId("theme").addEventListener("change", (event) => { state.theme = event.target.value; changed("view"); });
  byId("clause").addEventListener("change", (event) => { chooseClause(event.target.value); changed("view"); });
  byId("moment").addEventListener("click", (event) => {
    if (!event.target.dataset.moment) return;
    setStage(event.target.dataset.moment);
    changed("view");
  });
  byId("phase").addEventListener("input", (event) => { setStage(stages[Number(event.target.value)]); changed("view"); });
}

/** Choose the clause of the theme; the circles follow where the clause has any. */
function chooseClause(rule) {
  state.clause = rule;
  if (circles.some((circle) => circle.rule === rule)) state.circleRule = rule;
}

// --- tabs --------------------------------------------------------------------------------------------------------

function startTabs() {
  byId("tabs").addEventListener("click", (event) => {
    if (!event.target.dataset.tab) return;
    state.tab = event.target.dataset.tab;
    foldPanel(false);
    showTab();
  });
  byId("fold").addEventListener("click", () => foldPanel(!document.body.classList.contains("folded")));
  byId("legend-fold").addEventListener("click", () => foldLegend(!byId("legend").classList.contains("folded")));
}

function foldPanel(folded) {
  document.body.classList.toggle("folded", folded);
  byId("fold").setAttribute("aria-expanded", String(!folded));
  map.invalidateSize({ pan: false });
}

function foldLegend(folded) {
  byId("legend").classList.toggle("folded", folded);
  byId("legend-fold").setAttribute("aria-expanded", String(!folded));
}

function showTab() {
  byId("tabs").querySelectorAll("button").forEach((one) =>
    one.setAttribute("aria-selected", String(one.dataset.tab === state.tab)));
  ["layers", "clauses", "districts", "about"].forEach((name) => {
    byId("tab-" + name).classList.toggle("chosen", name === state.tab);
  });
}

// --- the tab of layers -------------------------------------------------------------------------------------------

function check(words, checked, action, mark, figure) {
  const box = h("input", { attributes: { type: "checkbox" }, events: { change: (event) => { action(event.target.checked); changed("view"); } } });
  box.checked = checked;
  return h("label", { class: "check" }, box, mark || null, h("span", null, words), figure === undefined ? null : h("em", null, figure));
}

function layerCheck(name) {
  const one = check(t("layer." + name), state.shown[name], (wanted) => { state.shown[name] = wanted; });
  one.dataset.layer = name;
  return one;
}

/** Kinds in the order of their tiers, the upper one first. */
function kindsByTier() {
  const order = ["county", "town", "community"];
  const rank = (kind) => (order.includes(data.kinds[kind].tier) ? order.indexOf(data.kinds[kind].tier) : order.length);
  return Object.keys(data.kinds).filter((kind) => sites.some((site) => kindShown(site) === kind)).sort((a, b) => rank(a) - rank(b));
}

function tierTitle(tier) { return known("tier." + tier) ? t("tier." + tier) : tier; }

function facilityChecks() {
  const count = (test) => number(sites.filter((site) => actionShown(site) !== null && test(site)).length);
  const flip = (set, value) => (wanted) => { if (wanted) set.delete(value); else set.add(value); };
  const kinds = kindsByTier();
  const parts = [layerCheck("sites"), h("h4", null, t("by_kind"))];
  kinds.forEach((kind, place) => {
    const { tier } = data.kinds[kind];
    if (!place || data.kinds[kinds[place - 1]].tier !== tier) parts.push(h("h5", null, tierTitle(tier)));
    parts.push(check(kindTitle(kind), !state.hiddenKinds.has(kind), flip(state.hiddenKinds, kind),
      symbolPicture(shapeOfKind(kind), "keep"), count((site) => kindShown(site) === kind)));
  });
  if (stage() !== "before") {
    const actions = ACTION_ORDER.slice().reverse().filter((action) => sites.some((site) => site.action === action));
    parts.push(h("h4", null, t("by_action")), ...actions.map((action) =>
      check(t("action." + action), !state.hiddenActions.has(action), flip(state.hiddenActions, action),
        symbolPicture("circle", action), count((site) => actionShown(site) === action))), colourChoice());
  }
  return parts;
}

/** Whether colour tells facilities apart by what is done, or by the year it is done in. */
function colourChoice() {
  const select = h("select", { attributes: { "aria-label": t("colour_by"), id: "siting-colour" },
    events: { change: (event) => { state.colourBy = event.target.value; changed("view"); } } });
  options(select, ["action", "year"].map((by) => [by, t("colour_by." + by)]), state.colourBy);
  return select;
}

function reachChecks() {
  const layer = (name, words) => {
    const one = check(words, state[name], (wanted) => { state[name] = wanted; });
    one.dataset.layer = name;
    return one;
  };
  const parts = [];
  if (spots.length) parts.push(layer("spots", t("layer.spots")), state.spots ? spotList() : null);
  parts.push(...circleChecks());
  if (catchmentKinds().length) {
    const select = h("select", { attributes: { "aria-label": t("kind") },
      events: { change: (event) => { state.catchmentKind = event.target.value; state.catchments = true; changed("view"); } } });
    options(select, catchmentKinds().map((kind) => [kind, kindTitle(kind)]), state.catchmentKind);
    parts.push(layer("catchments", t("layer.catchments")), select);
  }
  if (links.length) parts.push(layer("links", t("layer.links")));
  return parts;
}

function circleChecks() {
  const select = h("select", { attributes: { "aria-label": t("clause") },
    events: { change: (event) => { state.circleRule = event.target.value; state.circles = true; changed("view"); } } });
  const rules = [...new Set(circles.map((circle) => circle.rule))];
  options(select, rules.map((rule) => [rule, rule + " " + (clauseById.has(rule) ? clauseTitle(clauseById.get(rule)) : "")]), state.circleRule);
  const one = check(t("layer.circles"), state.circles, (wanted) => { state.circles = wanted; });
  one.dataset.layer = "circles";
  return rules.length ? [one, select] : [];
}

/** Online tiles, where the study asks for them; why there are none, where their key is missing. */
function tileChecks() {
  if (!data.tiles) return [];
  return [data.tiles.url ? layerCheck("tiles") : h("p", { class: "note" }, t("tiles.missing").replace("{name}", data.tiles.missing))];
}

function drawLayersTab() {
  const group = (title, parts) => (parts.length ? h("fieldset", null, h("legend", null, title), parts) : null);
  byId("tab-layers").replaceChildren(...[
    group(t("group.facilities"), facilityChecks()),
    group(t("group.reach"), reachChecks()),
    group(t("group.base"), [...tileChecks(), ...["outlines", "labels", "roads", "water"].map(layerCheck)]),
  ].filter(Boolean));
}
