"""What stages made before, found again by the content of what they were given."""

from siting.cache.packing import DamagedError, digest, pack, unpack
from siting.cache.store import NO_CACHE, Cache, Entry, code_version

__all__ = ["NO_CACHE", "Cache", "DamagedError", "Entry", "code_version", "digest", "pack", "unpack"]
