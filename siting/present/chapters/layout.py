"""The layout by phase: every facility that is opened, expanded, converted or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts, pictures
from siting.present.blocks import Cell, Column, Heading, Note, Paragraph, Table, Turn, row
from siting.present.chapters.situation import pictures_of
from siting.present.plain import clean, number

if TYPE_CHECKING:
    import pandas as pd

    from siting.present.blocks import Block
    from siting.present.teller import Teller

ACTIONS = ("open", "expand", "convert", "close")


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter on the layout."""
    two = teller.two
    blocks: list[Block] = [Heading(1, two("设施布局", "Layout"))]
    if not teller.has_plan:
        return [*blocks, Note(two("本次运行没有布局方案。", "This run has no plan."), warning=True)]
    titles = pictures.titles(teller)
    totals = teller.totals
    blocks += [
        Paragraph(
            two(
                f"布局方案在满足约束性条款的前提下使投资最小。到{teller.last}年：新建{totals['sites_new']}处，"
                f"扩建{totals['sites_expanded']}处，改造{totals['sites_converted']}处，"
                f"撤并{totals['sites_closed']}处。",
                f"The plan meets the binding clauses at least cost. By {teller.last}: {totals['sites_new']} new, "
                f"{totals['sites_expanded']} expanded, {totals['sites_converted']} converted, "
                f"{totals['sites_closed']} closed.",
            )
        ),
        _counts(teller),
        *pictures_of(titles, "layout"),
        Turn(wide=True),
    ]
    for place in range(len(teller.phases)):
        blocks += _phase(teller, place)
    return [*blocks, _reading(teller), Turn(wide=False)]


def phase_name(teller: Teller, place: int) -> str:
    """Return the name of a phase: near, middle or long term, with its year."""
    year, count = teller.phases[place], len(teller.phases)
    if count == 1:
        return teller.two(f"规划期（{year}年）", f"The plan ({year})")
    if place == 0:
        return teller.two(f"近期（{year}年）", f"Near term ({year})")
    if place == count - 1:
        return teller.two(f"远期（{year}年）", f"Long term ({year})")
    return teller.two(f"中期（{year}年）", f"Middle term ({year})")


def changed(sites: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the facilities that something happens to in a year, by district, kind and id."""
    here = sites[(sites["year"] == year) & sites["action"].isin(ACTIONS)]
    order = here["action"].map({action: place for place, action in enumerate(ACTIONS)})
    return here.assign(order=order).sort_values(["order", "district", "kind", "site"], kind="stable")


def _counts(teller: Teller) -> Table:
    two, sites = teller.two, teller.results.sites
    columns = [Column(two("分期", "Phase"), 1.6)]
    words = [teller.word("action", action) for action in ACTIONS]
    columns += [Column(two(f"{word}（处）", word.capitalize()), 1, "right") for word in words]
    columns.append(Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.4, "right"))
    rows = []
    for place, year in enumerate(teller.phases):
        actions = sites.loc[sites["year"] == year, "action"]
        counts = [amounts.whole(int((actions == action).sum())) for action in ACTIONS]
        rows.append(row(phase_name(teller, place), *counts, amounts.wan(number(teller.totals["cost_by_phase"][place]))))
    names = ("sites_new", "sites_expanded", "sites_converted", "sites_closed")
    sums = [amounts.whole(number(teller.totals[name])) for name in names]
    rows.append(row(two("合计", "Total"), *sums, amounts.wan(number(teller.totals["cost"]))))
    return Table(two("分期建设规模", "What is built in each phase"), tuple(columns), tuple(rows), total=True)


def _columns(teller: Teller) -> tuple[Column, ...]:
    two = teller.two
    return (
        Column(two("编号", "Id"), 1.1),
        Column(two("名称", "Name"), 2.9),
        Column(two("镇（街道）", "District"), 1.6),
        Column(two("类型", "Kind"), 2.3),
        Column(two("措施", "Action"), 0.95, "centre"),
        Column(two("用房", "Premises"), 1.5),
        Column(two("运营", "Operator"), 1.0),
        Column(two("现状床位", "Beds today"), 0.95, "right"),
        Column(two("规划床位", "Beds planned"), 0.95, "right"),
        Column(two("其中普通", "General"), 0.95, "right"),
        Column(two("护理", "Nursing"), 0.95, "right"),
        Column(two("认知障碍", "Dementia"), 1.0, "right"),
        Column(two("面积m²", "Floor (m²)"), 1.2, "right"),
        Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.35, "right"),
        Column(two("服务老年人（人）", "Persons served"), 1.3, "right"),
        Column(two("对应条款", "Clauses"), 2.35),
    )


def _phase(teller: Teller, place: int) -> list[Block]:
    two, year = teller.two, teller.phases[place]
    heading = Heading(2, phase_name(teller, place))
    sites = changed(teller.results.sites, year)
    if sites.empty:
        return [
            heading,
            Paragraph(two("本期没有新建、扩建、改造或撤并的设施。", "Nothing is built or closed in this phase.")),
        ]
    rows = tuple(_site(teller, site) for site in teller.rows(sites.drop(columns="geometry")))
    cost = amounts.wan(number(teller.totals["cost_by_phase"][place]))
    last = row(two("合计", "Total"), two(f"{len(rows)}处", str(len(rows))), *([""] * 11), cost, "", "")
    caption = two(f"{phase_name(teller, place)}设施布局一览", f"Facilities: {phase_name(teller, place)}")
    return [heading, Table(caption, _columns(teller), (*rows, last), total=True)]


def _site(teller: Teller, site: Any) -> tuple[Cell, ...]:  # noqa: ANN401 - a named tuple of pandas
    beds = (site.beds_before, site.beds_after, site.general_after, site.nursing_after, site.dementia_after)
    return row(
        clean(site.site),
        clean(site.name),
        site_district(teller, site),
        teller.kind(site.kind),
        Cell(teller.word("action", site.action), "strong"),
        teller.tenure(site.tenure),
        teller.word("operator", site.operator),
        *(amounts.whole(number(value)) for value in beds),
        amounts.whole(number(site.floor_area_m2)),
        amounts.wan(number(site.cost)),
        amounts.whole(number(site.persons_nearest)),
        clean(site.clauses).replace(";", two_joint(teller)),
    )


def two_joint(teller: Teller) -> str:
    """Return what stands between ids in a list."""
    return teller.two("、", ", ")


def site_district(teller: Teller, site: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Return the name of a facility's district."""
    return teller.district_names.get(clean(site.district)) or clean(site.district_name) or amounts.BLANK


def _reading(teller: Teller) -> Note:
    return Note(
        teller.two(
            "“服务老年人”指在条款规定的距离内、以该设施为同类最近设施的老年人口（最后一期）；不同类型之间有重叠，"
            "不能相加。"
            "“面积”为该规模模块所需的最小建筑面积。投资为估算，依据见“投资估算”一章。",
            "“Persons served” are the elderly persons within the reach of the clauses whose nearest facility of "
            "its kind this "
            "is (last phase); kinds overlap, so they do not add up. “Floor” is the least area that the size "
            "needs. Costs are "
            "estimates; see “Costs” for their basis.",
        )
    )
