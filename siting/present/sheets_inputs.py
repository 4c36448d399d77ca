"""Sheets on a run's inputs: needs, raking, density classes, ways to the street, ground; only those that it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.model.serving import CHOICES
from siting.present.chapters.quality import band_of
from siting.present.plain import clean, number
from siting.present.sheet import ONE, SHARE, TEXT, TWO, WHOLE, YEAR, Field, Sheet

if TYPE_CHECKING:
    from siting.present.teller import Record, Teller

FACTOR = "0.000"


def sheets(teller: Teller) -> list[Sheet]:
    """Return the sheets that have anything to say."""
    every = (
        _groups(teller),
        _needs(teller),
        *_serving(teller),
        _raking(teller),
        _density(teller),
        _joining(teller),
        _ground(teller),
    )
    return [sheet for sheet in every if sheet.rows]


def _demand(teller: Teller, key: str) -> list[Any]:
    told: Record = teller.run.get("demand") or {}
    return list(told.get(key) or [])


def _groups(teller: Teller) -> Sheet:
    two = teller.two
    fields = (
        Field(two("群体", "Group")),
        Field(two("年龄下限", "Age from"), YEAR),
        Field(two("年份", "Year"), YEAR),
        Field(two("人数（人）", "Persons"), ONE),
        Field(two("权重", "Weight"), TWO),
        Field(two("比例来源", "Source of the share")),
    )
    rows = [
        [
            teller.of(group["title"]),
            group["age"],
            year,
            teller.by_phase(group["persons"], year),
            group["weight"],
            teller.of(group["source"]),
        ]
        for group in _demand(teller, "groups")
        for year in teller.phases
    ]
    return Sheet(two("重点群体", "Groups"), fields, rows, two("群体有重叠，不能相加", "groups overlap"))


def _needs(teller: Teller) -> Sheet:
    two = teller.two
    fields = (
        Field(two("年份", "Year"), YEAR),
        Field(two("照护方式", "Care")),
        Field(two("比例", "Share"), SHARE),
        Field(two("人数（人）", "Persons"), ONE),
        Field(two("需要床位（张）", "Beds needed"), ONE),
        Field(two("需要托位（个）", "Day places needed"), ONE),
        Field(two("依据", "Source")),
    )
    rows = [
        [
            need["phase"],
            teller.word("care", care),
            share,
            need["persons"][care],
            need["beds"] if care == "institution" else None,
            need["places"] if care == "community" else None,
            teller.of(need["source"]),
        ]
        for need in _demand(teller, "needs")
        for care, share in need["shares"].items()
    ]
    return Sheet(two("照护需求", "Needs"), fields, rows)


def _serving(teller: Teller) -> list[Sheet]:
    """List who is served where, by district and by facility, under every supposition of how people choose."""
    two, told, there = teller.two, teller.results.serving, teller.results.occupancy
    if told is None or there is None:
        return []
    titles = {service["id"]: teller.of(service["title"]) for service in teller.run["serving"]}
    begin = (
        Field(two("服务", "Service")),
        Field(two("年份", "Year"), YEAR),
        Field(two("设施", "Facilities")),
    )
    fields = (
        *begin,
        Field(two("择院方式", "Choice")),
        Field(teller.term("district")),
        Field(two("需求（人）", "In need"), ONE),
        Field(two("纸面覆盖（人）", "Within reach"), ONE),
        Field(two("实际服务（人）", "Served"), ONE),
        Field(two("轮候（人）", "Waiting"), ONE),
        Field(two("无余位可及（人）", "Out of reach"), ONE),
        Field(two("平均路程（m）", "Mean way (m)"), ONE),
    )
    parts = ("need", "within_reach", "served", "waiting", "out_of_reach", "mean_m")
    rows = [
        [titles[clean(one["service"])], one["phase"], teller.term(one["moment"]), teller.word("choice", one["choice"])]
        + [teller.district_names.get(clean(one["district"])) or teller.term("area")]
        + [number(one[part]) for part in parts]
        for one in told.to_dict("records")
    ]
    return [Sheet(two("供需匹配", "Served"), fields, rows), _occupied(teller, begin, titles)]


def _occupied(teller: Teller, begin: tuple[Field, ...], titles: dict[str, str]) -> Sheet:
    """List facilities with their room, who comes and who waits."""
    two, there = teller.two, teller.results.occupancy
    measured = (
        ("served", two("服务（人）", "served"), ONE),
        ("waiting", two("轮候（人）", "waiting"), ONE),
        ("occupancy", two("使用率", "occupancy"), SHARE),
    )
    fields = (
        *begin,
        Field(two("编号", "Id")),
        Field(teller.term("name")),
        Field(teller.term("district")),
        Field(two("供给", "Room"), ONE),
        Field(two("总服务范围（人）", "Total catchment"), ONE),
        Field(two("独有服务范围（人）", "Exclusive catchment"), ONE),
        *(Field(f"{teller.word('choice', c)} {title}", form) for c in CHOICES for _, title, form in measured),
    )
    rows = [
        [titles[clean(one["service"])], one["phase"], teller.term(one["moment"]), clean(one["site"])]
        + [clean(one["name"]), teller.district_names.get(clean(one["district"])) or ""]
        + [number(one[part]) for part in ("room", "catchment", "exclusive")]
        + [number(one[f"{part}_{choice}"]) for choice in CHOICES for part, _, _ in measured]
        for one in ([] if there is None else there.to_dict("records"))
    ]
    return Sheet(two("使用率与轮候", "Occupancy"), fields, rows)


def _raking(teller: Teller) -> Sheet:
    two = teller.two
    fields = (
        Field(teller.term("district")),
        Field(two("年龄", "Ages")),
        Field(two("格网（人）", "Cells"), ONE),
        Field(two("普查（人）", "Census"), ONE),
        Field(two("平差后（人）", "Raked"), ONE),
        Field(two("系数", "Factor"), FACTOR),
    )
    names = teller.district_names | {None: two("全部", "all districts")}
    rows = [
        [names.get(line["district"]) or line["district"], line["group"]]
        + [line[key] for key in ("before", "control", "after", "factor")]
        for line in teller.run.get("raking") or []
    ]
    return Sheet(two("平差系数", "Raking"), fields, rows)


def _density(teller: Teller) -> Sheet:
    two = teller.two
    fields = (
        Field(two("变动", "Moved")),
        Field(two("乘以", "Times"), TWO),
        Field(two("升入较密一级（人）", "Into a denser class"), ONE),
        Field(two("降入较疏一级（人）", "Into a less dense class"), ONE),
        Field(two("总人数（人）", "Of persons"), ONE),
    )
    rows = [
        [teller.word("moved", shift["what"]), *(shift[key] for key in ("by", "persons_up", "persons_down", "persons"))]
        for shift in teller.run.get("density_sensitivity") or []
    ]
    return Sheet(two("密度敏感性", "Density classes"), fields, rows)


def _joining(teller: Teller) -> Sheet:
    two = teller.two
    told: Record = teller.run.get("quality") or {}
    kinds = [told[kind] for kind in ("persons", "facilities", "candidates") if kind in told]
    fields = (
        Field(two("到道路的直线距离", "Way to the street"), TEXT),
        Field(two("老年人（人）", "Elderly persons"), ONE),
        Field(two("现有设施（处）", "Facilities"), WHOLE),
        Field(two("候选点（处）", "Candidates"), WHOLE),
    )
    bands = kinds[0]["bands"] if kinds else []
    rows = [[band_of(teller, band), *(kind["bands"][at]["count"] for kind in kinds)] for at, band in enumerate(bands)]
    if kinds:
        rows.append([two("无道路", "no road"), *(kind["no_road"] for kind in kinds)])
        rows.append([two("合计", "Total"), *(number(kind["count"]) for kind in kinds)])
    return Sheet(two("接驳距离", "Ways to the street"), fields, rows, total=True)


def _ground(teller: Teller) -> Sheet:
    two = teller.two
    ground: Record = teller.run.get("ground") or {}
    fields = (
        Field(two("图层", "Layer")),
        Field(two("不可用条件", "Forbidden where")),
        Field(two("对象", "Of")),
        Field(two("检查（处）", "Looked at"), WHOLE),
        Field(two("位于其上（处）", "On it"), WHOLE),
        Field(two("无数据（处）", "No data"), WHOLE),
        Field(two("编号", "Ids")),
        Field(two("文件", "File")),
        Field(two("许可", "Licence")),
    )
    rows = [
        [teller.of(layer["title"]), teller.of(layer["condition"]), teller.word("screened", group["group"])]
        + [group[key] for key in ("checked", "on", "silent")]
        + [teller.joined(list(group["named"])), clean(layer["file"]), clean(layer["licence"])]
        for layer in ground.get("layers") or []
        for group in layer["groups"]
    ]
    return Sheet(two("用地筛查", "Ground"), fields, rows, frozen=1)
