"""Pictures as PNG of at most 256 colours: a third of the size of full colour, the legend's colours kept exactly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image
from scipy.spatial import KDTree

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

_KEPT = 128
_ALL = 256
_COLOURS = 1 << 24


def write(path: Path, rgb: NDArray[Any], dpi: int) -> None:
    """Write a picture.

    The commonest colours stay exactly as they are (every colour of a legend is among them: its own patch is hundreds of
    pixels); the others, which are the softened edges of lines and letters, take the nearest of the palette.

    Parameters
    ----------
    path : Path
    rgb : uint8[height, width, 3]
    dpi : int
        Written into the file.
    """
    parts = rgb.astype(np.uint32)
    packed = (parts[..., 0] << 16) | (parts[..., 1] << 8) | parts[..., 2]
    count = np.bincount(packed.ravel(), minlength=_COLOURS)
    colours = np.flatnonzero(count).astype(np.uint32)
    order = np.lexsort((colours, -count[colours]))
    kept = _apart(colours[order[:_KEPT]])
    palette = np.vstack((kept, _typical(colours[order[_KEPT:]])))
    lookup = np.zeros(_COLOURS, dtype=np.uint8)
    lookup[colours] = KDTree(palette).query(_apart(colours))[1]
    picture = Image.fromarray(lookup[packed], mode="P")
    picture.putpalette(palette.astype(np.uint8).ravel().tolist())
    picture.save(path, dpi=(dpi, dpi))


def _typical(rare: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return few colours that stand for many: float64[colour, 3]."""
    if not len(rare):
        return np.zeros((0, 3))
    swatch = Image.fromarray(_apart(rare).astype(np.uint8)[None])
    spare = swatch.quantize(_ALL - _KEPT, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).getpalette()
    return np.asarray(spare or [], dtype=np.float64).reshape(-1, 3)[: _ALL - _KEPT]


def _apart(packed: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return the red, green and blue of packed colours: float64[colour, 3]."""
    return np.column_stack([(packed >> shift) & 255 for shift in (16, 8, 0)]).astype(np.float64)
