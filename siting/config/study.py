"""The keys of a study file: the option classes that the stages own, put together."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from siting.access import WalkOptions
from siting.config.expand import Sweeps, Uncertainty
from siting.config.files import TextFile
from siting.config.services import ServiceFile
from siting.config.what_if import WhatIf
from siting.demand import DensityOptions
from siting.optimise import CurveOptions, GoalOptions, Goals, MoneyOptions, ReasonsOptions, SolverOptions
from siting.present.tiles import TileOptions
from siting.rules.budget import BudgetGiven
from siting.sources.options import SourceOptions

Year = Annotated[int, Field(ge=1950, le=2200)]


def _ascending(phases: tuple[int, ...]) -> tuple[int, ...]:
    """Refuse years out of order: a later phase contains the earlier one."""
    if list(phases) != sorted(set(phases)):
        message = f"phases must ascend without repeats, not {list(phases)}"
        raise ValueError(message)
    return phases


class StudyFile(SourceOptions):
    """One study: its inputs, its choices of meaning, its clauses, and what a plan aims at."""

    study: Annotated[str, Field(pattern=r"^[\w.-]+$", max_length=80)] = Field(
        description="short name, used for the run's folder"
    )
    title: TextFile | None = Field(None, description="title of maps and reports; the name unless given")
    notice: TextFile | None = Field(None, description="printed on every map and report, such as 'made, not real'")
    language: Literal["zh", "en"] = Field("zh", description="language of map and report")
    tiles: TileOptions | None = Field(None, description="online tiles under the map; none unless given")
    walk: WalkOptions = Field(WalkOptions(), description="how older people walk")
    density: DensityOptions = Field(DensityOptions(), description="how density is measured")
    phases: Annotated[tuple[Year, ...], AfterValidator(_ascending)] = Field(
        min_length=1, description="years of the plan, ascending"
    )
    policies: tuple[str, ...] = Field(min_length=1, description="ids of shipped policy packs, or files")
    rules: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="changes to clauses by id: parameters, `use: false`, `force`, `deadline`, `price`; all are printed",
    )
    catalogue: str | None = Field(None, description="catalogue of kinds and costs; the shipped example unless given")
    goal: Goals = Field(GoalOptions(), description="what is minimised or maximised; a list: one after the other")
    budget: BudgetGiven | None = Field(None, description="money by year and in all")
    money: MoneyOptions = Field(MoneyOptions(), description="discounting, and how long running costs count")
    curve: CurveOptions | None = Field(None, description="least cost against coverage, point by point")
    reasons: ReasonsOptions | None = Field(None, description="what is asked about the plan once it is found")
    serving: dict[Annotated[str, Field(pattern=r"^\w[\w-]*$", max_length=40)], ServiceFile] = Field(
        default_factory=dict, description="services by id: who takes them up where, as far as there is room"
    )
    solver: SolverOptions = Field(SolverOptions(), description="when the solver may stop")
    scenarios: dict[str, dict[str, Any]] = Field(
        default_factory=dict, description="named changes to this file, keys dotted: {slow: {walk.speed_m_per_s: 0.7}}"
    )
    meanings: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="readings that the texts leave open, as scenarios are written; `siting audit --meanings` says "
        "which verdicts depend on them: {slower: {walk.speed_m_per_s: 0.7}, wider: {density.radius_m: 800}}; a `title` "
        "({zh: …, en: …}) is what reports call one",
    )
    sweeps: Sweeps = Field(
        default_factory=dict,
        description="keys and the values they take, one scenario each; of several keys every combination: "
        "{speed: {walk.speed_m_per_s: [0.7, 0.8, 0.9, 1.1]}}",
    )
    uncertainty: Uncertainty | None = Field(None, description="what is drawn for scenarios of chance")
    what_if: WhatIf = Field(WhatIf(), description="what is supposed to be otherwise than the inputs say")

    @property
    def goals(self) -> tuple[GoalOptions, ...]:
        """Return the goals, the first first."""
        return (self.goal,) if isinstance(self.goal, GoalOptions) else self.goal
