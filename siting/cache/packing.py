"""Values of the domain as plain data and arrays, there and back; and the digest of a value.

Nothing is pickled. A packed value is a tree of JSON with numbered arrays beside it; the only classes it can name are
dataclasses and enumerations of siting itself, so that reading one runs no code but theirs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import importlib
import json
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from pydantic import BaseModel
from scipy.sparse import csr_array

_OURS = "siting."


class DamagedError(ValueError):
    """A packed value that cannot be unpacked."""


def digest(value: Any) -> str:  # noqa: ANN401 - any value of the domain
    """Return the digest of a value's content, in hexadecimal: equal for equal values, in any process.

    Raises
    ------
    TypeError
        When the value holds something that is no value of the domain.
    """
    tree, arrays = pack(value)
    found = hashlib.sha256(json.dumps(tree, separators=(",", ":")).encode())
    for array in arrays:
        found.update(f"{array.dtype.str}{array.shape}".encode())
        found.update(np.ascontiguousarray(array).data)
    return found.hexdigest()


def pack(value: Any) -> tuple[Any, list[np.ndarray]]:  # noqa: ANN401 - any value of the domain
    """Return a value as a tree that JSON can hold, and the arrays that it refers to by number.

    Scalars, texts, dates, sequences, mappings, sets, arrays, sparse rows, geometries, and dataclasses, enumerations and
    pydantic models of siting; the last can be digested but not unpacked, and so can paths.

    Raises
    ------
    TypeError
        When the value holds anything else.
    """
    packer = _Packer()
    tree = packer.packed(value)
    return tree, [*packer.arrays, np.frombuffer(bytes(packer.shapes), dtype=np.uint8)]


class _Packer:
    """Arrays met so far, and the geometries end to end as well-known bytes."""

    def __init__(self) -> None:
        self.arrays: list[np.ndarray] = []
        self.shapes = bytearray()

    def packed(self, value: Any) -> Any:  # noqa: ANN401 - any value of the domain
        """Return one value's tree."""
        if value is None or type(value) in (bool, int, float, str):
            return value
        if isinstance(value, Enum):
            return ["enum", _name(value), self.packed(value.value)]
        if isinstance(value, list | tuple):
            return ["list" if isinstance(value, list) else "tuple", [self.packed(item) for item in value]]
        if isinstance(value, Mapping):
            return ["dict", [[self.packed(key), self.packed(item)] for key, item in value.items()]]
        if isinstance(value, set | frozenset):
            return ["set", sorted((self.packed(item) for item in value), key=json.dumps)]
        return self._special(value)

    def _special(self, value: Any) -> Any:  # noqa: ANN401 - any value of the domain
        if isinstance(value, np.ndarray | np.generic):
            return self._array(value)
        if isinstance(value, shapely.Geometry):
            start = len(self.shapes)
            self.shapes += shapely.to_wkb(value)
            return ["shape", start, len(self.shapes)]
        if isinstance(value, csr_array):
            return ["csr", [self._array(part) for part in (value.data, value.indices, value.indptr)], list(value.shape)]
        if dataclasses.is_dataclass(value) and type(value).__module__.startswith(_OURS):
            names = [field.name for field in dataclasses.fields(value) if field.init]
            return ["data", _name(value), [[name, self.packed(getattr(value, name))] for name in names]]
        if isinstance(value, BaseModel):
            return ["model", _name(value), [[name, self.packed(item)] for name, item in value]]
        if isinstance(value, dt.date | Path):
            return [type(value).__name__ if isinstance(value, dt.date) else "path", str(value)]
        message = f"{type(value).__module__}.{type(value).__qualname__} is no value of the domain"
        raise TypeError(message)

    def _array(self, value: np.ndarray | np.generic) -> Any:  # noqa: ANN401 - a tree
        array = np.asarray(value)
        if array.dtype.hasobject:
            return ["objects", [self.packed(item) for item in array.ravel().tolist()], list(array.shape)]
        self.arrays.append(array)
        return ["array" if isinstance(value, np.ndarray) else "scalar", len(self.arrays) - 1]


def unpack(tree: Any, arrays: list[np.ndarray]) -> Any:  # noqa: ANN401 - any value of the domain
    """Return the value that was packed.

    Raises
    ------
    DamagedError
        When tree and arrays do not make a value.
    """
    try:
        return _unpacked(tree, arrays)
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, ImportError, shapely.GEOSException) as error:
        message = f"cannot be unpacked ({type(error).__name__}: {error})"
        raise DamagedError(message) from error


def _unpacked(tree: Any, arrays: list[np.ndarray]) -> Any:  # noqa: ANN401 - any value of the domain
    if not isinstance(tree, list):
        return tree
    tag, *rest = tree
    return _READERS[tag](arrays, *rest)


def _items(items: list[Any], arrays: list[np.ndarray]) -> Iterator[Any]:
    return (_unpacked(item, arrays) for item in items)


def _record(arrays: list[np.ndarray], name: str, fields: list[Any]) -> Any:  # noqa: ANN401 - a dataclass of siting
    cls = _class(name)
    if not dataclasses.is_dataclass(cls):
        message = f"{name} is no dataclass"
        raise TypeError(message)
    made: Any = cls
    return made(**{field: _unpacked(item, arrays) for field, item in fields})


def _member(arrays: list[np.ndarray], name: str, value: Any) -> Enum:  # noqa: ANN401 - a tree
    cls = _class(name)
    if not issubclass(cls, Enum):
        message = f"{name} is no enumeration"
        raise TypeError(message)
    member: Enum = cls(_unpacked(value, arrays))
    return member


_READERS: dict[str, Callable[..., Any]] = {
    "list": lambda arrays, items: list(_items(items, arrays)),
    "tuple": lambda arrays, items: tuple(_items(items, arrays)),
    "set": lambda arrays, items: frozenset(_items(items, arrays)),
    "dict": lambda arrays, pairs: {_unpacked(key, arrays): _unpacked(item, arrays) for key, item in pairs},
    "array": lambda arrays, number: arrays[number],
    "scalar": lambda arrays, number: arrays[number][()],
    "shape": lambda arrays, start, stop: shapely.from_wkb(arrays[-1][start:stop].tobytes()),
    "csr": lambda arrays, parts, shape: csr_array(tuple(_items(parts, arrays)), shape=tuple(shape)),
    "objects": lambda arrays, items, shape: _objects(list(_items(items, arrays)), shape),
    "data": _record,
    "enum": _member,
    "date": lambda _arrays, day: dt.date.fromisoformat(day),
    "datetime": lambda _arrays, moment: dt.datetime.fromisoformat(moment),
}
"""How each tag of a tree is read."""


def _objects(items: list[Any], shape: list[int]) -> np.ndarray:
    """Return an array of objects; numpy must not look into them."""
    array = np.empty(len(items), dtype=object)
    array[:] = items
    return array.reshape(shape)


def _name(value: object) -> str:
    return f"{type(value).__module__}:{type(value).__qualname__}"


def _class(name: str) -> Any:  # noqa: ANN401 - a class of siting
    module, _, qualified = name.partition(":")
    if not module.startswith(_OURS):
        message = f"{name} is no class of siting"
        raise ValueError(message)
    found: Any = importlib.import_module(module)
    for part in qualified.split("."):
        found = getattr(found, part)
    return found
