"""siting plans eldercare: where centres and beds must go so that published standards are met at minimum cost.

>>> import siting
>>> study = siting.run(siting.load_config("configs/studies/demo.yaml"))  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from siting.cache import Cache
    from siting.config import load_config
    from siting.pipeline import run

__all__ = ["Cache", "load_config", "run"]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module's attribute can be anything
    """Import the public names when they are first asked for, so that ``import siting`` stays light."""
    if name == "Cache":
        from siting.cache import Cache  # noqa: PLC0415

        return Cache
    if name == "load_config":
        from siting.config import load_config  # noqa: PLC0415

        return load_config
    if name == "run":
        from siting.pipeline import run  # noqa: PLC0415

        return run
    message = f"module 'siting' has no attribute {name!r}"
    raise AttributeError(message)
