"""The estimate of costs, and what it rests on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Table, row
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
    return [*blocks, _by_phase(teller), _by_district(teller)]


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
