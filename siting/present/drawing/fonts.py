"""A font that has Chinese, taken from a package by path; and text that this font can draw."""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font

from siting.present.plain import clean, shortened

_PACKAGE, _FILE = "pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"
_MISSING = "□"


@functools.cache
def path() -> Path:
    """Return the font's file."""
    return Path(str(resources.files(_PACKAGE) / _FILE))


@functools.cache
def _known() -> frozenset[int]:
    return frozenset(FT2Font(str(path())).get_charmap())


def font(size: float) -> FontProperties:
    """Return the font at a size in points."""
    return FontProperties(fname=str(path()), size=size)


def drawable(value: object, length: int = 60) -> str:
    """Return a name as text that can be drawn: cleaned, cut to a length, and nothing in it read as mathematics.

    Characters that the font lacks are drawn as a box.
    """
    text = "".join(part if ord(part) in _known() else _MISSING for part in shortened(clean(value), length))
    return text.replace("$", r"\$")
