"""What headers and words of planners' tables mean, by the table `configs/columns.yaml`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from siting.model.text import Text
from siting.sources.documents import read_yaml
from siting.sources.shipped import shipped

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


_BRACKETS = re.compile(r"\(([^()]*)\)$")
_BLANKS = re.compile(r"[\s_]+")


def plain(text: str) -> str:
    """Return a header or word as it is compared: NFKC, lower case, without blanks and underscores."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text).casefold())


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fact that tables may state.

    Attributes
    ----------
    name, type : str
        As in `configs/columns.yaml`.
    title : Text
    headers : frozenset[str]
        Plain headers that mean it.
    of : str
        The only table of a study that states it, such as ``candidates``; empty for all.
    """

    name: str
    type: str
    title: Text
    headers: frozenset[str]
    of: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """The mapping of headers and words.

    Attributes
    ----------
    headers : Mapping[str, frozenset[str]]
        Plain headers by key of a study.
    units : Mapping[str, frozenset[str]]
        What may follow a number, by what is counted.
    words : Mapping[str, Mapping[str, str]]
        By key: plain word → value.
    ambiguous : Mapping[str, Mapping[str, str]]
        By key: plain word → why only the study can say what it means.
    attributes : Mapping[str, Attribute]
    """

    headers: Mapping[str, frozenset[str]]
    units: Mapping[str, frozenset[str]]
    words: Mapping[str, Mapping[str, str]]
    ambiguous: Mapping[str, Mapping[str, str]]
    attributes: Mapping[str, Attribute]

    def matching(self, key: str, columns: Sequence[str]) -> list[str]:
        """Return the columns that mean `key`; one that bears the key's own name is the only one."""
        if key in columns:
            return [key]
        attribute = self.attributes.get(key)
        wanted = self.headers[key] if attribute is None else attribute.headers
        return [column for column in columns if self._bare(column) in wanted or plain(column) in wanted]

    def _bare(self, column: str) -> str:
        """Return a plain header without a unit in brackets at its end."""
        header = plain(column)
        found = _BRACKETS.search(header)
        unit = found is not None and any(found[1] in units for units in self.units.values())
        return header[: found.start()] if found is not None and unit else header


@cache
def columns() -> Columns:
    """Read the shipped table, once."""
    data: dict[str, Any] = read_yaml(shipped("configs/columns.yaml")).data
    return Columns(
        headers={key: _headers(key, headers) for key, headers in data["columns"].items()},
        units={what: frozenset(map(plain, units)) for what, units in data["units"].items()},
        words={
            key: {plain(word): value for value, words in values.items() for word in (value, *words)}
            for key, values in data["words"].items()
        },
        ambiguous={key: {plain(word): why for word, why in words.items()} for key, words in data["ambiguous"].items()},
        attributes={name: _attribute(name, one) for name, one in data["attributes"].items()},
    )


def _attribute(name: str, one: Mapping[str, Any]) -> Attribute:
    return Attribute(name, one["type"], Text(one["zh"], one["en"]), _headers(name, one["headers"]), one.get("of", ""))


def _headers(key: str, headers: Iterable[str]) -> frozenset[str]:
    return frozenset(plain(header) for header in (key, *headers))
