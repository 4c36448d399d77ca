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
    colours, place, count = np.unique(packed.ravel(), return_inverse=True, return_counts=True)
    order = np.lexsort((colours, -count))
    kept = _apart(colours[order[:_KEPT]])
    adapted = Image.fromarray(rgb).quantize(_ALL - _KEPT, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    spare = np.asarray(adapted.getpalette() or [], dtype=np.float64).reshape(-1, 3)
    palette = np.vstack((kept, spare))[:_ALL]
    nearest = np.asarray(KDTree(palette).query(_apart(colours))[1], dtype=np.uint8)
    picture = Image.fromarray(nearest[place].reshape(packed.shape), mode="P")
    picture.putpalette(palette.astype(np.uint8).ravel().tolist())
    picture.save(path, dpi=(dpi, dpi))


def _apart(packed: NDArray[np.uint32]) -> NDArray[np.float64]:
    """Return the red, green and blue of packed colours: float64[colour, 3]."""
    return np.column_stack([(packed >> shift) & 255 for shift in (16, 8, 0)]).astype(np.float64)
