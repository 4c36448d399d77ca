"""Plans of random small towns against trying everything out, by code that knows nothing of rows or programs."""

from __future__ import annotations

import functools
import itertools
import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from made_rules import Budget, LargeHaveUnit, MoreThan, NoneSmall, StaffFollowsBeds
from towns import catalogue, problem, rule, sites

from siting.model.catalogue import Conversion
from siting.model.sites import Action
from siting.optimise import GoalOptions, SolverOptions, solve
from siting.rules import Rule, audit
from siting.sites import options

if TYPE_CHECKING:
    from siting.model.catalogue import Catalogue
    from siting.model.problem import Problem
    from siting.rules.base import Parameters

EXACT = SolverOptions(gap=0.0, time_limit_s=60, exact_below=10_000)
BY_RELAXATION = SolverOptions(gap=0.0, time_limit_s=60, exact_below=0)


def random_town(seed: int, *, by_age: bool = False, derived: bool = False) -> tuple[Problem, list[Rule]]:
    """Up to five sites, two districts, one or two phases, and a handful of clauses; `by_age`: three ages.

    `derived`: homes may be closed or turned into stations, and clauses speak of sizes, budgets and staff.
    """
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
    ages = {}
    if by_age:
        speeds = {80: float(r.choice([0.4, 0.7]))} | ({60: 0.9} if r.random() < 0.5 else {})
        pairs = [(z, s, m, m * float(r.choice([1.0, 1.2, 1.6]))) for z, s, m in triples]
        ages = {
            "ages": (60, 70, 80),
            "speed_by_age": speeds,
            # A slow walker spends fewer metres' worth of time at a crossing, so the ways differ speed by speed.
            "effort": {v: [(z, s, m + (far - m) * v) for z, s, m, far in pairs] for v in (1.0, *speeds.values())}
            if r.random() < 0.7
            else {},
        }
    town = problem(
        r.integers(0 if by_age else 1, 400, size=(zones, 3 if by_age else 1, len(phases))),
        [int(d) for d in r.integers(-1 if r.random() < 0.2 else 0, 2, size=zones)],
        triples,
        sites(rows, operator=list(np.where(r.random(len(rows)) < 0.5, "public", "non_state")) if derived else None),
        offered=changing() if derived else None,
        density=r.integers(0, 5, size=(zones, len(phases))) * 1000.0,
        phases=phases,
        first_year=2025 if r.random() < 0.2 else None,
        **ages,
    )
    share = float(r.choice([0.3, 0.5, 0.8, 1.0]))
    of = str(r.choice(["all", "reachable", "reachable"]))
    pool = [
        rule("coverage", "C1", 2025, kinds=["day_care"], minutes=10, share=share, of=of, age=70 if by_age else 60),
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
    if by_age:
        pool.insert(1, rule("coverage", "C4", kinds=["institution"], minutes=8, share=share, of=of, per="district"))
    if derived:
        pool = [*pool[3:], *made_pool(r)]
    chosen = [item for item in pool if r.random() < 0.35]
    return town, chosen or [pool[-1]]


def changing() -> Catalogue:
    """The catalogue of towns with homes that may be closed, or turned into stations; dementia beds are on offer."""
    known = catalogue()
    home = replace(
        known.kinds["institution"],
        bed_cost={"general": 6.0, "nursing": 9.0, "dementia": 11.0},
        close_cost=8.0,
        convert_to=(Conversion("day_care", "station", 5.0),),
    )
    return replace(known, kinds={**known.kinds, "institution": home})


def made_pool(r: np.random.Generator) -> list[Rule]:
    """Clauses on sizes, budgets, staff, strict shares and closing."""
    homes = {"kinds": ["institution"]}
    return [
        LargeHaveUnit.of("L1", beds=int(r.integers(2, 5)), unit_beds=int(r.integers(1, 3)), per="site", **homes),
        LargeHaveUnit.of("L2", 2025, beds=3, bed_class="nursing", unit_beds=2, per="area", **homes),
        Budget.of("U1", most=float(r.choice([60, 100, 160])), **homes),
        StaffFollowsBeds.of("W1", per_beds=int(r.integers(1, 4)), today=float(r.integers(0, 2)), **homes),
        MoreThan.of("N1", 2025, share=float(r.choice([0.5, 0.25])), **homes),
        NoneSmall.of("Z1", beds=3, **homes),
    ]


@functools.cache
def within(town: Problem, speed: float | None) -> dict[tuple[int, int], float]:
    """Metres of every pair that has any; of a speed, what the way costs at it where the town says so."""
    table = (town.access if speed is None or not town.effort else town.effort[speed]).metres.tocoo()
    return {(int(z), int(s)): float(m) for z, s, m in zip(*table.coords, table.data, strict=True)}


Picks = dict[int, tuple[int, tuple[int, int, int]]]
"""Site → (option, beds)."""


def places(town: Problem, per: str) -> list[set[int]]:
    every = range(len(town.districts))
    return [set(every)] if per == "area" else [{district} for district in every]


def pace(town: Problem, age: int) -> float:
    """Walking speed of an age class: that of the last bound it has passed."""
    speed = town.walk_speed_m_per_s
    for bound in sorted(town.speed_by_age):
        if age >= bound:
            speed = town.speed_by_age[bound]
    return speed


def near(town: Problem, zone: int, among: list[int], limit: float, speed: float | None) -> bool:
    pairs = within(town, speed)
    return any(pairs.get((zone, site), math.inf) <= limit + 1e-9 for site in among)


def covers(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:
    """Say whether enough persons of the density class live near enough, place by place."""
    zones = town.zones
    groups = []
    for number, age in enumerate(zones.ages):
        speed = None if given.metres else pace(town, age)
        limit = given.metres or given.minutes * 60 * speed
        if age >= given.age:
            groups.append((zones.persons[:, number, phase], limit, speed))
    options = town.options
    working = [site for site, (option, _) in picks.items() if options.kind[option] in given.kinds]
    could = [
        int(options.site[o])
        for o in range(len(options))
        if options.kind[o] in given.kinds and options.first_year[o] <= town.phases[phase]
    ]
    for place in places(town, given.per):
        who = [
            z
            for z in range(len(zones))
            if zones.district[z] in place
            and (given.density_above is None or zones.density_per_km2[z, phase] > given.density_above)
            and (given.density_from is None or zones.density_per_km2[z, phase] >= given.density_from)
            and (given.density_to is None or zones.density_per_km2[z, phase] <= given.density_to)
        ]
        base = sum(people[z] for people, *how in groups for z in who if given.of == "all" or near(town, z, could, *how))
        covered = sum(people[z] for people, *how in groups for z in who if near(town, z, working, *how))
        if covered < given.share * base - 1e-6:
            return False
    return True


def beds_suffice(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:
    """Say whether every place has beds enough for its residents."""
    index = [("general", "nursing", "dementia").index(name) for name in given.classes]
    people = town.zones.persons[:, :, phase].sum(axis=1)
    for place in places(town, given.per):
        beds = sum(
            count[i]
            for site, (option, count) in picks.items()
            if town.sites.district[site] in place and town.options.kind[option] in given.kinds
            for i in index
        )
        residents = sum(people[z] for z in range(len(town.zones)) if town.zones.district[z] in place)
        if beds * 10_000 < given.beds * residents - 1e-6:
            return False
    return True


def share_holds(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001 - one signature for all
    """Say whether nursing beds make up the share of all beds inside the districts."""
    homes = [
        beds
        for site, (option, beds) in picks.items()
        if town.options.kind[option] in given.kinds and town.sites.district[site] >= 0
    ]
    return sum(beds[1] for beds in homes) >= given.share * sum(map(sum, homes)) - 1e-9


def enough_stand(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001 - one signature for all
    """Say whether every count of every place is reached."""
    return all(
        sum(
            town.options.kind[option] in count.kinds
            and town.options.action[option] is not Action.CLOSE
            and town.sites.district[site] in place
            for site, (option, _) in picks.items()
        )
        >= count.at_least
        for count in given.require
        for place in places(town, count.per)
    )


def large_have_unit(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001
    """Say whether every large home, or as many homes as are large, have a unit."""
    index = ("general", "nursing", "dementia").index(given.bed_class)
    homes = [beds for option, beds in picks.values() if is_home(town, option)]
    if given.per == "site":
        return all(beds[index] >= given.unit_beds for beds in homes if sum(beds) >= given.beds)
    return sum(beds[index] >= given.unit_beds for beds in homes) >= sum(sum(beds) >= given.beds for beds in homes)


def is_home(town: Problem, option: int) -> bool:
    return town.options.kind[option] == "institution" and town.options.action[option] is not Action.CLOSE


def in_budget(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001
    return sum(cost_of(town, pick) for pick in picks.values()) <= given.most + 1e-9


def non_state_lead(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001
    """Say whether strictly more than the share of beds is non-state; no beds at all are not enough."""
    homes = [(town.options.operator[o], sum(beds)) for o, beds in picks.values() if is_home(town, o)]
    theirs = sum(beds for operator, beds in homes if operator == "non_state")
    return theirs > given.share * sum(beds for _, beds in homes)


def none_small(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001
    """Say whether no home of today is left whose beds cannot reach the number."""
    return not any(
        is_home(town, option) and town.sites.existing[site] and town.options.total_max[option] < given.beds
        for site, (option, _) in picks.items()
    )


def persons_needed(town: Problem, rules: list[Rule], phase: int, picks: Picks) -> int:
    """Count the staff to be hired for the clauses that are due: whole persons beyond those of today."""
    due = [item for item in rules if isinstance(item, StaffFollowsBeds) and item.clause.binds(town.phases[phase])]
    beds = sum(sum(beds) for option, beds in picks.values() if is_home(town, option))
    return max((0, *(math.ceil(beds / i.parameters.per_beds - i.parameters.today - 1e-9) for i in due)))


BY_CLASS = {
    LargeHaveUnit: large_have_unit,
    Budget: in_budget,
    MoreThan: non_state_lead,
    NoneSmall: none_small,
    StaffFollowsBeds: lambda *_: True,  # whoever is needed is hired: see `persons_needed`
}
WORDS = {"coverage": covers, "bed_ratio": beds_suffice, "bed_share": share_holds, "presence": enough_stand}


def holds(town: Problem, item: Rule, phase: int, picks: Picks) -> bool:
    """Evaluate a clause by its words."""
    words = BY_CLASS.get(type(item)) or WORDS[item.clause.kind]
    return words(town, item.parameters, phase, picks)


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
    pay = town.catalogue.roles["social_worker"].yearly_cost * town.catalogue.roles["social_worker"].years

    def there(combination: tuple) -> Picks:
        return {s: pick for s, pick in enumerate(combination) if pick is not None}

    def fits(phase: int, combination: tuple) -> bool:
        year = town.phases[phase]
        picks = there(combination)
        if any(town.options.first_year[option] > year for option, _ in picks.values()):
            return False
        if not set(np.flatnonzero(town.sites.committed(year)).tolist()) <= picks.keys():
            return False
        due = [item for item in rules if item.clause.deadline_year is None or year >= item.clause.deadline_year]
        return all(holds(town, item, phase, picks) for item in due)

    earlier = [combination for combination in everything if fits(0, combination)] if last else []
    best = None
    for combination in everything:
        cost = sum(cost_of(town, pick) for pick in combination)
        if best is not None and cost >= best:
            break
        before = [persons_needed(town, rules, 0, there(one)) for one in earlier if follows(town, one, combination)]
        if (before or not last) and fits(last, combination):
            hired = max(persons_needed(town, rules, last, there(combination)), min(before, default=0))
            total = cost + pay * hired
            best = total if best is None else min(best, total)
    return best


def size(town: Problem) -> int:
    return int(np.prod([float(len(choices(town, s))) for s in range(len(town.sites))]))


SEEDS = [seed for seed in range(500) if size(random_town(seed)[0]) <= 1_500][:200]


AGED = [seed for seed in range(10_000, 10_300) if size(random_town(seed, by_age=True)[0]) <= 1_500][:100]


DERIVED = [seed for seed in range(20_000, 20_900) if size(random_town(seed, derived=True)[0]) <= 1_500][:150]


@pytest.mark.parametrize("batch", range(45))
def test_plan_and_trying_everything_agree(batch: int) -> None:
    """Two hundred towns of one age, a hundred of three ages at several speeds, 150 of the other blocks."""
    assert (len(SEEDS), len(AGED), len(DERIVED)) == (200, 100, 150)
    for seed in (SEEDS + AGED + DERIVED)[batch * 10 : batch * 10 + 10]:
        town, rules = random_town(seed, by_age=seed in AGED, derived=seed in DERIVED)
        truth = cheapest(town, rules)
        for solver in (EXACT, BY_RELAXATION):
            plan = solve(town, rules, GoalOptions(), solver)
            if truth is None:
                assert plan.certificate.status == "infeasible", seed
                assert plan.conflicts, seed
                continue
            assert plan.state is not None, seed
            assert plan.certificate.bound <= truth + 1e-6, seed
            if solver is EXACT:
                assert plan.certificate.objective == pytest.approx(truth, abs=1e-6), seed
                assert plan.certificate.status == "optimal", seed
            after = audit(rules, town, plan.state)
            assert not after.short(), seed
            assert sum(plan.cost_by_phase) == pytest.approx(plan.certificate.objective), seed
            assert min(plan.cost_by_phase) >= -1e-9, seed


def committed_town(seed: int) -> tuple[Problem, list[Rule]]:
    """A random town of which some candidates are committed, to open in 2023, in 2025, or after the plan."""
    town, rules = random_town(seed)
    r = np.random.default_rng(seed)
    mine = np.array([len(kinds) == 1 for kinds in town.sites.kinds_allowed]) & (r.random(len(town.sites)) < 0.6)
    opens = np.where(mine, r.choice([2020, 2023, 2025, 2030], size=len(mine)), 0)
    beds = [2 if year and kinds == ("institution",) and r.random() < 0.5 else 0
            for year, kinds in zip(opens, town.sites.kinds_allowed, strict=True)]  # fmt: skip
    places = replace(town.sites, opens=opens, beds_planned=np.array(beds))
    return replace(town, sites=places, options=options(places, catalogue(), town.phases[0])), rules


COMMITTED = [
    seed
    for seed in range(20_000, 20_300)
    if committed_town(seed)[0].sites.opens.any() and size(committed_town(seed)[0]) <= 1_500
][:60]


@pytest.mark.parametrize("batch", range(6))
def test_committed_projects_open_in_their_year_and_the_rest_is_planned_around_them(batch: int) -> None:
    for seed in COMMITTED[batch * 10 : batch * 10 + 10]:
        town, rules = committed_town(seed)
        truth = cheapest(town, rules)
        for solver in (EXACT, BY_RELAXATION):
            plan = solve(town, rules, GoalOptions(), solver)
            if truth is None:
                assert plan.certificate.status == "infeasible", seed
                continue
            assert plan.certificate.bound <= truth + 1e-6, seed
            if solver is EXACT:
                assert plan.certificate.objective == pytest.approx(truth, abs=1e-6), seed
            for phase, year in enumerate(town.phases):
                held = np.unique(town.options.site[plan.state.open[phase]])
                assert set(np.flatnonzero(town.sites.committed(year))) <= set(held), seed
                assert not set(np.flatnonzero(town.sites.opens > year)) & set(held), seed


def test_both_outcomes_are_tried() -> None:
    """The towns above are not all of one sort."""
    truths = [cheapest(*random_town(seed)) for seed in SEEDS[:60]]
    assert sum(truth is None for truth in truths) >= 5
    assert sum(truth is not None and truth > 0 for truth in truths) >= 20


def test_a_plan_to_begin_with_changes_nothing_that_is_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siting.optimise.search.TINY", 0)
    for seed in SEEDS[:40]:
        town, rules = random_town(seed)
        truth = cheapest(town, rules)
        plan = solve(town, rules, GoalOptions(), EXACT)
        assert plan.certificate.objective == (None if truth is None else pytest.approx(truth, abs=1e-6)), seed
        assert plan.certificate.status == ("infeasible" if truth is None else "optimal"), seed
