// The tabs of clauses, districts and explanations.

const WORST = ["short", "grandfathered", "not_yet_due", "no_data", "met", "not_applicable", ""];
const NOT_JUDGED = ["not_applicable", "no_data"];

function worst(statuses) {
  return WORST.find((status) => statuses.includes(status)) || "";
}

/** The status that counts: after the plan where there is one. */
function statusNow(finding) { return data.has_plan ? finding.status : finding.status_before; }

function shortNow(finding) { return data.has_plan ? finding.persons_short : finding.persons_short_before; }

function drawClausesTab() {
  const select = h("select", { attributes: { "aria-label": t("phase") },
    events: { change: (event) => { state.phase = Number(event.target.value); drawClausesTab(); } } });
  options(select, data.phases.map((phase) => [phase, t("phase") + " " + phase]), state.phase);
  const blocks = data.clauses.map(clauseBlock).filter(Boolean);
  byId("tab-clauses").replaceChildren(data.phases.length > 1 ? select : "", ...blocks);
}

function clauseBlock(clause) {
  const rows = findings.filter((finding) => finding.rule === clause.id && finding.phase === state.phase);
  if (!rows.length) return null;
  const persons = rows.reduce((sum, row) => sum + (shortNow(row) || 0), 0);
  const figures = rows.length === 1 ? singleFigures(rows[0]) : manyFigures(rows);
  const head = h("summary", null,
    h("span", { class: "name" }, h("b", null, clause.id), " ", clauseTitle(clause)), chip(worst(rows.map(statusNow))),
    h("span", { class: "figures" }, figures),
    persons >= 0.5 ? h("span", { class: "short" }, t("persons_short") + " " + number(persons)) : null);
  const block = h("details", { class: "clause" }, head);
  // What a folded clause holds is made when it is first opened: some clauses have hundreds of subjects.
  block.addEventListener("toggle", () => { if (block.open && block.children.length === 1) block.append(clauseDetail(clause, rows)); });
  block.dataset.clause = clause.id;
  return block;
}

function singleFigures(row) {
  return [change(measure(row.before, row.unit, row.required), measure(row.after, row.unit, row.required)),
    h("small", null, requirement(row.required, row.unit, row.sense))];
}

function manyFigures(rows) {
  const concerned = rows.filter((row) => !NOT_JUDGED.includes(row.status_before) || !NOT_JUDGED.includes(statusNow(row)));
  const met = (field) => String(concerned.filter((row) => row[field] === "met").length) + "/" + concerned.length;
  const asked = [...new Set(rows.map((row) => requirement(row.required, row.unit, row.sense)))];
  return [h("small", null, t("subjects_met")), change(met("status_before"), met("status")),
    h("small", null, asked.length === 1 ? asked[0] : "")];
}

function clauseDetail(clause, rows) {
  const order = rows.slice().sort((a, b) => WORST.indexOf(statusNow(a)) - WORST.indexOf(statusNow(b))
    || (shortNow(b) || 0) - (shortNow(a) || 0));
  const subjects = h("ul", { class: "subjects" }, order.map((row) => {
    const line = h("li", null, h("span", { class: "name" }, subjectName(row)),
      change(measure(row.before, row.unit, row.required), measure(row.after, row.unit, row.required)), chip(statusNow(row)));
    line.title = state.language === "zh" ? row.sentence_zh : row.sentence_en;
    if (row.subject_kind === "district" && districtById.has(String(row.subject))) {
      line.classList.add("link");
      line.addEventListener("click", () => select({ district: String(row.subject) }, true));
    }
    return line;
  }));
  return h("div", { class: "detail" }, h("p", null, either(clause.paraphrase)),
    h("p", { class: "note" }, [either(clause.document), clause.number, clause.section, t("force." + clause.force)].filter(Boolean).join(" · ")),
    rows.length === 1 ? h("p", null, state.language === "zh" ? rows[0].sentence_zh : rows[0].sentence_en) : subjects,
    showClauseButton(clause));
}

function showClauseButton(clause) {
  const theme = clause.coverage ? "coverage" : districtClauses.includes(clause) ? "districts" : null;
  if (!theme) return null;
  return button("quiet", t("show_on_map"), () => {
    state.theme = theme;
    chooseClause(clause.id);
    changed("view");
  });
}

// --- districts, worst first --------------------------------------------------------------------------------------

function drawDistrictsTab() {
  const place = byId("tab-districts");
  if (!districtClauses.length) { place.replaceChildren(h("p", { class: "note" }, DASH)); return; }
  const rule = districtClauses.some((clause) => clause.id === state.clause) ? state.clause : districtClauses[0].id;
  const choice = h("select", { attributes: { "aria-label": t("clause") },
    events: { change: (event) => { state.theme = "districts"; chooseClause(event.target.value); changed("view"); } } });
  options(choice, districtClauses.map((clause) => [clause.id, clause.id + " " + clauseTitle(clause)]), rule);
  const unit = clauseById.get(rule).unit;
  const ratio = (district) => { const found = districtRatio(district, rule, state.moment); return found === null ? Infinity : found; };
  const order = districts.slice().sort((a, b) => ratio(a) - ratio(b));
  const required = order.map((district) => measuredIn(district, rule, state.moment).required).find((value) => value !== null && value !== undefined);
  const list = h("ol", { class: "districts" }, order.map((district) => districtLine(district, rule, unit)));
  const on = state.theme === "districts" && state.clause === rule;
  place.replaceChildren(choice, h("p", { class: "note" }, h("b", { class: "paper" }, rule + " " + clauseTitle(clauseById.get(rule)) + " "), [stageName(), t("required") + " " + requirement(required, unit, senseOf.get(rule)),
    t("worst_first")].join(" · ")), on ? "" : showThemeButton(rule), list);
}

function showThemeButton(rule) {
  return button("quiet", t("show_on_map"), () => { state.theme = "districts"; chooseClause(rule); changed("view"); });
}

function districtLine(district, rule, unit) {
  const { value, required, status } = measuredIn(district, rule, state.moment);
  const ratio = districtRatio(district, rule, state.moment);
  const bar = h("i", { class: "bar" }, h("i"));
  bar.firstChild.style.width = Math.min(100, Math.max(0, (ratio || 0) * 100)) + "%";
  bar.firstChild.style.background = ratioClass(district, rule, state.moment).colour || "transparent";
  return h("li", { events: { click: () => select({ district: String(district.id) }, true) } },
    h("span", { class: "name" }, districtName(district)), h("b", null, measure(value, unit, required)),
    chip(status), bar);
}

// --- explanations ------------------------------------------------------------------------------------------------

function drawAboutTab() {
  const part = (title, ...content) => h("section", null, h("h3", null, title), content);
  const { certificate } = data;
  const rows = [];
  if (certificate) {
    rows.push(part(t("certificate"), terms([
      [t("status"), t("certificate." + certificate.status)], [t("objective"), certificate.objective === null ? null : money(certificate.objective)],
      [t("bound"), certificate.bound === null ? null : money(certificate.bound)], [t("gap"), certificate.gap === null ? null : percent(certificate.gap, 4)],
      [t("solver"), [certificate.solver, certificate.version, certificate.how].filter(Boolean).join(" · ")], [t("seed"), String(certificate.seed)],
    ]), h("p", { class: "note" }, either(data.cost_basis))));
  } else rows.push(part(t("certificate"), h("p", null, t("audit_only"))));
  if (data.overrides.length) {
    rows.push(part(t("overrides"), data.overrides.map((line) => h("p", null, h("b", null, line.clause + " " + line.parameter),
      " " + t("override.pack") + " " + line.pack + " · " + t("override.study") + " " + line.study))));
  }
  rows.push(part(t("parameters"), terms(data.parameters.map((line) =>
    [clauseById.has(line.key) ? line.key + " " + clauseTitle(clauseById.get(line.key)) : either(line.meaning), String(line.value) + " " + (known("unit." + line.unit) ? t("unit." + line.unit) : line.unit || "")]))));
  if (data.warnings.length) rows.push(part(t("warnings"), warningList()));
  rows.push(part(t("sources"), data.inputs.map((input) => h("p", { class: "input" }, h("b", null, input.role), " " + input.path,
    h("small", null, [input.licence && t("licence") + " " + input.licence, input.crs, "sha256 " + String(input.sha256).slice(0, 12) + "…"].filter(Boolean).join(" · "))))));
  rows.push(part(t("drawing"), h("p", { class: "note" }, t("drawing.note").replace("{m}", number(data.shapes.simplified_m))),
    h("p", { class: "note" }, t("made_with") + " Leaflet · folium" + (data.versions.siting ? " · siting " + data.versions.siting : ""))));
  byId("tab-about").replaceChildren(...rows);
}

const MOST_WARNINGS = 40;

function warningList() {
  const shown = data.warnings.slice(0, MOST_WARNINGS).map((line) => h("li", null, h("b", null, line.source), " " + either(line)));
  const rest = data.warnings.length - shown.length;
  return h("ul", null, shown, rest > 0 ? h("li", null, "… +" + rest) : null);
}

/** What is drawn, under which licence, of which years; and when the run was made. */
function drawCredit() {
  const groups = new Map();
  data.inputs.filter((input) => DRAWN.includes(input.role)).forEach((input) => {
    const words = t("role." + input.role) + (input.role === "population" && data.population_years.length ? " " + data.population_years.join(t("list")) : "");
    const licence = input.licence || t("no_licence");
    groups.set(licence, (groups.get(licence) || new Set()).add(words));
  });
  const parts = [...groups].map(([licence, words]) => [...words].join(t("list")) + " (" + licence + ")");
  if (state.shown.tiles) parts.unshift(data.tiles.attribution);
  if (data.day) parts.push(t("drawn_on") + " " + data.day);
  byId("credit").textContent = parts.length ? t("sources") + ": " + parts.join(" · ") : "";
  byId("credit").title = byId("credit").textContent;
}

const DRAWN = ["districts", "roads", "water", "population", "facilities", "candidates"];
