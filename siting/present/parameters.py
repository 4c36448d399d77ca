"""The choices of meaning that the texts leave open, as the run folder lists them; every report prints them all."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.plan import Study
    from siting.model.premises import Premises


def plain(value: object) -> object:
    """Return a configured value as JSON can hold it."""
    return value.isoformat() if isinstance(value, dt.date) else value


def parameters(study: Study) -> list[dict[str, Any]]:
    """List the choices of meaning that the texts leave open, all printed in every report."""
    options = study.config.options
    rows: list[tuple[str, object, str, str, str]] = [
        ("walk.speed_m_per_s", options.walk.speed_m_per_s, "m/s", "老年人步行速度", "walking speed of older persons"),
        (
            "walk.max_connector_m",
            options.walk.max_connector_m,
            "m",
            "住宅或设施到最近道路的最长直线距离,超过即为无道路",
            "longest straight way from a home or facility to the nearest road; beyond it there is no road",
        ),
        (
            "density.radius_m",
            options.density.radius_m,
            "m",
            "密度移动圆半径",
            "radius of the moving circle for density",
        ),
        (
            "population.cut_cells",
            options.population.cut_cells,
            "",
            "边界切割的格网:area 按面积分摊,centre 按中心点归属",
            "cells that boundaries cut: area, shared by covered area; centre, whole where their centre lies",
        ),
    ]
    rows += _walking_costs(options.walk)
    if study.margin is not None:
        beyond = ", ".join(f"{side[0].upper()} {metres:,.0f}" for side, metres in study.margin.beyond_m.items())
        meaning = "道路数据超出区划外框的距离", "how far the road data reach beyond the districts' box"
        rows.append(("roads.beyond", beyond, "m", *meaning))
    rows += _premises(study.config.catalogue.premises) + _what_if(options.what_if)
    for rule in study.config.rules:
        given = rule.parameters.model_dump(mode="json", exclude_defaults=True)
        told = json.dumps(given, ensure_ascii=False, sort_keys=True)
        rows.append(
            (
                rule.clause.id,
                told,
                "",
                "条款参数(含本研究的调整)",
                "parameters of the clause, this study's changes included",
            )
        )
    return [
        {"key": key, "value": plain(value), "unit": unit, "meaning": {"zh": zh, "en": en}}
        for key, value, unit, zh, en in rows
    ]


def _premises(premises: Premises) -> list[tuple[str, object, str, str, str]]:
    """List what the plans say of premises that housing owes."""
    rows: list[tuple[str, object, str, str, str]] = []
    if premises.handover is not None:
        said = premises.handover
        rows.append((said.clause, f"{said.share_of_floor:g}; ≥ {said.least_m2:g}", "m²", said.words.zh, said.words.en))
    if premises.by_built is not None:
        day = premises.by_built
        rows.append((day.clause, day.day, "", day.words.zh, day.words.en))
    return rows


def _walking_costs(walk: Any) -> list[tuple[str, object, str, str, str]]:  # noqa: ANN401 - the stage's own options
    """List what makes walking slower than metres ÷ one speed, where the study says so."""
    rows: list[tuple[str, object, str, str, str]] = [
        ("speed_by_age", _by_age(walk.speed_by_age), "m/s", "分年龄步行速度", "walking speed by age"),
        ("steps_speed_factor", walk.steps_speed_factor, "", "台阶速度系数", "speed on steps ÷ walking speed"),
        ("slope", walk.slope, "", "坡度对时间的影响", "whether slopes cost time"),
        ("crossing_s", walk.crossing_s, "s", "每次过街时间", "time lost at a street crossing"),
        ("bridge_s", walk.bridge_s, "s", "每次过桥时间", "time lost at a bridge"),
    ]
    neutral = type(walk)()
    return [
        (f"walk.{name}", value, unit, zh, en)
        for name, value, unit, zh, en in rows
        if getattr(walk, name) != getattr(neutral, name)
    ]


def _what_if(supposed: Any) -> list[tuple[str, object, str, str, str]]:  # noqa: ANN401 - the study's own options
    """List what the study supposes to be otherwise than its inputs say."""
    words = {
        "persons": ("情景假设:老年人口倍数", "supposed: older persons multiplied"),
        "costs": ("情景假设:造价倍数", "supposed: prices multiplied"),
        "unavailable": ("情景假设:不可用的候选点", "supposed: candidates that fall through"),
        "draw": ("情景假设:随机抽取", "supposed: drawn by chance"),
    }
    told = supposed.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
    return [
        (f"what_if.{name}", json.dumps(value, ensure_ascii=False, sort_keys=True), "", *words[name])
        for name, value in told.items()
    ]


def _by_age(speeds: Mapping[int, float]) -> str:
    """Write speeds by age as a study does."""
    return ", ".join(f"{age}+: {speed:g}" for age, speed in sorted(speeds.items()))
