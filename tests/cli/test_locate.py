"""`siting locate` on small files: the same answer from every form of a matrix, what is refused, and exit codes."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy import sparse

from siting.cli import BAD_INPUT, DONE, INFEASIBLE, STOPPED, main

if TYPE_CHECKING:
    from pathlib import Path

# Three villages along a road, A – B –– C, and a site beside each; c is out of A's reach.
WIDE = "id,a,b,c\nA,0,2,\nB,2,0,4\nC,7,4,0\n"
LONG = "site,cost,demand\na,0,A\nb,2,A\na,2,B\nb,0,B\nc,4,B\na,7,C\nb,4,C\nc,0,C\n"
PEOPLE = "id,weight,demand\nC,6,2\nA,30,3\nB,10,4\n"  # not in the matrix's order
SITES = "id,fixed_cost,capacity,predefined\nc,20,9,0\nb,10,7,no\na,15,4,\n"


@pytest.fixture
def town(tmp_path: Path) -> Path:
    for name, text in (("wide.csv", WIDE), ("long.csv", LONG), ("people.csv", PEOPLE), ("sites.csv", SITES)):
        tmp_path.joinpath(name).write_text(text, encoding="utf-8")
    ids = {"demand_ids": np.array(list("ABC")), "site_ids": np.array(list("abc"))}
    dense = np.array([[0, 2, np.nan], [2, 0, 4], [7, 4, 0]])
    np.savez(tmp_path / "dense.npz", cost=dense, **ids)
    row, column = np.nonzero(~np.isnan(dense))
    thin = sparse.csr_array((dense[row, column], (row, column)), shape=(3, 3))
    np.savez(tmp_path / "thin.npz", indptr=thin.indptr, indices=thin.indices, data=thin.data, shape=thin.shape, **ids)
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any]]:
    """Run a command with --json; return its exit code and what it printed."""
    capsys.readouterr()
    code = main(["locate", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out or "{}")


@pytest.mark.parametrize("name", ["wide.csv", "long.csv", "dense.npz", "thin.npz"])
def test_every_form_of_a_matrix_gives_the_same_answer(
    town: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    code, said = told(capsys, "p-median", "--costs", town / name, "--weights", town / "people.csv", "-p", 2)
    assert code == DONE
    assert said["status"] == "optimal"
    assert said["objective"] == 20  # A and C have their own; B's ten go two to a
    assert sorted(said["open"]) == ["a", "c"]
    assert said["assignment"] == {"A": "a", "B": "a", "C": "c"}


@pytest.mark.parametrize(
    ("arguments", "objective"),
    [
        (["lscp", "--radius", "4"], 1),
        (["lscp", "--radius", "4", "--backup", "--weights", "people.csv"], 1),
        (["lscp", "--radius", "2"], 2),
        (["mclp", "--radius", "2", "-p", "1", "--weights", "people.csv"], 40),
        (["partial_cover", "--radius", "2", "--share", "0.8", "--weights", "people.csv", "--sites", "sites.csv"], 10),
        (["set_cover", "--radius", "2", "--sites", "sites.csv"], 30),
        (["set_cover"], 1),
        (["k_nearest_p_median", "-p", "2", "-k", "1", "--weights", "people.csv"], 20),
        (["p_center", "-p", "1"], 4),
        (["fixed_charge", "--sites", "sites.csv"], 16),
        (["fixed_charge", "--sites", "sites.csv", "--weights", "people.csv"], 29),
        (["fixed_charge", "--sites", "sites.csv", "--weights", "people.csv", "--single-source"], 29),
    ],
    ids=lambda part: " ".join(part) if isinstance(part, list) else "",
)
def test_every_model_answers(
    town: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], objective: float
) -> None:
    placed = [town / word if word.endswith(".csv") else word for word in arguments]
    code, said = told(capsys, placed[0], "--costs", town / "wide.csv", *placed[1:])
    assert code == DONE
    assert said["status"] == "optimal"
    assert said["objective"] == pytest.approx(objective)


def test_sites_are_kept_apart_by_their_gaps(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town.joinpath("gaps.csv").write_text("id,c,a,b\na,6,,2\nb,4,2,0\nc,0,6,4\n", encoding="utf-8")
    code, said = told(capsys, "p_dispersion", "--costs", town / "gaps.csv", "-p", 2)
    assert (code, said["objective"], sorted(said["open"])) == (DONE, 6, ["a", "c"])


def test_existing_sites_stay(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town.joinpath("kept.csv").write_text("id,predefined\na,0\nb,0\nc,是\n", encoding="utf-8")
    _, said = told(capsys, "p_center", "--costs", town / "wide.csv", "-p", 2, "--sites", town / "kept.csv")
    assert "c" in said["open"]


def test_who_goes_where_is_written(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = town / "new" / "out.csv"
    ask = ["mclp", "--costs", town / "wide.csv", "--weights", town / "people.csv", "--radius", "2", "-p", "1"]
    told(capsys, *ask, "-o", out)
    with out.open(encoding="utf-8-sig", newline="") as lines:
        rows = {row["demand"]: (row["site"], row["share"], row["cost"]) for row in csv.DictReader(lines)}
    site = rows["A"][0]
    assert rows == {
        "A": (site, "1", "0" if site == "a" else "2"),
        "B": (site, "1", "2" if site == "a" else "0"),
        "C": ("", "", ""),
    }
    assert [path.name for path in out.parent.iterdir()] == ["out.csv"]


def test_what_cannot_be_says_what_could(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town.joinpath("far.csv").write_text("id,a,b\nA,3,9\nB,8,6\n", encoding="utf-8")
    code, said = told(capsys, "lscp", "--costs", town / "far.csv", "--radius", "5")
    assert code == INFEASIBLE
    assert said["status"] == "infeasible"
    assert said["why"]["demand"] == ["B"]
    assert said["why"]["smallest"] == {"radius": 6}
    assert main(["locate", "lscp", "--costs", str(town / "far.csv"), "--radius", "6"]) == DONE
    town.joinpath("thin.csv").write_text("id,a,b\nA,3,\nB,,6\n", encoding="utf-8")
    code, said = told(capsys, "p_median", "--costs", town / "thin.csv", "-p", "1")
    assert (code, said["why"]["smallest"]) == (INFEASIBLE, {"p": 2})
    assert len(said["why"]["demand"]) == 1
    for language, word in (("en", "infeasible"), ("zh", "不可行")):
        ask = ["locate", "p_center", "--costs", str(town / "thin.csv"), "-p", "1", "--lang", language]
        assert main(ask) == INFEASIBLE
        assert word in capsys.readouterr().out


def test_a_stopped_search_is_not_optimal(town: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # Costs without any geometry leave a gap between relaxation and optimum, which only branching closes.
    np.savez(town / "large.npz", cost=np.random.default_rng(0).random((60, 40)))
    ask = ["p_median", "--costs", town / "large.npz", "-p", "6", "--time-limit", "0.000001"]
    code, said = told(capsys, *ask)
    assert code in {DONE, STOPPED}
    assert said["status"] in {"gap", "stopped"}
    full = told(capsys, *ask[:-2])[1]
    assert full["status"] == "optimal"
    assert said["bound"] is None or said["bound"] <= full["objective"]
    assert said["objective"] is None or said["objective"] >= full["objective"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["mclp", "-p", "2", "--share", "0.5"],
            ["--radius is missing", "--weights is missing", "--share means nothing"],
        ),
        (["p_center", "-p", "4"], ["is 4, with 3 sites"]),
        (["p_center", "-p", "1", "--costs", "none.csv"], ["none.csv", "there is no such file"]),
        (["p_center", "-p", "1", "--costs", "odd.csv"], ["odd.csv:2 b", "'x' is no cost", "odd.csv:3 a", "'-1'"]),
        (["p_center", "-p", "1", "--costs", "twice.csv"], ["twice.csv:3", "repeats the id 'A' of", "twice.csv:2"]),
        (["p_center", "-p", "1", "--costs", "pair.csv"], ["pair.csv:3", "repeats the pair 'A', 'a'"]),
        (["p_center", "-p", "1", "--costs", "broken.npz"], ["broken.npz", "is no .npz"]),
        (["p_median", "-p", "1", "--weights", "few.csv"], ["few.csv (weights)", "lacks demand ids", "B, C", "Z"]),
        (["p_median", "-p", "1", "--weights", "bad.csv"], ["bad.csv B", "'many'"]),
        (["fixed_charge", "--sites", "people.csv"], ["has none of the columns", "fixed_cost"]),
        (["p_center", "-p", "1", "--gap", "2", "--time-limit", "0"], ["--gap 2", "--time-limit 0"]),
    ],
    ids=lambda part: " ".join(part) if part[0].startswith(("p_", "m", "f")) else "",
)
def test_bad_input_is_told_at_once(
    town: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], words: list[str]
) -> None:
    for name, text in {
        "odd.csv": "id,a,b\nA,1,x\nB,-1,2\n",
        "twice.csv": "id,a\nA,1\nA,2\n",
        "pair.csv": "demand,site,cost\nA,a,1\nA,a,2\n",
        "broken.npz": "no archive",
        "few.csv": "id,weight\nA,1\nZ,2\n",
        "bad.csv": "id,weight\nA,1\nB,many\nC,1\n",
    }.items():
        town.joinpath(name).write_text(text, encoding="utf-8")
    placed = [str(town / word) if word.endswith((".csv", ".npz")) else word for word in arguments]
    costs = [] if "--costs" in arguments else ["--costs", str(town / "wide.csv")]
    assert main(["locate", *placed, *costs, "-o", str(town / "out.csv")]) == BAD_INPUT
    said = capsys.readouterr()
    assert not said.out
    assert [word for word in words if word not in said.err] == []
    assert not town.joinpath("out.csv").exists()


def test_unknown_models_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(["locate", "median", "--costs", "x.csv"])
    assert leaving.value.code == BAD_INPUT
    assert "p_median" in capsys.readouterr().err
