"""The command ``siting locate``: a textbook model on a cost matrix in a file."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from siting.cli.talk import DONE, INFEASIBLE, STOPPED, say
from siting.errors import ConfigError, DataError, Problem

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from siting.model.pairs import PairTable
    from siting.optimise.locate import Location

NEEDS: Mapping[str, tuple[str, ...]] = {
    "lscp": ("radius",),
    "mclp": ("radius", "p", "weights"),
    "partial_cover": ("radius", "share", "weights"),
    "set_cover": (),
    "p_median": ("p",),
    "k_nearest_p_median": ("p",),
    "p_center": ("p",),
    "p_dispersion": ("p",),
    "fixed_charge": ("sites",),
}
"""By model, the options that it cannot do without."""
TAKES: Mapping[str, tuple[str, ...]] = {
    "lscp": ("weights", "sites", "backup"),
    "mclp": ("sites",),
    "partial_cover": ("sites",),
    "set_cover": ("radius", "sites"),
    "p_median": ("weights", "sites", "single_source"),
    "k_nearest_p_median": ("weights", "sites", "k"),
    "p_center": ("sites",),
    "p_dispersion": ("sites",),
    "fixed_charge": ("weights", "single_source", "per_unit"),
}
"""By model, the options that it can take besides."""
_YES, _NO = {"1", "yes", "true", "是"}, {"", "0", "no", "false", "否"}
_TOLD = {
    "en": {
        "optimal": "optimal: nothing is better, proven",
        "gap": "not proven the best",
        "infeasible": "infeasible, proven",
        "stopped": "stopped without an answer",
        "objective": "objective",
        "bound": "bound",
        "gap_is": "gap",
        "open": "open",
        "would_do": "would do, the rest as it is",
    },
    "zh": {
        "optimal": "已证最优",
        "gap": "有界方案,未证最优",
        "infeasible": "不可行(已证)",
        "stopped": "中止,没有方案",
        "objective": "目标值",
        "bound": "下界或上界",
        "gap_is": "间隙",
        "open": "选址",
        "would_do": "其余不变时可行的取值",
    },
}


def describe(commands: Any) -> None:  # noqa: ANN401 - argparse's own type is private
    """Add the command."""
    words = "solve a textbook model on a cost matrix"
    sub = commands.add_parser("locate", help=words, description=words)
    sub.set_defaults(command=locate)
    sub.add_argument("model", type=lambda name: name.replace("-", "_"), choices=tuple(NEEDS), metavar="MODEL",
                     help=", ".join(NEEDS))  # fmt: skip
    costs = ".csv, .xlsx or .npz: a matrix with ids, or the columns demand, site, cost (p_dispersion: gaps of sites)"
    sub.add_argument("--costs", type=Path, required=True, metavar="FILE", help=costs)
    weights = "table: id of demand, then its weight (and `demand`, what it takes up of a site)"
    sub.add_argument("--weights", type=Path, metavar="FILE", help=weights)
    sites = "table: id of site, then any of fixed_cost, capacity, predefined"
    sub.add_argument("--sites", type=Path, metavar="FILE", help=sites)
    sub.add_argument("--radius", type=float, metavar="R", help="in the unit of the costs; inclusive")
    sub.add_argument("-p", type=int, metavar="P", help="how many sites are open")
    sub.add_argument("--share", type=float, metavar="S", help="of all weight, from 0 to 1")
    sub.add_argument("-k", type=int, metavar="K", help="nearest sites to begin with (5)")
    sub.add_argument("--backup", action="store_true", help="lscp: then most weight with a second site")
    sub.add_argument("--single-source", action="store_true", help="with capacities: do not split a demand")
    sub.add_argument("--per-unit", action="store_true", help="fixed_charge: costs are for one unit of demand")
    sub.add_argument("--gap", type=float, default=0.0, help="stop when the proven gap is this small (0)")
    sub.add_argument("--time-limit", type=float, default=300.0, metavar="S", help="stop after so many seconds (300)")
    sub.add_argument("-o", "--output", type=Path, metavar="FILE", help="who goes where: demand, site, share, cost")
    sub.add_argument("--json", action="store_true", help="print the result for machines")
    sub.add_argument("--lang", choices=("zh", "en"), default="en")
    sub.add_argument("-q", "--quiet", action="store_true", help="no words beside the result")


def locate(options: argparse.Namespace) -> int:
    """Solve, print, and write who goes where."""
    _check(options)
    from siting.optimise import SolverOptions  # noqa: PLC0415 - heavy
    from siting.optimise import locate as models  # noqa: PLC0415
    from siting.sources.matrices import read_pairs  # noqa: PLC0415

    pairs = read_pairs(options.costs)
    places = {"cost": options.costs, "cover": options.costs, "gaps": options.costs, "weights": options.weights,
              "demand": options.weights, "fixed": options.sites, "capacity": options.sites,
              "predefined": options.sites}  # fmt: skip
    keywords = _keywords(options)
    keywords["options"] = SolverOptions(gap=options.gap, time_limit_s=options.time_limit)
    matrix: Any = pairs
    if options.model in {"partial_cover", "set_cover"} and options.radius is not None:
        matrix = _within(pairs, options.radius)
    if options.model == "p_dispersion":
        matrix = _frame(pairs)
    try:
        location = getattr(models, options.model)(matrix, **keywords)
    except DataError as error:
        raise DataError(_at(problem, places) for problem in error.problems) from error
    if options.output is not None:
        _write(options.output, location, pairs)
    print(json.dumps(_for_machines(location), ensure_ascii=False, indent=1) if options.json
          else _for_people(location, options.lang))  # fmt: skip
    if options.output is not None and not options.quiet:
        say(f"  {options.output}")
    return {"infeasible": INFEASIBLE, "stopped": STOPPED}.get(location.certificate.status, DONE)


def _check(options: argparse.Namespace) -> None:
    """Refuse options that are missing, of no use, or out of range; all at once."""
    needs, takes = NEEDS[options.model], TAKES[options.model]
    problems = []
    for name in ("radius", "p", "share", "k", "weights", "sites", "backup", "single_source", "per_unit"):
        value = getattr(options, name)
        given = value is not None and value is not False
        flag = f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}"
        if name in needs and not given:
            problems.append(Problem(f"siting locate {options.model}", f"{flag} is missing", f"write {flag}"))
        if given and name not in needs + takes:
            what = f"{flag} means nothing to {options.model}"
            problems.append(Problem(f"siting locate {options.model}", what, "leave it out"))
    if not 0 <= options.gap < 1:
        problems.append(Problem(f"--gap {options.gap:g}", "is not from 0 to less than 1", "write e.g. 0.01"))
    if not options.time_limit > 0:
        problems.append(Problem(f"--time-limit {options.time_limit:g}", "is not above nought", "write seconds"))
    if problems:
        raise ConfigError(problems)


def _keywords(options: argparse.Namespace) -> dict[str, Any]:
    """Gather a model's arguments from the options and the tables they name."""
    from siting.sources.matrices import read_columns  # noqa: PLC0415 - heavy

    model = options.model
    keywords: dict[str, Any] = {}
    covers = model in {"partial_cover", "set_cover"}
    for name in ("radius", "p", "share", "k", "backup", "single_source", "per_unit"):
        value = getattr(options, name)
        if value is not None and value is not False and not (covers and name == "radius"):
            keywords[name] = value
    problems: list[Problem] = []
    if options.weights is not None:
        columns = read_columns(options.weights)
        weights, takes = _weights(options.weights, columns, problems)
        if model == "fixed_charge":
            keywords["demand"] = weights if takes is None else takes
        else:
            keywords["weights"] = weights
            if takes is not None and model == "p_median":
                keywords["demand"] = takes
    elif model in {"p_median", "k_nearest_p_median"}:
        keywords["weights"] = 1.0
    if options.sites is not None:
        keywords |= _sites(options, read_columns(options.sites), problems)
    if model == "partial_cover":
        keywords.setdefault("cost", 1.0)
    if problems:
        raise DataError(problems)
    return keywords


def _weights(file: Path, columns: dict[str, dict[str, str]], problems: list[Problem]) -> tuple[Any, Any]:
    """Read the weights, and what demand takes up where the table says so."""
    others = [name for name in columns if name != "demand"]
    name = "weight" if "weight" in columns else others[0] if len(others) == 1 else "demand" if not others else None
    if name is None or name not in columns:
        problems.append(Problem(f"{file}:1", "has no column `weight`", "name the column of the weights `weight`"))
        return None, None
    takes = _numbers(file, columns, "demand", problems) if "demand" in columns else None
    return _numbers(file, columns, name, problems), takes


def _sites(options: argparse.Namespace, columns: dict[str, dict[str, str]], problems: list[Problem]) -> dict[str, Any]:
    """Read fixed costs, capacities and what stands already, as far as the model asks for them."""
    file, model, found = options.sites, options.model, {}
    known = {"fixed_cost", "capacity", "predefined"}
    if not known & set(columns):
        mend = f"name its columns {', '.join(sorted(known))}"
        problems.append(Problem(f"{file}:1", "has none of the columns that are read", mend))
    costs = {"fixed_charge": "fixed", "set_cover": "cost", "partial_cover": "cost"}.get(model)
    if costs and "fixed_cost" in columns:
        found[costs] = _numbers(file, columns, "fixed_cost", problems)
    elif model == "fixed_charge":
        problems.append(Problem(f"{file}:1", "has no column `fixed_cost`", "write what opening each site costs"))
    if model in {"p_median", "fixed_charge"} and "capacity" in columns:
        found["capacity"] = _numbers(file, columns, "capacity", problems)
    kept = []
    for one, text in columns.get("predefined", {}).items():
        if text.strip().lower() in _YES:
            kept.append(one)
        elif text.strip().lower() not in _NO:
            problems.append(Problem(f"{file} {one}", f"predefined is {text!r}", "write 1 or 0"))
    return found | {"predefined": kept}


def _numbers(file: Path, columns: dict[str, dict[str, str]], name: str, problems: list[Problem]) -> dict[str, float]:
    """Read a column of numbers."""
    found = {}
    for one, text in columns[name].items():
        try:
            found[one] = float(text)
        except ValueError:
            what = f"{name} is {text!r}" if text else f"{name} is empty"
            problems.append(Problem(f"{file} {one}", what, "write a number ≥ 0"))
    return found


def _within(pairs: PairTable, radius: float) -> PairTable:
    """Return the pairs within the radius, as the other coverage models count them."""
    from siting.optimise.locate.inputs import inclusive  # noqa: PLC0415 - heavy

    coo: Any = pairs.cost.tocoo()
    there = inclusive(coo.data, radius)
    row, column = coo.coords
    matrix = type(pairs.cost)((coo.data[there], (row[there], column[there])), shape=pairs.cost.shape)
    return replace(pairs, cost=matrix)


def _frame(pairs: PairTable) -> Any:  # noqa: ANN401 - a DataFrame
    """Return the matrix with its names; a site's gap to itself does not matter."""
    import numpy as np  # noqa: PLC0415 - heavy
    import pandas as pd  # noqa: PLC0415

    coo: Any = pairs.cost.tocoo()
    dense = np.full(pairs.cost.shape, np.inf)
    dense[coo.coords] = coo.data
    return pd.DataFrame(dense, index=list(pairs.demand_ids), columns=list(pairs.site_ids))


def _at(problem: Problem, places: Mapping[str, Path | None]) -> Problem:
    """Say in which file an argument stood."""
    file = places.get(problem.where)
    return problem if file is None else replace(problem, where=f"{file} ({problem.where})")


def _for_machines(location: Location) -> dict[str, Any]:
    """Return the result as JSON has it."""
    proof, why = location.certificate, location.why
    demand = location.demand_ids or tuple(range(len(location.assignment)))
    return {
        "model": location.model,
        "status": proof.status,
        "objective": location.objective,
        "unit": proof.unit,
        "bound": proof.bound,
        "gap": proof.gap,
        "seconds": round(proof.seconds, 3),
        "solver": proof.solver,
        "version": proof.version,
        "seed": proof.seed,
        "how": proof.how,
        "open": list(location.open_ids),
        "assignment": {str(one): site for one, site in zip(demand, location.assignment_ids, strict=True)},
        "figures": dict(location.figures),
        "why": None
        if why is None
        else {
            "message": why.message,
            "demand": [demand[i] for i in why.demand],
            "smallest": dict(why.smallest),
        },
    }


def _for_people(location: Location, language: str) -> str:
    """Return the result in a few lines."""
    proof, words = location.certificate, _TOLD[language]
    lines = [f"{location.model}: {words[proof.status]}"]
    if location.objective is not None:
        lines.append(f"  {words['objective']} {_plain(location.objective)} ({proof.unit})")
        lines += [f"  {name} {_plain(value)}" for name, value in location.figures.items()]
        if proof.bound is not None and proof.gap is not None:
            lines.append(f"  {words['bound']} {_plain(proof.bound)}, {words['gap_is']} {proof.gap:.2%}")
        lines.append(f"  {words['open']} ({len(location.open)}): {', '.join(map(str, location.open_ids))}")
    if location.why is not None:
        lines.append(f"  {location.why.message}")
        lines += [f"  {words['would_do']}: {name} {value:,.15g}" for name, value in location.why.smallest.items()]
    return "\n".join(lines)


def _plain(value: float) -> str:
    """Write a number with as many decimals as it has, four at most."""
    return f"{value:,.4f}".rstrip("0").rstrip(".")


def _write(path: Path, location: Location, pairs: PairTable) -> None:
    """Write who goes where; the file is there whole or not at all."""
    coo: Any = location.shares.tocoo()
    costs: Any = pairs.cost.tocsr()
    served = sorted(zip(*(part.tolist() for part in coo.coords), coo.data.tolist(), strict=True))
    left = [i for i, site in enumerate(location.assignment.tolist()) if site < 0]
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    with unfinished.open("w", encoding="utf-8-sig", newline="") as lines:
        out = csv.writer(lines, lineterminator="\n")
        out.writerow(["demand", "site", "share", "cost"])
        for i, j, share in served:
            out.writerow([pairs.demand_ids[i], pairs.site_ids[j], f"{share:.10g}", f"{costs[i, j]:.10g}"])
        out.writerows([pairs.demand_ids[i], "", "", ""] for i in left)
    unfinished.replace(path)
