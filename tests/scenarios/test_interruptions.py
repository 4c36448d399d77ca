"""A comparison that is interrupted at any moment ends, when it is run again, as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from crews import FEW, files_of, write_study

from siting.cli import DONE, INTERRUPTED, main
from siting.scenarios.keeping import Shelf

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests in the background may ignore it
from siting.cli import main
sys.exit(main())
"""


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_study(tmp_path_factory.mktemp("town"), FEW)


def arguments(study: Path, out: str, workers: int) -> list[str]:
    place = ["-o", str(study.parent / out), "--cache", str(study.parent / "kept")]
    return ["compare", str(study), *place, "--workers", str(workers), "-v"]


def stamps(out: Path) -> dict[str, int]:
    """When each piece of work was finished."""
    return {path.parent.relative_to(out).as_posix(): path.stat().st_mtime_ns for path in out.rglob("done.json")}


def interrupted(study: Path, out: str, workers: int, after: str, how: signal.Signals) -> tuple[int, str]:
    """Run a comparison and interrupt it once it has said that a piece of work is finished."""
    command = [sys.executable, "-c", COMMAND, *arguments(study, out, workers)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:  # noqa: S603
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if after in line:
                process.send_signal(how)
                break
        said += process.stderr
        return process.wait(120), "".join(said)


def test_interrupted_at_five_moments_it_ends_as_an_undisturbed_run(study: Path) -> None:
    assert main([*arguments(study, "whole", 1), "-q"]) == DONE
    out = study.parent / "broken"
    moments = [
        (2, "scenarios: ██████·", signal.SIGINT),
        (1, "scenarios: ████████████·", signal.SIGKILL),
        (2, "scenarios: ██████████████████·", signal.SIGKILL),
        (1, "audits: ██████·", signal.SIGINT),
        (1, "audits: ████████████·", signal.SIGKILL),
    ]
    finished: dict[str, int] = {}
    for number, (workers, after, how) in enumerate(moments):
        code, said = interrupted(study, "broken", workers, after, how)
        assert after in said, said
        assert code == (INTERRUPTED if how is signal.SIGINT else -how), said
        assert "Traceback" not in said
        now = stamps(out)
        assert finished.items() <= now.items(), "finished work was not touched"
        assert len(now) > number, "and there is more of it each time"
        finished = now
    assert main([*arguments(study, "broken", 1), "-q"]) == DONE
    assert finished.items() <= stamps(out).items()
    assert files_of(out) == files_of(study.parent / "whole")


def test_a_killed_writer_leaves_nothing_that_counts(study: Path) -> None:
    shelf = Shelf(study.parent / "shelf")
    shelf.put("a", "k", {"x": b"1"})
    half = study.parent / "shelf" / ".b.writing"
    half.mkdir()
    half.joinpath("x").write_bytes(b"half")
    assert shelf.finished("a", "k")
    assert not shelf.finished("a", "other")
    assert not shelf.finished("b", "k")
    again = Shelf(study.parent / "shelf")
    assert not half.exists()
    again.put("a", "new", {"y": b"2"})
    assert again.finished("a", "new")
    assert sorted(path.name for path in study.parent.joinpath("shelf", "a").iterdir()) == ["done.json", "y"]
