"""Functions whose last digit is the same on every processor.

numpy computes them with whatever vector instructions a processor has, and products of matrices with kernels chosen for
it: the last digit differs between machines. A county drawn from a seed turns such a digit into another street. So here
they come from the C library, number by number, and products are summed in the order written.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

_COS, _SIN, _EXP = (np.frompyfunc(function, 1, 1) for function in (math.cos, math.sin, math.exp))
_ATAN2, _POW = (np.frompyfunc(function, 2, 1) for function in (math.atan2, math.pow))


def cos(angle: ArrayLike) -> Any:  # noqa: ANN401 - a float of a number, an array of an array; so below
    """Cosine."""
    return _floats(_COS(angle))


def sin(angle: ArrayLike) -> Any:  # noqa: ANN401
    """Sine."""
    return _floats(_SIN(angle))


def exp(exponent: ArrayLike) -> Any:  # noqa: ANN401
    """Exponential."""
    return _floats(_EXP(exponent))


def power(base: ArrayLike, exponent: ArrayLike) -> Any:  # noqa: ANN401
    """Power; numpy itself is exact for a square alone."""
    return _floats(_POW(base, exponent))


def turned(angle: ArrayLike) -> NDArray[np.float64]:
    """Return the unit vectors of angles (n,), or of one: (n, 2) or (2,)."""
    return np.stack([cos(angle), sin(angle)], axis=-1)


def heading(along: NDArray[np.float64]) -> Any:  # noqa: ANN401
    """Return the angles of vectors (n, 2), or of one."""
    return _floats(_ATAN2(along[..., 1], along[..., 0]))


def _floats(values: Any) -> Any:  # noqa: ANN401
    """Turn what was computed number by number into float64."""
    return np.asarray(values, dtype=np.float64)[()]
