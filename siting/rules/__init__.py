"""Clauses as linear rows, and the audit that reads them."""

from siting.rules.audit import audit
from siting.rules.base import Coverage, Rule
from siting.rules.registry import KINDS

__all__ = ["KINDS", "Coverage", "Rule", "audit"]
