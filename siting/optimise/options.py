"""What a plan aims at, and how long and how closely the solver works."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class GoalOptions(BaseModel):
    """What is minimised while every clause holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    minimise: Literal["cost"] = Field("cost", description="capital cost of the whole plan; then, of the earlier phases")


class SolverOptions(BaseModel):
    """When the solver may stop, and what it runs on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gap: float = Field(0.001, ge=0, lt=1, description="stop when (cost − bound) ÷ cost is this small")
    time_limit_s: float = Field(300.0, gt=0, description="stop after so many seconds, with the best plan found")
    threads: int = Field(2, ge=1, le=64, description="processor cores")
    seed: int = Field(0, ge=0, description="seed of the solver's own choices")
    exact_below: int = Field(
        6_000, ge=0, description="models with fewer whole-number columns go to branch-and-bound as they are"
    )
