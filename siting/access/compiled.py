"""How this stage's kernels are compiled. Importing this imports numba, so it happens when the first is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from numba.core import types
from numba.extending import intrinsic

from siting.model.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compiled", "lowest_bit"]


def _count_trailing_noughts(typingctx: Any, word: Any) -> Any:  # noqa: ANN401, ARG001 - numba's protocol, untyped
    """Return the position of the lowest bit set in an int64 that is not nought."""

    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:  # noqa: ANN401, ARG001 - as above
        return builder.cttz(arguments[0], context.get_constant(types.boolean, False))  # noqa: FBT003 - as above

    return types.int64(types.int64), emit


lowest_bit = cast("Callable[[int], int]", intrinsic(_count_trailing_noughts))
