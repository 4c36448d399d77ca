"""Words and where they come from: bilingual text, citations, provenance of inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import datetime as dt

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """The same words in Chinese and in English."""

    zh: str
    en: str

    def within(self, language: Language) -> str:
        """Return the words in one language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a clause stands, and what it says in our own words.

    Attributes
    ----------
    document : Text
        Title of the plan.
    number : str
        Document number, or how the document is listed when it carries none.
    section : str
        Section of the document, e.g. ``3(2)2``.
    paraphrase : Text
        The clause in our words.
    issued : datetime.date or None
        Day of issue or of listing; None for what the study itself asks.
    """

    document: Text
    number: str
    section: str
    paraphrase: Text
    issued: dt.date | None


@dataclass(frozen=True, slots=True)
class Provenance:
    """What a run read: enough to find the same bytes again.

    Attributes
    ----------
    role : str
        What the file served as: ``roads``, ``population``, ``districts``…
    path : str
        Path as the study wrote it (relative to the data root), so that runs on two machines agree.
    sha256 : str
        Digest of the file's bytes, in hexadecimal.
    size_bytes : int
    crs : str
        Coordinate system in use after reading, e.g. ``EPSG:4326``; empty for tables without coordinates.
    licence : str
        As declared by the study or by a known provider; empty when unknown.
    """

    role: str
    path: str
    sha256: str
    size_bytes: int
    crs: str = ""
    licence: str = ""
