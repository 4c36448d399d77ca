"""What a plan aims at, how far each goal was reached, and what is proven about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.present import amounts
from siting.present.blocks import Column, Note, Table, row
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Record, Teller


def told(teller: Teller) -> list[Record]:
    """Return the goals that need words of their own: all of them, unless the only one is least cost."""
    goals: list[Record] = list(teller.run.get("goals") or [])
    plain = len(goals) == 1 and goals[0]["goal"] == "cost" and not teller.run.get("shortfalls")
    return [] if plain else goals


def figure(teller: Teller, value: object, unit: str) -> str:
    """Write a goal's value in its unit."""
    worth = number(value)
    if unit == "yuan":
        return teller.two(f"{amounts.wan(worth)}万元", f"{amounts.wan(worth)} (10,000 yuan)")
    return teller.amount(worth, unit)


def name(teller: Teller, goal: Record) -> str:
    """Name a goal and the clauses that measure it."""
    words = teller.term(f"goal.{goal['goal']}")
    clauses = teller.joined(list(goal["clauses"]))
    return teller.two(f"{words}（{clauses}）", f"{words} ({clauses})") if clauses else words


def sentence(teller: Teller, goal: Record) -> str:
    """Say how far one goal was reached and what is proven."""
    value, bound = (figure(teller, goal[key], goal["unit"]) for key in ("objective", "bound"))
    words, gap = name(teller, goal), amounts.finest(number(goal["gap"]))
    if goal["objective"] is None:
        return teller.two(f"{words}：未得到方案。", f"{words}: no plan.")
    if goal["status"] == "optimal":
        return teller.two(
            f"{words}：{value}，已证明在前列目标之下不能更好。",
            f"{words}: {value}; it is proven that nothing better is possible under the goals before it.",
        )
    return teller.two(
        f"{words}：{value}，已证明不可能优于{bound}（间隙{gap}）。",
        f"{words}: {value}; it is proven that none is better than {bound} (gap {gap}).",
    )


def in_words(teller: Teller) -> str:
    """Say every goal in its order."""
    return teller.two("", " ").join(sentence(teller, goal) for goal in told(teller))


def table(teller: Teller) -> list[Block]:
    """Return the goals line by line, what was given up of each, and the shortfalls that have a price."""
    two, goals = teller.two, told(teller)
    if not goals:
        return []
    columns = (
        Column(two("次序", "Order"), 0.6, "right"),
        Column(two("目标", "Goal"), 2.6),
        Column(two("达到", "Reached"), 1.5, "right"),
        Column(two("界", "Bound"), 1.5, "right"),
        Column(two("间隙", "Gap"), 0.9, "right"),
        Column(two("其后须保持", "Kept to"), 1.5, "right"),
    )
    rows = tuple(
        row(
            str(place),
            name(teller, goal),
            figure(teller, goal["objective"], goal["unit"]),
            figure(teller, goal["bound"], goal["unit"]),
            amounts.finest(number(goal["gap"])),
            amounts.BLANK if goal["limit"] is None else figure(teller, goal["limit"], goal["unit"]),
        )
        for place, goal in enumerate(goals, start=1)
    )
    blocks: list[Block] = [
        Table(two("规划目标的次序与达到水平", "Goals in their order, and how far they were reached"), columns, rows)
    ]
    released = teller.joined([teller.clause_named(rule) for rule in teller.run.get("released") or []])
    if released:
        blocks.append(
            Note(
                two(
                    f"以下条款由首要目标直接追求，不作为约束：{released}。",
                    f"These clauses are what the first goal pursues, and do not bind: {released}.",
                )
            )
        )
    return [*blocks, *_shortfalls(teller)]


def _shortfalls(teller: Teller) -> list[Block]:
    two, lacking = teller.two, teller.run.get("shortfalls") or []
    if not lacking:
        return []
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 2.6),
        Column(two("对象", "Subject"), 1.5),
        Column(two("缺口", "Short by"), 1.2, "right"),
        Column(two("单价（元）", "Price (yuan)"), 1.2, "right"),
        Column(two("计价（万元）", "Priced (10,000 yuan)"), 1.3, "right"),
    )
    rows = tuple(
        row(
            clean(lack["clause"]),
            teller.clause_title(lack["clause"]),
            teller.place(lack),
            amounts.fixed(number(lack["short"]), 2),
            amounts.fixed(number(lack["price"]), 2),
            amounts.wan(number(lack["cost"])),
        )
        for lack in lacking
    )
    return [Table(two("计价的预期性条款缺口", "What indicative clauses with a price are short of"), columns, rows)]
