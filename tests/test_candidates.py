"""Candidates of a whole small study: on the network, on ground that forbids some, parcels, committees' premises."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from rasterio.transform import Affine
from shapely import Point, box
from small_inputs import write_layer, write_raster
from town_files import NORTH, PERSONS, STEP, WEST, place, write_town

import siting
from siting import access, candidates, groundwork
from siting.cache import NO_CACHE
from siting.errors import ConfigError
from siting.present.collect import collect
from siting.sources import load, read_yaml
from siting.sources.crs import Plane

if TYPE_CHECKING:
    from pathlib import Path

    from siting.errors import SitingWarning
    from siting.model.ground import Screening
    from siting.model.raw import Raw
    from siting.model.sites import Sites


def study(folder: Path, **keys: Any) -> Path:  # noqa: ANN401 - keys of a study
    """Write the town, with keys added to or put in place of its own."""
    path = write_town(folder)
    document = read_yaml(path).data | keys
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")  # YAML holds JSON
    return path


def gathered(folder: Path, **keys: Any) -> tuple[Raw, Sites, Screening, tuple[SitingWarning, ...]]:  # noqa: ANN401
    config = siting.load_config(study(folder, **keys))
    raw = load(config.options, root=None, base=folder, catalogue=config.catalogue)
    found = candidates.gather(config, raw, groundwork.peopled(config, raw, NO_CACHE)[0], NO_CACHE)
    return raw, found.sites, found.screening, found.warnings


LISTED = {"file": "idle.csv", "operator": "operator"}


def test_candidates_of_the_network_stand_on_streets_people_use(tmp_path: Path) -> None:
    """Streets run through the middles of all cells, so people join them where they live: no connector is left."""
    made = {"generate": "network", "spacing_m": 400, "kinds": ["day_care"], "tenure": "leased"}
    raw, table, _, _ = gathered(tmp_path, candidates=[made])
    some = table.taken(np.flatnonzero(~table.existing))
    assert 4 <= len(some) <= 34
    found = access.snap(raw.roads, some.x_m, some.y_m, 500)
    assert found.connector_m.max() < 1e-6
    gaps = np.hypot(*(np.subtract.outer(at, at) for at in (some.x_m, some.y_m)))
    assert gaps[~np.eye(len(some), dtype=bool)].min() >= 400


def red_line(folder: Path) -> dict[str, Any]:
    """A red line about the old primary school S1 and the home F1; slopes above 25 in the southern half."""
    lon, lat = place(1.1, 1.2)
    home = Point(place(2.2, 2.1)).buffer(STEP / 5)
    write_layer(folder / "red.gpkg", [Point(lon, lat).buffer(STEP / 5), home])
    rows = np.where(np.arange(6)[:, None] >= 3, 30.0, 10.0) + np.zeros((6, 6))
    write_raster(folder / "slope.tif", rows, transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH))
    red = {"title": {"zh": "生态保护红线", "en": "red line"}, "file": "red.gpkg", "licence": "made"}
    return {"ground": [red, {"title": {"zh": "坡度", "en": "slope"}, "file": "slope.tif", "excludes": {"above": 25}}]}


def test_ground_drops_candidates_and_says_which_and_how_many(tmp_path: Path) -> None:
    made = {"generate": "grid", "spacing_m": 250, "kinds": ["day_care"], "tenure": "leased", "per_district": 0}
    _, table, screening, told = gathered(tmp_path, candidates=[LISTED, made], **red_line(tmp_path))
    listed = [name for name, old in zip(table.id, table.existing, strict=True) if name.startswith("S") and not old]
    assert listed == ["S2", "S5", "S6", "S8", "S9"]
    by_key = {(one.ground, one.group): one for one in screening.tallies}
    assert by_key[0, "listed"].named == ("S1",)
    assert by_key[0, "existing"].named == ("F1",)
    assert by_key[1, "listed"].named == ("S3", "S4", "S7")
    made_m = table.y_m[[name.startswith("G") for name in table.id]]
    assert by_key[1, "generated"].on > 0
    assert by_key[1, "existing"].named == ("F2",)
    assert dict(screening.dropped)["listed"] == 4
    assert made_m.min() > table.y_m[table.id.index("F2")]  # which stands in the first row of slopes
    words = " ".join(warning.en for warning in told)
    assert "red line (inside): 1 listed candidates are left out: S1" in words
    assert "red line (inside): 1 existing facilities stand on it and count as they are: F1" in words
    assert f"slope (> 25): {by_key[1, 'generated'].on} generated candidates are left out." in words


def test_a_committed_project_stays_on_forbidden_ground_and_is_told(tmp_path: Path) -> None:
    keys = red_line(tmp_path)
    path = study(tmp_path, candidates=[{**LISTED, "kinds": ["town_centre"]}], **keys)
    text = (tmp_path / "idle.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{text[0]},opens", *(f"{row},{2023 if row.startswith('S1') else ''}" for row in text[1:])]
    (tmp_path / "idle.csv").write_text("\n".join(rows), encoding="utf-8")
    config = siting.load_config(path)
    raw = load(config.options, root=None, base=tmp_path, catalogue=config.catalogue)
    found = candidates.gather(config, raw, groundwork.peopled(config, raw, NO_CACHE)[0], NO_CACHE)
    table, screening, told = found.sites, found.screening, found.warnings
    assert "S1" in table.id
    assert [one.named for one in screening.tallies if one.group == "committed" and one.ground == 0] == [("S1",)]
    assert any("committed projects stand on it and are kept" in warning.en for warning in told)


def test_suitable_ground_is_chosen_before_populous_ground(tmp_path: Path) -> None:
    """The old centre is crowded but ten times less suitable than the rest: one candidate goes elsewhere."""
    suits = np.where(np.array(PERSONS) == 700, 1.0, 10.0)
    made = {
        "generate": "grid",
        "spacing_m": 1,
        "kinds": ["day_care"],
        "tenure": "leased",
        "limit": 1,
        "per_district": 0,
    }
    _, crowded, _, _ = gathered(tmp_path, candidates=[made])
    write_raster(tmp_path / "suits.tif", suits, transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH))
    layer = {"title": "适宜性", "file": "suits.tif", "best": 20}
    _, suited, _, _ = gathered(tmp_path, candidates=[made], ground=[layer])
    weights = [np.array(PERSONS)[_cell(table)] for table in (crowded, suited)]
    assert weights == [700, 700]  # 700 ÷ 20 is still more than 60 ÷ 2
    layer["best"] = 10
    write_raster(
        tmp_path / "suits.tif", np.where(suits == 1, 0.5, 10), transform=Affine(STEP, 0, WEST, 0, -STEP, NORTH)
    )
    _, suited, _, _ = gathered(tmp_path, candidates=[made], ground=[layer])
    assert np.array(PERSONS)[_cell(suited)] == 60  # 700 ÷ 20 is less than 60


def _cell(table: Sites) -> tuple[int, int]:
    """Row and column of the one candidate's cell."""
    made = table.taken(np.flatnonzero(~table.existing))
    assert len(made) == 1
    lon, lat = Plane(32651).lonlat(made.x_m, made.y_m)
    return int((NORTH - lat[0]) / STEP), int((lon[0] - WEST) / STEP)


def test_a_parcel_stands_where_its_edge_is_nearest_to_the_street(tmp_path: Path) -> None:
    """Its middle is half a cell from every street; its western edge lies a tenth of a cell from one."""
    west, north = place(1.1, 1.4)
    east, south = place(1.9, 1.6)
    write_town(tmp_path)
    write_layer(tmp_path / "plots.gpkg", [box(west, south, east, north)], id=["P1"], name=["地块"], plot_ratio=[2.0])
    plots = {"file": "plots.gpkg", "tenure": "new_build", "kinds": ["day_care"]}
    raw, table, _, _ = gathered(tmp_path, candidates=[plots])
    plot = table.taken(np.array([table.id.index("P1")]))
    found = access.snap(raw.roads, plot.x_m, plot.y_m, 500)
    assert found.connector_m[0] == pytest.approx(0.1 * STEP * 95_980, rel=0.01)
    assert plot.floor_area_m2[0] == pytest.approx(2 * raw.parcels["P1"].area)


def test_committees_offer_their_premises_in_the_run(tmp_path: Path) -> None:
    write_town(tmp_path)
    lines = [f"K{n},第{n}村,{'是' if n < 2 else ''},{'{:.6f},{:.6f}'.format(*place(n, 4.2))}" for n in range(4)]
    (tmp_path / "villages.csv").write_text("\n".join(["id,name,村改居,lon,lat", *lines]), encoding="utf-8")
    made = {"generate": "committees", "tag": "village_turned", "kinds": ["day_care"], "tenure": "idle_state_owned"}
    _, table, _, _ = gathered(tmp_path, communities=[{"file": "villages.csv"}], candidates=[made])
    assert [name for name, old in zip(table.name, table.existing, strict=True) if not old] == ["第0村", "第1村"]
    with pytest.raises(ConfigError, match="need the table of `communities`"):
        gathered(tmp_path, candidates=[made])


def test_a_run_writes_down_what_the_ground_kept_off(tmp_path: Path) -> None:
    results = collect(
        siting.run(siting.load_config(study(tmp_path, candidates=[LISTED], **red_line(tmp_path))), plan=False)
    )
    red, slope = results.run["ground"]["layers"]
    assert (red["title"]["zh"], red["licence"], red["ranks"]) == ("生态保护红线", "made", False)
    assert red["groups"][0] == {"group": "listed", "checked": 9, "on": 1, "silent": 0, "named": ("S1",)}
    assert slope["condition"] == {"zh": "> 25", "en": "> 25"}
    assert results.run["ground"]["dropped"]["listed"] == 1 + slope["groups"][0]["on"]
    assert [entry["path"] for entry in results.run["inputs"] if entry["role"] == "ground"] == ["red.gpkg", "slope.tif"]
