"""Which facilities count: the one place that says so, for every kind of rule."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from siting.model.attributes import Period
from siting.model.problem import Reach
from siting.model.rows import lacking
from siting.model.sites import Action
from siting.rules.parameters import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from siting.model.arrays import BoolArray
    from siting.model.attributes import Value
    from siting.model.problem import Problem, Travel
    from siting.model.text import Text


class Bounds(Parameters):
    """What a fact must be, where equality does not say it. Limits are inclusive; `before` and `after` are not."""

    at_least: float | None = Field(None, description="a number of this and more")
    at_most: float | None = Field(None, description="a number of this and less")
    one_of: tuple[str, ...] | None = Field(None, description="one of these words")
    before: dt.date | None = Field(None, description="surely over before this day")
    after: dt.date | None = Field(None, description="surely begun after this day")

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            message = "say at_least, at_most, one_of, before or after"
            raise ValueError(message)
        return self

    def holds(self, value: Value) -> bool:
        """Say whether a stated fact lies within all the bounds that are given; what is not stated does not."""
        number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
        return (
            (self.at_least is None or number >= self.at_least)
            and (self.at_most is None or number <= self.at_most)
            and (self.one_of is None or value in self.one_of)
            and (self.before is None or (isinstance(value, Period) and value.last < self.before))
            and (self.after is None or (isinstance(value, Period) and value.first > self.after))
        )


class Where(Parameters):
    """A selection of facilities: those that meet every criterion given; a criterion left out asks nothing.

    Parameters of a kind of rule inherit from it, so that its criteria stand beside the clause's own parameters
    (``{kinds: [institution], operator: public, share: 0.7}``); further selections are nested (``parents: {kinds: …}``).
    """

    kinds: tuple[str, ...] = Field((), description="catalogue kinds that count; any unless given")
    operator: Literal["public", "non_state"] | None = Field(None, description="only facilities run so")
    tenure: tuple[str, ...] = Field((), description="only premises had in one of these ways")
    context: tuple[str, ...] = Field((), description="only in surroundings of one of these sorts")
    tags: tuple[str, ...] = Field((), description="only what bears all these tags; a fact that is so is a tag too")
    services: tuple[str, ...] = Field((), description="only what gives all these services")
    floor_area_from: float | None = Field(None, ge=0, description="only of at least so many m²; not stated is not")
    beds_from: int | None = Field(None, ge=0, description="only what has at least so many beds whatever is decided")
    beds_to: int | None = Field(None, ge=0, description="only what has at most so many beds whatever is decided")
    attributes: dict[str, bool | float | str | Bounds] = Field(
        default_factory=dict, description="only where these facts are so: {fire_safety: true, rating: {at_least: 3}}"
    )
    new_since: int | None = Field(
        None, description="only what the plan opens, and what opened in this year or later (fact `opened`)"
    )
    actions: tuple[Action, ...] = Field(
        (), description="only what comes about so; every action that leaves a facility unless given"
    )
    urban: bool | None = Field(None, description="only in streets of the town (true) or in rural townships (false)")
    districts: tuple[str, ...] = Field((), description="only in these districts (ids)")

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        """Refuse a selection that selects nothing."""
        if all(getattr(self, name) in (None, (), {}) for name in Where.model_fields):
            message = "say which facilities count: kinds, services, tags, attributes…"
            raise ValueError(message)
        return self

    def __hash__(self) -> int:
        return hash(self.model_dump_json())

    @property
    def where(self) -> Where:
        """The selection alone, without the parameters of the clause it stands among."""
        return Where(**{name: getattr(self, name) for name in Where.model_fields})

    @property
    def label(self) -> str:
        """What distinguishes the selection beyond its kinds, in letters, digits and underscores; mostly empty."""
        told = self.where.model_dump_json(exclude_defaults=True, exclude={"kinds"})
        if told == "{}":
            return ""
        words = "_".join("".join(one if one.isalnum() else " " for one in told).split())
        return f"{words[:24].rstrip('_')}_{hashlib.sha256(told.encode()).hexdigest()[:6]}"

    def within(self, metres: float, speed_m_per_s: float | None = None, mode: Travel = "walk") -> Reach:
        """Return the reach of these facilities; minutes are given as the metres that a speed carries in them."""
        rest = self.where.model_copy(update={"kinds": ()}) if self.label else None
        return Reach(frozenset(self.kinds), metres, speed_m_per_s, mode, rest)

    def options(self, problem: Problem) -> BoolArray:
        """Return the options that count: bool[option].

        They leave a working facility, unless `actions` names closing.
        """
        options = problem.options
        if self.actions:
            chosen: BoolArray = np.array([action in self.actions for action in options.action], dtype=np.bool_)
        else:
            chosen = options.is_open.copy()
        for ask, test in self._tests(problem):
            if ask:
                chosen[[o for o in np.flatnonzero(chosen).tolist() if not test(o)]] = False
        return chosen

    def _tests(self, problem: Problem) -> Iterator[tuple[Any, Callable[[int], bool]]]:
        """Yield each criterion with what it asks of an option."""
        options, sites, districts = problem.options, problem.sites, problem.districts
        site, home = options.site, (*zip(districts.id, districts.urban, strict=True), ("", None))
        facts = {name: sites.attribute(name) for name in (*self.attributes, "opened")}
        yield self.kinds, lambda o: options.kind[o] in self.kinds
        yield self.operator, lambda o: options.operator[o] == self.operator
        yield self.tenure, lambda o: options.tenure[o] in self.tenure
        yield self.context, lambda o: sites.context[site[o]] in self.context
        yield self.tags, lambda o: options.tags[o].issuperset(self.tags)
        yield self.services, lambda o: options.services[o].issuperset(self.services)
        yield self.floor_area_from, lambda o: bool(options.floor_area_m2[o] >= (self.floor_area_from or 0))
        yield self.beds_from, lambda o: bool(options.total_min[o] >= (self.beds_from or 0))
        yield self.beds_to is not None, lambda o: bool(options.total_max[o] <= (self.beds_to or 0))
        yield self.attributes, lambda o: all(_is(facts[name][site[o]], ask) for name, ask in self.attributes.items())
        yield self.new_since, lambda o: self._is_new(options.action[o], facts["opened"][site[o]])
        yield self.urban is not None, lambda o: home[sites.district[site[o]]][1] is self.urban
        yield self.districts, lambda o: home[sites.district[site[o]]][0] in self.districts

    def _is_new(self, action: Action, opened: Value) -> bool:
        """Say whether a facility is opened by the plan, or surely opened since the year asked for."""
        stated = isinstance(opened, Period) and opened.first.year >= (self.new_since or 0)
        return action is Action.OPEN or stated

    def missing(self, problem: Problem) -> Text | None:
        """Say which facts the selection needs and the study states nowhere; None when nothing is missing."""
        sites = problem.sites
        needed = [*self.attributes, *(["opened"] if self.new_since and sites.existing.any() else [])]
        absent = [name for name in needed if all(value is None for value in sites.attribute(name))]
        if absent and len(sites):
            return lacking(
                f"设施表的“{'、'.join(absent)}”列", f"column {', '.join(absent)} of the tables of facilities"
            )
        if self.context and not any(sites.context):
            return lacking("设施表与备选场地表的“context”列", "column context of facilities and candidates")
        if self.urban is not None and not any(urban is not None for urban in problem.districts.urban):
            return lacking(
                "区划的“urban”列(districts: {urban: 列名})", "column of districts (districts: {urban: COLUMN})"
            )
        return None


def _is(value: Value, ask: bool | float | str | Bounds) -> bool:  # noqa: FBT001 - a fact, not a switch
    """Say whether a stated fact is what is asked; a list is when it holds the word."""
    if isinstance(ask, Bounds):
        return ask.holds(value)
    if isinstance(value, tuple):
        return ask in value
    return value is not None and isinstance(value, bool) == isinstance(ask, bool) and value == ask
