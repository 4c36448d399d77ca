"""Array types of the domain, and the one way to make an array that nobody can change afterwards."""

from __future__ import annotations

from typing import Any, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


def frozen(values: ArrayLike, dtype: type[np.generic], shape: tuple[int | None, ...]) -> NDArray[Any]:
    """Return `values` as a contiguous read-only array of `dtype`, checked against `shape` (None = any).

    What is such an array already, and no part of another, is not copied.

    Raises
    ------
    ValueError
        When the shape differs.
    """
    array = values if _is_frozen(values, dtype) else np.array(values, dtype=dtype, order="C")
    if array.ndim != len(shape) or any(
        want is not None and have != want for have, want in zip(array.shape, shape, strict=True)
    ):
        message = f"expected shape {shape}, got {array.shape}"
        raise ValueError(message)
    array.setflags(write=False)
    return array


def _is_frozen(values: ArrayLike, dtype: type[np.generic]) -> TypeGuard[NDArray[Any]]:
    """Say whether values are a contiguous read-only array of a type that owns its memory."""
    if type(values) is not np.ndarray or values.dtype != dtype:
        return False
    return values.base is None and values.flags.c_contiguous and not values.flags.writeable
