"""Who goes where: whether there is room for those in need, where they wait, and what is covered in fact."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.model.serving import CHOICES
from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.plain import clean, number

if TYPE_CHECKING:
    import pandas as pd

    from siting.present.blocks import Block
    from siting.present.teller import Record, Teller

_LONGEST = 12
"""Facilities listed for their waiting lists; the workbook has all."""


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter; nothing where the study declares no service."""
    services = teller.run.get("serving") or []
    if not services or teller.results.serving is None or teller.results.occupancy is None:
        return []
    two = teller.two
    blocks: list[Block] = [
        Heading(1, two("供需匹配与轮候", "Needs and room")),
        Paragraph(
            two(
                "纸面覆盖只看路程，实际服务还要有余位。下表把有需求的老年人逐一分派到路程以内、尚有余位的设施，"
                "并按三种择院方式分别计算：就近（只去最近一处，满员则按同一比例接收）、"
                "按意愿（最近一处满员则去次近处，路程短者优先）、统筹（总体接收最多、总路程最短）。",
                "Coverage on paper looks at the way alone; to be served in fact there must be room. Persons in need "
                "are sent to facilities within reach that have room, under three suppositions: nearest (to the nearest "
                "only; one that is overrun takes the same part of all who come), by preference (to the next nearest "
                "where the nearest is full, the shorter way first), and optimal (as many as can be served, on the "
                "shortest ways in all).",
            )
        ),
    ]
    for service in services:
        blocks += _service(teller, service)
    return blocks


def who(teller: Teller, service: Record) -> str:
    """Say who asks for a service."""
    two = teller.two
    if service["care"]:
        return two(
            f"需要{teller.word('care', service['care'])}的老年人",
            f"older persons in need of {teller.word('care', service['care'])}",
        )
    titles = {group["id"]: teller.of(group["title"]) for group in (teller.run.get("demand") or {}).get("groups") or []}
    group = titles.get(service["group"]) or two("老年人", "older persons")
    share = amounts.percent(number(service["share"]))
    source = teller.of(service["source"])
    return two(f"{group}的{share}（依据：{source}）", f"{share} of {group} (source: {source})")


def how_far(teller: Teller, service: Record) -> str:
    """Say how far anybody goes."""
    two, minutes = teller.two, service["minutes"]
    if minutes is None:
        return two(f"步行{number(service['metres']):g}米", f"a walk of {number(service['metres']):g} m")
    if service["mode"] == "drive":
        return two(f"车行{number(minutes):g}分钟", f"a drive of {number(minutes):g} min")
    return two(f"步行{number(minutes):g}分钟", f"a walk of {number(minutes):g} min")


def _service(teller: Teller, service: Record) -> list[Block]:
    two, title = teller.two, teller.of(service["title"])
    kinds = teller.joined([teller.kind(kind) for kind in service["kinds"]])
    choice = teller.word("choice", service["choice"])
    if service["choices"]:
        choice += two(f"（最多考虑{service['choices']}处）", f" (thinking of {service['choices']} at most)")
    return [
        Heading(2, title),
        Paragraph(
            two(
                f"对象：{who(teller, service)}；设施：{kinds}；路程上限：{how_far(teller, service)}；"
                f"本规划采用的择院方式：{choice}。",
                f"For {who(teller, service)}; at {kinds}; within {how_far(teller, service)}; as the plan supposes, "
                f"{choice}.",
            )
        ),
        _by_year(teller, service),
        Note(
            two(
                "需求＝已服务＋轮候＋路程以内无余位设施；三种方式下已服务人数的差别，来自择院方式而非床位多少。",
                "Need = served + waiting + no facility with room within reach. What sets the three ways apart is how "
                "people choose, not how much room there is.",
            )
        ),
        _by_district(teller, service),
        *_waiting(teller, service),
    ]


def _lines(table: pd.DataFrame, service: Record, **wanted: object) -> pd.DataFrame:
    """Return the rows of a table that are of a service and hold these values."""
    kept = table["service"] == service["id"]
    for column, value in wanted.items():
        kept &= table[column] == value
    lines: pd.DataFrame = table[kept]
    return lines


def _moments(teller: Teller) -> tuple[str, ...]:
    return ("before", "after") if teller.has_plan else ("before",)


def _by_year(teller: Teller, service: Record) -> Table:
    two, told, there = teller.two, teller.results.serving, teller.results.occupancy
    assert told is not None  # noqa: S101 - the chapter is left out otherwise
    assert there is not None  # noqa: S101
    unit = teller.word("room_unit", service["room"])
    columns = (
        Column(two("年份", "Year"), 0.8, "centre"),
        Column(two("设施", "Facilities"), 0.9, "centre"),
        Column(two("需求（人）", "Persons in need"), 1.0, "right"),
        Column(two(f"供给（{unit}）", f"Room ({unit})"), 1.0, "right"),
        Column(two("纸面覆盖", "Within reach"), 1.0, "right"),
        *(
            Column(two(f"实际服务：{teller.word('choice', c)}", f"Served: {teller.word('choice', c)}"), 1.1, "right")
            for c in CHOICES
        ),
        Column(two("轮候（人）", "Waiting"), 0.9, "right"),
        Column(two("无余位可及（人）", "Out of reach"), 1.0, "right"),
    )
    rows = []
    for year in teller.phases:
        for moment in _moments(teller):
            every = _lines(told, service, phase=year, moment=moment, district="").set_index("choice")
            own = every.loc[service["choice"]]
            room = float(_lines(there, service, phase=year, moment=moment)["room"].sum())
            rows.append(
                row(
                    str(year),
                    teller.term(moment),
                    amounts.whole(number(own["need"])),
                    amounts.whole(room),
                    _part(own, "within_reach"),
                    *(_part(every.loc[choice], "served") for choice in CHOICES),
                    amounts.whole(number(own["waiting"])),
                    amounts.whole(number(own["out_of_reach"])),
                )
            )
    title = teller.of(service["title"])
    return Table(two(f"{title}：需求、供给与轮候", f"{title}: need, room and waiting"), columns, tuple(rows))


def _part(line: Any, part: str) -> str:  # noqa: ANN401 - a row
    """Write a part of those in need as per cent."""
    need = number(line["need"])
    return amounts.percent(number(line[part]) / need) if need > 0 else amounts.BLANK


def _by_district(teller: Teller, service: Record) -> Table:
    two, told = teller.two, teller.results.serving
    assert told is not None  # noqa: S101 - the chapter is left out otherwise
    moments = _moments(teller)
    columns = [
        Column(teller.term("district"), 1.6),
        Column(two("需求（人）", "In need"), 1.0, "right"),
        *(
            Column(two(f"纸面覆盖（{teller.term(m)}）", f"Within reach, {teller.term(m)}"), 1.1, "right")
            for m in moments
        ),
        *(Column(two(f"实际服务（{teller.term(m)}）", f"Served, {teller.term(m)}"), 1.1, "right") for m in moments),
        Column(two("轮候（人）", "Waiting"), 0.9, "right"),
        Column(two("平均路程（m）", "Mean way (m)"), 1.0, "right"),
    ]
    lines = {
        moment: _lines(told, service, phase=teller.last, moment=moment, choice=service["choice"]).set_index("district")
        for moment in moments
    }
    end = lines[moments[-1]]
    rows = tuple(
        row(
            teller.district_names[clean(place)] if place else teller.term("area"),
            amounts.whole(number(end.loc[place, "need"])),
            *(_part(lines[moment].loc[place], "within_reach") for moment in moments),
            *(_part(lines[moment].loc[place], "served") for moment in moments),
            amounts.whole(number(end.loc[place, "waiting"])),
            amounts.whole(number(end.loc[place, "mean_m"])),
        )
        for place in [*(place for place in end.index if place), ""]
    )
    title = teller.of(service["title"])
    caption = two(f"{teller.last}年各镇（街道）{title}服务", f"{title} by district, {teller.last}")
    return Table(caption, tuple(columns), rows, total=True)


def _waiting(teller: Teller, service: Record) -> list[Block]:
    """List the longest waiting lists, and say how many facilities are half empty."""
    two, there, choice = teller.two, teller.results.occupancy, service["choice"]
    assert there is not None  # noqa: S101 - the chapter is left out otherwise
    end = _lines(there, service, phase=teller.last, moment=_moments(teller)[-1])
    if end.empty:
        return [Note(two("没有设施提供本项服务。", "No facility offers this service."))]
    half = int((end[f"occupancy_{choice}"] < 0.5).sum())  # noqa: PLR2004 - half empty
    full = int((end[f"occupancy_{choice}"] >= 1 - 1e-6).sum())
    said = Paragraph(
        two(
            f"{teller.last}年共{len(end)}处设施提供本项服务，其中{full}处满员，{half}处使用率不足一半。",
            f"In {teller.last} {len(end)} facilities offer the service; {full} are full, {half} less than half so.",
        )
    )
    waits = end[end[f"waiting_{choice}"] >= 1].sort_values(
        [f"waiting_{choice}", "site"], ascending=[False, True], kind="stable"
    )
    if waits.empty:
        return [said, Note(two("无人轮候。", "Nobody waits."))]
    unit = teller.word("room_unit", service["room"])
    columns = (
        Column(teller.term("name"), 2.2),
        Column(teller.term("district"), 1.2),
        Column(two(f"供给（{unit}）", f"Room ({unit})"), 0.9, "right"),
        Column(two("入住/在托（人）", "Served"), 1.0, "right"),
        Column(two("使用率", "Occupancy"), 0.9, "right"),
        Column(two("轮候（人）", "Waiting"), 0.9, "right"),
        Column(two("总服务范围（人）", "Total catchment"), 1.1, "right"),
        Column(two("独有服务范围（人）", "Exclusive catchment"), 1.1, "right"),
    )
    rows = tuple(
        row(
            clean(one["name"]),
            teller.district_names.get(clean(one["district"]), amounts.BLANK),
            amounts.whole(number(one["room"])),
            amounts.whole(number(one[f"served_{choice}"])),
            amounts.percent(number(one[f"occupancy_{choice}"])),
            amounts.whole(number(one[f"waiting_{choice}"])),
            amounts.whole(number(one["catchment"])),
            amounts.whole(number(one["exclusive"])),
        )
        for one in waits.head(_LONGEST).to_dict("records")
    )
    title = teller.of(service["title"])
    return [
        said,
        Table(
            two(f"{teller.last}年{title}轮候最长的设施", f"{title}: the longest waiting lists of {teller.last}"),
            columns,
            rows,
        ),
        Note(
            two(
                "总服务范围为路程以内有需求的老年人，独有服务范围为其中没有别处可去者；轮候者记在最近一处有床位（托位）的设施。",
                "The total catchment are persons in need within reach, the exclusive one those of them who have no "
                "other facility within reach. Who waits is counted at the nearest facility with room.",
            )
        ),
    ]
