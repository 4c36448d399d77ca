"""Why the plan is as it is: what sites and clauses are for and cost, and what would do nearly as well."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller

_SIDES = ("dropped", "added")
_WITHOUT = {
    "impossible": ("不可替代", "irreplaceable"),
    "unknown": ("未得出", "not found in time"),
}


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter on reasons; nothing where the study asks for none."""
    parts = [*_sites(teller), *_prices(teller), *_alternatives(teller), *_curve(teller)]
    return [Heading(1, teller.two("方案依据", "Why this plan")), *_whose(teller), *parts] if parts else []


def _whose(teller: Teller) -> list[Block]:
    """Say which plan is meant, where the report shows a hand-drawn one that was mended."""
    mine = teller.run.get("drawn")
    if not mine or mine["optimum"] is None:
        return []
    cost = amounts.wan(number(mine["optimum"]["cost"]))
    return [
        Paragraph(
            teller.two(
                f"本章的“本方案”指优化方案（投资{cost}万元），不是由手工方案改动而成的方案。",
                f"In this chapter the plan is the one that was searched for (at {cost}, 10,000 yuan), not the "
                "hand-drawn one as mended.",
            )
        )
    ]


def _sites(teller: Teller) -> list[Block]:
    two, told = teller.two, teller.results.reasons
    if told is None:
        return []
    columns = (
        Column(two("设施", "Site"), 2.2),
        Column(two("措施", "Action"), 0.9, "centre"),
        Column(two("失去覆盖（人）", "Persons uncovered"), 1.7),
        Column(two("减少床位（张）", "Beds lost"), 1, "right"),
        Column(two("因此未达标的条款", "Clauses then short"), 2),
        Column(two("不用它多花（万元）", "Doing without costs (10,000 yuan)"), 1.4, "right"),
        Column(two("次优选址", "Next best"), 1.6),
    )
    rows = tuple(
        row(
            clean(one.name) or clean(one.site),
            teller.word("action", one.action),
            _persons(clean(one.persons_lost)),
            amounts.whole(number(one.beds_lost)),
            _clauses(teller, clean(one.clauses)),
            _price(teller, one),
            _instead(teller, one),
        )
        for one in teller.rows(told)
    )
    return [
        Heading(2, two("每处设施的作用", "What every site is for")),
        Table(two("每处设施的作用与替代", "What every site is for, and what would replace it"), columns, rows),
        Note(
            two(
                "前三项为在其他设施均按方案实施、唯独缺少该处时的结果（最后一期）。“不用它多花”是在保留其他选址的前提下求得的"
                "替代方案与本方案的投资之差，真实差价不高于此数；负值在方案间隙之内。“≥”表示时限内未求得替代方案，但已证明"
                "至少要多花此数；“未得出”表示时限内既未求得替代方案，也未证明没有。",
                "The first figures are what follows when all else is done and this site is left out (last phase). "
                "What doing without costs is the difference to a plan that was found with the other sites kept; the "
                "true difference is no greater. A negative one lies within the plan's gap. “≥”: no such plan was found "
                "in time, but it is proven to cost that much more; “not found in time”: neither found nor ruled out.",
            )
        ),
    ]


def _price(teller: Teller, one: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Say what doing without a site costs, or what is known of it."""
    least = number(getattr(one, "at_least", math.nan))
    if one.without == "found":
        return amounts.wan(number(one.price))
    if one.without == "unknown" and least > 0:
        return f"≥ {amounts.wan(least)}"
    return teller.two(*_WITHOUT[clean(one.without)])


def _instead(teller: Teller, one: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Name the sites that change in a site's stead; the site itself where something else is made of it."""
    sites = zip(clean(one.instead).split(";"), clean(one.instead_names).split(";"), strict=True)
    otherwise = teller.two("本处另行安排", "the same, put to other use")
    return teller.joined([otherwise if site == one.site else name for site, name in sites]) or amounts.BLANK


def _persons(told: str) -> str:
    pairs = (part.split("=") for part in told.split(";") if part)
    lost = [f"{rule} {amounts.whole(float(persons))}" for rule, persons in pairs if float(persons) > 0]
    return "; ".join(lost) or amounts.BLANK


def _clauses(teller: Teller, told: str) -> str:
    table = teller.results.sites
    sites = dict(zip(table["site"], table["name"].map(clean), strict=True))
    names: dict[str, list[str]] = {}
    for part in filter(None, told.split(";")):
        rule, _, subject = part.partition("@")
        names.setdefault(rule, []).append(teller.district_names.get(subject) or sites.get(subject) or subject)
    shown = [f"{rule}（{'、'.join(filter(None, places))}）" if any(places) else rule for rule, places in names.items()]
    return "; ".join(shown) or amounts.BLANK


def _prices(teller: Teller) -> list[Block]:
    two, told = teller.two, teller.results.prices
    if told is None:
        return []
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 3),
        Column(two("不考虑该条款可省（万元）", "Saved without it (10,000 yuan)"), 1.5, "right"),
        Column(two("至少", "At least"), 1.2, "right"),
        Column(two("至多", "At most"), 1.2, "right"),
    )
    order = told.sort_values(["at_most", "clause"], ascending=[False, True])
    rows = tuple(
        row(
            clean(one.clause),
            teller.clause_title(clean(one.clause)),
            *(amounts.wan(number(getattr(one, key))) for key in ("saved", "at_least", "at_most")),
        )
        for one in teller.rows(order)
    )
    return [
        Heading(2, two("条款的代价", "What the clauses cost")),
        Table(two("去掉单项条款可节省的投资", "What the plan would save without a clause"), columns, rows),
        Note(
            two(
                "“可省”是本方案与去掉该条款后所得方案的投资之差；两个方案都只证明到各自的下界，真值在“至少”与“至多”之间。",
                "What is saved is the difference of the two plans that were found. Both are proven up to their bounds "
                "only: the truth lies between “at least” and “at most”.",
            )
        ),
    ]


def _alternatives(teller: Teller) -> list[Block]:
    two, told = teller.two, teller.results.alternatives
    if told is None:
        return []
    columns = (
        Column(two("方案", "Plan"), 0.7, "right"),
        Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.2, "right"),
        Column(two("不再采用", "Does without"), 3),
        Column(two("改用", "Has instead"), 3),
    )
    rows = []
    for count, lines in told.groupby("number"):
        twice = lines["site"].duplicated(keep=False)
        names = [
            _as_what(teller, one) if both else clean(one.name)
            for one, both in zip(teller.rows(lines), twice, strict=True)
        ]
        sides = [
            [name for name, kept in zip(names, lines["change"] == change, strict=True) if kept] for change in _SIDES
        ]
        shown = [teller.joined(side) or amounts.BLANK for side in sides]
        rows.append(row(str(count), amounts.wan(number(lines["cost"].iloc[0])), *shown))
    return [
        Heading(2, two("投资相近的备选方案", "Plans that cost nearly the same")),
        Table(two("与本方案差别最大的备选方案", "Alternatives that differ most from the plan"), columns, tuple(rows)),
    ]


def _as_what(teller: Teller, one: Any) -> str:  # noqa: ANN401 - a named tuple of pandas
    """Name a site with what is made of it, where both plans use it."""
    made = f"{teller.word('action', one.action)}{teller.two('', ' ')}{teller.kind(clean(one.kind))}"
    return teller.two(f"{clean(one.name)}（{made}）", f"{clean(one.name)} ({made})")


def _curve(teller: Teller) -> list[Block]:
    two, told = teller.two, teller.results.curve
    if told is None or told.empty:
        return []
    clause = clean(told["clause"].iloc[0])
    columns = (
        Column(two("覆盖老年人（人）", "Persons covered"), 1.2, "right"),
        Column(two("覆盖率", "Share"), 0.9, "right"),
        Column(two("投资（万元）", "Cost (10,000 yuan)"), 1.2, "right"),
        Column(two("下界（万元）", "Bound (10,000 yuan)"), 1.2, "right"),
        Column(two("间隙", "Gap"), 0.8, "right"),
    )
    rows = tuple(
        row(
            amounts.whole(number(one.persons)),
            amounts.percent(number(one.share)),
            amounts.wan(number(one.cost)),
            amounts.wan(number(one.bound)),
            amounts.finest(number(one.gap)),
        )
        for one in teller.rows(told)
    )
    return [
        Heading(2, two("投资与覆盖的权衡", "Cost against coverage")),
        Paragraph(
            two(
                f"在其他条款均满足的前提下，{teller.clause_named(clause)}的覆盖人数每提高一档所需的最小投资：",
                f"The least cost at which {teller.clause_named(clause)} covers so many persons, all else holding:",
            )
        ),
        Table(two("投资与覆盖的权衡曲线", "Cost against coverage, point by point"), columns, rows),
    ]
