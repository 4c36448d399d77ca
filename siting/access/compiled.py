"""How kernels are compiled. Importing this imports numba, so it happens when the first kernel is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

import numba
from numba.core import types
from numba.extending import intrinsic

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")


def compiled(function: F) -> F:
    """Compile for numba without the interpreter lock; keep the machine code on disk where that is possible."""
    try:
        return cast("F", numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # numba finds no folder that it may write its cache to
        return cast("F", numba.njit(nogil=True)(function))


def _count_trailing_noughts(typingctx: Any, word: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol, untyped
    """Return the position of the lowest bit set in an int64 that is not nought."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001 - as above
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))  # noqa: FBT003 - as above

    return types.int64(types.int64), emit


lowest_bit = cast("Callable[[int], int]", intrinsic(_count_trailing_noughts))
