"""Settings of these tests: the first call of a kernel compiles it, so no single example has a deadline."""

from hypothesis import settings

settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")
