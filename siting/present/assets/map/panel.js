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
  const tiles = [tile(t("persons_total") + " " + lastPhase, number(totals.persons[lastPhase]))];
  if (data.has_plan) {
    tiles.push(tile(t("beds"), h("span", null, number(totals.beds_before), " → ", number(totals.beds_after))));
    tiles.push(tile(t("total_cost"), money(totals.cost)));
    tiles.push(tile(t("facilities"), h("span", null, number(sites.filter((site) => site.existing).length), " → ",
      number(sites.filter((site) => site.action !== "close").length))));
    tiles.push(h("div", { class: "measures" }, [["open", "new"], ["expand", "expanded"], ["convert", "converted"], ["close", "closed"]]
      .map(([action, name]) => h("span", null, symbolPicture("circle", action, 18), t("sites_" + name) + " ", h("b", null, number(totals["sites_" + name]))))));
  } else {
    tiles.push(tile(t("beds"), number(totals.beds_before)));
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
  byId("moment").hidden = !data.has_plan;
  byId("moment").querySelectorAll("button").forEach((one) => one.setAttribute("aria-pressed", one.dataset.moment === state.moment));
}

function startBar() {
  byId("theme").addEventListener("change", (event) => { state.theme = event.target.value; changed("view"); });
  byId("clause").addEventListener("change", (event) => { chooseClause(event.target.value); changed("view"); });
  byId("moment").addEventListener("click", (event) => {
    if (!event.target.dataset.moment) return;
    state.moment = event.target.dataset.moment;
    changed("view");
  });
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

function facilityChecks() {
  const count = (test) => number(sites.filter((site) => actionShown(site) !== null && test(site)).length);
  const flip = (set, value) => (wanted) => { if (wanted) set.delete(value); else set.add(value); };
  const kinds = Object.keys(data.kinds).filter((kind) => sites.some((site) => site.kind === kind));
  const parts = [layerCheck("sites"), h("h4", null, t("by_kind")), ...kinds.map((kind) =>
    check(kindTitle(kind), !state.hiddenKinds.has(kind), flip(state.hiddenKinds, kind),
      symbolPicture(shapeOfKind(kind), "keep"), count((site) => site.kind === kind)))];
  if (data.has_plan && state.moment === "after") {
    const actions = ACTION_ORDER.slice().reverse().filter((action) => sites.some((site) => site.action === action));
    parts.push(h("h4", null, t("by_action")), ...actions.map((action) =>
      check(t("action." + action), !state.hiddenActions.has(action), flip(state.hiddenActions, action),
        symbolPicture("circle", action), count((site) => site.action === action))));
  }
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

function drawLayersTab() {
  const group = (title, parts) => (parts.length ? h("fieldset", null, h("legend", null, title), parts) : null);
  byId("tab-layers").replaceChildren(...[
    group(t("group.facilities"), facilityChecks()),
    group(t("group.reach"), circleChecks()),
    group(t("group.base"), ["outlines", "labels", "roads", "water"].map(layerCheck)),
  ].filter(Boolean));
}
