"""What the words of a column mean: the study's own first, then those of `configs/columns.yaml` and the catalogue."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siting.sources.columns import columns, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from siting.model.catalogue import Catalogue

LEFT_OUT = "<left out>"
"""Stands for rows that the study leaves out by their word."""


class UnknownWordError(ValueError):
    """A word that means nothing here, or more than one thing."""

    def __init__(self, what: str, mend: str) -> None:
        self.what, self.mend = what, mend
        super().__init__(f"{what}: {mend}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of one key.

    Attributes
    ----------
    key, table : str
        ``kind`` of ``facilities``.
    valid : tuple[str, ...]
        What words can mean.
    own : Mapping[str, str or None]
        Plain words of the study; None leaves their rows out.
    titles : Mapping[str, str]
        Plain words of the catalogue.
    """

    key: str
    table: str
    valid: tuple[str, ...]
    own: Mapping[str, str | None] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def value(self, word: str) -> str:
        """Return what a word means, `LEFT_OUT` where the study leaves it out.

        Raises
        ------
        UnknownWordError
            When nobody says what it means, or only the study can.
        """
        if word in self.valid:
            return word
        bare, shipped = plain(word), columns()
        if bare in self.own:
            return self._known(self.own[bare] or LEFT_OUT, word)
        why = shipped.ambiguous.get(self.key, {}).get(bare)
        if why is not None:
            what = f"is read differently by different plans ({why})"
            raise UnknownWordError(what, f"say what it means here: {self._write(word)}")
        meant = self.titles.get(bare) or shipped.words.get(self.key, {}).get(bare)
        if meant is None:
            mend = f"write one of {', '.join(self.valid)}, or say what it means: {self._write(word)}"
            raise UnknownWordError(self._unknown(bare), mend)
        return self._known(meant, word)

    def _known(self, meant: str, word: str) -> str:
        if meant == LEFT_OUT or meant in self.valid:
            return meant
        what = f"means {meant!r}, which is not one of {', '.join(self.valid)}"
        mend = f"say what it is here, null leaves such rows out: {self._write(word)}"
        if self.key == "kind":
            mend += f", or use a catalogue that has {meant!r}"
        raise UnknownWordError(what, mend)

    def _write(self, word: str) -> str:
        return f"`{self.table}: {{words: {{{self.key}: {{{word}: {self.valid[0]}}}}}}}`"

    def _unknown(self, bare: str) -> str:
        """Say that nobody knows a word, and which one may be meant."""
        close = difflib.get_close_matches(bare, [*self.titles, *columns().words.get(self.key, {})], n=1, cutoff=0.6)
        return f"is unknown (is it {close[0]!r}?)" if close else "is unknown"


def kind_words(table: str, catalogue: Catalogue, valid: Iterable[str], own: Mapping[str, str | None]) -> Vocabulary:
    """Return the vocabulary of kinds: the catalogue's titles are understood besides the usual words."""
    titles = {
        plain(title): name
        for name, kind in catalogue.kinds.items()
        for title in (kind.title.zh, kind.title.en)
        if title
    }
    return Vocabulary("kind", table, tuple(valid), plain_words(own), titles)


def plain_words(own: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the study's words as they are compared."""
    return {plain(word): value for word, value in own.items()}
