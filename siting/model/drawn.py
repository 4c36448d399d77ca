"""A plan drawn by hand: its lines as they are written, and what they come to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from siting.model.plan import Certificate, Plan

if TYPE_CHECKING:
    from siting.model.findings import Audit
    from siting.model.problem import State


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """One line of a hand-drawn plan.

    Attributes
    ----------
    site : str
        Id of a facility or candidate; empty where the line gives a place instead.
    x_m, y_m : float
        On the study's plane; NaN where the line names a site.
    kind, action, module, tenure, operator : str
        Empty where not said; `module` is a size.
    beds : tuple[int, int, int] or None
        By `BED_CLASSES`; None where not said.
    total : int or None
        All beds, where classes are not told apart.
    year : int
        From which it is in force; 0 where not said.
    name, where : str
        As written, and file and line.
    """

    site: str
    x_m: float
    y_m: float
    kind: str
    action: str
    module: str
    tenure: str
    operator: str
    beds: tuple[int, int, int] | None
    total: int | None
    year: int
    name: str
    where: str


@dataclass(frozen=True, slots=True)
class Change:
    """What a repair changes at one site; empty texts where nothing is there.

    Attributes
    ----------
    site : str
    drawn, repaired : str
        Kind, action and size, ``institution expand M 120``.
    beds_drawn, beds_repaired : int
    year_drawn, year_repaired : int
        0 where nothing is done.
    """

    site: str
    drawn: str
    repaired: str
    beds_drawn: int
    beds_repaired: int
    year_drawn: int
    year_repaired: int


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """A hand-drawn plan, audited and priced; compared and repaired where that was asked.

    Attributes
    ----------
    file : str
    state : State
    cost_by_phase : tuple[float, ...]
        Yuan spent in each phase.
    audit : Audit
    optimum : Plan or None
        The study's own plan; None where it was only audited.
    repair : Plan or None
        The plan with the fewest changes, and of these the cheapest; without a state where none exists.
    changes : tuple[Change, ...]
    fewest : Certificate or None
        Of the number of sites changed.
    """

    file: str
    state: State
    cost_by_phase: tuple[float, ...]
    audit: Audit
    optimum: Plan | None = None
    repair: Plan | None = None
    changes: tuple[Change, ...] = ()
    fewest: Certificate | None = None

    @property
    def cost(self) -> float:
        """Yuan in all."""
        return float(sum(self.cost_by_phase))

    def as_run(self) -> Plan:
        """Return what the run shows as its plan: the repaired one where it was repaired, else the one drawn.

        A repaired plan meets every binding clause: what is proven of the study's own plan bounds its cost too.
        """
        if self.repair is None or self.optimum is None:
            nothing = Certificate("drawn", self.cost, None, None, 0.0, "", "", 0, "")
            return Plan(self.state, nothing, self.cost_by_phase, ())
        if self.repair.state is None:
            return self.repair
        cost, proof = float(sum(self.repair.cost_by_phase)), self.optimum.certificate
        bound = proof.bound if proof.unit == "yuan" and not self.optimum.released else None
        gap = None if bound is None else (cost - bound) / cost if cost > 0 else 0.0
        proven = replace(proof, status="gap", objective=cost, bound=bound, gap=gap, unit="yuan", sense="min")
        return replace(self.repair, certificate=proven, goals=self.repair.goals)
