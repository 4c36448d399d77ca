"""The services of a study: who needs them, how far anybody goes for them, and how people choose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from siting.config.files import BedClass, TextFile
from siting.config.problems import place, suggest
from siting.errors import Problem
from siting.model.groups import Care
from siting.model.problem import Reach
from siting.model.serving import Choice, Room, Service
from siting.model.text import Text
from siting.rules.where import Where

if TYPE_CHECKING:
    from collections.abc import Iterator

    from siting.config.study import StudyFile
    from siting.model.catalogue import Catalogue
    from siting.sources.documents import Document

_TITLES: dict[Room, Text] = {
    "beds": Text("养老床位", "beds"),
    "day_places": Text("日间照料", "day care"),
    "meals": Text("助餐", "meals"),
}


class ServiceFile(Where):
    """A service: its facilities, who takes it up, within what way, and how people choose among facilities."""

    title: TextFile | None = Field(None, description="how it is called; by what facilities have of it unless given")
    room: Room = Field(description="what a facility has of it: beds, day_places, or meals a day")
    bed_classes: tuple[BedClass, ...] = Field((), description="only these beds; all unless given")
    care: Care | None = Field(None, description="taken up by those in this care, by the study's demand.needs")
    share: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="instead of care: the part of older persons, or of the group `of`, who ask for it"
    )
    of: str = Field("", description="group that the share is of; all older persons unless given")
    source: TextFile | None = Field(None, description="where the share comes from; printed in the report")
    minutes: float | None = Field(None, gt=0, description="how long anybody walks, at the study's speed")
    metres: float | None = Field(None, gt=0, description="how far anybody walks")
    drive_minutes: float | None = Field(None, gt=0, description="how long anybody is driven")
    choice: Choice = Field(
        "preference",
        description="nearest: everybody to the nearest, full or not; preference: to the nearest that has room, the "
        "shorter way first; optimal: sent so that most are served, on the shortest ways",
    )
    choices: int | None = Field(None, ge=1, description="how many facilities a person thinks of by preference")

    @model_validator(mode="after")
    def _says_who_and_how_far(self) -> Self:
        """Refuse a service of nobody, or of people who go nowhere."""
        if (self.care is None) == (self.share is None):
            message = "give either care (by demand.needs), or share"
            raise ValueError(message)
        if self.care == "home":
            message = "care at home takes no room anywhere; write community or institution"
            raise ValueError(message)
        if self.share is not None and self.source is None:
            message = "a share needs its source; write `source: {zh: …, en: …}`"
            raise ValueError(message)
        if sum(limit is not None for limit in (self.minutes, self.metres, self.drive_minutes)) != 1:
            message = "give exactly one of minutes, metres and drive_minutes"
            raise ValueError(message)
        if self.bed_classes and self.room != "beds":
            message = "bed_classes are of beds only; leave them out"
            raise ValueError(message)
        return self

    def service(self, identity: str, walk_m_per_s: float) -> Service:
        """Return the domain type."""
        source = Text("", "") if self.source is None else self.source.text()
        return Service(
            id=identity,
            title=_TITLES[self.room] if self.title is None else self.title.text(),
            care=self.care,
            group=self.of,
            share=self.share or 0.0,
            source=source,
            room=self.room,
            bed_classes=self.bed_classes,
            reach=self._reach(walk_m_per_s),
            choice=self.choice,
            choices=self.choices,
        )

    def _reach(self, walk_m_per_s: float) -> Reach:
        """Return how far anybody goes."""
        if self.metres is not None:
            return self.within(self.metres)
        if self.minutes is not None:
            return self.within(self.minutes * 60 * walk_m_per_s, walk_m_per_s)
        plain = self.within(0.0)
        return Reach.by_vehicle(plain.kinds, self.drive_minutes or 0.0, plain.where)


def unserved(study: StudyFile, document: Document, catalogue: Catalogue) -> Iterator[Problem]:
    """Yield what is wrong with services: names that stand for nothing, and needs that the study does not state."""
    for name, service in study.serving.items():
        at = ("serving", name)
        for kind in service.kinds:
            if kind not in catalogue.kinds:
                where = place(document, (*at, "kinds"))
                yield Problem(where, f"the catalogue has no kind {kind!r}", suggest(kind, catalogue.kinds))
        if service.care is not None and not study.demand.needs:
            where = place(document, (*at, "care"))
            yield Problem(where, "the study does not say who needs which care", "add demand.needs, or write `share:`")
        if service.of and service.of not in study.demand.groups:
            where = place(document, (*at, "of"))
            yield Problem(where, f"there is no group {service.of!r}", suggest(service.of, study.demand.groups))
