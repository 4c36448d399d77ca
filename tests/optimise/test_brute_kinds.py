"""Networks, pairing, meals, money, consolidation and groups: plans of random towns against trying everything out.

The clauses are evaluated by their words, by code that knows nothing of rows or programs; see also test_brute_force.py.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from towns import SAME, catalogue, problem, rule, sites

from siting.model.catalogue import Conversion, Module
from siting.model.groups import Group
from siting.model.sites import Action
from siting.optimise import GoalOptions, SolverOptions, solve
from siting.rules import audit

if TYPE_CHECKING:
    from siting.model.catalogue import Catalogue
    from siting.model.problem import Problem
    from siting.rules import Rule
    from siting.rules.base import Parameters

EXACT = SolverOptions(gap=0.0, time_limit_s=60, exact_below=10_000)
Picks = dict[int, tuple[int, int]]
"""By site: the option in force, and how many beds it has, all of them general."""


def offered() -> Catalogue:
    """Homes of one bed and two that may close or become stations, stations and kitchens that cook, and clinics."""
    known = catalogue()
    home = replace(
        known.kinds["institution"],
        modules=(Module("S", 1, 2, 100, 50.0), Module("M", 3, 3, 200, 65.0)),
        bed_cost={"general": 6.0},
        convert_bed_cost={},
        close_cost=7.0,
        convert_to=(Conversion("day_care", "station", 5.0), Conversion("institution", "M", 12.0)),
    )
    station = replace(known.kinds["day_care"], meals_per_day=30.0)
    station = replace(station, modules=(Module("station", 0, 0, 20, 10.0, meals_per_day=30.0),))
    kitchen = replace(station, id="kitchen", modules=(Module("kitchen", 0, 0, 20, 35.0, meals_per_day=90.0),))
    clinic = replace(station, id="clinic", modules=(), meals_per_day=0.0)
    return replace(known, kinds={"institution": home, "day_care": station, "kitchen": kitchen, "clinic": clinic})


def random_town(seed: int) -> tuple[Problem, list[Rule]]:
    """Up to six sites in two districts, a community in each, one or two phases, and a handful of clauses."""
    r = np.random.default_rng(seed)
    rows = [
        (True, kind, (), "", int(r.integers(0, 2)), (int(r.integers(1, 3)) if kind == "institution" else 0, 0, 0))
        for kind in r.choice(["institution", "institution", "day_care", "clinic"], size=int(r.integers(1, 4)))
    ]
    kinds = [("day_care",), ("kitchen",), ("institution",), ("day_care", "kitchen")]
    rows += [
        (False, "", kinds[int(r.integers(0, 4))], "idle", int(r.integers(0, 2)), (0, 0, 0))
        for _ in range(int(r.integers(2, 4)))
    ]
    count, phases = len(rows), (2025,) if r.random() < 0.6 else (2023, 2025)
    unsafe = tuple(False if r.random() < 0.3 else None for _ in range(count))
    places = replace(sites(rows), attributes={"fire_safety": (*unsafe[:-1], True)})
    homes = int(r.integers(2, 5))
    made = problem(
        r.integers(1, 100, size=(homes, len(phases))),
        [int(d) for d in r.integers(0, 2, size=homes)],
        [(z, s, float(r.integers(0, 200))) for z in range(homes + 2) for s in range(count) if r.random() < 0.7],
        places,
        phases=phases,
        offered=offered(),
        between={
            mode: [
                (a, b, float(r.integers(0, 20)))
                for a in range(count)
                for b in range(count)
                if a != b and r.random() < 0.6
            ]
            for mode in ("walk", "drive")
        },
        communities=[0, 1],
        facts={"grant": {2020: float(r.integers(0, 40)), 2024: float(r.integers(0, 70))}},
    )
    share = r.random(size=(3, 1))
    zones = replace(made.zones, groups=(Group("disabled", SAME, 60, share, 3.0, SAME),))
    town = replace(made, zones=zones)
    chosen = [item for item in pool(r) if r.random() < 0.4]
    return town, chosen or [pool(r)[0]]


def pool(r: np.random.Generator) -> list[Rule]:
    """The clauses that a town may have."""
    kitchens = {"kinds": ["kitchen"], "per": "district", "at_least": int(r.integers(0, 2))}
    lower = [{"kinds": ["day_care"]}, {"kinds": ["day_care"], "drive_minutes": 10}][int(r.integers(0, 2))]
    village = {"kinds": ["day_care"], "per": "community", "walk_metres": 100, "at_least": 1}
    pairs = [{"of": "facilities", "by": {2023: 1, 2025: 2}}, {"of": "share", "by": {2025: 0.5}}][int(r.integers(0, 2))]
    partners = {"partners": {"kinds": ["clinic"]}, "metres": 10, **pairs}
    return [
        rule("hierarchy", "H1", levels=[kitchens, lower]),
        rule("hierarchy", "H2", 2025, levels=[{"kinds": ["institution"], "per": "area", "at_least": 1}, village]),
        rule("pairing", "A1", kinds=["day_care", "institution"], **partners),
        rule("meals", "M1", kinds=["day_care", "kitchen"], per_100=float(r.choice([20, 50]))),
        rule("meals", "M2", kinds=["day_care"], share=0.4, of={"kinds": ["day_care", "kitchen"]}),
        rule("budget", "U1", funds=["grant"]),
        rule(
            "consolidation",
            "C1",
            2025,
            kinds=["institution"],
            least_beds=int(r.integers(2, 4)),
            unsafe={"attributes": {"fire_safety": False}},
            regional={"kinds": ["institution"], "beds_from": 2, "at_least": 1} if r.random() < 0.5 else None,
            keeps_beds=bool(r.random() < 0.5),
        ),
        rule("groups", "G1", kinds=["day_care"], groups=["disabled"], minutes=1.5, share=float(r.choice([0.4, 0.8]))),
    ]  # fmt: skip


def is_kind(town: Problem, option: int, kinds: tuple[str, ...]) -> bool:
    return town.options.kind[option] in kinds and town.options.action[option] is not Action.CLOSE


def linked_up(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001 - one signature for all
    """Say whether each level stands where it must, and each facility has one of the level above it."""
    where = {s: int(town.sites.district[s]) for s in picks}
    of_level = [[s for s, (o, _) in picks.items() if is_kind(town, o, level.kinds)] for level in given.levels]
    for level, there in zip(given.levels, of_level, strict=True):
        if level.per == "community":
            seats = np.flatnonzero(town.zones.community >= 0)
            if not all(any(0 <= way(town, z, s) <= level.walk_metres for s in there) for z in seats):
                return False
        else:
            at = [{0}, {1}] if level.per == "district" else [{0, 1}]
            if any(sum(where[s] in place for s in there) < level.at_least for place in at):
                return False
    upper, lower = given.levels
    if lower.drive_minutes is not None:
        minutes = town.between["drive"].tocoo()
        ways = dict(zip(zip(*minutes.coords, strict=True), minutes.data / 500, strict=True))
        return all(any(ways.get((u, s), 99) <= lower.drive_minutes for u in of_level[0]) for s in of_level[1])
    return all(any(upper.per == "area" or where[u] == where[s] for u in of_level[0]) for s in of_level[1])


def way(town: Problem, zone: int, site: int) -> float:
    """Metres on foot, −1 where there is no way."""
    row = slice(*town.access.metres.indptr[zone : zone + 2])
    found = dict(zip(town.access.metres.indices[row], town.access.metres.data[row], strict=True))
    return float(found.get(site, -1.0))


def paired(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:
    """Say whether enough facilities have a clinic within ten metres; before the first year nothing is asked."""
    year = town.phases[phase]
    if year < min(given.by):
        return True
    walk = town.between["walk"].tocoo()
    near = {(a, b) for a, b, far in zip(*walk.coords, walk.data, strict=True) if far <= given.metres}
    clinics = [s for s in picks if town.sites.kind[s] == "clinic"]
    homes = [s for s, (o, _) in picks.items() if is_kind(town, o, given.kinds)]
    have = sum(any((s, c) in near for c in clinics) for s in homes)
    wanted = given.by[max(since for since in given.by if since <= year)]
    return have >= (wanted * len(homes) if given.of == "share" else wanted) - 1e-9


def fed(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:
    """Say whether there are meals enough, or whether stations cook their share."""
    per_kind = {"day_care": 30, "kitchen": 90, "institution": 0, "clinic": 0}

    def cooked(kinds: tuple[str, ...]) -> float:
        return sum(per_kind[town.options.kind[o]] for o, _ in picks.values() if is_kind(town, o, kinds))

    if given.per_100 is not None:
        return cooked(given.kinds) >= given.per_100 * town.zones.persons[:, 0, phase].sum() / 100 - 1e-9
    return cooked(given.kinds) >= given.share * cooked(given.of.kinds) - 1e-9


def afforded(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001
    grant = town.facts["grant"].by_year
    return (
        sum(cost_of(town, pick) for pick in picks.values()) <= grant[2020 if town.phases[phase] < 2024 else 2024] + 1e-9
    )


def consolidated(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:  # noqa: ARG001
    """Say whether no home of today stays small or unsafe, a regional one is there, and no bed is lost."""
    options, today = town.options, town.sites
    old = [s for s in picks if today.existing[s] and today.kind[s] == "institution"]
    for s in old:
        option, beds = picks[s]
        if is_kind(town, option, ("institution",)):
            if today.beds[s].sum() < given.least_beds and beds < given.least_beds:
                return False
            if today.attribute("fire_safety")[s] is False and not options.module[option]:
                return False
    homes = [(o, beds) for o, beds in picks.values() if is_kind(town, o, ("institution",))]
    if given.regional is not None and not any(options.total_min[o] >= 2 for o, _ in homes):
        return False
    standing = sum(int(today.beds[s].sum()) for s in old)
    return not given.keeps_beds or sum(beds for _, beds in homes) >= standing


def first_served(town: Problem, given: Parameters, phase: int, picks: Picks) -> bool:
    """Say whether the group, and everybody with the group counted three times, live near a station."""
    stations = [s for s, (o, _) in picks.items() if is_kind(town, o, given.kinds)]
    share = town.zones.groups[0].share
    everybody = group = near = near_group = 0.0
    for z in np.flatnonzero(town.zones.community < 0):
        persons = town.zones.persons[z, 0, phase]
        of_group = persons * share[town.zones.district[z], 0]
        served = any(0 <= way(town, z, s) <= given.minutes * 60 for s in stations)
        everybody, group = everybody + persons + 2 * of_group, group + of_group
        near, near_group = near + served * (persons + 2 * of_group), near_group + served * of_group
    return near >= given.share * everybody - 1e-6 and near_group >= given.share * group - 1e-6


WORDS = {
    "hierarchy": linked_up,
    "pairing": paired,
    "meals": fed,
    "budget": afforded,
    "consolidation": consolidated,
    "groups": first_served,
}


def choices(town: Problem, site: int) -> list[tuple[int, int] | None]:
    """Everything a site can become: None, or an option with its beds."""
    o = town.options
    found: list[tuple[int, int] | None] = [] if town.sites.existing[site] else [None]
    for option in np.flatnonzero(o.site == site):
        found += [(int(option), beds) for beds in range(int(o.total_min[option]), int(o.total_max[option]) + 1)]
    return found


def cost_of(town: Problem, pick: tuple[int, int] | None) -> float:
    if pick is None:
        return 0.0
    option, beds = pick
    o = town.options
    return float(o.fixed_cost[option] + o.cost_per_bed[option, 0] * (beds - o.base_beds[option].sum()))


def follows(town: Problem, earlier: tuple, later: tuple) -> bool:
    """A later phase contains the earlier one: what was built stays, with the beds that were paid for."""
    for before, after in zip(earlier, later, strict=True):
        if before is None or town.options.action[before[0]] is Action.KEEP:
            continue
        if after is None or after[0] != before[0]:
            return False
        if town.options.cost_per_bed[before[0], 0] > 0 and after[1] < before[1]:
            return False
    return True


def cheapest(town: Problem, rules: list[Rule]) -> float | None:
    """Try everything: the least cost of the last phase over all nested sequences of states."""
    everything = list(itertools.product(*(choices(town, s) for s in range(len(town.sites)))))
    everything.sort(key=lambda combination: sum(cost_of(town, pick) for pick in combination))

    def fits(phase: int, combination: tuple) -> bool:
        picks = {s: pick for s, pick in enumerate(combination) if pick is not None}
        due = [item for item in rules if item.clause.binds(town.phases[phase])]
        return all(WORDS[item.clause.kind](town, item.parameters, phase, picks) for item in due)

    last = len(town.phases) - 1
    earlier = [combination for combination in everything if fits(0, combination)] if last else []
    for combination in everything:
        if fits(last, combination) and (not last or any(follows(town, one, combination) for one in earlier)):
            return sum(cost_of(town, pick) for pick in combination)
    return None


def size(town: Problem) -> int:
    return int(np.prod([float(len(choices(town, s))) for s in range(len(town.sites))]))


def measurable(town: Problem, rules: list[Rule]) -> list[Rule]:
    """Pairing asks for clinics; where a town has none its clauses do not bind."""
    return [item for item in rules if item.missing(town) is None]


SEEDS = [seed for seed in range(400) if size(random_town(seed)[0]) <= 1_000][:180]


@pytest.mark.parametrize("batch", range(18))
def test_plan_and_trying_everything_agree(batch: int) -> None:
    assert len(SEEDS) == 180
    for seed in SEEDS[batch * 10 : batch * 10 + 10]:
        town, rules = random_town(seed)
        truth = cheapest(town, measurable(town, rules))
        plan = solve(town, rules, GoalOptions(), EXACT)
        if truth is None:
            assert plan.certificate.status == "infeasible", seed
            assert plan.conflicts, seed
            continue
        assert plan.state is not None, seed
        assert plan.certificate.objective == pytest.approx(truth, abs=1e-6), seed
        assert not audit(rules, town, plan.state, town.existing_state()).short(), seed


@pytest.mark.parametrize("kind", sorted(WORDS))
def test_every_kind_decides_some_plan(kind: str) -> None:
    """The towns are not idle: leaving the kind's clauses out changes what the cheapest plan costs, if there is one."""
    changed = 0
    for seed in SEEDS[:130]:
        town, rules = random_town(seed)
        mine = measurable(town, rules)
        others = [item for item in mine if item.clause.kind != kind]
        if len(others) < len(mine):
            changed += cheapest(town, mine) != cheapest(town, others)
    assert changed >= 2, kind
