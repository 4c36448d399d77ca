// Search by the name of a facility or a district.

const MOST_HITS = 12;

function hits(words) {
  const wanted = words.trim().toLowerCase();
  if (!wanted) return [];
  const found = [];
  districts.forEach((district) => {
    if (`${district.name} ${district.name_en || ""}`.toLowerCase().includes(wanted)) {
      found.push({ mark: h("i", { class: "place" }), name: districtName(district), note: t("district"), what: { district: String(district.id) } });
    }
  });
  sites.forEach((site, place) => {
    if (found.length < MOST_HITS && site.name.toLowerCase().includes(wanted)) {
      found.push({ mark: symbolPicture(shapeOfKind(site.kind), site.action), name: site.name, note: site.district_name, what: { site: place } });
    }
  });
  return found.slice(0, MOST_HITS);
}

function startSearch() {
  const input = byId("search").querySelector("input");
  const list = byId("hits");
  let chosen = 0;
  const mark = () => [...list.children].forEach((line, place) => line.classList.toggle("chosen", place === chosen));
  const close = () => { list.hidden = true; };
  const pick = (hit) => {
    reveal(hit.what);
    select(hit.what, true);
    close();
    input.blur();
  };
  let found = [];
  const show = () => {
    found = hits(input.value);
    chosen = 0;
    list.replaceChildren(...found.map((hit) => h("li", { events: { mousedown: (event) => { event.preventDefault(); pick(hit); } } },
      hit.mark, h("span", null, hit.name), h("small", null, hit.note))));
    if (!found.length && input.value.trim()) list.append(h("li", { class: "none" }, t("ui.nothing_found")));
    list.hidden = !list.children.length;
    mark();
  };
  input.addEventListener("input", show);
  input.addEventListener("focus", show);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) { chosen = (chosen + step + found.length) % found.length; mark(); event.preventDefault(); }
    if (event.key === "Enter" && found[chosen]) pick(found[chosen]);
    if (event.key === "Escape") close();
  });
}

/** Make a found facility visible, whatever is filtered out at the moment. */
function reveal(what) {
  if (what.site === undefined) return;
  const site = sites[what.site];
  state.shown.sites = true;
  state.hiddenKinds.delete(site.kind);
  state.hiddenActions.delete(site.action);
  if (actionShown(site) === null) setStage("after");
  changed("view");
}
