"""The estimate of costs, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.chapters.layout import phase_name
from siting.present.chapters.situation import district_name
from siting.present.plain import number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter on costs: by phase and by district, after the statement of basis."""
    two = teller.two
    blocks: list[Block] = [Heading(1, two("投资估算", "Costs"))]
    basis = teller.of(teller.run["cost_basis"])
    if basis:
        blocks.append(Note(teller.ended(two(f"估算依据：{basis}", f"Basis of the estimate: {basis}")), warning=True))
    if not teller.has_plan:
        return [
            *blocks,
            Note(two("本次运行没有布局方案，无投资估算。", "This run has no plan, so there are no costs.")),
        ]
    return [*blocks, _by_phase(teller), _by_district(teller), *_running(teller)]


def _by_phase(teller: Teller) -> Table:
    two = teller.two
    columns = (Column(two("分期", "Phase"), 2), Column(two("投资（万元）", "Cost (10,000 yuan)"), 1, "right"))
    costs = teller.totals["cost_by_phase"]
    rows = [row(phase_name(teller, place), amounts.wan(number(costs[place]))) for place in range(len(teller.phases))]
    rows.append(row(two("合计", "Total"), amounts.wan(number(teller.totals["cost"]))))
    return Table(two("分期投资估算", "Costs by phase"), columns, tuple(rows), total=True)


def _by_district(teller: Teller) -> Table:
    two = teller.two
    columns = (
        Column(two("镇（街道）", "District"), 2),
        Column(two("现有床位（张）", "Beds today"), 1.2, "right"),
        Column(two("规划床位（张）", "Beds planned"), 1.2, "right"),
        Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.3, "right"),
    )
    rows = [
        row(
            district_name(teller, district),
            amounts.whole(number(district["beds_before"])),
            amounts.whole(number(district["beds_after"])),
            amounts.wan(number(district["cost"])),
        )
        for district in teller.results.districts.drop(columns="geometry").to_dict("records")
    ]
    totals = teller.totals
    rows += [
        row(
            two(
                f"全域新增{teller.of(one['title'])}{one['persons']}名的薪酬",
                f"Pay of {one['persons']} more persons: {teller.of(one['title'])}",
            ),
            amounts.BLANK,
            amounts.BLANK,
            amounts.wan(number(one["cost"])),
        )
        for one in totals.get("hired", ())
    ]
    beds = [amounts.whole(number(totals[name])) for name in ("beds_before", "beds_after")]
    rows.append(row(two("合计", "Total"), *beds, amounts.wan(number(totals["cost"]))))
    return Table(two("分镇（街道）床位与投资", "Beds and costs by district"), columns, tuple(rows), total=True)


def _running(teller: Teller) -> list[Block]:
    """Return what all facilities cost to run, and the present value; nothing in folders of earlier versions."""
    two, totals = teller.two, teller.totals
    if not totals.get("running_by_phase"):
        return []
    columns = (
        Column(two("时点", "When"), 2),
        Column(two("年运营费用（万元/年）", "Running cost (10,000 yuan a year)"), 1.4, "right"),
    )
    rows = [row(two("现状", "Today"), amounts.wan(number(totals["running_before"])))]
    rows += [
        row(phase_name(teller, place), amounts.wan(number(cost)))
        for place, cost in enumerate(totals["running_by_phase"])
    ]
    return [
        Table(two("年运营费用", "Running costs"), columns, tuple(rows)),
        Note(
            two(
                "年运营费用为届时全部在用设施（含现有设施）与新增人员每年的费用；设施的运营费用不计入上列投资，"
                "新增人员规划期内的薪酬则已计入。",
                "What all facilities then in use (those of today included) and those hired cost in a year. The costs "
                "above hold no running costs of facilities; they do hold the pay of those hired over the plan period.",
            )
        ),
        *_present_value(teller),
    ]


def _present_value(teller: Teller) -> list[Block]:
    """Say the present value, where the study discounts, counts years beyond the plan, or minimises it."""
    two, totals = teller.two, teller.totals
    money = totals.get("money")
    if money is None:
        return []
    rate, base, until = number(money["discount_rate"]), money["base_year"], money["until"]
    aims = {goal["goal"] for goal in teller.run.get("goals") or ()}
    if not rate and until <= teller.last and "present_value" not in aims:
        return []
    worth = amounts.wan(number(totals["present_value"]))
    return [
        Paragraph(
            two(
                f"折现到{base}年（实际折现率{amounts.percent(rate)}，运营费用计至{until}年），"
                f"设施投资与全部运营费用的现值为{worth}万元。",
                f"Capital of facilities and all running costs, discounted to {base} (at {amounts.percent(rate)} a "
                f"year, real; running costs until {until}), are worth {worth} (10,000 yuan).",
            )
        )
    ]
