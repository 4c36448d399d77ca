"""The map of a run: one HTML file that opens from a disk on an intranet and asks nobody for anything.

folium lays out the map and its image overlays; our own assets draw shapes, symbols, panel, cards and legend from the
page's data. Names from input files travel as JSON (with ``<`` escaped) and reach the page through ``textContent`` only.
A content security policy forbids every outside request, should a browser or an extension think of one; where a study
asks for online tiles, it allows pictures from their hosts and nothing else.
"""

from __future__ import annotations

import base64
import html
import json
import re
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import folium
from branca.element import MacroElement
from jinja2 import Template
from xstatic.pkg import leaflet

from siting.present.map_coverage import coverages
from siting.present.map_facts import facts, title
from siting.present.map_layers import Picture, pictures, shapes
from siting.present.tiles import tiles_of

if TYPE_CHECKING:
    from siting.model.text import Language
    from siting.present.results import Results

_SCRIPTS = (
    "core",
    "shapes",
    "symbols",
    "layers",
    "reach",
    "swipe",
    "legend",
    "panel",
    "tables",
    "cards",
    "search",
    "start",
)
"""Joined in this order into one function, so that the page gains a single global name."""
POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_MIN_ZOOM, _MAX_ZOOM = 7, 18


def write_map(results: Results, path: Path, language: Language) -> None:
    """Write the map of a run to a file.

    Parameters
    ----------
    results : Results
    path : Path
        E.g. ``map.html`` of the run folder; replaced if it exists.
    language : "zh" or "en"
        The language it opens in; the page holds both.
    """
    path.write_text(map_html(results, language), encoding="utf-8")


def map_html(results: Results, language: Language) -> str:
    """Return the map of a run as one self-contained page.

    Parameters
    ----------
    results : Results
        With or without a plan: layers of what comes after are absent where there is none.
    language : "zh" or "en"
        The language it opens in.

    Returns
    -------
    str
        HTML. The same results give the same text.
    """
    images = pictures(results)
    folium_map = _bare_map()
    overlays = {image.key: _overlay(image).add_to(folium_map) for image in images}
    payload = {
        **facts(results),
        "shapes": shapes(results),
        "coverage": coverages(results),
        "tiles": tiles_of(results.run),
        "language": language,
    }
    page = _Page(folium_map, overlays, payload)
    folium_map.add_child(page)
    figure: Any = folium_map.get_root()
    figure.title = html.escape(title(results.run, language))
    _number(folium_map)
    rendered: str = figure.render()
    return rendered.replace("<html>", f'<html lang="{language}">', 1)


def script_json(value: Any) -> str:  # noqa: ANN401 - anything JSON can hold
    r"""Return JSON that may stand inside a script element: ``<``, ``>``, ``&`` and line separators as ``\uXXXX``."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", text)


class _Page(MacroElement):
    """Everything on the page that folium does not draw: Leaflet itself, our styles, data and scripts."""

    _template = Template(
        """
        {% macro header(this, kwargs) %}
            <meta http-equiv="Content-Security-Policy" content="{{ this.policy }}">
            <style>{{ this.leaflet_css }}</style>
            <script>{{ this.leaflet_js }}</script>
            <style>{{ this.css }}</style>
        {% endmacro %}
        {% macro html(this, kwargs) %}
            {{ this.skeleton }}
            <script type="application/json" id="siting-data">{{ this.data }}</script>
        {% endmacro %}
        {% macro script(this, kwargs) %}
            {{ this.js }}
            siting.start({{ this.map_name }}, { {{ this.overlays }} });
        {% endmacro %}
        """
    )

    def __init__(self, parent: folium.Map, overlays: dict[str, Any], payload: dict[str, Any]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._name = "Page"
        self._drawn, self._overlays = parent, overlays
        hosts = (payload["tiles"] or {}).get("hosts", ())
        self.policy = POLICY.replace(" blob:;", "".join((" blob:", *(f" {host}" for host in hosts), ";")))
        self.leaflet_js, self.leaflet_css = leaflet_assets()
        self.css, self.skeleton = _asset("map.css"), _asset("map.html")
        self.js = "var siting = (function () {\n'use strict';\n" + "\n".join(
            _asset(f"{name}.js") for name in _SCRIPTS
        ) + "\nreturn { start: start };\n})();"  # fmt: skip
        self.data = script_json(payload)

    @property
    def map_name(self) -> str:
        """Name of the map's variable."""
        return str(self._drawn.get_name())

    @property
    def overlays(self) -> str:
        """Image overlays by key, as the inside of a JavaScript object."""
        return ", ".join(f"{script_json(key)}: {layer.get_name()}" for key, layer in self._overlays.items())


def _bare_map() -> folium.Map:
    """Return a folium map without tiles and without any of the outside scripts and styles it comes with."""
    drawn = folium.Map(
        location=(0, 0), tiles=None, zoom_control=False, control_scale=False, attribution_control=False,
        min_zoom=_MIN_ZOOM, max_zoom=_MAX_ZOOM, zoom_snap=0.25, zoom_delta=1, wheel_px_per_zoom_level=90,
        box_zoom=True, max_bounds_viscosity=0.0,
    )  # fmt: skip
    drawn.default_js, drawn.default_css = [], []
    return drawn


def _overlay(image: Picture) -> folium.raster_layers.ImageOverlay:
    """Return an image overlay that the page shows when asked."""
    return folium.raster_layers.ImageOverlay(image.uri, image.bounds, show=False, pane="cells", interactive=False)


def _number(folium_map: folium.Map) -> None:
    """Name every element by its place instead of at random, so that equal runs give equal pages."""
    for place, element in enumerate((folium_map, *folium_map._children.values())):  # noqa: SLF001 - no public way
        element._id = f"{place:03d}"  # noqa: SLF001


def _asset(name: str) -> str:
    return resources.files("siting.present").joinpath("assets", "map", name).read_text(encoding="utf-8")


def leaflet_assets() -> tuple[str, str]:
    """Return Leaflet's script and its styles with the pictures put in, from the installed package."""
    folder = Path(leaflet.BASE_DIR)
    script = folder.joinpath("leaflet.js").read_text(encoding="utf-8")
    script = re.sub(r"//# sourceMappingURL=.*", "", script)

    def inlined(link: re.Match[str]) -> str:
        picture = folder.joinpath(link[1]).read_bytes()
        return f"url(data:image/png;base64,{base64.b64encode(picture).decode('ascii')})"

    styles = folder.joinpath("leaflet.css").read_text(encoding="utf-8")
    return script, re.sub(r"url\((images/[\w.-]+)\)", inlined, styles)
