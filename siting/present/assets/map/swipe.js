// Today to the left of a line and the plan to the right: panes cut along it, with a second set for today.

const markersBefore = [];
const SWIPED = { cells: "cellsBefore", sites: "sitesBefore", fill: "fillBefore" };

function showSwipe() {
  const on = state.swipe && stage() !== "before";
  document.body.classList.toggle("swiping", on);
  showCells("cellsBefore", on && state.theme === "coverage" ? "before" : null);
  toggle(drawn.sitesBefore, on && state.shown.sites);
  toggle(drawn.fillBefore, on && state.theme === "districts");
  if (on) {
    fillToday();
    drawn.sitesBefore.clearLayers();
    sites.forEach((site, place) => {
      if (site.existing && !state.hiddenKinds.has(site.kind_before)) drawn.sitesBefore.addLayer(markersBefore[place]);
    });
    sizeMarkers();
  }
  cut();
}

/** Make what is shown of today beside the plan, once it is first asked for, and colour it. */
function fillToday() {
  const { renderer, polygon } = drawn.rings;
  if (!markersBefore.length) {
    sites.forEach((site) => markersBefore.push(new SiteSymbol([site.lat, site.lon],
      { renderer: renderer.sitesBefore, pane: "sitesBefore", interactive: false, radius: 6, shape: shapeOfKind(site.kind_before || site.kind), action: "keep" })));
    drawn.fillsBefore = districtShapes.map((shape) => polygon(shape, "fillBefore", { stroke: false, fillOpacity: 0.58 }));
    drawn.fillsBefore.forEach((shape) => drawn.fillBefore.addLayer(shape));
  }
  if (state.theme === "districts") colourDistricts(drawn.fillsBefore, "before");
}

/** Cut the panes along the line, in the coordinates that they are moved in. */
function cut() {
  const on = document.body.classList.contains("swiping");
  const size = map.getSize();
  const [left, right] = [map.containerPointToLayerPoint([0, 0]), map.containerPointToLayerPoint(size)];
  const middle = map.containerPointToLayerPoint([size.x * state.split, 0]).x;
  const box = (west, east) => `polygon(${west}px ${left.y}px, ${east}px ${left.y}px, ${east}px ${right.y}px, ${west}px ${right.y}px)`;
  Object.entries(SWIPED).forEach(([plan, today]) => {
    map.getPane(plan).style.clipPath = on ? box(middle, right.x) : "";
    map.getPane(today).style.clipPath = on ? box(left.x, middle) : "";
  });
  byId("split").style.left = 100 * state.split + "%";
}

function startSwipe() {
  const line = byId("split");
  const move = (event) => {
    const { left, width } = map.getContainer().getBoundingClientRect();
    state.split = Math.min(0.98, Math.max(0.02, (event.clientX - left) / width));
    cut();
  };
  line.addEventListener("pointerdown", (event) => {
    line.setPointerCapture(event.pointerId);
    line.addEventListener("pointermove", move);
    event.preventDefault();
  });
  ["pointerup", "pointercancel"].forEach((name) => line.addEventListener(name, () => line.removeEventListener("pointermove", move)));
  line.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -0.02, ArrowRight: 0.02 }[event.key];
    if (!step) return;
    state.split = Math.min(0.98, Math.max(0.02, state.split + step));
    cut();
    event.preventDefault();
    event.stopPropagation();
  });
  L.DomEvent.disableClickPropagation(line);
  map.on("move zoomend viewreset resize", cut);
  byId("swipe").addEventListener("click", () => {
    state.swipe = !state.swipe;
    if (state.swipe && stage() === "before") setStage("after");
    changed("view");
  });
}
