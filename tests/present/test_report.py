from __future__ import annotations

import dataclasses
import math
import re
import zipfile
from dataclasses import replace
from html.parser import HTMLParser
from typing import TYPE_CHECKING, get_args

import numpy as np
import pytest
from docx import Document
from made_facts import FORMULA_NAME, LONG_NAME, SCRIPT_NAME
from made_results import audit_only
from office import W, figure, paragraphs, step, tables, text_of

from siting.model.findings import Status
from siting.model.plan import AND, SolveStatus
from siting.model.rows import SubjectKind
from siting.model.text import LANGUAGES
from siting.optimise import found
from siting.present import report
from siting.present.blocks import Heading, Picture, Table, chinese
from siting.present.chapters import certainty
from siting.present.chapters.appendix import together
from siting.present.chapters.proof import LEDGER
from siting.present.map_facts import facts
from siting.present.plain import clean
from siting.present.report import report_blocks, write_report
from siting.present.summary import summary
from siting.present.teller import Teller
from siting.present.texts import TEXTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from siting.model.text import Language
    from siting.present.results import Results

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8ffff3f0005fe02fe0def46b80000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write a report with one pixel for every figure: what is under test here is words and tables."""

    def write(results: Results, language: Language) -> Path:
        folder = tmp_path_factory.mktemp("report")
        pixel = folder / "pixel.png"
        pixel.write_bytes(PIXEL)
        pictures = {b.name: pixel for b in report_blocks(results, language) if isinstance(b, Picture)}
        write_report(results, folder, language, pictures)
        return folder

    return write


@pytest.fixture(scope="module")
def zh(written: Callable[..., Path], results: Results) -> Path:
    return written(results, "zh")


@pytest.fixture(scope="module")
def en(written: Callable[..., Path], results: Results) -> Path:
    return written(results, "en")


def altered(results: Results, table: str, column: str, row: int, factor: float) -> Results:
    frame = getattr(results, table).copy()
    frame[column] = frame[column].astype(float)
    frame.loc[frame.index[row], column] *= factor
    return dataclasses.replace(results, **{table: frame})


def check_findings(path: Path, results: Results) -> None:
    """Every figure of the table of findings against the table it is printed from."""
    rows = tables(path / "report.docx")["各条款、各对象、各期核查结果"][1:]
    assert len(rows) == len(results.findings)
    for row, line in zip(rows, results.findings.to_dict("records"), strict=True):
        assert row[0] == line["rule"]
        assert int(row[3]) == line["phase"]
        for place, name in ((4, "before"), (5, "after"), (6, "required"), (9, "persons"), (10, "persons_short_before"),
                            (11, "persons_short")):  # fmt: skip
            if math.isnan(line[name]):
                assert row[place] == "—"
            else:
                exact = place < 9 and "." not in row[place]  # what is measured is rounded only where decimals show it
                assert abs(figure(row[place]) - line[name]) <= (1e-9 if exact else step(row[place])), (row, name)
        assert row[7] == TEXTS[f"status.{line['status_before']}"].zh
        assert row[8] == TEXTS[f"status.{line['status']}"].zh


def check_ledger(path: Path, results: Results) -> None:
    rows = tables(path / "report.docx")["人口账（各覆盖条款、各期）"][1:]
    assert len(rows) == len(results.ledger)
    for row, line in zip(rows, results.ledger.to_dict("records"), strict=True):
        for place, name in enumerate(LEDGER, start=3):
            assert abs(figure(row[place]) - line[name]) <= step(row[place]), (row, name)


def check_sites(path: Path, results: Results) -> None:
    printed = [
        row
        for caption, rows in tables(path / "report.docx").items()
        if caption.endswith("设施布局一览")
        for row in rows[1:-1]
    ]
    changed = results.sites[results.sites["year"] > 0].set_index("site")
    assert sorted(row[0] for row in printed) == sorted(changed.index)
    for row in printed:
        site = changed.loc[row[0]]
        assert row[1] == clean(site["name"])
        names = ("beds_before", "beds_after", "general_after", "nursing_after", "dementia_after", "floor_area_m2")
        for place, name in enumerate(names, start=7):
            assert figure(row[place]) == site[name], (row, name)
        assert abs(figure(row[13]) * 1e4 - site["cost"]) <= step(row[13]) * 1e4
        assert abs(figure(row[14]) - site["persons_nearest"]) <= step(row[14])


CHECKS = [
    (check_findings, "findings", "after", 0.9),
    (check_findings, "findings", "persons", 1.1),
    (check_ledger, "ledger", "covered", 1.01),
    (check_sites, "sites", "cost", 1.01),
    (check_sites, "sites", "beds_after", 2.0),
]


@pytest.mark.parametrize(("check", "table", "column", "factor"), CHECKS)
def test_figures_equal_the_tables_and_the_check_sees_one_that_does_not(
    zh: Path, results: Results, check: Callable[..., None], table: str, column: str, factor: float
) -> None:
    check(zh, results)
    frame = getattr(results, table)
    row = int(np.flatnonzero((frame[column].to_numpy(dtype=float) > 0) & (frame.get("year", 1) > 0))[0])
    with pytest.raises(AssertionError):
        check(zh, altered(results, table, column, row, factor))


def test_printed_sums_are_the_totals_of_the_run(zh: Path, results: Results) -> None:
    found, totals = tables(zh / "report.docx"), results.run["totals"]
    assert figure(found["现有养老服务设施一览（按类型）"][-1][3]) == totals["beds_before"]
    assert figure(found["分期投资估算"][-1][1]) * 1e4 == pytest.approx(totals["cost"], abs=50)
    last = found["分镇（街道）床位与投资"][-1]
    assert [figure(last[1]), figure(last[2])] == [totals["beds_before"], totals["beds_after"]]
    costs = [figure(row[1]) * 1e4 for row in found["分期投资估算"][1:-1]]
    assert costs == pytest.approx(totals["cost_by_phase"], abs=50)


def test_phases_end_with_what_the_run_says_is_in_force(zh: Path, results: Results) -> None:
    found = tables(zh / "report.docx")
    for name, totals in zip(("近期（2024年）", "远期（2025年）"), results.run["totals"]["by_phase"], strict=True):
        *kinds, last = found[f"{name}建设规模（按类型）"][1:]
        assert [figure(last[6]), figure(last[7])] == [totals["facilities"], totals["beds"]]
        for place in range(2, 8):
            assert sum(figure(row[place]) for row in kinds) == figure(last[place])


def test_rows_of_printed_tables_add_up(zh: Path) -> None:
    found = tables(zh / "report.docx")
    for row in found["人口账（各覆盖条款、各期）"][1:]:
        covered, uncovered, other, no_road, demand, aside, outside, total, reachable = (figure(c) for c in row[3:])
        assert covered + uncovered + other + no_road == pytest.approx(demand, abs=0.21)
        assert demand + aside + outside == pytest.approx(total, abs=0.21)
        assert covered <= reachable + 0.1 <= demand + 0.2
    for row in found["各覆盖条款的人口去向（2025年）"][1:]:
        persons, reachable, covered = (figure(cell) for cell in row[2:5])
        assert figure(row[5]) == pytest.approx(covered / persons, abs=1e-3)
        assert figure(row[6]) == pytest.approx(covered / reachable, abs=1e-3)


def test_a_ledger_that_does_not_add_up_is_said_so(zh: Path, written: Callable[..., Path], results: Results) -> None:
    assert any("分项之和均与合计一致" in text for _, text in paragraphs(zh / "report.docx"))
    wrong = written(altered(results, "ledger", "no_road", 0, 3.0), "zh")
    warned = [text for style, text in paragraphs(wrong / "report.docx") if style == "Warning"]
    assert any(text.startswith("核对未通过：") and "demand" in text for text in warned)


def test_the_shape_is_that_of_a_layout_plan(zh: Path, en: Path) -> None:
    chapters = [text for style, text in paragraphs(zh / "report.docx") if style == "Heading1"]
    assert chapters[:8] == [
        "摘要", "一、现状评估", "二、缺口分析", "三、规划目标", "四、逐条评估", "五、设施布局",
        "六、分镇（街道）指引", "七、投资估算",
    ]  # fmt: skip
    assert [chapter[:3] for chapter in chapters[8:]] == [f"附录{letter}" for letter in "ABCDEFGH"]
    english = [text for style, text in paragraphs(en / "report.docx") if style == "Heading1"]
    assert english[1] == "1. Present situation"
    assert len(english) == len(chapters)


def test_contents_are_filled_in_and_lead_to_headings(zh: Path) -> None:
    body = Document(str(zh / "report.docx")).element.body
    marks = {mark.get(f"{W}name") for mark in body.iter(f"{W}bookmarkStart")}
    links = [link.get(f"{W}anchor") for link in body.iter(f"{W}hyperlink")]
    assert links
    assert set(links) <= marks
    listed = [text for style, text in paragraphs(zh / "report.docx") if style in {"TOC1", "TOC2"}]
    headings = [text for style, text in paragraphs(zh / "report.docx") if style in {"Heading1", "Heading2"}]
    assert listed == headings


def test_header_rows_repeat_rows_stay_whole_and_tables_fit_the_page(zh: Path) -> None:
    body = Document(str(zh / "report.docx")).element.body
    width = {False: 16.0, True: 24.7}
    wide = False
    for element in body:
        if element.find(f"{W}pPr/{W}sectPr") is not None:
            wide = not wide
        if element.tag != f"{W}tbl":
            continue
        first, *rest = element.findall(f"{W}tr")
        assert first.find(f"{W}trPr/{W}tblHeader") is not None
        assert all(row.find(f"{W}trPr/{W}cantSplit") is not None for row in rest)
        grid = sum(int(column.get(f"{W}w")) for column in element.findall(f"{W}tblGrid/{W}gridCol"))
        assert grid / 1440 * 2.54 <= width[wide] + 0.02
        assert all(len(row.findall(f"{W}tc")) == len(first.findall(f"{W}tc")) for row in rest)


def test_every_page_carries_the_notice_and_its_number(zh: Path, en: Path) -> None:
    for folder, notice in ((zh, "虚构数据，仅供演示"), (en, "made, not real")):
        sections = Document(str(folder / "report.docx")).sections
        assert notice in sections[0].header.paragraphs[0].text
        assert all(section.header.is_linked_to_previous for section in list(sections)[1:])
        fields = sections[0].footer._element.iter(f"{W}instrText")  # noqa: SLF001 - fields have no other door
        assert [field.text.strip() for field in fields] == ["PAGE", "NUMPAGES"]
        assert f'<p class="notice">{notice}</p>' in (folder / "report.html").read_text(encoding="utf-8")


def test_styles_name_east_asian_fonts(zh: Path) -> None:
    styles = Document(str(zh / "report.docx")).styles
    for name, east in (("Normal", "宋体"), ("Heading 1", "黑体"), ("Table Head", "黑体"), ("Table Text", "宋体")):
        fonts = styles[name].element.rPr.rFonts
        assert fonts.get(f"{W}eastAsia") == east
        assert fonts.get(f"{W}ascii") in {"Times New Roman", "Arial"}
        assert not [key for key in fonts.attrib if key.endswith("Theme")]


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.cells: list[str] = []
        self.inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in {"td", "th"}:
            self.cells.append("")
            self.inside = tag

    def handle_endtag(self, tag: str) -> None:
        if tag == self.inside:
            self.inside = ""

    def handle_data(self, data: str) -> None:
        self.words.append(data)
        if self.inside:
            self.cells[-1] += data


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_shows_the_same_cells_as_the_word_file(zh: Path, en: Path, language: str) -> None:
    folder = {"zh": zh, "en": en}[language]
    page = _Page()
    page.feed((folder / "report.html").read_text(encoding="utf-8"))
    body = Document(str(folder / "report.docx")).element.body
    assert page.cells == [text_of(cell) for cell in body.iter(f"{W}tc")]


def test_the_page_needs_nothing_from_outside_and_runs_nothing(zh: Path) -> None:
    page = _Page()
    page.feed((zh / "report.html").read_text(encoding="utf-8"))
    assert not {"script", "link", "iframe", "object"} & {tag for tag, _ in page.tags}
    sources = [attrs[key] for _, attrs in page.tags for key in ("src", "href") if key in attrs]
    assert all(source and source.startswith(("data:image/png;base64,", "#")) for source in sources)
    assert not [key for _, attrs in page.tags for key in attrs if key.startswith("on")]


@pytest.mark.parametrize("name", [SCRIPT_NAME, FORMULA_NAME, LONG_NAME])
def test_names_are_data(zh: Path, name: str) -> None:
    page = _Page()
    page.feed((zh / "report.html").read_text(encoding="utf-8"))
    assert clean(name) in page.cells
    assert any(clean(name) in row for rows in tables(zh / "report.docx").values() for row in rows)


def test_characters_that_xml_forbids_are_left_out(written: Callable[..., Path], results: Results) -> None:
    sites = results.sites.astype({"name": object})
    sites.loc[sites.index[5], "name"] = "甲\x00\x0b乙\ud800\ufffe\u202e丙\r\n丁"
    folder = written(dataclasses.replace(results, sites=sites), "zh")
    assert any("甲 乙丙" in "".join(row) for rows in tables(folder / "report.docx").values() for row in rows)


def test_citations_overrides_and_measures_are_printed(zh: Path, results: Results) -> None:
    found = tables(zh / "report.docx")
    cited = {row[0].rstrip("▲"): row for row in found["条款出处与内容"][1:]}
    for clause in results.run["clauses"]:
        row = cited[clause["id"]]
        assert row[1:] == [
            clause["document"]["zh"], clause["number"], clause["section"], clause["issued"], clause["paraphrase"]["zh"],
        ]  # fmt: skip
    assert found["本项目对条款取值的调整"][1] == ["PY-01▲", "15分钟居家养老服务圈", "share", "1", "0.6"]
    words = "".join(text for _, text in paragraphs(zh / "report.docx"))
    for said in ("接驳段", "含端点", "步行速度取0.9 m/s", "步行15分钟，折合810米", "未证明最优", "不低于6,601.82万元"):
        assert said in words
    line = results.ledger.query("rule == 'PY-01' and phase == 2025 and moment == 'after'").iloc[0]
    share = f"占全部涉及人数{line['demand']:,.0f}人的{line['covered'] / line['demand']:.2%}"
    assert share in words
    assert f"无道路可达{line['no_road']:,.0f}人" in words


@pytest.mark.parametrize(
    ("status", "said", "not_said"),
    [
        ("optimal", "已证明最优", "未证明最优"),
        ("gap", "未证明最优", "已证明最优"),
        ("stopped", "未得到方案", "最优"),
        ("infeasible", "已证明无可行方案", "最优"),
    ],
)
def test_the_certificate_says_no_more_than_is_proven(
    written: Callable[..., Path], results: Results, status: str, said: str, not_said: str
) -> None:
    plan = status in {"optimal", "gap"}
    base = results if plan else audit_only(results, infeasible=True)
    blank = {} if plan else dict.fromkeys(("objective", "bound", "gap"))
    run = {**base.run, "certificate": {**results.run["certificate"], **blank, "status": status}}
    folder = written(dataclasses.replace(base, run=run), "zh")
    found = tables(folder / "report.docx")
    words = "".join(text for _, text in paragraphs(folder / "report.docx") if not text.startswith("“最好可达”"))
    words += "".join(found["方案证明书"][1])
    assert said in words
    assert not_said not in words


def test_without_a_plan_the_report_says_so_and_prints_no_plan(
    written: Callable[..., Path], audit_results: Results
) -> None:
    folder = written(audit_results, "zh")
    own = [text for _, text in paragraphs(folder / "report.docx") if not re.match("[A-Z]{2}-", text)]
    words = "".join(own)  # the sentences of findings are the run's, not the report's
    assert "本次运行没有布局方案" in words
    assert "规划后" not in words
    assert "估算投资" not in words
    heads = [cell for rows in tables(folder / "report.docx").values() for cell in rows[0]]
    assert not {"规划", "规划结论", "规划床位（张）"} & set(heads)
    assert not [b for b in report_blocks(audit_results, "zh") if isinstance(b, Picture) and b.name == "layout"]


def test_conflicts_are_named(written: Callable[..., Path], infeasible_results: Results) -> None:
    found = tables(written(infeasible_results, "zh") / "report.docx")["相互冲突的条款及最好可达水平"]
    assert found[1] == ["1", "PY-01", "15分钟居家养老服务圈", "东山<镇>", "2025", "99.00%", "80.00%", "75.00%"]
    assert found[2][3:] == ["全域", "2025", "65.00%", "61.00%", "—"]
    eased = tables(written(infeasible_results, "zh") / "report.docx")["使方案成为可能的最小放宽"]
    assert eased[1] == ["PY-01", "15分钟居家养老服务圈", "东山<镇>", "2025", "99.00%", "75.00%", "24.24%"]
    english = tables(written(infeasible_results, "en") / "report.docx")
    assert english["Clauses that clash, and the best each can reach"][1][3] == "Dongshan Town"


def test_a_conflict_that_may_be_smaller_says_so(written: Callable[..., Path], infeasible_results: Results) -> None:
    told = [text for style, text in paragraphs(written(infeasible_results, "zh") / "report.docx") if style == "Warning"]
    assert not any("可能还能缩小" in text for text in told)
    first, second = infeasible_results.run["conflicts"]
    run = {**infeasible_results.run, "conflicts": [first, {**second, "needed": False}]}
    doubtful = replace(infeasible_results, run=run)
    told = [text for style, text in paragraphs(written(doubtful, "zh") / "report.docx") if style == "Warning"]
    assert any("可能还能缩小：HN-07·全域" in text for text in told)


def test_english_has_no_chinese_beyond_names(en: Path) -> None:
    for style, text in paragraphs(en / "report.docx"):
        if style in {"BodyText", "Remark", "Warning", "ListBullet"}:
            assert not re.search(r"[\u4e00-\u9fff（）]", re.sub(r"[北南]部", "", text)) or "≥" in text, text


def test_equal_runs_give_equal_files(written: Callable[..., Path], results: Results, zh: Path) -> None:
    again = written(results, "zh")
    for name in ("report.html", "report.docx"):
        assert (zh / name).read_bytes() == (again / name).read_bytes(), name
    with zipfile.ZipFile(zh / "report.docx") as archive:
        assert b"2025-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_tables_and_pictures_are_numbered_in_order(results: Results) -> None:
    blocks = report_blocks(results, "zh")
    for kind in (Table, Picture):
        numbers = [block.number for block in blocks if isinstance(block, kind)]
        assert numbers == list(range(1, len(numbers) + 1))
    assert all(len(row) == len(b.columns) for b in blocks if isinstance(b, Table) for row in b.rows)
    assert [b.full for b in blocks if isinstance(b, Heading)][1:3] == ["一、现状评估", "（一）老年人口"]


@pytest.mark.parametrize(
    "key",
    [
        *get_args(SubjectKind),
        *(f"status.{status}" for status in get_args(Status)),
        *(f"certificate.{status}" for status in get_args(SolveStatus)),
    ],
)
def test_subjects_and_verdicts_have_words(key: str) -> None:
    assert TEXTS[key].zh
    assert TEXTS[key].en


def test_clauses_of_a_facility_stand_side_by_side() -> None:
    ids = ["HN-03", "HN-04", "PY-01", "odd"]
    assert together(ids, "、") == "HN-03、04；PY-01；odd"
    assert together(ids, ", ") == "HN-03, 04; PY-01; odd"
    assert together([""], "、") == ""


def test_chinese_numerals() -> None:
    written = {
        1: "一",
        10: "十",
        12: "十二",
        20: "二十",
        35: "三十五",
        101: "一百零一",
        110: "一百一十",
        120: "一百二十",
    }
    assert {count: chinese(count) for count in written} == written


def test_the_whole_report_with_its_figures(tmp_path: Path, results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def draw(given: Results, folder: Path, language: Language) -> dict[str, Path]:
        drawn.append((given, folder, language))
        names = [block.name for block in report_blocks(given, language) if isinstance(block, Picture)]
        for name in names:
            (folder / f"{name}.png").write_bytes(PIXEL)
        return {name: folder / f"{name}.png" for name in names}

    monkeypatch.setattr(report, "write_figures", draw)
    files = write_report(results, tmp_path, "zh")
    assert drawn == [(results, tmp_path / "figures", "zh")]
    assert len(Document(str(files["docx"])).inline_shapes) == len(list((tmp_path / "figures").iterdir()))


@pytest.mark.parametrize("which", ["results", "audit_results", "infeasible_results"])
def test_a_run_folder_read_back_gives_the_same_report(
    tmp_path: Path, which: str, request: pytest.FixtureRequest
) -> None:
    given: Results = request.getfixturevalue(which)
    given.write(tmp_path)
    again = type(given).read(tmp_path)
    for language in LANGUAGES:
        assert report_blocks(again, language) == report_blocks(given, language)


def test_every_way_of_proving_has_its_words() -> None:
    assert set(certainty.WAYS) == {found.RELAXATION, found.BRANCHING, found.REGIONAL}


def test_a_bound_of_several_parts_names_every_way(results: Results) -> None:
    how = AND.join([found.RELAXATION, found.REGIONAL])
    joined = replace(results, run={**results.run, "certificate": {**results.run["certificate"], "how": how}})
    for language in LANGUAGES:
        teller = Teller(joined, language)
        words = str(certainty.certificate_table(teller))
        assert all(teller.two(*certainty.WAYS[way]) in words for way in (found.RELAXATION, found.REGIONAL))
        assert AND.strip() not in teller.two("、", ", ")


def test_more_than_is_not_written_as_at_least(results: Results) -> None:
    """More than half the beds: at exactly half a reader must see why that is short."""
    clauses = [{**clause, "strict": clause["id"] == "HN-03"} for clause in results.run["clauses"]]
    strict = replace(results, run={**results.run, "clauses": clauses})
    teller = Teller(strict, "zh")
    asked = {one.rule: teller.required(one) for one in teller.findings_at_end if one.sense == ">="}
    assert asked["HN-03"].startswith("> ")
    assert all(words.startswith(("≥ ", "—")) for rule, words in asked.items() if rule != "HN-03")
    shown = {line[0].split()[0]: line[1] for line in summary(strict, "zh").rows}
    assert shown["HN-03"].startswith("> ")
    assert facts(strict)["clauses"] == clauses
