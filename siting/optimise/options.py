"""What a plan aims at, and how long and how closely the solver works."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

DISTANCES = ("mean_distance", "worst_distance")


class _Options(BaseModel):
    """Frozen, nothing unknown, nothing infinite."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class GoalOptions(_Options):
    """What a plan is the best at, among those under which every clause holds.

    The clauses whose coverage or distances the first goal is about do not bind, unless `binding` says so.
    """

    minimise: Literal["cost", "present_value", "mean_distance", "worst_distance"] | None = Field(
        None,
        description="cost: capital, undiscounted (unless another goal is given); present_value: capital and running "
        "costs, discounted; mean_distance, worst_distance: from those whom `of` concerns to what covers them",
    )
    maximise: Literal["covered", "worst_share"] | None = Field(
        None, description="covered: persons under the coverage clauses; worst_share: share of the district served worst"
    )
    of: str | None = Field(None, description="coverage clause; all of them unless given, for `covered`")
    budget: float | None = Field(None, gt=0, description="yuan that the whole plan may cost")
    worsening: float = Field(
        0.0, ge=0, description="part of the value reached that may be given up for the goals that follow: 0.05 for 5 %"
    )
    binding: bool = Field(
        default=False, description="whether the clauses that the first goal is about bind all the same"
    )
    up_to_m: float | None = Field(
        None, gt=0, description="farthest distance told apart; as far as the clauses look unless given"
    )
    step_m: float = Field(0.0, ge=0, description="distances are rounded up to multiples of this; 0: not rounded")

    @model_validator(mode="before")
    @classmethod
    def _cost_unless_said(cls, told: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
        """Minimise cost where nothing is said to be minimised or maximised."""
        if isinstance(told, dict) and told.get("minimise") is None and told.get("maximise") is None:
            return {**told, "minimise": "cost"}
        return told

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        """Refuse a goal that is two goals, and keys that mean nothing to it."""
        if self.minimise is not None and self.maximise is not None:
            message = "a goal either minimises or maximises; write a list of goals, the first first"
            raise ValueError(message)
        if self.of is not None and self.minimise in {"cost", "present_value"}:
            message = f"{self.name} is not measured by a clause; leave `of` out"
            raise ValueError(message)
        if self.name not in DISTANCES and (self.up_to_m is not None or self.step_m):
            message = f"up_to_m and step_m belong to distances; leave them out of {self.name}"
            raise ValueError(message)
        return self

    @property
    def name(self) -> str:
        """What is minimised or maximised."""
        return self.maximise or self.minimise or "cost"


def _several(told: object) -> str:
    return "<several>" if isinstance(told, (list, tuple)) else "<one>"


Goals = Annotated[
    Annotated[GoalOptions, Tag("<one>")] | Annotated[tuple[GoalOptions, ...], Field(min_length=1), Tag("<several>")],
    Discriminator(_several),
]
"""One goal, or several of which each is pursued as far as those before it allow."""


class MoneyOptions(_Options):
    """How amounts of different years are set against each other."""

    discount_rate: float = Field(0.0, ge=0, lt=1, description="per year, real: 0.05 for 5 %")
    base_year: int | None = Field(
        None, ge=1950, le=2200, description="year discounted to; the first phase unless given"
    )
    until: int | None = Field(
        None, ge=1950, le=2300, description="last year whose running costs count; the last phase unless given"
    )


class CurveOptions(_Options):
    """The trade-off between cost and coverage, point by point."""

    of: str = Field(description="coverage clause whose share is varied")
    points: int = Field(8, ge=2, le=50, description="points from the least to the greatest coverage")
    time_limit_s: float = Field(120.0, gt=0, description="seconds for all points together")


class ReasonsOptions(_Options):
    """How much is asked about a plan once it is found."""

    sites: bool = Field(
        default=True, description="what every chosen site is needed for, and what doing without it costs"
    )
    clauses: bool = Field(default=True, description="what every clause costs")
    alternatives: int = Field(3, ge=0, le=20, description="plans of nearly the same cost that differ most")
    within: float = Field(0.01, gt=0, le=1, description="how much dearer such a plan may be: 0.01 for 1 %")
    time_limit_s: float = Field(120.0, gt=0, description="seconds for all these questions together")


class SolverOptions(_Options):
    """When the solver may stop, and what it runs on."""

    gap: float = Field(0.001, ge=0, lt=1, description="stop when (cost − bound) ÷ cost is this small")
    time_limit_s: float = Field(300.0, gt=0, description="stop after so many seconds, with the best plan found")
    threads: int = Field(2, ge=1, le=64, description="processor cores")
    seed: int = Field(0, ge=0, description="seed of the solver's own choices")
    exact_below: int = Field(
        6_000, ge=0, description="models with fewer whole-number columns go to branch-and-bound as they are"
    )
