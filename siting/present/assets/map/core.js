// The page's data, the state of its controls, its words and its numbers. Everything else reads these.

const data = JSON.parse(document.getElementById("siting-data").textContent);

/** Turn {columns, rows} into a list of objects. */
function objects(table) {
  return table.rows.map((row) => {
    const entry = {};
    table.columns.forEach((name, place) => { entry[name] = row[place]; });
    return entry;
  });
}

const sites = objects(data.sites);
const districts = objects(data.districts);
const findings = objects(data.findings);
const strict = new Set(data.clauses.filter((clause) => clause.strict).map((clause) => clause.id)); // more than, not as much
findings.filter((finding) => strict.has(finding.rule) && finding.sense === ">=").forEach((finding) => { finding.sense = ">"; });
const ledger = objects(data.ledger);
const circles = objects(data.circles);
const lastPhase = data.phases[data.phases.length - 1];
const clauseById = new Map(data.clauses.map((clause) => [clause.id, clause]));
const districtById = new Map(districts.map((district) => [String(district.id), district]));
const coverageClauses = data.clauses.filter((clause) => clause.coverage);
const districtClauses = data.clauses.filter((clause) =>
  districts.some((district) => district[clause.id + "_before"] !== null && district[clause.id + "_before"] !== undefined));
const spots = objects(data.spots);
const serviceById = new Map(data.services.map((service) => [service.id, service]));
const servedAt = new Map(); // site → its lines, one for each service
for (const line of objects(data.occupancy)) servedAt.set(line.site, [...(servedAt.get(line.site) || []), line]);
const reasonOf = new Map(objects(data.reasons).map((reason) => [reason.site, reason]));
const links = objects(data.links);
const senseOf = new Map(findings.map((finding) => [finding.rule, finding.sense]));

const state = {
  language: data.language,
  moment: data.has_plan ? "after" : "before",
  year: lastPhase, // of the plan, where the moment is after
  swipe: false, // today to the left of a line, the plan to the right
  split: 0.5, // where the line stands, as a share of the map's width
  theme: "none",
  clause: null, // of the coverage or district theme
  circles: false,
  circleRule: null,
  spots: false,
  links: false,
  catchments: false,
  catchmentKind: null,
  colourBy: "action", // or "year"
  shown: { tiles: Boolean(data.tiles && data.tiles.url), sites: true, outlines: true, labels: true, roads: true, water: true },
  hiddenKinds: new Set(),
  hiddenActions: new Set(),
  tab: "layers",
  phase: lastPhase, // of the table of clauses
  selected: null, // {site: number} or {district: id}
};

// --- stages: today, and the years of the plan -------------------------------------------------------------------

/** Stages in their order: "before", the years before the last, "after". Runs of earlier versions have no years. */
const stages = ["before", ...(data.has_plan ? [...(data.totals.by_phase ? data.phases.slice(0, -1).map(String) : []), "after"] : [])];

function stage() {
  if (state.moment === "before" || !data.has_plan) return "before";
  return state.year === lastPhase ? "after" : String(state.year);
}

function stageName(name) {
  const which = name || stage();
  if (which === "before") return t("before");
  return which === "after" ? t("after") + " " + lastPhase : t("by_year").replace("{year}", which);
}

function setStage(name) {
  state.moment = name === "before" ? "before" : "after";
  if (name !== "before") state.year = name === "after" ? lastPhase : Number(name);
  state.phase = state.moment === "before" ? lastPhase : state.year;
  if (name === "before") state.swipe = false;
}

/** What is in force at the stage, added up in the run; null of today. */
function totalsNow() {
  return (stage() !== "before" && (data.totals.by_phase || []).find((line) => line.phase === state.year)) || null;
}

/** What is measured of a district under a clause, before the plan or at the stage: {value, required, status}. */
const measuredBy = new Map((data.by_district ? objects(data.by_district) : []).map((line) =>
  [[line.rule, line.phase, line.district].join("|"), line]));

function districtLineOf(district, rule, moment) {
  return measuredBy.get([rule, moment === "before" ? lastPhase : state.year, district.id].join("|")) || null;
}

function measuredIn(district, rule, moment) {
  const line = districtLineOf(district, rule, moment);
  if (line) return { value: line[moment], required: line.required, status: moment === "before" ? line.status_before : line.status };
  const told = moment === "after" ? district[rule + "_status"] : "";
  return { value: district[rule + "_" + moment], required: district[rule + "_required"], status: told || "" };
}

// --- who wants to know ------------------------------------------------------------------------------------------

const listeners = { view: [], language: [], selection: [] };

/** Call `action` whenever the topic changes: "view" (what is drawn), "language", "selection". */
function on(topic, action) { listeners[topic].push(action); }

function changed(topic) { listeners[topic].forEach((action) => action()); }

// --- words ------------------------------------------------------------------------------------------------------

/** The words of a key; the key itself where there are none, so that nothing shows as blank. */
function t(key) {
  const entry = data.texts[key];
  return entry ? entry[state.language === "zh" ? 0 : 1] : key;
}

function known(key) { return Object.prototype.hasOwnProperty.call(data.texts, key); }

/** One language of a {zh, en} of the run; the other where it is empty. */
function either(words) {
  if (!words) return "";
  return words[state.language] || words.zh || words.en || "";
}

function kindTitle(kind) { return data.kinds[kind] ? either(data.kinds[kind].title) : kind; }

function districtName(district) {
  return (state.language === "en" && district.name_en) || district.name;
}

/** The name of a finding's subject, in the language where there is one. */
function subjectName(finding) {
  if (finding.subject_kind === "area") return t("area");
  const district = finding.subject_kind === "district" && districtById.get(String(finding.subject));
  return district ? districtName(district) : finding.subject_name || finding.subject;
}

function clauseTitle(clause) { return either(clause.title) || clause.id; }

// --- numbers ----------------------------------------------------------------------------------------------------

const DASH = "—";
const MOST_DECIMALS = 6;

function number(value, decimals) {
  if (value === null || value === undefined) return DASH;
  const places = { minimumFractionDigits: decimals || 0, maximumFractionDigits: decimals || 0 };
  const written = value.toLocaleString("en-GB", places);
  return /[1-9]/.test(written) ? written : written.replace("-", "");
}

function percent(share, decimals) {
  return share === null || share === undefined ? DASH : number(share * 100, decimals === undefined ? 1 : decimals) + "%";
}

function scaled(value, unit, decimals) { return unit === "share" ? percent(value, decimals) : number(value, decimals); }

/**
 * A measured value in the way of its unit. One that misses its requirement by less than the usual decimals gets more
 * of them, so that 94.97 % against 95 % never reads 95.0 %.
 */
function measure(value, unit, required) {
  if (value === null || value === undefined || value === "") return DASH;
  let decimals = unit === "share" || unit === "beds/10k" || !Number.isInteger(value) ? 1 : 0;
  const asked = required === null || required === undefined ? value : required;
  while (value !== asked && decimals < MOST_DECIMALS && scaled(value, unit, decimals) === scaled(asked, unit, decimals)) {
    decimals += 1;
  }
  return scaled(value, unit, decimals);
}

/** What is required, with its sense and unit. */
function requirement(required, unit, sense) {
  if (required === null || required === undefined) return DASH;
  const shown = unit === "share"
    ? number(required * 100, Number.isInteger(Math.round(required * 1e4) / 100) ? 0 : 2) + "%"
    : number(required, Number.isInteger(required) ? 0 : 1);
  const words = known("unit." + unit) ? t("unit." + unit) : unit;
  return ({ "<=": "≤ ", ">": "> " }[sense] || "≥ ") + shown + (words ? " " + words : "");
}

/** Yuan, in the units that budgets are written in. */
function money(yuan) {
  if (yuan === null || yuan === undefined) return DASH;
  if (state.language === "zh") {
    return Math.abs(yuan) >= 1e8 ? number(yuan / 1e8, 2) + " 亿元" : number(yuan / 1e4, 1) + " 万元";
  }
  return Math.abs(yuan) >= 1e6 ? "¥" + number(yuan / 1e6, 2) + " million" : "¥" + number(yuan, 0);
}

// --- elements ---------------------------------------------------------------------------------------------------

/**
 * Make an element. Text goes in as text, whatever it holds: no string ever becomes markup.
 * `options`: class, title, attributes {name: value}, events {name: action}; children: elements, strings, null.
 */
function h(tag, options, ...children) {
  const element = document.createElement(tag);
  const { class: classes, title, attributes, events } = options || {};
  if (classes) element.className = classes;
  if (title) element.title = title;
  Object.entries(attributes || {}).forEach(([name, value]) => element.setAttribute(name, value));
  Object.entries(events || {}).forEach(([name, action]) => element.addEventListener(name, action));
  children.flat(Infinity).forEach((child) => {
    if (child !== null && child !== undefined) element.append(child);
  });
  return element;
}

function byId(id) { return document.getElementById("siting-" + id); }

function button(classes, words, action) {
  return h("button", { class: classes, attributes: { type: "button" }, events: { click: action } }, words);
}

function chip(status) {
  return status ? h("span", { class: "chip " + status }, t("status." + status)) : null;
}

/** A list of terms and values; entries without a value are left out. */
function terms(entries) {
  const list = h("dl", { class: "terms" });
  entries.forEach(([term, value]) => {
    if (value !== null && value !== undefined && value !== "") list.append(h("dt", null, term), h("dd", null, value));
  });
  return list;
}

/** before → after, or before alone where there is no plan. */
function change(before, after) {
  if (!data.has_plan) return h("span", null, before);
  return h("span", { class: "change" }, before, h("i", null, " → "), h("b", null, after));
}
