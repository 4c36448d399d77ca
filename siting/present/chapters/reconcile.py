"""Whether the tables of a run add up, said in the report either way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import amounts
from siting.present.blocks import Note, Paragraph
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller

PERSONS_TOLERANCE = 0.01
"""Sums of floats differ in their last bits; a hundredth of a person is far above that and far below a person."""

YUAN_TOLERANCE = 0.01


def differences(teller: Teller) -> list[str]:
    """Return a sentence for each sum that does not come out."""
    found = []
    for line in teller.results.ledger.to_dict("records"):
        found += _of_line(teller, line)
    sites, totals = teller.results.sites, teller.totals
    sums = [("beds_before", float(sites["beds_before"].sum()))]
    if teller.has_plan:
        sums += [
            ("beds_after", float(sites["beds_after"].sum())),
            ("cost", float(sites["cost"].sum()) + float(totals.get("payroll") or 0)),
        ]
        sums += [("cost", float(sum(totals["cost_by_phase"])))]
    for name, added in sums:
        stated = number(totals[name])
        if not abs(added - stated) <= YUAN_TOLERANCE:
            found.append(
                teller.two(
                    f"{name}：分项之和 {added:,.2f} 与合计 {stated:,.2f} 不符",
                    f"{name}: the parts add up to {added:,.2f}, the total says {stated:,.2f}",
                )
            )
    return found


def _of_line(teller: Teller, line: Any) -> list[str]:  # noqa: ANN401 - a record of a table
    def added(*names: str) -> float:
        return sum(number(line[name]) for name in names)

    pairs = (
        ("demand", added("covered", "uncovered", "other_component", "no_road")),
        ("raster_total", added("demand", "not_concerned", "outside_districts")),
    )
    where = f"{clean(line['rule'])} {int(line['phase'])} {teller.term(line['moment'])}"
    return [
        teller.two(
            f"{where}：{name} 分项之和 {amounts.fixed(parts, 2)} 与 {amounts.fixed(number(line[name]), 2)} 不符",
            f"{where}: parts of {name} add up to {amounts.fixed(parts, 2)}, not {amounts.fixed(number(line[name]), 2)}",
        )
        for name, parts in pairs
        if not abs(parts - number(line[name])) <= PERSONS_TOLERANCE
    ]


def note(teller: Teller) -> list[Block]:
    """Say that the sums come out, or warn of those that do not."""
    found = differences(teller)
    if not found:
        lines = len(teller.results.ledger)
        return [
            Paragraph(
                teller.two(
                    f"核对：以上{lines}行各分项之和均与合计一致；床位、投资的分项之和与合计一致。",
                    f"Checked: in all {lines} lines the parts add up to the totals, and so do beds and costs.",
                )
            )
        ]
    joint = teller.two("；", "; ")
    return [
        Note(teller.ended(teller.two("核对未通过：", "Sums that do not come out: ") + joint.join(found)), warning=True)
    ]
