"""Adds up who goes where: needs by district, facilities by what they serve, rooms by the plan's beds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.model.serving import CHOICES
from siting.model.text import Text
from siting.verify.sums import standing
from siting.verify.tally import Tally

if TYPE_CHECKING:
    import pandas as pd

    from siting.verify.tables import Tables

_PERSONS = 0.01
_KEYS = ["service", "phase", "moment"]


def serving(tables: Tables) -> Tally:
    """Compare serving.csv with itself, with occupancy.csv, and both with plan.csv and run.json."""
    tally = Tally(Text("供需匹配", "needs and room"))
    if tables.serving is None or tables.occupancy is None:
        return tally
    for row in tables.serving.to_dict("records"):
        where = " ".join(str(row[key]) for key in (*_KEYS, "choice", "district")).strip()
        parts = row["served"] + row["waiting"] + row["out_of_reach"]
        tally.same(f"serving.csv {where} need", row["need"], parts, _PERSONS)
        tally.same(f"serving.csv {where} within_reach", row["within_reach"], row["served"] + row["waiting"], _PERSONS)
    for (service, phase, moment, choice), rows in tables.serving.groupby([*_KEYS, "choice"]):
        where = f"serving.csv {service} {phase} {moment} {choice}"
        whole, places = rows[rows["district"] == ""].iloc[0], rows[rows["district"] != ""]
        for part in ("need", "within_reach", "served", "waiting", "out_of_reach"):
            tally.same(f"{where} {part}", whole[part], float(places[part].sum()), _PERSONS)
        mine = tables.occupancy
        mine = mine[(mine["service"] == service) & (mine["phase"] == phase) & (mine["moment"] == moment)]
        for part in ("served", "waiting"):
            added = float(mine[f"{part}_{choice}"].sum())
            tally.same(f"occupancy.csv {service} {phase} {moment} {part}_{choice}", added, whole[part], _PERSONS)
    for told in tables.run.get("serving", []):
        _rooms(tally, tables, told)
    return tally


def _rooms(tally: Tally, tables: Tables, told: Any) -> None:  # noqa: ANN401 - an entry of run.json
    """Compare rooms and occupancies of a service, and the need with that of run.json."""
    assert tables.occupancy is not None  # noqa: S101 - for the type checker
    assert tables.serving is not None  # noqa: S101
    mine = tables.occupancy[tables.occupancy["service"] == told["id"]]
    beds = tables.plan.set_index("site")
    for row in mine.to_dict("records"):
        where = f"occupancy.csv {told['id']} {row['phase']:.0f} {row['moment']} {row['site']}"
        for choice in CHOICES:
            full = row[f"served_{choice}"] * told["per_person"][f"{row['phase']:.0f}"] / row["room"]
            tally.same(f"{where} occupancy_{choice}", row[f"occupancy_{choice}"], full)
        if told["room"] == "beds" and not told["bed_classes"] and row["site"] in beds.index:
            tally.same(f"{where} room", row["room"], _beds(beds, tables, row))
    if told["care"]:
        needs = {need["phase"]: need["persons"][told["care"]] for need in tables.run["demand"]["needs"]}
        lines = tables.serving[(tables.serving["service"] == told["id"]) & (tables.serving["district"] == "")]
        for row in lines.to_dict("records"):
            where = f"serving.csv {told['id']} {row['phase']:.0f} {row['moment']} {row['choice']} need"
            tally.same(where, row["need"], needs[int(row["phase"])], _PERSONS)


def _beds(beds: pd.DataFrame, tables: Tables, row: Any) -> float:  # noqa: ANN401 - a row
    """Return the beds of a facility at the row's moment."""
    if row["moment"] == "before":
        return float(beds.loc[row["site"], "beds_before"])
    year = int(row["phase"])
    there = standing(tables.plan, year).set_index("site")
    return float(there.loc[row["site"], f"beds_{year}"]) if row["site"] in there.index else 0.0
