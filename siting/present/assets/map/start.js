// Puts the page together, once folium has made the map.

function drawAll() {
  drawHead();
  drawBar();
  drawLegend();
  drawLayersTab();
  drawClausesTab();
  drawDistrictsTab();
  drawAboutTab();
  drawCredit();
  nameLabels();
}

/** The whole area, clear of the bar above and, where there is room, of the legend. */
function home() {
  const wide = map.getSize().x > 900;
  map.fitBounds(data.bounds, { paddingTopLeft: [wide ? 30 : 12, wide ? 60 : 140], paddingBottomRight: [wide ? 200 : 12, wide ? 12 : 40], animate: false });
}

function startLanguage() {
  byId("language").addEventListener("click", () => {
    state.language = state.language === "zh" ? "en" : "zh";
    changed("language");
    changed("selection");
  });
}

/** Zoom buttons with our words, the whole area, and print. */
function addControls() {
  L.control.scale({ imperial: false, position: "bottomleft", maxWidth: 120 }).addTo(map);
  const Buttons = L.Control.extend({
    onAdd() {
      const make = (sign, key, action) => {
        const one = h("a", { class: sign, attributes: { href: "#", role: "button" } });
        one.dataset.label = key;
        L.DomEvent.on(one, "click", (event) => { L.DomEvent.stop(event); action(); });
        return one;
      };
      const bar = h("div", { class: "leaflet-bar siting-buttons" }, make("in", "ui.zoom_in", () => map.zoomIn()),
        make("out", "ui.zoom_out", () => map.zoomOut()), make("whole", "ui.whole", home), make("print", "ui.print", () => window.print()));
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    },
  });
  new Buttons({ position: "topright" }).addTo(map);
}

const PAPER = { mapWidth: 760, mapHeight: 500 }; // pixels of a landscape A4 page inside its margins

/**
 * On paper the map keeps what it shows, made smaller by CSS; legend beside it, tables below. The map is not drawn anew:
 * what a canvas clears while a page is being printed comes out white.
 */
function startPrint() {
  window.addEventListener("beforeprint", () => {
    const { x, y } = map.getSize();
    const style = document.body.style;
    style.setProperty("--map-width", x + "px");
    style.setProperty("--map-height", y + "px");
    style.setProperty("--map-zoom", Math.min(PAPER.mapWidth / x, PAPER.mapHeight / y));
    document.querySelectorAll("details.clause").forEach((block) => { block.open = false; });
    document.body.classList.add("printing");
  });
  window.addEventListener("afterprint", () => document.body.classList.remove("printing"));
}

function start(foliumMap, overlays) {
  map = foliumMap;
  images = overlays;
  document.body.classList.add("siting");
  if (window.innerWidth < 700) {
    document.body.classList.add("folded");
    foldLegendQuietly();
  }
  state.theme = coverageClauses.length ? "coverage" : themes()[0];
  state.clause = widestClause();
  map.getContainer().append(byId("north"), byId("stamp"), byId("credit"), byId("split"));
  map.invalidateSize({ animate: false });
  home();
  makeLayers();
  addControls();
  on("view", () => { applyState(); drawCredit(); drawHead(); drawBar(); drawLegend(); drawLayersTab(); drawClausesTab(); drawDistrictsTab(); drawSelection(); });
  on("language", drawAll);
  on("selection", drawSelection);
  startBar();
  startSwipe();
  startTabs();
  startLanguage();
  startSearch();
  startClicks();
  startPrint();
  applyState();
  sizeMarkers();
  drawAll();
  showTab();
  // "Usable": everything is drawn and the browser has painted it.
  requestAnimationFrame(() => requestAnimationFrame(() => { document.documentElement.dataset.ready = String(Math.round(performance.now())); }));
}

function foldLegendQuietly() {
  byId("legend").classList.add("folded");
  byId("legend-fold").setAttribute("aria-expanded", "false");
}
