"""Who goes where: needs set against rooms, service by service, phase by phase, today and under the plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from siting import optimise
from siting.model.access import nearest_of, shorter
from siting.model.serving import CHOICES, Serving

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.plan import Moment
    from siting.model.problem import Problem, State
    from siting.model.serving import Service
    from siting.optimise import SolverOptions


def who_goes_where(
    problem: Problem, services: tuple[Service, ...], states: Mapping[Moment, State], options: SolverOptions
) -> tuple[Serving, ...]:
    """Send everybody in need to facilities, under every supposition of how people choose.

    Parameters
    ----------
    problem : Problem
    services : tuple[Service, ...]
    states : Mapping
        Today's facilities (``before``) and, where there is a plan, its facilities (``after``).
    options : SolverOptions

    Returns
    -------
    tuple[Serving, ...]
        In order of services, phases and moments.

    Raises
    ------
    SolverError
        When the optimal assignment is not found in time.
    """
    return tuple(
        _served(problem, service, (phase, moment, state), options)
        for service in services
        for phase in range(len(problem.phases))
        for moment, state in states.items()
    )


def _served(problem: Problem, service: Service, when: tuple[int, Moment, State], options: SolverOptions) -> Serving:
    """Send everybody in need of one service in one phase."""
    phase, moment, state = when
    need = service.persons(problem.zones, phase)
    per_person = service.per_person(problem.zones, phase)
    room = service.room_at(problem, state, phase)
    metres = shorter(problem.metres(service.reach), service.reach.metres, room > 0)
    near = sparse.csr_array((np.ones(metres.nnz), metres.indices, metres.indptr), shape=metres.shape)
    alone = np.diff(metres.indptr) == 1
    return Serving(
        service=service,
        phase=phase,
        moment=moment,
        need=need,
        nearest=nearest_of(metres, service.reach.metres, np.ones(len(room), dtype=np.bool_)),
        room=room,
        per_person=per_person,
        total=np.asarray(near.T @ need),
        exclusive=np.asarray(near.T @ np.where(alone, need, 0.0)),
        assignments={
            choice: optimise.assign(need, room / per_person, metres, (choice, service.choices), options)
            for choice in CHOICES
        },
    )
