"""How old inputs are: the study's word, the years of the people, and the inventory of fetched files."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from siting.model.text import Provenance
from siting.sources import SourceOptions, dates_of
from siting.sources.dates import Dated
from siting.sources.inventory import Entry, Inventory

if TYPE_CHECKING:
    from pathlib import Path


def options(**changes: Any) -> SourceOptions:  # noqa: ANN401 - keys of a study
    study = {"districts": {"file": "d.gpkg"}, "roads": {"file": "data/r.pbf"}, "population": {"files": "p.tif"}}
    return SourceOptions.model_validate(study | changes)


def read(role: str, path: str, content: bytes = b"1") -> Provenance:
    return Provenance(role, path, hashlib.sha256(content).hexdigest(), len(content))


def listed(home: Path, content: bytes = b"1") -> None:
    (home / "data").mkdir(exist_ok=True)
    file = home / "data" / "r.pbf"
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    entry = Entry("r.pbf", "http://x", digest, len(content), "ODbL", "EPSG:4326", "2026-03-04", as_of="2026-02-28")
    Inventory(home / "data" / "manifest.yaml").write(entry)


def test_the_inventory_dates_what_was_fetched(tmp_path: Path) -> None:
    listed(tmp_path)
    found, warnings = dates_of(options(), [read("roads", "data/r.pbf")], tmp_path)
    assert found == {"data/r.pbf": Dated("2026-02-28", "2026-03-04")}
    assert warnings == ()


def test_a_file_changed_since_it_was_fetched_is_a_warning(tmp_path: Path) -> None:
    listed(tmp_path)
    found, (warning,) = dates_of(options(), [read("roads", "data/r.pbf", b"2")], tmp_path)
    assert found == {"data/r.pbf": Dated()}
    assert warning.severity == "warning"
    assert "another sha256 than manifest.yaml says" in warning.en


def test_the_study_knows_better_than_the_inventory(tmp_path: Path) -> None:
    listed(tmp_path)
    said = options(roads={"file": "data/r.pbf", "as_of": 2024}, facilities=[{"file": "f.csv", "as_of": "2025-06"}])
    found, _ = dates_of(said, [read("roads", "data/r.pbf"), read("facilities", "f.csv")], tmp_path)
    assert found == {"data/r.pbf": Dated("2024", "2026-03-04"), "f.csv": Dated("2025-06")}


def test_people_are_as_old_as_their_years(tmp_path: Path) -> None:
    one = options(population={"files": "p.tif", "year": 2020})
    more = options(population={"files": "p_{year}.tif", "years": [2020, 2025]})
    assert dates_of(one, [read("population", "p.tif")], tmp_path)[0]["p.tif"] == Dated("2020")
    assert dates_of(more, [read("population", "p_2020.tif")], tmp_path)[0]["p_2020.tif"] == Dated("2020–2025")


def test_an_inventory_of_something_else_is_none_of_ours(tmp_path: Path) -> None:
    (tmp_path / "manifest.yaml").write_text("name: something else\n", encoding="utf-8")
    (tmp_path / "d.gpkg").write_bytes(b"1")
    found, warnings = dates_of(options(), [read("districts", "d.gpkg"), read("facilities", "db/x y")], tmp_path)
    assert found == {"d.gpkg": Dated(), "db/x y": Dated()}
    assert warnings == ()
