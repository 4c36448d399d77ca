"""Facilities by the tags of OpenStreetMap: which objects, of what kind, with how many beds, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import osmium
import pytest
from osmium.osm.mutable import Node, Relation, Way
from small_inputs import write_study
from small_registers import register

from siting.errors import DataError
from siting.sources import SourceOptions
from siting.sources.options import FacilitiesFile, OsmFacilities
from siting.sources.osm_places import kind_of

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.sites import Sites
    from siting.sources.listed import Register

HOME = {"amenity": "social_facility", "social_facility": "nursing_home", "capacity": "80", "name": "阳光养老院"}
SQUARE = [(120.712, 30.512), (120.716, 30.512), (120.716, 30.514), (120.712, 30.514)]
WORDS = {"kind": {"institution": "home", "canteen": None, "town_centre": "hub"}}


def write(folder: Path, places: dict[tuple[float, float], dict[str, str]], outlines: list[Any] = ()) -> None:  # type: ignore[assignment]
    """Write nodes with tags, and outlines: corners and tags, the second one a hole where there are two rings."""
    path = folder / "p.osm.pbf"
    path.unlink(missing_ok=True)
    with osmium.SimpleWriter(str(path)) as writer:
        for ref, (lonlat, tags) in enumerate(places.items(), 1):
            writer.add_node(Node(id=ref, location=lonlat, tags=tags, version=1))
        rings = [ring for ringed, _ in outlines for ring in ringed]
        corners = [corner for ring in rings for corner in ring]
        for ref, lonlat in enumerate(corners, 1001):
            writer.add_node(Node(id=ref, location=lonlat, version=1))
        first, number, related = 1001, 1, []
        for ringed, tags in outlines:
            members = []
            for ring in ringed:
                refs = [*range(first, first + len(ring)), first]
                first += len(ring)
                closed = refs if tags.get("open") is None else refs[:-1]
                writer.add_way(Way(id=number, nodes=closed, tags=tags if len(ringed) == 1 else {}, version=1))
                members.append(("w", number, "inner" if members else "outer"))
                number += 1
            if len(ringed) > 1:
                related.append(Relation(id=number, members=members, tags={**tags, "type": "multipolygon"}, version=1))
        for relation in related:
            writer.add_relation(relation)


def read(folder: Path, **options: Any) -> tuple[Sites, Register]:  # noqa: ANN401 - keys of a study
    desk = register(folder)
    keys = {"osm": "p.osm.pbf", "words": WORDS, **options}
    return desk.facilities([OsmFacilities.model_validate(keys)]), desk


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "social_facility", "social_facility": "nursing_home"}, "institution"),
        ({"social_facility": "assisted_living"}, "institution"),
        ({"amenity": "nursing_home"}, "institution"),
        ({"amenity": "social_facility", "social_facility": "nursing_home", "social_facility:for": "disabled"}, None),
        ({"social_facility": "nursing_home", "social_facility:for": "disabled;senior"}, "institution"),
        ({"amenity": "social_facility", "social_facility": "group_home"}, None),
        ({"social_facility": "group_home", "social_facility:for": "senior"}, "institution"),
        ({"amenity": "social_facility", "social_facility": "day_care", "social_facility:for": "senior"}, "day_care"),
        ({"amenity": "social_facility", "social_facility": "day_care", "social_facility:for": "child"}, None),
        ({"amenity": "community_centre"}, None),
        ({"amenity": "community_centre", "community_centre:for": "senior"}, "day_care"),
        ({"amenity": "community_centre", "community_centre": "seniors_centre"}, "day_care"),
        ({"amenity": "community_centre", "name": "城南街道居家养老服务中心"}, "town_centre"),
        ({"amenity": "community_centre", "name": "幸福社区日间照料中心"}, "day_care"),
        ({"amenity": "social_facility", "name": "城关镇敬老院"}, "institution"),
        ({"amenity": "restaurant", "name": "长者食堂"}, "canteen"),
        ({"amenity": "restaurant", "name": "海底捞"}, None),
        ({"amenity": "social_facility", "name": "儿童福利院", "social_facility:for": "orphan"}, None),
        ({"healthcare": "hospital"}, None),
    ],
)  # fmt: skip
def test_tags_decide_the_kind(tags: dict[str, str], kind: str | None) -> None:
    assert kind_of(tags) == kind


def test_nodes_ways_and_multipolygons_become_facilities(tmp_path: Path) -> None:
    hole = [(120.7130, 30.5125), (120.7150, 30.5125), (120.7150, 30.5135), (120.7130, 30.5135)]
    second = [(lon + 0.01, lat) for lon, lat in SQUARE]
    ringed = {**HOME, "name": "环院", "name:en": "Ring", "operator:type": "private", "capacity": "许多", "beds": "35"}
    station = {"amenity": "community_centre", "community_centre:for": "senior", "capacity": "20", "name": "照料站"}
    outlines = [([second], {**HOME, "name": "方院"}), ([SQUARE, hole], ringed)]
    write(tmp_path, {(120.71, 30.51): HOME, (120.705, 30.505): station, (120.7, 30.5): {"amenity": "bar"}}, outlines)
    sites, desk = read(tmp_path)
    assert sites.id == ("node/1", "node/2", "relation/4", "way/1")
    assert sites.name == ("阳光养老院", "照料站", "环院", "方院")
    assert sites.kind == ("home", "day_care", "home", "home")
    assert sites.operator == ("public", "public", "non_state", "public")
    assert sites.beds.sum(axis=1).tolist() == [80, 0, 35, 80]
    assert sites.origin[2] == "p.osm.pbf relation/4"
    lon, lat = (at.round(6).tolist() for at in desk.around.plane.lonlat(sites.x_m, sites.y_m))
    assert (lon[0], lat[0]) == (120.71, 30.51)
    assert 120.722 < lon[3] < 120.726
    inside_hole = 120.713 < lon[2] < 120.715 and 30.5125 < lat[2] < 30.5135
    assert 120.712 < lon[2] < 120.716
    assert not inside_hole
    assert [one.path for one in desk.intake.provenance] == ["p.osm.pbf"]
    assert not desk.placed
    assert not desk.intake.warnings


def test_a_node_in_its_outline_is_one_facility(tmp_path: Path) -> None:
    other = {**HOME, "name": "另一家", "capacity": "9"}
    bare = {key: value for key, value in HOME.items() if key != "capacity"}
    write(tmp_path, {(120.713, 30.513): HOME, (120.7155, 30.513): other}, [([SQUARE], bare)])
    sites, desk = read(tmp_path)
    assert sites.id == ("node/2", "way/1")
    assert sites.beds.sum(axis=1).tolist() == [9, 80]
    assert [one.en for one in desk.intake.warnings] == [
        "1 nodes are the facility whose outline they lie in: node/1 = way/1."
    ]


def test_unstated_beds_stop_the_run_unless_the_study_says_what_to_count(tmp_path: Path) -> None:
    write(tmp_path, {(120.71, 30.51): {**HOME, "capacity": "yes"}, (120.72, 30.51): HOME | {"name": "乙院"}})
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    assert str(caught.value) == (
        "p.osm.pbf: 1 facilities with beds do not state how many (node/1 阳光养老院) → "
        "write `facilities: {missing_beds: 0}`, or what to count with, or list them in a table"
    )
    sites, desk = read(tmp_path, missing_beds=12)
    assert sites.beds.sum(axis=1).tolist() == [12, 80]
    assert "1 facilities with beds do not state how many and count with 12 each" in desk.intake.warnings[0].en


def test_what_does_not_work_or_has_no_outline_is_named(tmp_path: Path) -> None:
    gone = {**HOME, "name": "旧院", "disused": "yes"}
    write(tmp_path, {(120.71, 30.51): HOME, (120.72, 30.51): gone}, [([SQUARE], {**HOME, "open": "yes"})])
    sites, desk = read(tmp_path)
    assert sites.id == ("node/1",)
    (left,) = desk.standing.left_out
    assert (left.id, left.name, left.why) == ("node/2", "旧院", "closed")
    assert [one.en for one in desk.intake.warnings] == [
        "1 facilities have no closed outline and are left out: way/1.",
        "1 facilities are closed and left out: 旧院.",
    ]


def test_files_without_facilities_and_broken_ones_are_told(tmp_path: Path) -> None:
    write(tmp_path, {(120.71, 30.51): {"amenity": "bar"}})
    with pytest.raises(DataError, match=r"p.osm.pbf: has no facility for older people .* → take a file that has them"):
        read(tmp_path)
    (tmp_path / "p.osm.pbf").write_bytes(b"\0\0\0\1")
    with pytest.raises(DataError, match=r"p.osm.pbf: is not a whole OpenStreetMap file"):
        read(tmp_path)
    with pytest.raises(DataError, match=r"no.osm: there is no such file .* → mend `facilities.osm`"):
        read(tmp_path, osm="no.osm")


def test_kinds_that_a_catalogue_lacks_are_told(tmp_path: Path) -> None:
    write(tmp_path, {(120.71, 30.51): HOME})
    with pytest.raises(
        DataError, match=r"p.osm.pbf node/1: kind 'institution' .* which is not one of home, day_care, hub"
    ):
        read(tmp_path, words={}, missing_beds=0)


def test_a_study_may_mix_tables_and_maps(tmp_path: Path) -> None:
    study = write_study(tmp_path)
    study["facilities"] = [study["facilities"], {"osm": "p.osm.pbf"}]
    options = SourceOptions.model_validate(study).facilities
    assert [type(one) for one in options] == [FacilitiesFile, OsmFacilities]
