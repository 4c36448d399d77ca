"""A plan drawn by hand: what it misses and costs, how far it is from the best, and what mends it."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Heading, Note, Paragraph, Table, row
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Record, Teller


_ROUNDING = 1e-6
"""Sites are whole: a bound of 3.2 proves 4."""


def chapter(teller: Teller) -> list[Block]:
    """Return the chapter on the hand-drawn plan; nothing where the run was given none."""
    mine = teller.run.get("drawn")
    if not mine:
        return []
    two = teller.two
    blocks: list[Block] = [Heading(1, two("手工方案评估", "The hand-drawn plan")), Paragraph(_compared(teller, mine))]
    return [*blocks, *_short(teller, mine), *_changes(teller, mine)]


def _compared(teller: Teller, mine: Record) -> str:
    two, cost, held = teller.two, number(mine["cost"]), sum(map(_binds, mine["short"]))
    other = len(mine["short"]) - held
    parts = [
        teller.two(
            f"手工方案取自{clean(mine['file'])}，投资{amounts.wan(cost)}万元。未达标{held + other}项"
            f"（条款、对象、年份各计一项）：方案必须满足的条款{held}项，仅作评估或预期性的条款{other}项；"
            "修正只针对前者，后者不由方案决定或不强制。",
            f"The plan of {clean(mine['file'])} costs {amounts.wan(cost)} (10,000 yuan). It is short {held + other} "
            f"times (clause, subject and year): {held} times of clauses that a plan must meet, {other} times of "
            "clauses that are only audited or are indicative. A repair mends the former; the latter no plan is held "
            "to.",
        )
    ]
    if mine["optimum"] is not None:
        parts.append(_ratio(teller, cost, mine["optimum"]))
    if mine["repair"] is not None:
        parts.append(_mended(teller, mine["repair"]))
    elif mine["optimum"] is not None:
        parts.append(
            two(
                "限时内未求得由手工方案改动而成的方案。",
                "No plan that mends the hand-drawn one was found in time.",
            )
        )
    return teller.two("", " ").join(parts)


def _binds(lack: Record) -> bool:
    """Say whether a plan must meet the clause; folders of earlier versions tell no difference."""
    return bool(lack.get("enforced", True))


def _mended(teller: Teller, mended: Record) -> str:
    least, changes, cost = (number(mended[key]) for key in ("at_least", "changes", "cost"))
    if not changes:
        return teller.two(
            "手工方案已满足方案必须满足的全部条款，无须改动。",
            "The hand-drawn plan meets every clause that a plan must meet: nothing has to be changed.",
        )
    proof, fewest = teller.two("已证明最少", "proven fewest"), math.ceil(least - _ROUNDING)
    if fewest < changes:
        proof = teller.two(f"已证明不少于{fewest}处", f"proven at least {fewest}")
    return teller.two(
        f"改动{amounts.whole(changes)}处（{proof}）即可满足方案必须满足的全部条款，"
        f"改动后投资{amounts.wan(cost)}万元；本报告各章所列即改动后的方案。",
        f"Changing {amounts.whole(changes)} sites ({proof}) meets every clause that a plan must meet, at "
        f"{amounts.wan(cost)} (10,000 yuan); the other chapters show the plan so mended.",
    )


def _ratio(teller: Teller, cost: float, best: Record) -> str:
    ratio = cost / number(best["cost"]) if number(best["cost"]) > 0 else float("nan")
    bound = number(best["bound"])
    most = cost / bound if bound > 0 else float("nan")
    return teller.two(
        f"优化方案投资{amounts.wan(number(best['cost']))}万元（下界{amounts.wan(bound)}万元），"
        f"手工方案为其{amounts.fixed(ratio, 3)}倍，为下界的{amounts.fixed(most, 3)}倍；有未达标项时二者不可直接比较。",
        f"The plan that was searched for costs {amounts.wan(number(best['cost']))} (bound {amounts.wan(bound)}); the "
        f"hand-drawn one costs {amounts.fixed(ratio, 3)} times as much, {amounts.fixed(most, 3)} times the bound. "
        "While it is short the two do not compare directly.",
    )


def _short(teller: Teller, mine: Record) -> list[Block]:
    """List what a plan must meet and this one does not; count the rest clause by clause."""
    two = teller.two
    held = [lack for lack in mine["short"] if _binds(lack)]
    if not mine["short"]:
        return [Note(two("手工方案满足全部到期的条款。", "The hand-drawn plan meets every clause that is due."))]
    others = Counter(clean(lack["clause"]) for lack in mine["short"] if not _binds(lack))
    told = [
        two(f"{teller.clause_named(one)}{times}项", f"{teller.clause_named(one)} {times}")
        for one, times in others.items()
    ]
    blocks: list[Block] = [_lacking(teller, held)] if held else []
    if told:
        head = two("未达标而不作约束的条款：", "Short, though no plan is held to them: ")
        blocks.append(Note(two(f"{head}{teller.joined(told)}。", f"{head}{teller.joined(told)}.")))
    return blocks


def _lacking(teller: Teller, held: list[Record]) -> Table:
    """List places and years in which the plan is short."""
    two = teller.two
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 2.6),
        Column(two("对象", "Subject"), 1.6),
        Column(two("年份", "Year"), 0.8, "right"),
        Column(two("要求", "Required"), 1.3, "right"),
        Column(two("手工方案", "Hand-drawn"), 1.3, "right"),
    )
    rows = tuple(
        row(
            clean(lack["clause"]),
            teller.clause_title(lack["clause"]),
            teller.place(lack),
            clean(lack["phase"]),
            teller.amount(lack["required"], lack["unit"]),
            teller.amount(lack["measured"], lack["unit"], number(lack["required"])),
        )
        for lack in held
    )
    return Table(two("手工方案的缺口", "What the hand-drawn plan is short of"), columns, rows)


def _changes(teller: Teller, mine: Record) -> list[Block]:
    two = teller.two
    if not mine["changes"]:
        return []
    columns = (
        Column(two("选址", "Site"), 1.2),
        Column(two("手工方案", "As drawn"), 2.4),
        Column(two("床位", "Beds"), 0.8, "right"),
        Column(two("年份", "Year"), 0.8, "right"),
        Column(two("改为", "Changed to"), 2.4),
        Column(two("床位", "Beds"), 0.8, "right"),
        Column(two("年份", "Year"), 0.8, "right"),
    )
    rows = tuple(
        row(
            clean(change["name"]),
            _words(teller, change["drawn"]),
            amounts.whole(number(change["beds_drawn"])),
            _year(change["year_drawn"]),
            _words(teller, change["repaired"]),
            amounts.whole(number(change["beds_repaired"])),
            _year(change["year_repaired"]),
        )
        for change in mine["changes"]
    )
    return [Table(two("最少改动清单", "The fewest changes"), columns, rows)]


def _words(teller: Teller, told: str) -> str:
    """Say a kind and an action in the report's language."""
    kind, _, rest = clean(told).partition(" ")
    if not kind:
        return teller.two("不设", "nothing")
    action, _, size = rest.partition(" ")
    return " ".join(filter(None, (teller.kind(kind), teller.word("action", action), size)))


def _year(year: object) -> str:
    return clean(year) if number(year) else amounts.BLANK
