"""What part of the beds is of certain classes or run so, such as 65 % nursing beds, or more than half non-state."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import Field, model_validator
from scipy import sparse

from siting.model.rows import Beds, Rows
from siting.model.sites import BED_CLASSES, Action
from siting.model.text import Text
from siting.rules.base import BedClasses, Per, Rule, Tally, Where
from siting.rules.words import asked_share, beds_of, share

if TYPE_CHECKING:
    from siting.model.arrays import IntArray
    from siting.model.findings import Finding
    from siting.model.problem import Problem


class BedShareGiven(Where):
    """Parameters of a clause on the share of some beds among all beds of the selection."""

    classes: BedClasses = Field(BED_CLASSES, min_length=1, description="classes of beds whose share is meant")
    run_by: Literal["public", "non_state"] | None = Field(None, description="only beds run so count for the share")
    share: float = Field(gt=0, le=1, description="least share of all beds")
    more_than: bool = Field(default=False, description="the share itself is too little: more than half, not half")
    each_new: float | None = Field(
        None, gt=0, le=1, description="least share in each facility that the plan opens, besides the share of all"
    )
    per: Per = Field("area", description="over what it is measured")

    @model_validator(mode="after")
    def _some_beds(self) -> Self:
        """Refuse a share of all beds among all beds."""
        if set(self.classes) == set(BED_CLASSES) and self.run_by is None:
            message = "say which beds the share is of: `classes` or `run_by`"
            raise ValueError(message)
        return self


@dataclass(frozen=True, slots=True)
class BedShareRule(Rule):
    """Beds of certain classes, or run so, make up at least a share of all beds."""

    parameters: BedShareGiven
    Given = BedShareGiven
    unit = "share"

    @property
    def strict(self) -> bool:
        """As the clause says."""
        return self.parameters.more_than

    def rows(self, problem: Problem, phase: int, per: Per | None = None) -> Rows:
        """Return one row per subject, and one per facility that the plan opens: the beds meant over all beds."""
        given = self.parameters
        tally = Tally.over(problem, per or given.per)
        every = tally.facilities(given)
        # Beds are whole: more than 1/2 of n beds is at least (n + 1)/2, more than p/q at least 1/q of a bed more.
        finest = 1 / Fraction(given.share).limit_denominator(1000).denominator
        whole = _Part(tally, every, given.share, finest if given.more_than else 0.0)
        if given.each_new is None or per is not None:
            return self._rows(phase, whole)
        sites = Tally.at_sites(problem, given)
        chosen, site = sites.facilities(given)
        new = np.array([problem.options.action[option] is Action.OPEN for option in chosen], dtype=np.bool_)
        return self._rows(phase, whole, _Part(sites, (chosen[new], site[new]), given.each_new, 0.0))

    def _rows(self, phase: int, *parts: _Part) -> Rows:
        """Put rows on several sorts of subjects under each other."""
        tops = [part.tally.beds(self._meant(part), self.parameters.classes) for part in parts]
        count = [len(part.tally) for part in parts]
        return Rows(
            subject=tuple(subject for part in parts for subject in part.tally.subjects),
            numerator={Beds(): sparse.csr_array(sparse.vstack(tops, format="csr"))},
            denominator={
                Beds(): sparse.csr_array(
                    sparse.vstack([part.tally.beds(part.facilities) for part in parts], format="csr")
                )
            },
            denominator_constant=np.zeros(sum(count)),
            required=np.repeat([part.share for part in parts], count),
            sense=">=",
            unit=self.unit,
            persons=np.concatenate([part.tally.persons(phase) for part in parts]),
            excess=np.repeat([part.excess for part in parts], count),
        )

    def _meant(self, part: _Part) -> tuple[IntArray, IntArray]:
        """Return the facilities whose beds count for the share."""
        chosen, subject = part.facilities
        if self.parameters.run_by is None:
            return chosen, subject
        operator = part.tally.problem.options.operator
        theirs = np.array([operator[option] == self.parameters.run_by for option in chosen], dtype=np.bool_)
        return chosen[theirs], subject[theirs]

    def sentence(self, finding: Finding, subject: Text) -> Text:
        """Say what share the beds have, and how many are missing."""
        if np.isnan(finding.measured):
            return Text(f"{subject.zh}:没有床位,不适用。", f"{subject.en}: no beds, not applicable.")
        given = self.parameters
        meant, whose = self._words()
        sign = ">" if given.more_than else "≥"
        lack = 0.0 if finding.status == "met" else np.ceil(finding.lack - 1e-6) or 1.0
        missing = Text(f",按现有总量尚缺{lack:,.0f}张", f"; {lack:,.0f} short of them") if lack > 0 else Text("", "")
        return Text(
            f"{subject.zh}:{whose.zh}床位{finding.base:,.0f}张,其中{meant.zh}占{share(finding)}"
            f"(要求{sign}{asked_share(finding)}){missing.zh}。",
            f"{subject.en}: {meant.en} are {share(finding)} of {finding.base:,.0f} beds"
            f"{' of ' + whose.en if whose.en else ''} (required {sign} {asked_share(finding)}){missing.en}.",
        )

    def _words(self) -> tuple[Text, Text]:
        """Name the beds that are meant, and whose beds they are a part of."""
        given = self.parameters
        beds = beds_of(given.classes)
        if given.run_by is None:
            return beds, _WHOSE[given.operator]
        run = {"public": "公办", "non_state": "社会力量运营的"}[given.run_by]
        return Text(f"{run}{beds.zh}", f"{given.run_by.replace('_', '-')} {beds.en}"), _WHOSE[given.operator]


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """Rows on one sort of subject: whose beds, what share, and by how much it must be passed."""

    tally: Tally
    facilities: tuple[IntArray, IntArray]
    share: float
    excess: float


_WHOSE = {
    None: Text("", ""),
    "public": Text("公办机构", "public institutions"),
    "non_state": Text("民办机构", "non-state institutions"),
}
