"""From validation errors to sentences that name the line, what is wrong and how to mend it."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

from siting.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pydantic import BaseModel

    from siting.sources.documents import Document

Key = tuple[str | int, ...]


def explain(errors: Iterable[Any], document: Document, model: type[BaseModel], prefix: Key = ()) -> list[Problem]:
    """Turn each error of a validation into a problem with file, line and key.

    Parameters
    ----------
    errors : Iterable
        As `pydantic.ValidationError.errors` returns them.
    document : Document
        Where the values were read.
    model : type[BaseModel]
        What they should be, for suggestions of keys.
    prefix : tuple
        Where in the document the model's keys begin.
    """
    problems = []
    told = list(errors)
    for item in told:
        if item["type"] == "too_short" and any(_inside(other["loc"], item["loc"]) for other in told):
            continue  # a list is only short because some of its items are wrong, and those are told
        key: Key = (*prefix, *(part for part in item["loc"] if not _added(part)))
        problems.append(Problem(place(document, key), _what(item, key), _mend(item, key, model, len(prefix))))
    return problems


def place(document: Document, key: Key) -> str:
    """Name a key by file, line and dotted path."""
    dotted = ".".join(str(part) for part in key)
    return f"{document.path}:{document.line(key)} {dotted}".rstrip()


def _added(part: str | int) -> bool:
    """Say whether validation made up this part of a path (names of alternatives in a union, a key as such)."""
    return isinstance(part, str) and (part.startswith("<") or part == "[key]")


def _inside(loc: Key, outer: Key) -> bool:
    """Say whether a place lies within another one."""
    return len(loc) > len(outer) and loc[: len(outer)] == outer


def _what(item: Any, key: Key) -> str:  # noqa: ANN401 - pydantic's error record
    """Say what is wrong."""
    if item["type"] == "extra_forbidden":
        return f"unknown key {str(key[-1])!r}"
    if item["type"] == "missing":
        return f"the key {str(key[-1])!r} is missing"
    message = str(item["msg"]).removeprefix("Value error, ")
    value = repr(item.get("input"))
    return message if len(value) > 80 or item["type"] == "value_error" else f"{message}, not {value}"  # noqa: PLR2004


def _mend(item: Any, key: Key, model: type[BaseModel], depth: int) -> str:  # noqa: ANN401
    """Say what to write instead."""
    if item["type"] == "extra_forbidden":
        return suggest(str(key[-1]), _fields(model, key[depth:-1]))
    if item["type"] == "missing":
        return f"write `{key[-1]}: …`"
    named = next((place for place in range(len(key) - 1, -1, -1) if isinstance(key[place], str)), 0)
    return f"correct the value of {'.'.join(map(str, key[named:]))!r}" if key else "correct the value"


def _fields(model: type[BaseModel], path: Sequence[str | int]) -> list[str]:
    """List the keys that a nested model knows, as far as the path can be followed."""
    for part in path:
        field = model.model_fields.get(str(part))
        if field is None:
            continue
        nested = getattr(field.annotation, "model_fields", None)
        if nested is None:
            return []
        model = field.annotation  # type: ignore[assignment]
    return list(model.model_fields)


def suggest(name: str, known: Iterable[str]) -> str:
    """Suggest the nearest known name, or list what there is."""
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    listed = ", ".join(names)
    if close:
        return f"did you mean {close[0]!r}? (known: {listed})"
    return f"use one of: {listed}" if names else "leave it out"
