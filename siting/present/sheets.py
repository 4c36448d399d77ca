"""What the workbook's sheets hold: columns with their units and formats, and rows of plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.present import sheets_inputs
from siting.present.chapters.layout import ACTIONS, phase_name, site_district
from siting.present.chapters.proof import LEDGER
from siting.present.chapters.situation import district_name
from siting.present.plain import clean, number
from siting.present.sheet import DEGREES, ONE, TWO, WHOLE, YEAR, Field, Sheet
from siting.present.teller import Teller, plain_value
from siting.present.texts import TEXTS, unit_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.model.text import Language
    from siting.present.results import Results


def sheets_of(results: Results, language: Language) -> tuple[list[Sheet], str, str]:
    """Return the sheets, the title of the study and its notice."""
    teller = Teller(results, language)
    sheets = [
        _facilities(teller),
        _districts(teller),
        *_district_clauses(teller),
        _findings(teller),
        _clauses(teller),
        _phases(teller),
        _ledger(teller),
        _parameters(teller),
        _sources(teller),
        *sheets_inputs.sheets(teller),
    ]
    return sheets, teller.title, teller.notice


def _facilities(teller: Teller) -> Sheet:
    two, term = teller.two, teller.term
    fields = [
        Field(two("编号", "Id")),
        Field(term("name")),
        Field(two("现有", "Existing")),
        Field(term("kind")),
        Field(term("tier")),
        Field(term("action")),
        Field(term("year"), YEAR),
        Field(term("operator")),
        Field(term("tenure")),
        Field(term("module")),
        Field(term("district")),
        Field(term("unit")),
    ]
    bed = two("（张）", " (beds)")
    for moment in ("before", "after"):
        fields += [
            Field(f"{term(moment)} {term(f'beds.{name}')}{bed}", WHOLE) for name in ("general", "nursing", "dementia")
        ]
        fields.append(Field(f"{term(moment)} {term('beds.total')}{bed}", WHOLE))
    fields += [
        Field(two("投资（元）", "Cost (yuan)"), TWO),
        Field(two("建筑面积（m²）", "Floor area (m²)"), ONE),
        Field(two("就近服务老年人（人）", "Persons nearest"), ONE),
        Field(term("clauses_served")),
        Field(two("经度（°）", "Longitude (°)"), DEGREES),
        Field(two("纬度（°）", "Latitude (°)"), DEGREES),
        Field(term("origin")),
    ]
    rows = [_facility(teller, site) for site in teller.rows(teller.results.sites.drop(columns="geometry"))]
    return Sheet(two("设施", "Facilities"), tuple(fields), rows, frozen=2)


def _facility(teller: Teller, site: Any) -> list[Any]:  # noqa: ANN401 - a named tuple of pandas
    known = teller.run["kinds"].get(site.kind)
    beds = [getattr(site, f"{n}_{m}") for m in ("before", "after") for n in ("general", "nursing", "dementia", "beds")]
    return [
        site.site,
        site.name,
        teller.two("是", "yes") if site.existing else teller.two("否", "no"),
        teller.kind(site.kind),
        teller.word("tier", known["tier"]) if known else "",
        teller.word("action", site.action),
        site.year or None,
        teller.word("operator", site.operator),
        teller.tenure(site.tenure),
        site.module,
        site_district(teller, site),
        site.unit,
        *beds,
        site.cost,
        site.floor_area_m2,
        site.persons_nearest,
        site.clauses,
        site.lon,
        site.lat,
        site.origin,
    ]


def _districts(teller: Teller) -> Sheet:
    two, term = teller.two, teller.term
    columns = [
        Field(two("编号", "Id")),
        Field(term("district")),
        Field(term("unit")),
        Field(two("面积（km²）", "Area (km²)"), TWO),
    ]
    columns += [Field(two(f"{p}年老年人口（人）", f"Elderly persons {p}"), ONE) for p in teller.phases]
    names = ("facilities_before", "facilities_after", "beds_before", "beds_after", "cost")
    columns += [
        Field(two("现状设施（处）", "Facilities today"), WHOLE),
        Field(two("规划后设施（处）", "Facilities after"), WHOLE),
        Field(two("现状床位（张）", "Beds today"), WHOLE),
        Field(two("规划后床位（张）", "Beds after"), WHOLE),
        Field(two("投资（元）", "Cost (yuan)"), TWO),
    ]
    rows = []
    for district in teller.results.districts.drop(columns="geometry").to_dict("records"):
        persons = [district[f"persons_{phase}"] for phase in teller.phases]
        rows.append(
            [
                district["id"],
                district_name(teller, district),
                district["unit"],
                district["area_km2"],
                *persons,
                *(district[name] for name in names),
            ]
        )
    return Sheet(two("镇街", "Districts"), tuple(columns), rows, frozen=2)


def _district_clauses(teller: Teller) -> list[Sheet]:
    """Return district by clause, one line each: values, requirement and verdict in the last phase."""
    two, term = teller.two, teller.term
    columns = (
        Field(term("district")),
        Field(term("clause")),
        Field(two("内容", "Title")),
        Field(term("before"), TWO),
        Field(term("after"), TWO),
        Field(term("required"), TWO),
        Field(two("单位", "Unit")),
        Field(term("status")),
    )
    districts = teller.results.districts.drop(columns="geometry").to_dict("records")
    rows = []
    for rule, clause in teller.clauses.items():
        for district in districts:
            values = [number(district.get(f"{rule}_{name}")) for name in ("before", "after", "required")]
            if all(value != value for value in values):  # noqa: PLR0124 - NaN
                continue
            verdict = teller.word("status", district.get(f"{rule}_status"))
            rows.append(
                [
                    district_name(teller, district),
                    rule,
                    teller.of(clause["title"]),
                    *_scaled(values, clause["unit"]),
                    _unit(teller, clause["unit"]),
                    verdict,
                ]
            )
    if not rows:
        return []
    return [
        Sheet(
            two("镇街达标", "Districts by clause"), columns, rows, two(f"{teller.last}年", str(teller.last)), frozen=2
        )
    ]


def _unit(teller: Teller, unit: str) -> str:
    return "%" if unit == "share" else clean(unit_text(unit, teller.language))


def _scaled(values: Sequence[float], unit: str) -> list[float]:
    """Return shares as per cent, since one column holds several units."""
    return [value * 100 if unit == "share" else value for value in values]


def _findings(teller: Teller) -> Sheet:
    two, term = teller.two, teller.term
    columns = (
        Field(term("clause")),
        Field(two("内容", "Title")),
        Field(two("对象类别", "Kind of subject")),
        Field(two("对象编号", "Subject id")),
        Field(two("对象", "Subject")),
        Field(two("年份", "Year"), YEAR),
        Field(term("before"), TWO),
        Field(term("after"), TWO),
        Field(two("比较", "Sense")),
        Field(term("required"), TWO),
        Field(two("单位", "Unit")),
        Field(two("现状结论", "Status today")),
        Field(two("规划后结论", "Status after")),
        Field(two("涉及人口（人）", "Persons"), ONE),
        Field(two("现状缺口人口（人）", "Persons short today"), ONE),
        Field(two("规划后缺口人口（人）", "Persons short after"), ONE),
    )
    rows = [_finding(teller, finding) for finding in teller.rows(teller.results.findings)]
    return Sheet(two("条款核查", "Findings"), columns, rows)


def _finding(teller: Teller, f: Any) -> list[Any]:  # noqa: ANN401 - a named tuple of pandas
    before, after, required = _scaled([number(f.before), number(f.after), number(f.required)], f.unit)
    return [
        f.rule,
        teller.clause_title(f.rule),
        teller.term(f.subject_kind),
        f.subject,
        teller.subject(f),
        f.phase,
        before,
        after,
        teller.sign(f),
        required,
        _unit(teller, f.unit),
        teller.word("status", f.status_before),
        teller.word("status", f.status),
        f.persons,
        f.persons_short_before,
        f.persons_short,
    ]


def _clauses(teller: Teller) -> Sheet:
    two, term = teller.two, teller.term
    columns = (
        Field(term("clause")),
        Field(two("内容", "Title")),
        Field(term("document")),
        Field(two("文号", "Number")),
        Field(two("章节", "Section")),
        Field(two("印发", "Issued")),
        Field(two("约束力", "Force")),
        Field(two("期限（年）", "Deadline (year)"), YEAR),
        Field(two("考核对象", "Subjects")),
        Field(two("转述", "Paraphrase")),
        Field(two("本项目调整", "Set otherwise")),
    )
    changes: dict[str, list[str]] = {}
    for entry in teller.run["overrides"]:
        words = f"{clean(entry['parameter'])}: {plain_value(entry['pack'])} → {plain_value(entry['study'])}"
        changes.setdefault(entry["clause"], []).append(words)
    rows = [
        [
            rule,
            teller.of(c["title"]),
            teller.of(c["document"]),
            c["number"],
            c["section"],
            c["issued"],
            teller.word("force", c["force"]),
            c["deadline_year"],
            term(c["subjects"]),
            teller.of(c["paraphrase"]),
            "; ".join(changes.get(rule, [])),
        ]
        for rule, c in teller.clauses.items()
    ]
    return Sheet(two("条款出处", "Clauses"), columns, rows)


def _phases(teller: Teller) -> Sheet:
    two, sites, totals = teller.two, teller.results.sites, teller.totals
    columns = [Field(two("分期", "Phase")), Field(two("老年人口（人）", "Elderly persons"), ONE)]
    columns += [Field(f"{teller.word('action', a)}{two('（处）', ' (facilities)')}", WHOLE) for a in ACTIONS]
    columns.append(Field(two("投资（元）", "Cost (yuan)"), TWO))
    remark = teller.of(teller.run["cost_basis"])
    rows: list[list[Any]] = []
    for place, year in enumerate(teller.phases):
        persons = teller.by_phase(totals["persons"], year)
        counts = [int(((sites["year"] == year) & (sites["action"] == action)).sum()) for action in ACTIONS]
        cost = totals["cost_by_phase"][place] if teller.has_plan else None
        rows.append([phase_name(teller, place), persons, *counts, cost])
    names = ("sites_new", "sites_expanded", "sites_converted", "sites_closed")
    rows.append(
        [two("合计", "Total"), None, *(totals[name] for name in names), totals["cost"] if teller.has_plan else None]
    )
    return Sheet(two("分期与投资", "Phases and budget"), tuple(columns), rows, remark, total=True)


def _ledger(teller: Teller) -> Sheet:
    two = teller.two
    person = two("（人）", "")
    names = {name: f"code.{name}" if f"code.{name}" in TEXTS else name for name in LEDGER}
    columns = (
        Field(teller.term("clause")),
        Field(two("年份", "Year"), YEAR),
        Field(two("时点", "When")),
        *(Field(f"{teller.term(key)}{person}", ONE) for key in names.values()),
    )
    rows = [
        [line["rule"], line["phase"], teller.term(line["moment"]), *(line[name] for name in LEDGER)]
        for line in teller.results.ledger.to_dict("records")
    ]
    return Sheet(two("人口账", "Ledger"), columns, rows)


def _parameters(teller: Teller) -> Sheet:
    two = teller.two
    columns = (
        Field(two("参数", "Key")),
        Field(two("取值", "Value")),
        Field(two("单位", "Unit")),
        Field(two("含义", "Meaning")),
    )
    rows = [[e["key"], plain_value(e["value"]), e["unit"], teller.of(e["meaning"])] for e in teller.run["parameters"]]
    return Sheet(two("参数", "Parameters"), columns, rows)


def _sources(teller: Teller) -> Sheet:
    two = teller.two
    columns = (
        Field(two("用途", "Role")),
        Field(two("文件", "File")),
        Field(two("大小（字节）", "Size (bytes)"), WHOLE),
        Field(two("坐标系", "CRS")),
        Field(two("许可", "Licence")),
        Field("SHA-256"),
    )
    rows = [
        [teller.word("role", e["role"]), e["path"], e["size_bytes"], e["crs"], e["licence"], e["sha256"]]
        for e in teller.run["inputs"]
    ]
    return Sheet(two("数据来源", "Sources"), columns, rows)
