"""Groups of older persons that overlap, and who needs which care: shares laid over the age classes.

Age classes part the population, so that every sum of persons is one over age classes. A group is never added to them:
it says what share of each class belongs to it, and any number of groups may hold the same person.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from siting.model.arrays import FloatArray, frozen

if TYPE_CHECKING:
    from siting.model.text import Text

Care = Literal["home", "community", "institution"]
CARES: tuple[Care, ...] = ("home", "community", "institution")


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A group of older persons, such as disabled ones or those who live alone.

    Attributes
    ----------
    id : str
    title : Text
    age : int
        Lower bound of the youngest class that it may take in.
    share : float64[district + 1, age]
        Share of each age class that belongs to the group; the last row is for what lies outside every district.
    weight : float
        How much one person of the group counts in weighted figures; at least 1.
    source : Text
        Where the share comes from; empty for a whole age group.
    """

    id: str
    title: Text
    age: int
    share: FloatArray
    weight: float
    source: Text

    def __post_init__(self) -> None:
        """Freeze the shares and check them."""
        object.__setattr__(self, "share", frozen(self.share, np.float64, (None, None)))
        if not ((self.share >= 0) & (self.share <= 1)).all():
            message = "shares of a group must lie between 0 and 1"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Need:
    """Who needs which care from a year on, such as 90 % at home, 7 % in the community, 3 % in institutions.

    Attributes
    ----------
    home, community, institution : float
        Shares that add up to 1.
    of : str
        Id of the group that is cared for so; "" for all.
    from_year : int or None
        None for always.
    beds_per_person, places_per_person : float
        Beds for a person in an institution, day places for a person in community care.
    source : Text
    """

    home: float
    community: float
    institution: float
    of: str
    from_year: int | None
    beds_per_person: float
    places_per_person: float
    source: Text

    def share(self, care: Care) -> float:
        """Return the share of persons who need a kind of care."""
        share: float = getattr(self, care)
        return share

    def per_person(self, care: Care) -> float:
        """Return how many beds or places a person in a kind of care takes: none at home."""
        return {"home": 0.0, "community": self.places_per_person, "institution": self.beds_per_person}[care]


def need_in(needs: tuple[Need, ...], year: int) -> Need | None:
    """Return the entry in force in a year: the last that has begun, else the first; None without entries."""
    if not needs:
        return None
    dated = sorted(needs, key=lambda need: -1 if need.from_year is None else need.from_year)
    begun = [need for need in dated if need.from_year is None or need.from_year <= year]
    return begun[-1] if begun else dated[0]
