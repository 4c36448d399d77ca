"""YAML documents that remember the line of every key, so that a problem can be pointed at."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from siting.errors import ConfigError, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file as plain data.

    Attributes
    ----------
    path : Path
    data : dict
        Of dict, list, str, int, float, bool, None, date and datetime only.
    lines : Mapping[tuple, int]
        Line of every key and list item, counted from 1.
    """

    path: Path
    data: dict[str, Any]
    lines: Mapping[KeyPath, int]

    def line(self, key_path: KeyPath) -> int:
        """Return the line of a key, or of its nearest parent when the key is not in the file.

        Parts of the path that the file does not have (a name that validation added) are passed over.
        """
        found: KeyPath = ()
        for part in key_path:
            if (*found, part) in self.lines:
                found = (*found, part)
        return self.lines.get(found, 1)


def read_yaml(path: Path) -> Document:
    """Read a YAML 1.2 file whose top level is a mapping.

    Raises
    ------
    ConfigError
        When the file is missing, not UTF-8, not YAML, repeats a key or is no mapping; with the line.
    """
    known = _parsed(path, _text(path))
    return replace(known, data=deepcopy(known.data))


@lru_cache(maxsize=16)
def _parsed(path: Path, text: str) -> Document:
    """Parse a file's text; two dozen scenarios read the same few files, and that is slow."""
    try:
        tree = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = 1 if mark is None else mark.line + 1
        raise ConfigError([_syntax(path, line, error.problem or str(error))]) from error
    except (YAMLError, ValueError, RecursionError) as error:
        raise ConfigError([_syntax(path, 1, str(error).splitlines()[0])]) from error
    if not isinstance(tree, CommentedMap):
        found = "nothing" if tree is None else "a list" if isinstance(tree, CommentedSeq) else "a single value"
        what = f"holds {found} at its top level"
        raise ConfigError([Problem(f"{path}:1", what, "write `key: value` lines")])
    lines: dict[KeyPath, int] = {}
    return Document(path, _plain(tree, (), lines), lines)


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError([Problem(str(path), "there is no such file", "check the path and its spelling")]) from error
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        raise ConfigError([Problem(str(path), what, "name a readable file")]) from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        what = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        raise ConfigError([Problem(f"{path}:{line}", what, "save the file as UTF-8")]) from error


def _syntax(path: Path, line: int, what: str) -> Problem:
    if "duplicate key" in what:
        key = what.split('"')[1] if '"' in what else what
        return Problem(f"{path}:{line}", f"the key {key!r} is written twice", "keep one of the two")
    return Problem(f"{path}:{line}", f"is not well-formed YAML ({what})", "check indentation, colons and quotes there")


def _plain(node: object, at: KeyPath, lines: dict[KeyPath, int]) -> Any:  # noqa: ANN401 - YAML holds anything
    """Turn the reader's own types into plain ones, and note the lines on the way."""
    if isinstance(node, CommentedMap):
        mapping = {}
        for key, value in node.items():
            name = _scalar(key)
            lines[*at, name] = _line_of(node, key, lines.get(at, 1))
            mapping[name] = _plain(value, (*at, name), lines)
        return mapping
    if isinstance(node, CommentedSeq):
        sequence = []
        for index, value in enumerate(node):
            lines[*at, index] = node.lc.item(index)[0] + 1
            sequence.append(_plain(value, (*at, index), lines))
        return sequence
    return _scalar(node)


def _line_of(node: CommentedMap, key: object, parent: int) -> int:
    try:
        return int(node.lc.key(key)[0]) + 1
    except KeyError:  # a key that came in by a merge (<<) stands elsewhere
        return parent


def _scalar(value: object) -> Any:  # noqa: ANN401 - YAML holds anything
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, dt.datetime):
        return dt.datetime.combine(value.date(), value.timetz())  # a plain one, not the reader's own class
    for kind in (int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value
