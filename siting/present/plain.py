"""Names from input files as plain text: nothing in them becomes markup, a formula, or a character no file may hold."""

from __future__ import annotations

import html
import math
import re
import unicodedata

_DROPPED = frozenset({"Cc", "Cf", "Cs"})
"""Unicode categories that no office file can be trusted with: controls, direction overrides, surrogates."""
_NONCHARACTERS = frozenset(range(0xFDD0, 0xFDF0))


def clean(value: object) -> str:
    """Return a value as one line of visible text.

    Line breaks and tabs become spaces; control characters, direction overrides, surrogates and characters that XML
    forbids are left out. None and NaN are empty.
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    spaced = "".join(" " if character in "\r\n\t\v\f\u2028\u2029\u0085" else character for character in str(value))
    return "".join(character for character in spaced if _kept(character)).strip()


def _kept(character: str) -> bool:
    code = ord(character)
    forbidden = code in _NONCHARACTERS or code & 0xFFFE == 0xFFFE  # noqa: PLR2004 - the last two of every plane
    return not forbidden and unicodedata.category(character) not in _DROPPED


def escaped(value: object) -> str:
    """Return cleaned text for HTML or XML, in content or in a quoted attribute."""
    return html.escape(clean(value), quote=True)


def shortened(value: object, length: int) -> str:
    """Return cleaned text of at most `length` characters, the last one an ellipsis where it was cut."""
    text = clean(value)
    return text if len(text) <= length else text[: length - 1] + "…"


def shown_width(text: str) -> int:
    """Return how many half-width characters a text is as wide as; Chinese ones count double."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


def number(value: object) -> float:
    """Return a cell of a table as a float; empty, None and text that is no number are NaN."""
    try:
        return float(str(value))
    except ValueError:
        return math.nan


_FULL_WIDTH = str.maketrans({"(": "（", ")": "）", ":": "：", ";": "；"})
_COMMA = re.compile(r"(?<!\d),|,(?!\d)")


def full_width(text: str) -> str:
    """Return a Chinese sentence with Chinese punctuation; commas within numbers stay."""
    return _COMMA.sub("，", text).translate(_FULL_WIDTH)
