"""Two dozen scenarios on a real cluster: the same bytes as by this process alone, though a worker is killed."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from crews import (
    FEW,
    MANY,
    files_of,
    free_port,
    memory_of,
    scheduler_with_workers,
    threads_of,
    write_study,
)

from siting.errors import ConfigError
from siting.present.comparison import write_comparison
from siting.scenarios.compare import Asked, compared
from siting.scenarios.crew import LEAST_MEMORY, Hands, bounded, crew_of
from siting.scenarios.luggage import Luggage, packed
from siting.scenarios.orders import Failure, Order
from siting.scenarios.reading import comparison

if TYPE_CHECKING:
    from pathlib import Path


def carried_out(asked: Asked, hands: Hands, tell: object = None) -> dict[str, str]:
    found = compared(asked, hands, tell or (lambda *_: None))  # type: ignore[arg-type]
    write_comparison(comparison(found), asked.out, "zh")
    return dict(found.failures)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("town"), MANY)


@pytest.fixture(scope="module")
def alone(study: Path) -> Path:
    """What one process makes of all scenarios, one after the other."""
    asked = Asked(study, study.parent / "alone", cache=study.parent / "kept")
    failures = carried_out(asked, Hands(workers=1))
    assert failures.keys() == {"share-7"}
    assert "less than or equal to 1" in failures["share-7"]
    return asked.out


def test_a_cluster_makes_the_same_though_a_worker_is_killed(study: Path, alone: Path) -> None:
    out, told = study.parent / "cluster", []
    with scheduler_with_workers(study.parent) as (address, workers):

        def tell(kind: str, name: str, done: int, total: int) -> None:
            told.append((kind, name, done, total))
            if (kind, done) == ("scenarios", 8):
                workers[0].kill()

        asked = Asked(study, out, cache=study.parent / "other")
        failures = carried_out(asked, Hands(scheduler=address), tell)
        assert workers[0].poll() is not None, "it was killed"
        assert workers[1].poll() is None
    assert failures.keys() == {"share-7"}, "the one that must fail, and no other"
    names = {path.name for path in out.joinpath("scenarios").iterdir()}
    assert len(names) == 23
    assert files_of(out) == files_of(alone)
    assert sorted(name for kind, name, *_ in told if kind == "scenarios") == sorted(names)
    assert [done for kind, _, done, _ in told if kind == "scenarios"] == list(range(1, 24))


def test_workers_that_do_not_see_the_inputs_get_them(study: Path, alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = {path.name for path in alone.joinpath("scenarios").iterdir() if path.name.startswith("beds")}
    monkeypatch.setattr("siting.scenarios.crew.Cluster.every", lambda *_: False)  # no worker sees them
    with scheduler_with_workers(study.parent, 1) as (address, _):
        asked = Asked(study, study.parent / "sent", scenarios=("beds",), cache=study.parent / "third")
        assert carried_out(asked, Hands(scheduler=address)) == {}
        places = list(study.parent.glob("worker0/**/siting-inputs/*/**/pop.tif"))
    assert len(places) == 1, "they were sent, once"
    for name in wanted:
        one, other = (files_of(out / "scenarios" / name) for out in (asked.out, alone))
        assert one == other


def test_processes_of_this_machine_do_as_well(study: Path, alone: Path) -> None:
    asked = Asked(study, study.parent / "two", scenarios=("beds",), cache=study.parent / "kept")
    assert carried_out(asked, Hands(workers=2, memory="1.5GB")) == {}
    for place in asked.out.joinpath("scenarios").iterdir():
        assert files_of(place) == files_of(alone / "scenarios" / place.name)


def test_a_worker_that_wants_too_much_memory_is_ended_and_the_others_go_on() -> None:
    tasks = {"greedy": (memory_of, 2000)} | {f"modest-{number}": (memory_of, 20) for number in range(5)}
    with crew_of(Hands(workers=2, memory="900MB"), len(tasks)) as crew:
        found = dict(crew.results(tasks))
        threads = dict(crew.results({str(number): (threads_of,) for number in range(2)}))
    greedy = found.pop("greedy")
    assert isinstance(greedy, Failure)
    assert "its worker was lost 2 times over, most likely for want of memory" in greedy.reason
    assert all(int(files["peak"]) < 900 for files in found.values()), "they were done, within the bound"
    assert {files["threads"] for files in threads.values()} == {b"1"}, "workers do not fight over processors"


def test_one_worker_has_its_bound_too() -> None:
    with crew_of(Hands(workers=1, memory="900MB"), 1) as crew:
        (greedy,) = dict(crew.results({"greedy": (memory_of, 2000)})).values()
    assert isinstance(greedy, Failure)


@pytest.mark.parametrize(
    ("memory", "scheduler", "told"),
    [
        ("much", None, "is no amount of memory"),
        ("100MB", None, f"before it has read anything \\({LEAST_MEMORY}\\)"),
        ("2GB", "tcp://127.0.0.1:1", "dask worker tcp://127.0.0.1:1 --memory-limit 2GB"),
    ],
)
def test_memory_that_nobody_can_be_given_is_told(memory: str, scheduler: str | None, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        bounded(Hands(memory=memory, scheduler=scheduler))


def test_a_plan_does_not_depend_on_how_many_share_the_processors(study: Path) -> None:
    order = Order(str(study), None, "base")
    assert order.config().options.solver.threads == 1
    told = Order(str(study), None, "base", ("solver.threads=3",))
    assert told.config().options.solver.threads == 3, "what the study says counts"


def test_what_is_finished_is_not_done_again(study: Path, alone: Path) -> None:
    again, told = study.parent / "again", []
    shutil.copytree(alone, again)
    before = {path: path.stat().st_mtime_ns for path in again.rglob("run.json")}
    asked = Asked(study, again, cache=study.parent / "kept")
    carried_out(asked, Hands(workers=1), lambda *piece: told.append(piece))
    assert told == []
    assert {path: path.stat().st_mtime_ns for path in again.rglob("run.json")} == before
    text = study.read_text(encoding="utf-8")
    study.write_text(text.replace("[0.6, 0.7, 0.8, 7]", "[0.6, 0.7, 0.75]"), encoding="utf-8")
    try:
        assert carried_out(asked, Hands(workers=1), lambda *piece: told.append(piece)) == {}
    finally:
        study.write_text(text, encoding="utf-8")
    assert [name for kind, name, *_ in told if kind == "scenarios"] == ["share-0.75"], "only what is new"
    assert not again.joinpath("scenarios", "share-0.8").exists(), "what is no longer asked for goes"


def test_a_scheduler_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("siting.scenarios.crew._PATIENCE_S", 1)
    study = write_study(tmp_path, FEW)
    with pytest.raises(ConfigError, match="no scheduler answers"):
        carried_out(Asked(study, tmp_path / "out"), Hands(scheduler=f"tcp://127.0.0.1:{free_port()}"))
    assert not tmp_path.joinpath("out").exists()


def test_a_study_that_cannot_be_run_stops_everything_with_its_problems(tmp_path: Path) -> None:
    study = write_study(tmp_path, FEW)
    with pytest.raises(ConfigError, match="did you mean 'speed'"):
        carried_out(Asked(study, tmp_path / "out", scenarios=("sped",)), Hands(workers=1))
    study.write_text(study.read_text(encoding="utf-8").replace("gap: 0.001", "gap: 2"), encoding="utf-8")
    with pytest.raises(ConfigError, match=r"solver\.gap"):
        carried_out(Asked(study, tmp_path / "out"), Hands(workers=1))
    assert not tmp_path.joinpath("out").exists()


def test_luggage_keeps_files_where_they_stood(tmp_path: Path) -> None:
    for name in ("studies/a.yaml", "data/b.csv"):
        path = tmp_path / name
        path.parent.mkdir()
        path.write_text(name, encoding="utf-8")
    files = [tmp_path / "studies" / "a.yaml", tmp_path / "data" / "b.csv"]
    luggage, places = packed(files, [files[0], tmp_path / "data"])
    assert places == ["studies/a.yaml", "data"]
    assert luggage.files == {"studies/a.yaml": b"studies/a.yaml", "data/b.csv": b"data/b.csv"}
    assert luggage.digest == Luggage(dict(reversed(luggage.files.items()))).digest
