"""How numbers are written: one place, so that a figure looks the same in a table, a sentence and a legend."""

from __future__ import annotations

import math

BLANK = "—"
"""Stands where a table has nothing to say."""

YUAN_PER_WAN = 10_000
_MOST_DECIMALS = 9
_DECIMALS = 2


def whole(value: float) -> str:
    """Write a number without decimals, thousands separated; the dash where it is NaN."""
    return fixed(value, 0)


def fixed(value: float, decimals: int) -> str:
    """Write a number with so many decimals, thousands separated; the dash where it is NaN."""
    if math.isnan(value):
        return BLANK
    written = f"{value:,.{decimals}f}"
    return written.lstrip("-") if not any(digit in "123456789" for digit in written) else written


def wan(yuan: float) -> str:
    """Write yuan in units of 10,000 yuan (万元), to the hundred yuan."""
    return fixed(yuan / YUAN_PER_WAN, 2)


def percent(share: float, decimals: int = 2) -> str:
    """Write a share as per cent."""
    return BLANK if math.isnan(share) else f"{fixed(share * 100, decimals)}%"


def measured(value: float, unit: str, apart_from: float = math.nan) -> str:
    """Write a measured value in the way of its unit.

    Parameters
    ----------
    value : float
    unit : str
        As in ``findings.unit``. Shares are written as per cent; whole numbers of anything else without decimals.
    apart_from : float
        The requirement. A value that misses it by less than the usual decimals gets more of them, so that 94.997 %
        against 95 % is never printed as 95.00 %.
    """
    if math.isnan(value):
        return BLANK
    decimals = 0 if unit != "share" and float(value).is_integer() else _DECIMALS
    while True:
        written = _at(value, unit, decimals)
        tie = not math.isnan(apart_from) and value != apart_from and written == _at(apart_from, unit, decimals)
        if not tie or decimals >= _MOST_DECIMALS:
            return written
        decimals += 1


def _at(value: float, unit: str, decimals: int) -> str:
    return percent(value, decimals) if unit == "share" else fixed(value, decimals)


def finest(fraction: float) -> str:
    """Write a small share (a gap) as per cent with two significant digits or more, so that it is never nought."""
    if math.isnan(fraction) or fraction == 0:
        return percent(fraction)
    decimals = max(2, 1 - math.floor(math.log10(abs(fraction) * 100)))
    return percent(fraction, min(decimals, _MOST_DECIMALS))


def size(count: float) -> str:
    """Write a number of bytes."""
    for unit in ("B", "kB", "MB"):
        if abs(count) < 1000 or unit == "MB":  # noqa: PLR2004 - decimal prefixes
            return f"{whole(count)} {unit}" if unit == "B" else f"{fixed(count, 1)} {unit}"
        count /= 1000
    raise AssertionError
