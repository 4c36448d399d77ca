"""Headers and words of planners' tables, by the shipped mapping; and the mapping itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from small_registers import candidates, facilities, register

from siting.errors import DataError
from siting.model.attributes import Period
from siting.sources.attributes import READERS
from siting.sources.columns import columns, plain
from siting.sources.desk import number_in
from siting.sources.options import FacilitiesFile

if TYPE_CHECKING:
    from pathlib import Path

    from siting.model.sites import Sites
    from siting.sources.listed import Register

DAY = dt.date


def refused(folder: Path, content: str, **options: Any) -> str:  # noqa: ANN401 - keys of a study
    with pytest.raises(DataError) as caught:
        facilities(folder, content, **options)
    return str(caught.value)


@dataclass
class Read:
    register: Register
    sites: Sites


def told_register(folder: Path, content: str, **options: Any) -> Read:  # noqa: ANN401
    """Read a table without saying anything of its operators, and keep who read it."""
    (folder / "f.csv").write_text(content, encoding="utf-8")
    desk = register(folder)
    return Read(desk, desk.facilities([FacilitiesFile.model_validate({"file": "f.csv", **options})]))


def facilities_of(folder: Path, content: str, **options: Any) -> Sites:  # noqa: ANN401
    return told_register(folder, content, **options).sites


def refused_of(folder: Path, content: str, **options: Any) -> str:  # noqa: ANN401
    with pytest.raises(DataError) as caught:
        facilities_of(folder, content, **options)
    return str(caught.value)


def test_no_header_means_two_things() -> None:
    table = columns()
    every = [*table.headers.values(), *(one.headers for one in table.attributes.values())]
    # kind and kinds, like facilities and candidates, never stand in one table
    assert sum(len(headers) for headers in every) == len(frozenset().union(*every))
    assert all(one.type in READERS for one in table.attributes.values())
    assert not set(table.headers) & set(table.attributes)


def test_no_word_means_two_things() -> None:
    table = columns()
    for key, words in table.ambiguous.items():
        assert not set(words) & set(table.words[key])


@pytest.mark.parametrize("header", ["经度", "lng", "Longitude", "ＬＮＧ", " 东经 "])
def test_coordinates_are_found_by_their_headers(tmp_path: Path, header: str) -> None:
    sites = facilities(tmp_path, f"{header},纬度\n120.71,30.51\n", kind="day_care", operator="public")
    assert sites.x_m == facilities(tmp_path, "lon,lat\n120.71,30.51\n", kind="day_care", operator="public").x_m


def test_a_table_of_chinese_headers_needs_no_keys(tmp_path: Path) -> None:
    header = "编号,设施名称,经度,纬度,总床位数（张）,护理型床位,建筑面积(㎡)"
    content = f'{header}\nA,安康,120.71,30.51,１２０张,60 张,"3,500平方米"\n'
    sites = facilities(tmp_path, content, kind="home", operator="public")
    assert (sites.id, sites.name) == (("A",), ("安康",))
    assert sites.beds.tolist() == [[60, 60, 0]]
    assert sites.floor_area_m2.tolist() == [3500]


def test_a_keys_own_name_comes_first(tmp_path: Path) -> None:
    content = "lon,lat,beds,核定床位\n120.71,30.51,50,80\n"
    assert facilities(tmp_path, content, kind="home", operator="public").beds.sum() == 50


def test_two_columns_of_one_meaning_stop_the_run(tmp_path: Path) -> None:
    told = refused(tmp_path, "lon,lat,核定床位,实有床位\n120.71,30.51,50,80\n", kind="home", operator="public")
    assert told.startswith("f.csv:1: 2 columns may be 'beds': 核定床位, 实有床位 → write `facilities.beds: 核定床位`")


def test_a_missing_meaning_says_what_was_seen(tmp_path: Path) -> None:
    told = refused(tmp_path, "X,北纬\n1,30.51\n", kind="home", operator="public")
    assert "f.csv:1: has no column 'lon'; its columns are X, 北纬 → write `facilities.lon: <column>`" in told


@pytest.mark.parametrize(
    ("text", "unit", "number"),
    [
        ("120张", "beds", 120),
        ("１２０", None, 120),
        ("1,200 个", "beds", 1200),
        ("85㎡", "area", 85),
        ("3.5", None, 3.5),
    ],
)
def test_numbers_with_units(text: str, unit: str | None, number: float) -> None:
    assert number_in(text, unit) == number


@pytest.mark.parametrize("text", ["约100", "100-120", "100多", "一百", "10 20", "1_0", "12,34", "120张", "无"])
def test_what_is_no_number(text: str) -> None:
    assert number_in(text) is None


@pytest.mark.parametrize("beds", ["约100", "100-120", "百余张", "无", "100+20"])
def test_unclear_beds_are_told_with_their_record(tmp_path: Path, beds: str) -> None:
    told = refused(tmp_path, f"lon,lat,beds\n120.71,30.51,{beds}\n", kind="home", operator="public")
    assert told == f"f.csv:2: beds {beds!r} is not a number → write digits only"


FACTS = """lon,lat,消防,等级,入住率,在住人数,服务项目,built,开业时间,地址,备注
120.71,30.51,是,三星级,74%,１２０人,助餐、助浴；理发,1994,2019年5月,解放路1号,x
120.72,30.51,整改中,AAA,0.5,,,2017-09-19,2017/9/19,,y
"""


def test_facts_are_read_by_their_types(tmp_path: Path) -> None:
    facts = facilities(tmp_path, FACTS, kind="day_care", operator="public").attributes
    assert facts == {
        "fire_safety": (True, False),
        "rating": (3.0, 3.0),
        "occupancy": (0.74, 0.5),
        "residents": (120.0, None),
        "services": (("meals", "bathing", "理发"), None),
        "built": (Period(DAY(1994, 1, 1), DAY(1994, 12, 31)), Period(DAY(2017, 9, 19), DAY(2017, 9, 19))),
        "opened": (Period(DAY(2019, 5, 1), DAY(2019, 5, 31)), Period(DAY(2017, 9, 19), DAY(2017, 9, 19))),
        "address": ("解放路1号", None),
    }


def test_facts_follow_their_sites(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("lon,lat,护士\n120.71,30.51,2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("lon,lat,社工\n120.72,30.51,1\n120.73,30.51,\n", encoding="utf-8")
    tables = [FacilitiesFile(file=name, kind="day_care") for name in ("a.csv", "b.csv")]
    sites = register(tmp_path).facilities(tables)
    assert sites.attributes == {"nurses": (2.0, None, None), "social_workers": (None, 1.0, None)}
    assert sites.attribute("staff") == (None, None, None)
    assert sites.taken([1, 0]).attributes == {"nurses": (None, 2.0), "social_workers": (1.0, None)}


def test_candidates_state_facts_too(tmp_path: Path) -> None:
    sites = candidates(tmp_path, "lon,lat,竣工日期\n120.71,30.51,2016年12月3日\n", tenure="idle")
    assert sites.attribute("built") == (Period(DAY(2016, 12, 3), DAY(2016, 12, 3)),)


def test_a_study_names_facts_itself(tmp_path: Path) -> None:
    content = "lon,lat,A,B,消防\n120.71,30.51,2,有,?\n"
    own = {"staff": "A", "lift": {"column": "B", "type": "yes_no"}, "fire_safety": None}
    sites = facilities(tmp_path, content, kind="day_care", operator="public", attributes=own)
    assert sites.attributes == {"staff": (2.0,), "lift": (True,)}


@pytest.mark.parametrize(
    ("header", "cell", "mend"),
    [
        ("消防", "待定", "是 or 否 (yes or no)"),
        ("等级", "优", "a grade from 1 to 5"),
        ("入住率", "74", "a share from 0 to 1, or per cent with %"),
        ("在住人数", "约50", "a whole number"),
        ("在住人数", "50.5", "a whole number"),
        ("built", "九十年代", "a day, a month or a year"),
        ("built", "2017-02-30", "a day that the calendar has"),
        ("built", "2017.1", "a day, a month or a year"),
        ("项目建筑面积", "-3", "a number that is 0 or more"),
    ],
)
def test_facts_that_cannot_be_read(tmp_path: Path, header: str, cell: str, mend: str) -> None:
    told = refused(tmp_path, f"lon,lat,{header}\n120.71,30.51,{cell}\n", kind="day_care", operator="public")
    assert told.startswith("f.csv:2: ")
    assert f"{cell!r} (column {header!r}) cannot be read → write {mend}" in told
    assert ": null}}`" in told


def test_facts_that_are_not_there(tmp_path: Path) -> None:
    named = {"attributes": {"lift": "B", "staff": "A"}, "kind": "day_care", "operator": "public"}
    told = refused(tmp_path, "lon,lat,B\n120.71,30.51,1\n", **named)
    assert "f.csv:1: 'lift' is no fact of configs/columns.yaml" in told
    assert "f.csv:1: has no column 'A'; its columns are lon, lat, B → write `facilities.attributes.staff:" in told


def test_words_are_compared_bare() -> None:
    assert plain(" Ｎursing_Home ") == "nursinghome"


def test_kinds_and_operators_are_found_and_understood(tmp_path: Path) -> None:
    rows = (
        "安康院,养老院,民营,120.71,30.51,30张",
        "幸福,社区日间照料中心,公办,120.72,30.51,",
        "乐,home,public,120.73,30.51,8",
    )
    content = "\n".join(["设施名称,设施类型,机构性质,经度,纬度,核定床位", *rows])
    sites = facilities_of(tmp_path, content.replace("养老院,", "home,"))
    assert sites.kind == ("home", "day_care", "home")
    told = facilities_of(tmp_path, content, words={"kind": {"养老院": "home"}})
    assert told.kind == sites.kind
    assert told.operator == ("non_state", "public", "public")
    assert told.beds.sum(axis=1).tolist() == [30, 0, 8]


def test_a_word_for_all_rows_is_understood_too(tmp_path: Path) -> None:
    assert facilities(tmp_path, "lon,lat\n120.71,30.51\n", kind="日间照料", operator="民办").kind == ("day_care",)


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("日间照料中", "is unknown (is it '日间照料中心'?) → write one of home, day_care, hub, or say what it means"),
        (
            "饭馆",
            "is unknown → write one of home, day_care, hub, or say what it means: `facilities: {words: {kind: {饭馆",
        ),
        (
            "长者食堂",
            "means 'canteen', which is not one of home, day_care, hub → say what it is here, null leaves such",
        ),
    ],
)
def test_unknown_kinds_say_how_to_write_them(tmp_path: Path, kind: str, says: str) -> None:
    told = refused(tmp_path, f"lon,lat,类型\n120.71,30.51,{kind}\n", operator="public")
    assert told.startswith(f"f.csv:2: kind {kind!r} (column '类型') {says}")


def test_words_that_plans_read_differently_are_the_studys_to_settle(tmp_path: Path) -> None:
    content = "lon,lat,性质\n120.71,30.51,公建民营\n"
    told = refused_of(tmp_path, content, kind="day_care")
    assert "operator '公建民营' (column '性质') is read differently by different plans" in told
    assert "`facilities: {words: {operator: {公建民营: public}}}`" in told
    own = {"operator": {"公建民营": "non_state"}}
    assert facilities_of(tmp_path, content, kind="day_care", words=own).operator == ("non_state",)


def test_words_set_to_null_leave_rows_out_and_name_them(tmp_path: Path) -> None:
    content = "name,lon,lat,类型,beds\n甲,120.71,30.51,长者食堂,x\n乙,120.72,30.51,home,9\n"
    desk = told_register(tmp_path, content, words={"kind": {"长者食堂": None}})
    assert desk.sites.name == ("乙",)
    (gone,) = desk.register.standing.left_out
    assert (gone.origin, gone.name, gone.kind, gone.why, gone.word) == (
        "f.csv:2",
        "甲",
        "长者食堂",
        "left_out",
        "长者食堂",
    )
    assert [one.en for one in desk.register.intake.warnings] == [
        "1 facilities are left out by the study's `words`: 甲."
    ]


STATES = """id,name,kind,lon,lat,beds,运营状态
A,甲,home,120.71,30.51,10,运营中
B,乙,home,120.72,30.51,关门,已关闭
C,丙,旅馆,120.73,30.51,5,在建
D,丁,home,120.74,30.51,7,
A,甲旧,home,120.71,30.51,10,停业
"""


def test_closed_facilities_and_those_not_built_are_left_out_and_named(tmp_path: Path) -> None:
    desk = told_register(tmp_path, STATES)
    assert desk.sites.id == ("A", "D")
    assert desk.sites.beds.sum() == 17
    assert [(one.id, one.why, one.word, one.origin) for one in desk.register.standing.left_out] == [
        ("B", "closed", "已关闭", "f.csv:3"),
        ("C", "under_construction", "在建", "f.csv:4"),
        ("A", "closed", "停业", "f.csv:6"),
    ]
    assert [one.en for one in desk.register.intake.warnings] == [
        "1 facilities state no status and count as working.",
        "2 facilities are closed and left out: 乙、甲旧.",
        "1 facilities are not built or not opened yet and do not count today: 丙.",
    ]


def test_a_status_that_nobody_knows_stops_the_run(tmp_path: Path) -> None:
    told = refused_of(tmp_path, STATES.replace("停业", "转型"))
    assert "f.csv:6: status '转型' (column '运营状态') is unknown" in told
    assert "operating, closed, under_construction" in told


def test_one_facility_written_twice_is_refused(tmp_path: Path) -> None:
    twice = "name,kind,lon,lat,beds\n甲,home,120.71,30.51,9\n乙,home,120.71,30.51,9\n甲,home,120.710001,30.51,9\n"
    told = refused_of(tmp_path, twice)
    assert told == (
        "f.csv:4: '甲' stands in f.csv:2 too, in one place and of one kind → "
        "keep one of the rows, or name two facilities apart"
    )


def test_two_facilities_in_one_place_are_kept_and_named(tmp_path: Path) -> None:
    shared = "name,kind,lon,lat,beds\n甲,home,120.71,30.51,9\n甲,day_care,120.71,30.51,\n丙,home,120.72,30.51,9\n"
    desk = told_register(tmp_path, shared)
    assert len(desk.sites) == 3
    assert [one.en for one in desk.register.intake.warnings] == [
        "1 places hold several facilities or candidates, all of which are kept: 甲、甲."
    ]


def test_rows_without_names_are_nobodys_twins(tmp_path: Path) -> None:
    assert len(facilities_of(tmp_path, "lon,lat\n120.71,30.51\n120.71,30.51\n", kind="day_care")) == 2


def test_one_facility_in_two_tables_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("name,lon,lat\n甲,120.71,30.51\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"b.csv:2: '甲' stands in a.csv:2 too"):
        register(tmp_path).facilities([FacilitiesFile(file=name, kind="day_care") for name in ("a.csv", "b.csv")])


def test_words_of_candidates(tmp_path: Path) -> None:
    content = "lon,lat,取得方式,可设类型\n120.71,30.51,idle,home、日间照料中心\n"
    assert candidates(tmp_path, content).kinds_allowed == (("home", "day_care"),)
    with pytest.raises(DataError, match=r"tenure '配建' .* means 'new_housing', which is not one of idle, new_build"):
        candidates(tmp_path, content.replace("idle", "配建"))
    assert candidates(tmp_path, content.replace("idle", "配建"), words={"tenure": {"配建": "new_build"}}).tenure == (
        "new_build",
    )


def test_only_kinds_and_states_leave_rows_out() -> None:
    with pytest.raises(ValueError, match="only words of kind and status leave rows out, not operator: 民办"):
        FacilitiesFile.model_validate({"file": "f.csv", "words": {"operator": {"民办": None}}})
