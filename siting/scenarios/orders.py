"""What a worker is asked to do, and what it gives back: plain data both ways, so that any process can do it."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.cache import Cache
from siting.config import load_config
from siting.errors import ProblemsError, SitingError
from siting.groundwork import prepare
from siting.pipeline import run
from siting.scenarios.states import state_on, told_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from siting.config import Config

STATE = "state.json"
"""Beside the tables of a scenario: the plan itself, to be audited under others."""


@dataclass(frozen=True, slots=True)
class Order:
    """A study as a scenario changes it, and where to look for its files.

    Attributes
    ----------
    study : str
        Path of the study file; below `home` where the inputs were shipped.
    data_root : str or None
    scenario : str
    changes : tuple[str, ...]
        ``key=value``, applied last.
    cache : str or None
        Folder of finished stages; None keeps none.
    home : str
        Digest of shipped inputs; empty where workers read the files themselves.
    """

    study: str
    data_root: str | None
    scenario: str
    changes: tuple[str, ...] = ()
    cache: str | None = None
    home: str = ""

    def config(self) -> Config:
        """Read the study as a worker carries it out.

        Lists of scenarios are left out, so that one more of them changes no other. So is who goes where (`serving`): it
        takes longer than the search, and nothing that compares plans or gathers counties reads it. The solver has one
        thread unless the study says otherwise: the others are for other workers, and a plan must not depend on how many
        there are.
        """
        study, root = Path(self.study), None if self.data_root is None else Path(self.data_root)
        if self.home:
            from siting.scenarios.luggage import unpacked  # noqa: PLC0415 - needs a worker

            place = unpacked(self.home)
            study, root = place / study, None if root is None else place / root
        config = load_config(study, data_root=root, scenario=self.scenario, changes=self.changes)
        solver = config.options.solver
        if "threads" not in solver.model_fields_set:
            solver = solver.model_copy(update={"threads": 1})
        alone: dict[str, Any] = {"scenarios": {}, "sweeps": {}, "uncertainty": None, "solver": solver, "serving": {}}
        return replace(config, options=config.options.model_copy(update=alone))

    def stages(self) -> Cache:
        """Return the cache that the order names."""
        return Cache(None if self.cache is None else Path(self.cache))


@dataclass(frozen=True, slots=True)
class Failure:
    """Why something could not be done.

    Attributes
    ----------
    reason : str
        One line per problem.
    """

    reason: str


Files = dict[str, bytes]
"""Contents by file name."""


def attempted(work: Callable[..., Files], *given: object) -> Files | Failure:
    """Do some work; what goes wrong with it is told, not raised, so that the others go on."""
    try:
        return work(*given)
    except ProblemsError as error:
        return Failure("\n".join(str(problem) for problem in error.problems))
    except SitingError as error:
        return Failure(str(error))
    except MemoryError:
        return Failure("the memory of a worker does not suffice; give it more (--memory), or use fewer workers")
    except Exception as error:  # noqa: BLE001 - whatever it is, the others are worth finishing
        return Failure(f"{type(error).__name__}: {error}")


def plan(order: Order, neighbours: Sequence[Order] = ()) -> Files:
    """Plan one scenario, or one county with what its neighbours have; returns the files of its folder."""
    from siting.present.collect import write_scenario  # noqa: PLC0415 - heavy

    config = replace(order.config(), neighbours=tuple(one.config() for one in neighbours))
    study = run(config, draw=False, cache=order.stages())
    state = None if study.plan is None else study.plan.state
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scenario(study, folder)
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    told = None if state is None else told_of(study.problem, state)
    return files | {STATE: (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode()}


def audit(order: Order, plans: Mapping[str, bytes]) -> Files:
    """Measure every plan under one scenario; returns ``audits.json``: what each is worth there."""
    from siting.rules import audit as measure  # noqa: PLC0415 - heavy

    config = order.config()
    problem = prepare(config, cache=order.stages()).problem
    today = problem.existing_state()
    rules: Any = [_Remembering(rule) for rule in config.rules]
    must = {rule.clause.id for rule in config.rules if rule.clause.force == "must" and rule.clause.enforced}
    rows = []
    for name, content in plans.items():
        state, lost = state_on(problem, json.loads(content))
        found = measure(rules, problem, state, today)
        rows.append(
            {
                "plan": name,
                "cost": round(float(problem.cost(state)[-1]), 6),
                "lost": lost,
                "clauses": [_clause(found, rule.clause.id, rule.clause.id in must) for rule in config.rules],
            }
        )
    return {"audits.json": (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()}


class _Remembering:
    """A rule that says the same of the same problem however often it is asked: once a plan, of two dozen plans."""

    def __init__(self, rule: Any) -> None:  # noqa: ANN401 - a rule
        self._rule = rule
        self.rows, self.coverage, self.missing = cache(rule.rows), cache(rule.coverage), cache(rule.missing)

    def divides(self) -> bool:
        """Say no: nobody asks what each plan comes to in each district of each scenario."""
        return False

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever else rules have
        return getattr(self._rule, name)


def _clause(found: Any, clause: str, must: bool) -> dict[str, Any]:  # noqa: ANN401, FBT001 - an audit
    """Say what a clause comes to in the last phase."""
    findings = [one for one in found.findings if one.clause == clause]
    last = max((one.phase for one in findings), default=0)
    due = [one for one in findings if one.phase == last and one.status not in ("not_applicable", "no_data")]
    short = [one for one in due if one.status == "short"]
    worst = min(due, key=_standing, default=None)
    line = next((one for one in found.ledger if one.clause == clause and one.phase == last), None)
    return {
        "clause": clause,
        "must": must,
        "subjects": len(due),
        "short": len(short),
        "persons_short": round(sum((one.persons_short for one in short), 0.0), 6),
        "measured": None if worst is None else round(worst.measured, 9),
        "required": None if worst is None else round(worst.required, 9),
        "covered": None if line is None else round(line.covered, 6),
        "demand": None if line is None else round(line.demand, 6),
    }


def _standing(finding: Any) -> float:  # noqa: ANN401 - a finding
    """Return how well a subject stands compared with what is required of it; the worst is the least."""
    room = finding.measured - finding.required
    return float((room if finding.sense == ">=" else -room) / max(abs(finding.required), 1e-9))
