"""Plans of random small towns against trying everything out, by code that knows nothing of rows or programs."""

from __future__ import annotations

import functools
import itertools
import math

import numpy as np
import pytest
from towns import problem, rule, sites

from siting.model.problem import Problem
from siting.model.sites import Action
from siting.optimise import GoalOptions, SolverOptions, solve
from siting.rules import Rule, audit

EXACT = SolverOptions(gap=0.0, time_limit_s=60, exact_below=10_000)
BY_RELAXATION = SolverOptions(gap=0.0, time_limit_s=60, exact_below=0)


def random_town(seed: int) -> tuple[Problem, list[Rule]]:
    """Up to five sites, two districts, one or two phases, and a handful of clauses."""
    r = np.random.default_rng(seed)
    phases = (2025,) if r.random() < 0.6 else (2023, 2025)
    existing, candidates, zones = int(r.integers(0, 3)), int(r.integers(2, 5)), int(r.integers(2, 8))
    rows = [
        (True, str(r.choice(["institution", "day_care"])), (), "", int(r.integers(0, 2)), (0, 0, 0))
        for _ in range(existing)
    ]
    rows = [
        (row[0], row[1], row[2], row[3], row[4], (int(r.integers(0, 3)), int(r.integers(0, 2)), 0))
        if row[1] == "institution"
        else row
        for row in rows
    ]
    for _ in range(candidates):
        kinds = [("institution",), ("day_care",), ("institution", "day_care")][int(r.choice(3, p=[0.2, 0.3, 0.5]))]
        rows.append((False, "", kinds, str(r.choice(["idle", "bought"])), int(r.integers(0, 2)), (0, 0, 0)))
    triples = [(z, s, float(r.integers(0, 1000))) for z in range(zones) for s in range(len(rows)) if r.random() < 0.8]
    town = problem(
        r.integers(1, 400, size=(zones, len(phases))),
        [int(d) for d in r.integers(-1 if r.random() < 0.2 else 0, 2, size=zones)],
        triples,
        sites(rows),
        density=r.integers(0, 5, size=(zones, len(phases))) * 1000.0,
        phases=phases,
        first_year=2025 if r.random() < 0.2 else None,
    )
    share = float(r.choice([0.3, 0.5, 0.8, 1.0]))
    of = str(r.choice(["all", "reachable", "reachable"]))
    pool = [
        rule("coverage", "C1", 2025, kinds=["day_care"], minutes=10, share=share, of=of),
        rule("coverage", "C2", kinds=["institution"], metres=500, share=share, of="reachable", density_above=2000),
        rule(
            "coverage",
            "C3",
            2025,
            kinds=["institution"],
            metres=1000,
            share=share,
            of=of,
            density_from=1000,
            density_to=2000,
            per="district",
        ),
        rule("bed_ratio", "B1", kinds=["institution"], beds=float(r.choice([5, 15, 25])), per="district"),
        rule(
            "bed_ratio",
            "B2",
            2025,
            kinds=["institution"],
            beds=float(r.choice([10, 40])),
            classes=["nursing"],
            per="area",
        ),
        rule("bed_share", "S1", 2025, kinds=["institution"], classes=["nursing"], share=float(r.choice([0.5, 0.65]))),
        rule(
            "presence",
            "P1",
            require=[
                {"kinds": ["institution"], "at_least": int(r.integers(1, 3)), "per": "area"},
                {"kinds": ["day_care"], "per": str(r.choice(["area", "district"]))},
            ],
        ),
    ]
    chosen = [item for item in pool if r.random() < 0.35]
    return town, chosen or [pool[0]]


@functools.cache
def within(town: Problem) -> dict[tuple[int, int], float]:
    """Metres of every pair that has any."""
    table = town.access.metres.tocoo()
    return {(int(z), int(s)): float(m) for z, s, m in zip(*table.coords, table.data, strict=True)}


def holds(town: Problem, item: Rule, phase: int, picks: dict[int, tuple[int, tuple[int, int, int]]]) -> bool:
    """Evaluate a clause by its words: `picks` is site → (option, beds)."""
    given, zones = item.parameters, town.zones
    kind_of = {site: town.options.kind[option] for site, (option, _) in picks.items()}
    people = zones.persons[:, 0, phase]

    def places(per: str) -> list[set[int]]:
        return [set(range(len(town.districts)))] if per == "area" else [{d} for d in range(len(town.districts))]

    def near(zone: int, among: list[int], limit: float) -> bool:
        pairs = within(town)
        return any(pairs.get((zone, s), math.inf) <= limit + 1e-9 for s in among)

    if item.clause.kind == "coverage":
        limit = given.metres or given.minutes * 60 * town.walk_speed_m_per_s
        open_sites = [s for s, k in kind_of.items() if k in given.kinds]
        year = town.phases[phase]
        could = [
            int(town.options.site[o])
            for o in range(len(town.options))
            if town.options.kind[o] in given.kinds and town.options.first_year[o] <= year
        ]
        for place in places(given.per):
            who = [
                z
                for z in range(len(zones))
                if zones.district[z] in place
                and (given.density_above is None or zones.density_per_km2[z, phase] > given.density_above)
                and (given.density_from is None or zones.density_per_km2[z, phase] >= given.density_from)
                and (given.density_to is None or zones.density_per_km2[z, phase] <= given.density_to)
            ]
            base = sum(people[z] for z in who if given.of == "all" or near(z, could, limit))
            if sum(people[z] for z in who if near(z, open_sites, limit)) < given.share * base - 1e-6:
                return False
        return True
    if item.clause.kind == "bed_ratio":
        index = [("general", "nursing", "dementia").index(name) for name in given.classes]
        for place in places(given.per):
            beds = sum(
                b[i]
                for s, (_, b) in picks.items()
                if town.sites.district[s] in place and kind_of[s] in given.kinds
                for i in index
            )
            if (
                beds * 10_000
                < given.beds * sum(people[z] for z in range(len(zones)) if zones.district[z] in place) - 1e-6
            ):
                return False
        return True
    if item.clause.kind == "bed_share":
        homes = [b for s, (_, b) in picks.items() if kind_of[s] in given.kinds and town.sites.district[s] >= 0]
        return sum(b[1] for b in homes) >= given.share * sum(map(sum, homes)) - 1e-9
    for count in given.require:
        for place in places(count.per):
            if sum(kind_of[s] in count.kinds and town.sites.district[s] in place for s in kind_of) < count.at_least:
                return False
    return True


def choices(town: Problem, site: int) -> list[tuple[int, tuple[int, int, int]] | None]:
    """Everything a site can become: None, or an option with beds by class."""
    o = town.options
    found: list[tuple[int, tuple[int, int, int]] | None] = [] if town.sites.existing[site] else [None]
    for option in np.flatnonzero(o.site == site):
        ranges = [range(int(o.beds_min[option, c]), int(o.beds_max[option, c]) + 1) for c in range(3)]
        found += [
            (int(option), beds)
            for beds in itertools.product(*ranges)
            if o.total_min[option] <= sum(beds) <= o.total_max[option]
        ]
    return found


def cost_of(town: Problem, pick: tuple[int, tuple[int, int, int]] | None) -> float:
    if pick is None:
        return 0.0
    option, beds = pick
    o = town.options
    return float(
        o.fixed_cost[option] + sum(o.cost_per_bed[option, c] * (beds[c] - o.base_beds[option, c]) for c in range(3))
    )


def follows(town: Problem, earlier: tuple, later: tuple) -> bool:
    """A later phase contains the earlier one: what was built stays, with the beds that were paid for."""
    for before, after in zip(earlier, later, strict=True):
        if before is None or town.options.action[before[0]] is Action.KEEP:
            continue
        if after is None or after[0] != before[0]:
            return False
        paid = town.options.cost_per_bed[before[0]] > 0
        if any(paid[c] and after[1][c] < before[1][c] for c in range(3)):
            return False
    return True


def cheapest(town: Problem, rules: list[Rule]) -> float | None:
    """Try everything: the least cost of the last phase over all nested sequences of states."""
    last = len(town.phases) - 1
    everything = list(itertools.product(*(choices(town, s) for s in range(len(town.sites)))))
    everything.sort(key=lambda combination: sum(cost_of(town, pick) for pick in combination))

    def fits(phase: int, combination: tuple) -> bool:
        year = town.phases[phase]
        picks = {s: pick for s, pick in enumerate(combination) if pick is not None}
        if any(town.options.first_year[option] > year for option, _ in picks.values()):
            return False
        due = [item for item in rules if item.clause.deadline_year is None or year >= item.clause.deadline_year]
        return all(holds(town, item, phase, picks) for item in due)

    earlier = [combination for combination in everything if fits(0, combination)] if last else []
    for combination in everything:
        if (not last or any(follows(town, before, combination) for before in earlier)) and fits(last, combination):
            return sum(cost_of(town, pick) for pick in combination)
    return None


def size(town: Problem) -> int:
    return int(np.prod([float(len(choices(town, s))) for s in range(len(town.sites))]))


SEEDS = [seed for seed in range(500) if size(random_town(seed)[0]) <= 1_500][:200]


@pytest.mark.parametrize("batch", range(20))
def test_plan_and_trying_everything_agree(batch: int) -> None:
    assert len(SEEDS) == 200
    for seed in SEEDS[batch * 10 : batch * 10 + 10]:
        town, rules = random_town(seed)
        truth = cheapest(town, rules)
        for options in (EXACT, BY_RELAXATION):
            plan = solve(town, rules, GoalOptions(), options)
            if truth is None:
                assert plan.certificate.status == "infeasible", seed
                assert plan.conflicts, seed
                continue
            assert plan.state is not None, seed
            assert plan.certificate.bound <= truth + 1e-6, seed
            if options is EXACT:
                assert plan.certificate.objective == pytest.approx(truth, abs=1e-6), seed
                assert plan.certificate.status == "optimal", seed
            after = audit(rules, town, plan.state)
            assert not after.short(), seed
            assert sum(plan.cost_by_phase) == pytest.approx(plan.certificate.objective), seed
            assert min(plan.cost_by_phase) >= -1e-9, seed


def test_both_outcomes_are_tried() -> None:
    """The towns above are not all of one sort."""
    truths = [cheapest(*random_town(seed)) for seed in SEEDS[:60]]
    assert sum(truth is None for truth in truths) >= 5
    assert sum(truth is not None and truth > 0 for truth in truths) >= 20
