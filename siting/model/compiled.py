"""How kernels are compiled. Importing this imports numba, so it happens when the first kernel is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def compiled(function: F) -> F:
    """Compile for numba without the interpreter lock; keep the machine code on disk where that is possible."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba finds no folder that it may write its cache to
        return cast("F", numba.njit(nogil=True)(function))
