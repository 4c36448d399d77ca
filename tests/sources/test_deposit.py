"""A run's tables in a real PostGIS: whole or not at all, and never over another's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from private_postgres import address, empty_database, postgis_port
from shapely import MultiPolygon, Point, box
from town_files import write_town

from siting.cli import BAD_INPUT, DONE, main
from siting.errors import DataError
from siting.sources.database import Database
from siting.sources.deposit import Deposit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pg8000.native import Connection

pytestmark = pytest.mark.postgis

ABOUT = {"study": "town", "ended": "2026-01-01", "run": "{}"}
PLAN = gpd.GeoDataFrame(
    {
        "site": ["A", "B"],
        "name": ['老"街, 院', "两\n行"],
        "beds": [1, 2],
        "area_m2": [np.nan, 2.5],
        "new": [True, False],
    },
    geometry=[Point(280_000, 3_378_000), Point(281_000, 3_377_000.25)],
    crs="EPSG:32651",
)
SHAPES = [box(0, 0, 1, 1), MultiPolygon([box(0, 0, 1, 1), box(2, 2, 3, 3)])]
DISTRICTS = gpd.GeoDataFrame({"id": ["W", "E"]}, geometry=SHAPES, crs="EPSG:32651")
FINDINGS = pd.DataFrame({"rule": ["HN-01"], "note": [""], "after": [np.nan]})
TABLES = {"plan": PLAN, "districts": DISTRICTS, "findings": FINDINGS}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    yield from postgis_port()


@pytest.fixture
def database(port: int) -> Iterator[Connection]:
    yield from empty_database(port)


def place(port: int, *, replace: bool = False, schema: str = "plan") -> Deposit:
    return Deposit(Database.at(address(port)), schema, replace)


def names(database: Connection, schema: str = "plan") -> list[str]:
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = :schema ORDER BY 1"
    return [row[0] for row in database.run(query, schema=schema)]


def refused(target: Deposit, tables: dict[str, pd.DataFrame] | None = None) -> str:
    with pytest.raises(DataError) as caught:
        target.write(TABLES if tables is None else tables, ABOUT)
    (problem,) = caught.value.problems
    assert problem.where == target.shown
    return f"{problem.what} → {problem.mend}"


def test_tables_come_back_as_they_were(database: Connection, port: int) -> None:
    place(port).write(TABLES, ABOUT)
    assert names(database) == ["districts", "findings", "plan", "run"]
    rows = database.run("SELECT site, name, beds, area_m2, new, ST_X(geometry), ST_Y(geometry) FROM plan.plan")
    assert rows == [
        ["A", '老"街, 院', 1, None, True, 280_000.0, 3_378_000.0],
        ["B", "两\n行", 2, 2.5, False, 281_000.0, 3_377_000.25],
    ]
    kinds = "SELECT f_table_name, srid, type FROM geometry_columns WHERE f_table_schema = 'plan' ORDER BY 1"
    assert database.run(kinds) == [["districts", 32651, "MULTIPOLYGON"], ["plan", 32651, "POINT"]]
    assert database.run("SELECT sum(ST_Area(geometry)) FROM plan.districts") == [[3.0]]
    assert database.run("SELECT * FROM plan.findings") == [["HN-01", "", None]]
    assert database.run("SELECT study, ended FROM plan.run") == [["town", "2026-01-01"]]


def test_a_schema_is_made_under_any_name(database: Connection, port: int) -> None:
    place(port, schema='海宁 "2025"').write(TABLES, ABOUT)
    assert len(names(database, '海宁 "2025"')) == 4
    database.run('DROP SCHEMA "海宁 ""2025""" CASCADE')


def test_an_earlier_run_gives_way_only_when_asked(database: Connection, port: int) -> None:
    place(port).write(TABLES, ABOUT)
    told = refused(place(port), {"plan": PLAN.head(1)})
    assert told == "holds the run of town 2026-01-01 → name another --schema, or write --replace"
    assert database.run("SELECT count(*) FROM plan.plan") == [[2]]
    place(port, replace=True).write({"plan": PLAN.head(1)}, ABOUT)
    assert database.run("SELECT count(*) FROM plan.plan") == [[1]]


def test_tables_of_others_never_give_way(database: Connection, port: int) -> None:
    database.run("CREATE TABLE plan.plan AS SELECT 'mine' AS words")
    told = refused(place(port, replace=True))
    assert told == "holds tables that no run wrote (plan) → name another --schema"
    assert database.run("SELECT words FROM plan.plan") == [["mine"]]
    assert names(database) == ["plan"]


def test_nothing_is_half_written(database: Connection, port: int) -> None:
    spoilt = {"plan": PLAN, "findings": pd.DataFrame({"rule": ["a\0b"]})}
    assert refused(place(port), spoilt).startswith("nothing was written (")
    assert names(database) == []
    place(port).write(TABLES, ABOUT)
    refused(place(port, replace=True), spoilt)
    assert database.run("SELECT count(*) FROM plan.districts") == [[2]]


def test_views_of_others_keep_their_tables(database: Connection, port: int) -> None:
    place(port).write(TABLES, ABOUT)
    database.run("CREATE VIEW plan.sites AS SELECT * FROM plan.plan")
    told = refused(place(port, replace=True))
    assert "nothing was written (cannot drop table plan.plan because other objects depend on it)" in told
    assert "views that others have on the tables" in told
    assert database.run("SELECT count(*) FROM plan.sites") == [[2]]


def test_databases_that_cannot_take_it_are_told_before_a_run(database: Connection, port: int) -> None:
    database.run("DROP DATABASE IF EXISTS bare")
    database.run("CREATE DATABASE bare")
    bare = Deposit(Database.at(address(port).replace("/postgres", "/bare")), "plan")
    with pytest.raises(DataError, match="the database has no PostGIS → let its owner run CREATE EXTENSION postgis"):
        bare.check(tuple(TABLES))
    place(port).check(tuple(TABLES))
    assert names(database) == []


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("plan.gpkg", "plan.gpkg: is no address of a database → write postgresql://user@host/database"),
        ("postgresql://user@host", "is no address of a database"),
        ("postgresql://user:secret@host/db", "host/db: the address holds a password"),
        ("http://user:secret@host/db", "host/db: is no address of a database"),
    ],
)
def test_addresses_without_password_only(written: str, says: str) -> None:
    with pytest.raises(DataError) as caught:
        Database.at(written)
    assert says in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_plan_goes_into_its_schema(
    database: Connection, port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PGPASSWORD", "geheim-4711")
    study, run, target = write_town(tmp_path), tmp_path / "run", ["--postgis", address(port), "--schema", "plan"]
    assert main(["audit", str(study), "-o", str(run), "-q", *target]) == DONE
    whole = run.joinpath("run.json").read_text(encoding="utf-8")
    assert "geheim-4711" not in whole
    ((stored,),) = database.run("SELECT run FROM plan.run")
    assert json.loads(stored) == json.loads(whole)
    lines = len(pd.read_csv(run / "findings.csv"))
    assert database.run("SELECT count(*) FROM plan.findings") == [[lines]]
    assert main(["publish", str(run), *target]) == BAD_INPUT
    assert "holds the run of town" in capsys.readouterr().err
    assert main(["publish", str(run), *target, "--replace"]) == DONE
    assert database.run("SELECT count(*) FROM plan.findings") == [[lines]]
    assert database.run("SELECT count(*) FROM plan.plan") == [[2]]


@pytest.mark.usefixtures("database")
def test_a_full_schema_is_told_before_anything_is_computed(port: int, tmp_path: Path) -> None:
    place(port).write(TABLES, ABOUT)
    study, run = write_town(tmp_path), tmp_path / "run"
    assert main(["plan", str(study), "-o", str(run), "--postgis", address(port), "--schema", "plan"]) == BAD_INPUT
    assert not run.exists()


def test_a_schema_without_a_database_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", str(write_town(tmp_path)), "--schema", "plan"]) == BAD_INPUT
    assert "no database is named" in capsys.readouterr().err
