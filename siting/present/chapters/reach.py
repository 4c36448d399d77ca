"""How distances are measured, whom the coverage clauses reach, and who is left out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siting.model.text import Text
from siting.present import amounts
from siting.present.blocks import Column, Note, Paragraph, Table, row
from siting.present.plain import number

if TYPE_CHECKING:
    from siting.present.blocks import Block, Cell
    from siting.present.chapters.verdicts import Moment
    from siting.present.teller import Teller


def method(teller: Teller) -> list[Block]:
    """Say how distances are measured and what the limits mean."""
    speed, connector = teller.parameter("walk.speed_m_per_s"), teller.parameter("walk.max_connector_m")
    zh = (
        "距离按道路网络量算：自居住栅格中心以直线接到最近道路的最近点（接驳段），沿道路行走，"
        "再以直线接到设施（接驳段），"
        "三段之和即为步行距离，不以直线距离代替；步行不受单行限制。各项限值均含端点，恰好等于限值即计为覆盖。"
    )
    en = (
        "Distances are measured along the roads: from the centre of the home's cell straight to the nearest "
        "point of the "
        "nearest road (connector), along the roads, and straight to the facility (connector); the sum of the "
        "three is the "
        "walking distance, never the straight line. Walking ignores one-way signs. Limits are inclusive: exactly "
        "at the "
        "limit counts as covered."
    )
    zh += (
        f"接驳段超过{connector}的居住点记为“无道路可达”。" if connector else "接驳段超过上限的居住点记为“无道路可达”。"
    )
    en += f" A home whose connector is longer than {connector or 'the limit'} counts as “no road”."
    if speed:
        zh += f"步行速度取{speed}。"
        en += f" Walking speed is {speed}."
    return [Paragraph(teller.two(zh, en), lead=teller.two("距离的含义。", "What distance means. ")), *_limits(teller)]


def _limits(teller: Teller) -> list[Block]:
    blocks: list[Block] = []
    for rule in teller.coverage_rules:
        coverage = teller.clauses[rule]["coverage"]
        kinds = teller.joined([teller.kind(kind) for kind in coverage["kinds"]])
        metres, minutes = amounts.measured(number(coverage["metres"]), "m"), number(coverage["minutes"])
        zh = f"步行{minutes:g}分钟，折合{metres}米" if not math.isnan(minutes) else f"步行{metres}米"
        en = f"{minutes:g} minutes' walk, that is {metres} m" if not math.isnan(minutes) else f"{metres} m on foot"
        text = teller.two(f"{zh}以内有{kinds}。", f"one of {kinds} within {en}.")
        blocks.append(Paragraph(text, lead=f"{rule} {teller.clause_title(rule)}{teller.two('：', ': ')}", bullet=True))
    return blocks


def _share(part: Any, whole: Any) -> str:  # noqa: ANN401 - cells of a table
    """Write a quotient of two printed persons as per cent, never rounded up to 100 % nor down to 0 %."""
    over = number(whole)
    return amounts.measured(number(part) / over, "share", 1.0) if over else amounts.BLANK


def table(teller: Teller) -> list[Block]:
    """Return whom each coverage clause reaches, of all persons and of those who can be reached."""
    moments: tuple[Moment, ...] = ("before", "after") if teller.has_plan else ("before",)
    lines = [(rule, moment, teller.ledger_line(rule, moment)) for rule in teller.coverage_rules for moment in moments]
    rows = tuple(_line(teller, rule, moment, line) for rule, moment, line in lines if line is not None)
    if not rows:
        return []
    caption = teller.two(
        f"各覆盖条款的人口去向（{teller.last}年）", f"Where persons stand under each clause ({teller.last})"
    )
    return [Table(caption, _columns(teller), rows), Note(READING.within(teller.language))]


READING = Text(
    "涉及人数＝覆盖＋未覆盖＋道路不连通＋无道路可达；道路不连通、无道路可达的人口始终留在分母中。"
    "“可覆盖”指全部备选设施都启用时能够覆盖的人口：以可覆盖人口计的比例（如“可覆盖人口的95%”）"
    "须换算为“占全部”一栏方可与原文件对照。人数四舍五入到人，分项与合计可能有尾差。",
    "Persons = covered + not covered + cut-off roads + no road; those whom no road reaches stay in the denominator. "
    "“Reachable” are those whom the candidates together could cover: a share of the reachable (such as “95 % of the "
    "reachable”) compares with the documents only as given under “of all”. Persons are rounded to whole numbers, so "
    "parts may differ from totals in the last digit.",
)


def _columns(teller: Teller) -> tuple[Column, ...]:
    two = teller.two
    return (
        Column(two("条款", "Clause"), 0.9),
        Column(two("时点", "When"), 1.05, "centre"),
        Column(two("涉及人数（人）", "Persons"), 1.25, "right"),
        Column(two("可覆盖人口（人）", "Reachable"), 1.3, "right"),
        Column(two("覆盖（人）", "Covered"), 1.25, "right"),
        Column(two("占全部", "Of all"), 1, "right"),
        Column(two("占可覆盖", "Of reachable"), 1.2, "right"),
        Column(two("未覆盖（人）", "Not covered"), 1.2, "right"),
        Column(two("道路不连通（人）", "Cut-off roads"), 1.25, "right"),
        Column(two("无道路可达（人）", "No road"), 1.25, "right"),
    )


def _line(teller: Teller, rule: str, moment: Moment, line: Any) -> tuple[Cell, ...]:  # noqa: ANN401 - of pandas
    return row(
        rule,
        teller.term(moment),
        *(amounts.whole(number(value)) for value in (line.demand, line.reachable, line.covered)),
        _share(line.covered, line.demand),
        _share(line.covered, line.reachable),
        *(amounts.whole(number(value)) for value in (line.uncovered, line.other_component, line.no_road)),
    )


def left_out(teller: Teller) -> list[Block]:
    """Say for each coverage clause how many persons it leaves out, and why."""
    moment: Moment = "after" if teller.has_plan else "before"
    blocks: list[Block] = []
    for rule in teller.coverage_rules:
        line = teller.ledger_line(rule, moment)
        if line is None:
            continue
        demand, covered, uncovered, reachable, cut_off, no_road, outside = (
            amounts.whole(number(value))
            for value in (
                line.demand, line.covered, line.uncovered, line.reachable, line.other_component, line.no_road,
                line.outside_districts,
            )
        )  # fmt: skip
        of_all, of_reachable = _share(line.covered, line.demand), _share(line.covered, line.reachable)
        can = _share(line.reachable, line.demand)
        when = teller.two("规划后" if moment == "after" else "现状", "after the plan" if moment == "after" else "today")
        text = teller.two(
            f"{when}覆盖{covered}人，占全部涉及人数{demand}人的{of_all}、占可覆盖人口{reachable}人的{of_reachable}"
            f"（可覆盖人口占全部的{can}）；未覆盖{uncovered}人，道路不连通{cut_off}人，无道路可达{no_road}人；"
            f"另有{outside}人位于各行政区划外，不计入。",
            f"{when} {covered} persons are covered, {of_all} of all {demand} and {of_reachable} of the "
            f"{reachable} whom "
            f"the candidates can reach ({can} of all); {uncovered} are not covered, {cut_off} live on roads that "
            "lead to no "
            f"site, {no_road} have no road; {outside} more live outside every district and are not counted.",
        )
        lead = f"{rule} {teller.clause_title(rule)}{teller.two('：', ': ')}"
        blocks.append(Paragraph(text, lead=lead, bullet=True))
    if not blocks:
        return []
    return [Paragraph("", lead=teller.two("覆盖与未覆盖人口。", "Who is covered and who is left out.")), *blocks]
