"""What is proven about a plan, in words a planner can sign: a stopped run is never called optimal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.model.plan import AND
from siting.model.text import Text
from siting.present import amounts
from siting.present.blocks import Column, Note, Paragraph, Table, row
from siting.present.chapters import goals
from siting.present.plain import clean, number

if TYPE_CHECKING:
    from siting.present.blocks import Block
    from siting.present.teller import Teller


def in_words(teller: Teller) -> str:
    """Say what the certificate proves, and what it does not."""
    certificate = teller.certificate
    if certificate is None:
        return teller.two(
            "本次运行只对现状进行核查，未编制布局方案，因此没有关于方案优劣的结论。",
            "This run audits the present situation only; no plan was made, so nothing is said about one.",
        )
    if goals.told(teller) and teller.has_plan:
        return goals.in_words(teller)
    figures = {
        "cost": amounts.wan(number(certificate["objective"])),
        "bound": amounts.wan(number(certificate["bound"])),
        "gap": amounts.finest(number(certificate["gap"])),
    }
    return SENTENCES[certificate["status"]].within(teller.language).format(**figures)


SENTENCES = {
    "optimal": Text(
        "已证明最优：在所列条款、参数和备选场地范围内，不存在投资低于{cost}万元而满足全部约束性条款的方案"
        "（在求解器容差 0.0001% 之内）。",
        "Proven optimal: within the clauses, parameters and candidate sites listed, no plan that meets every binding "
        "clause costs less than {cost} (10,000 yuan), to the solver's tolerance of 0.0001%.",
    ),
    "gap": Text(
        "方案可行，但未证明最优：方案投资{cost}万元，已证明任何满足全部约束性条款的方案投资不低于{bound}万元，"
        "二者相差不超过方案投资的{gap}。",
        "The plan is feasible but not proven optimal: it costs {cost} (10,000 yuan); it is proven that no plan that "
        "meets every binding clause costs less than {bound} (10,000 yuan), a gap of at most {gap} of the plan's cost.",
    ),
    "infeasible": Text(
        "已证明无可行方案：在所列条款、参数和备选场地范围内，不存在满足全部约束性条款的方案。"
        "相互冲突的条款及各自可达到的最好水平见冲突表。",
        "Proven infeasible: within the clauses, parameters and candidate sites listed, no plan meets every binding "
        "clause. The clauses that clash, and the best that each can reach, are in the table of conflicts.",
    ),
    "drawn": Text(
        "本次核查的是给定的方案，未求解：投资{cost}万元，未证明是否还有更省的方案。",
        "The plan was given and not searched for: it costs {cost} (10,000 yuan); whether a cheaper one exists is not "
        "proven.",
    ),
    "stopped": Text(
        "求解在时限内中止，未得到方案：既未证明存在可行方案，也未证明不存在。应放宽时限或缩小问题后重新运行。",
        "The solver was stopped before it found a plan: it is proven neither that a plan exists nor that none does. "
        "Allow more time, or make the problem smaller, and run again.",
    ),
}

WAYS = {
    "branch-and-bound": ("分支定界", "branch-and-bound"),
    "linear relaxation": ("线性松弛", "linear relaxation"),
    "regional decomposition": ("分区拉格朗日分解", "Lagrangean decomposition into regions"),
}


def _ways(teller: Teller, how: str) -> str:
    """Say how a bound was had; of parts that were searched apart, each in its own way."""
    told = [teller.two(*WAYS[way]) if way in WAYS else way for way in how.split(AND) if way]
    return teller.two("、", ", ").join(told) or amounts.BLANK


def certificate_table(teller: Teller) -> list[Block]:
    """Return the certificate line by line."""
    certificate = teller.certificate
    if certificate is None:
        return [Paragraph(in_words(teller))]
    two = teller.two
    how = clean(certificate["how"])
    money = (
        row(two("方案投资（万元）", "Cost of the plan (10,000 yuan)"), amounts.wan(number(certificate["objective"]))),
        row(two("下界（万元）", "Lower bound (10,000 yuan)"), amounts.wan(number(certificate["bound"]))),
        row(
            two("间隙 =（投资 − 下界）÷ 投资", "Gap = (cost − bound) ÷ cost"),
            amounts.finest(number(certificate["gap"])),
        ),
    )
    aims = goals.table(teller)
    rows = (
        row(two("状态", "Status"), teller.word("certificate", certificate["status"])),
        *(() if aims else money),
        row(two("下界来源", "How the bound was had"), _ways(teller, how)),
        row(two("求解器", "Solver"), f"{clean(certificate['solver'])} {clean(certificate['version'])}"),
        row(two("随机种子", "Random seed"), clean(certificate["seed"])),
    )
    columns = (Column(two("项目", "Item"), 1), Column(two("内容", "Content"), 2))
    return [
        Paragraph(in_words(teller)),
        Table(two("方案证明书", "Certificate of the plan"), columns, rows),
        *aims,
        Note(
            two(
                "“达标”与否由方案取整后重新核查得出，不取自求解器。",
                "Whether a clause is met is found by auditing the rounded plan anew; it is not the solver's word.",
            )
        ),
    ]


def conflicts_table(teller: Teller) -> list[Block]:
    """Return the clauses and places that clash, with the best each can reach."""
    two = teller.two
    if not teller.conflicts:
        return []
    columns = (
        Column(two("组", "Set"), 0.6, "right"),
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 2.6),
        Column(two("对象", "Subject"), 1.6),
        Column(two("年份", "Year"), 0.8, "right"),
        Column(two("要求", "Required"), 1.4, "right"),
        Column(two("最好可达", "Best reachable"), 1.4, "right"),
        Column(two("其他条款满足时可达", "Reachable while the others hold"), 1.6, "right"),
    )
    rows = tuple(
        row(
            str(int(number(conflict.get("group", 0))) + 1),
            clean(conflict["clause"]),
            teller.clause_title(conflict["clause"]),
            teller.place(conflict),
            clean(conflict["phase"]),
            teller.amount(conflict["required"], conflict["unit"]),
            teller.amount(conflict["best"], conflict["unit"], number(conflict["required"])),
            teller.amount(conflict.get("with_others"), conflict["unit"], number(conflict["required"])),
        )
        for conflict in teller.conflicts
    )
    return [
        Table(two("相互冲突的条款及最好可达水平", "Clauses that clash, and the best each can reach"), columns, rows),
        Note(
            two(
                "同一组的各行不能同时成立；去掉其中任何一行，该组其余各行可以同时成立；只有一行的组，该行本身即无法成立。"
                "“最好可达”是不考虑其他条款时该行能达到的最好水平。",
                "The lines of a set cannot hold together; without any one of them the others of the set can. A set of "
                "one line is impossible by itself. “Best reachable” is the best for that line alone, whatever the "
                "others ask.",
            )
        ),
        *_unproven(teller),
        *_relaxed(teller),
    ]


def _relaxed(teller: Teller) -> list[Block]:
    """Return what a smallest relaxation gives way on."""
    two, given = teller.two, teller.run.get("relaxations") or []
    if not given:
        return []
    columns = (
        Column(two("条款", "Clause"), 1),
        Column(two("内容", "Title"), 2.6),
        Column(two("对象", "Subject"), 1.6),
        Column(two("年份", "Year"), 0.8, "right"),
        Column(two("要求", "Required"), 1.4, "right"),
        Column(two("放宽到", "Eased to"), 1.4, "right"),
        Column(two("放宽幅度", "By"), 1, "right"),
    )
    rows = tuple(
        row(
            clean(ease["clause"]),
            teller.clause_title(ease["clause"]),
            teller.place(ease),
            clean(ease["phase"]),
            teller.amount(ease["required"], ease["unit"]),
            teller.amount(ease["to"], ease["unit"], number(ease["required"])),
            amounts.finest(number(ease["share"])),
        )
        for ease in given
    )
    return [
        Table(two("使方案成为可能的最小放宽", "A least relaxation under which a plan exists"), columns, rows),
        Note(
            two(
                "各行同时放宽到所列水平即存在方案；放宽幅度（占要求的比例）之和为所找到的最小值。",
                "With all lines eased to these levels a plan exists; the sum of the parts given way on is the least "
                "that was found.",
            )
        ),
    ]


def _unproven(teller: Teller) -> list[Block]:
    """Name the lines of which time did not allow to prove that the others hold without them."""
    open_lines = [entry for entry in teller.conflicts if not entry.get("needed", True)]
    if not open_lines:
        return []
    names = teller.joined([f"{clean(entry['clause'])}·{teller.place(entry)}" for entry in open_lines])
    return [
        Note(
            teller.two(
                f"时限内未能证明去掉以下各行后其余各行可以成立，该组可能还能缩小：{names}。",
                "Time did not allow to prove that the others hold without these lines; the set may be smaller: "
                f"{names}.",
            ),
            warning=True,
        )
    ]
