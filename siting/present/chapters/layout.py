"""The layout by phase: every facility that is opened, expanded, converted or closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts, pictures
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
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
    ]
    for place in range(len(teller.phases)):
        blocks += _phase(teller, place)
    return blocks


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
    columns += [Column(two(f"{word}（处）", word.capitalize()), 1, "right") for word in _words(teller)]
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


def _phase(teller: Teller, place: int) -> list[Block]:
    """Say what happens in a phase, by kind; the appendix lists every facility."""
    two, year = teller.two, teller.phases[place]
    heading = Heading(2, phase_name(teller, place))
    sites = changed(teller.results.sites, year)
    if sites.empty:
        return [
            heading,
            Paragraph(two("本期没有新建、扩建、改造或撤并的设施。", "Nothing is built or closed in this phase.")),
        ]
    cost = amounts.wan(number(teller.totals["cost_by_phase"][place]))
    words = two(
        f"本期新建、扩建、改造或撤并设施共{len(sites)}处，估算投资{cost}万元；逐处名称、规模与投资见附录“设施布局一览”。",
        f"Facilities that are opened, expanded, converted or closed in this phase: {len(sites)}, at an estimated cost "
        f"of {cost} (10,000 yuan). The appendix lists each with its name, size and cost.",
    )
    return [heading, Paragraph(words), _by_kind(teller, place, sites)]


def _by_kind(teller: Teller, place: int, sites: pd.DataFrame) -> Table:
    two, year, every = teller.two, teller.phases[place], teller.counted
    known = f"beds_{year}" in every
    columns = [Column(two("类型", "Kind"), 2.6), Column(two("层级", "Tier"), 1.4)]
    columns += [Column(two(f"{word}（处）", word.capitalize()), 0.95, "right") for word in _words(teller)]
    columns.append(Column(two("期末设施（处）", "Facilities then"), 1.15, "right"))
    columns += [Column(two("期末床位（张）", "Beds then"), 1.15, "right")] if known else []
    then = in_force(every, year)
    rows = []
    for kind in [kind for kind in teller.kinds if (then["kind"] == kind).any() or (sites["kind"] == kind).any()]:
        here, own = sites.loc[sites["kind"] == kind, "action"], then[then["kind"] == kind]
        cells = [amounts.whole(int((here == action).sum())) for action in ACTIONS]
        cells.append(amounts.whole(len(own)))
        cells += [amounts.whole(float(own[f"beds_{year}"].sum()))] if known else []
        rows.append(row(teller.kind(kind), teller.word("tier", teller.run["kinds"][kind]["tier"]), *cells))
    sums = [amounts.whole(int((sites["action"] == action).sum())) for action in ACTIONS]
    sums.append(amounts.whole(len(then)))
    sums += [amounts.whole(float(then[f"beds_{year}"].sum()))] if known else []
    rows.append(row(two("合计", "Total"), "", *sums))
    caption = two(
        f"{phase_name(teller, place)}建设规模（按类型）", f"{phase_name(teller, place)}: what is built, by kind"
    )
    return Table(caption, tuple(columns), tuple(rows), total=True)


def in_force(sites: pd.DataFrame, year: int) -> pd.DataFrame:
    """Return the facilities that work at the end of a year."""
    begun = sites["year"] <= year
    closed = (sites["action"] == "close") & begun
    return sites[(sites["existing"].astype(bool) | begun) & ~closed]


def _words(teller: Teller) -> list[str]:
    return [teller.word("action", action) for action in ACTIONS]


def two_joint(teller: Teller) -> str:
    """Return what stands between ids in a list."""
    return teller.two("、", ", ")


def site_district(teller: Teller, site: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Return the name of a facility's district."""
    return teller.district_names.get(clean(site.district)) or clean(site.district_name) or amounts.BLANK
