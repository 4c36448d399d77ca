"""Frozen domain types: what stages hand to each other. No I/O."""
