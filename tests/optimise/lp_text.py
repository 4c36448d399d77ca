"""A program as text, one row a line, to be read and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from siting.optimise.program import Program


def to_text(program: Program) -> str:
    """Write cost, rows and bounds in the order of the program; numbers to nine digits."""
    matrix = program.matrix
    lines = ["minimise", f"  {_form(zip(program.names, program.cost, strict=True))}", "subject to"]
    for row, name in enumerate(program.row_names):
        terms = matrix[[row]].tocoo()
        order = np.argsort(terms.coords[1])
        form = _form((program.names[terms.coords[1][i]], terms.data[i]) for i in order)
        lines.append(f"  {name}: {_between(form, program.row_lower[row], program.row_upper[row])}")
    lines.append("columns")
    for name, low, high, whole in zip(program.names, program.lower, program.upper, program.integer, strict=True):
        lines.append(f"  {_between(name, low, high)}{' whole' if whole else ''}")
    return "\n".join(lines) + "\n"


def _form(terms: Iterable[tuple[str, float]]) -> str:
    text = " ".join(f"{'-' if value < 0 else '+'} {abs(value):.9g} {name}" for name, value in terms if value != 0)
    return text.removeprefix("+ ") or "0"


def _between(form: str, low: float, high: float) -> str:
    if low == high:
        return f"{form} = {low:.9g}"
    left = f"{low:.9g} <= " if np.isfinite(low) else ""
    right = f" <= {high:.9g}" if np.isfinite(high) else ""
    return f"{left}{form}{right}"
