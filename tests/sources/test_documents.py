from __future__ import annotations

import datetime as dt
import sys
from typing import TYPE_CHECKING

import pytest

from siting.errors import ConfigError
from siting.sources import read_yaml, shipped

if TYPE_CHECKING:
    from pathlib import Path

STUDY = """# a comment
study: demo
walk:
  speed_m_per_s: 0.9
  steps: yes
phases: [2023, 2024,
  2025]
day: 2024-05-01
candidates:
  - file: a.csv
  - file: b.csv
    tenure: idle
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "study.yaml"


def problem(path: Path, content: str | bytes) -> str:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ConfigError) as caught:
        read_yaml(path)
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_a_document_is_plain_data(path: Path) -> None:
    path.write_text(STUDY, encoding="utf-8")
    data = read_yaml(path).data
    assert data == {
        "study": "demo",
        "walk": {"speed_m_per_s": 0.9, "steps": "yes"},  # YAML 1.2: yes is a word
        "phases": [2023, 2024, 2025],
        "day": dt.date(2024, 5, 1),
        "candidates": [{"file": "a.csv"}, {"file": "b.csv", "tenure": "idle"}],
    }
    assert {type(data), type(data["walk"]), type(data["phases"])} == {dict, list}
    assert type(data["walk"]["speed_m_per_s"]) is float


def test_every_key_and_item_has_its_line(path: Path) -> None:
    path.write_text(STUDY, encoding="utf-8")
    document = read_yaml(path)
    assert document.line(("study",)) == 2
    assert document.line(("walk", "speed_m_per_s")) == 4
    assert document.line(("phases", 2)) == 7
    assert document.line(("candidates", 1, "tenure")) == 12


def test_a_key_that_is_missing_is_placed_at_its_parent(path: Path) -> None:
    path.write_text(STUDY, encoding="utf-8")
    document = read_yaml(path)
    assert document.line(("walk", "max_connector_m")) == 3
    assert document.line(("candidates", 1, "<listed>", "kinds")) == 11
    assert document.line(("goal",)) == 1


def test_merged_keys_are_read(path: Path) -> None:
    path.write_text("a: &a {x: 1}\nb:\n  <<: *a\n  y: 2\n", encoding="utf-8")
    document = read_yaml(path)
    assert document.data["b"] == {"x": 1, "y": 2}
    assert document.line(("b", "y")) == 4


def test_windows_line_ends_and_byte_order_mark(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    assert read_yaml(path).data == {"a": 1, "b": 2}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", "study.yaml:3: is not well-formed YAML"),
        ("a: 1\n b: 2\n", "study.yaml:2: is not well-formed YAML"),
        ("a: 1\nb: 2\na: 3\n", "study.yaml:3: the key 'a' is written twice → keep one"),
        ("walk:\n  speed: 1\n  speed: 2\n", "study.yaml:3: the key 'speed' is written twice"),
        ("- 1\n- 2\n", "study.yaml:1: holds a list at its top level"),
        ("", "study.yaml:1: holds nothing at its top level"),
        ("only words", "study.yaml:1: holds a single value"),
        ("a: 1\n名: ".encode() + b"\xb9\xfa\n", "study.yaml:2: byte 0xb9 is not UTF-8 → save the file as UTF-8"),
        ("a: *nowhere\n", "study.yaml:1: is not well-formed YAML"),
        ("a: !!python/object:os.system {}\nb: \t- x\n", "study.yaml:2"),
        ("a: \x01\n", "study.yaml:1"),
    ],
)
def test_a_broken_document_is_told_with_its_line(path: Path, content: str | bytes, says: str) -> None:
    assert says in problem(path, content)


def test_a_missing_document_is_told(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"study\.yaml: there is no such file"):
        read_yaml(path)


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        read_yaml(tmp_path)


def test_an_installed_wheel_carries_its_own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "siting"
    (wheel / "_shipped" / "configs").mkdir(parents=True)
    (wheel / "_shipped" / "configs" / "catalogue.yaml").touch()
    monkeypatch.setattr(sys.modules["siting.sources.shipped"], "__file__", str(wheel / "sources" / "shipped.py"))
    assert shipped("configs/catalogue.yaml") == wheel / "_shipped" / "configs" / "catalogue.yaml"


def test_shipped_files_are_found() -> None:
    assert shipped("configs/profiles.yaml").is_file()
    with pytest.raises(ConfigError, match="does not ship"):
        shipped("configs/nothing.yaml")


def test_what_is_done_to_a_document_stays_in_it(path: Path) -> None:
    path.write_text(STUDY, encoding="utf-8")
    read_yaml(path).data["walk"]["speed_m_per_s"] = 2
    assert read_yaml(path).data["walk"]["speed_m_per_s"] == 0.9, (
        "files are parsed once, but nobody shares what was read"
    )
    path.write_text(STUDY.replace("0.9", "0.7"), encoding="utf-8")
    assert read_yaml(path).data["walk"]["speed_m_per_s"] == 0.7, "and a file that was changed is read anew"
