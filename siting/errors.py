"""Every error siting raises on purpose.

::

    SitingError
    ├── ConfigError       a study, pack or catalogue says something that cannot be
    ├── DataError         an input file cannot be used as it is
    ├── InfeasibleError   no plan meets every clause; carries the conflicts
    └── SolverError       the solver stopped without a plan

`ConfigError` and `DataError` carry *all* problems found, not the first one: a planner mends a file once.
Typed warnings (`SitingWarning`) do not stop a run; they end up in the report's appendix, with how to mend them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with an input.

    Attributes
    ----------
    where : str
        File, with line, record, layer or key: ``study.yaml:12 walk.speed_m_per_s``.
    what : str
        What is wrong, with the offending value.
    mend : str
        What to write or do instead.
    """

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what} → {self.mend}"


class SitingError(Exception):
    """Base of all errors raised on purpose."""


class ProblemsError(SitingError):
    """An error that lists one or more `Problem` s, in a stable order and without repeats.

    `warnings` is what else was seen until then.
    """

    def __init__(self, problems: Iterable[Problem], warnings: Iterable[SitingWarning] = ()) -> None:
        self.problems = tuple(sorted(set(problems)))
        self.warnings = tuple(warnings)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    @classmethod
    def one(cls, where: str, what: str, mend: str) -> ProblemsError:
        """Make the error of a single problem."""
        return cls([Problem(where, what, mend)])


class ConfigError(ProblemsError):
    """A study file, policy pack or catalogue is wrong."""


class DataError(ProblemsError):
    """An input file is missing, unreadable, or says something that cannot be."""


class InfeasibleError(SitingError):
    """No plan meets every binding clause.

    Attributes
    ----------
    conflicts : tuple
        `siting.model.Conflict` objects: what clashes, where, and the best that can be reached.
    """

    def __init__(self, message: str, conflicts: tuple[Any, ...] = ()) -> None:
        self.conflicts = conflicts
        super().__init__(message)


class SolverError(SitingError):
    """The solver stopped without any plan."""


@dataclass(frozen=True, slots=True)
class SitingWarning:
    """Something that did not stop the run and that a planner should know, with the evidence.

    Attributes
    ----------
    source : str
        The input or stage that it is about.
    zh, en : str
        The sentence a planner reads.
    mend : tuple[str, str]
        What to write or do, in Chinese and in English; empty where there is nothing to mend.
    """

    source: str
    zh: str
    en: str
    mend: tuple[str, str] = ("", "")

    @property
    def severity(self) -> str:
        """``warning`` where something should be mended, ``note`` where the run did what it was asked to."""
        return "warning" if self.mend[1] else "note"
