"""The words that maps, tables and reports print, in Chinese as plans write it and in English.

One entry says one thing everywhere, so that the legend of the map and the heading of a table cannot drift apart.
Keys are grouped by a prefix: ``action.open``, ``status.met``, ``code.covered``…
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from siting.model.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from siting.model.text import Language

TEXTS: dict[str, Text] = {
    # moments
    "before": Text("现状", "today"),
    "after": Text("规划后", "after the plan"),
    "required": Text("要求", "required"),
    "measure": Text("指标值", "measure"),
    "phase": Text("规划期", "phase"),
    "year": Text("实施年份", "year"),
    # status of a finding
    "status": Text("达标情况", "status"),
    "status.met": Text("达标", "met"),
    "status.short": Text("未达标", "short"),
    "status.grandfathered": Text("现状遗留", "stands from before"),
    "status.not_applicable": Text("不适用", "not applicable"),
    "status.not_yet_due": Text("未到期限", "not yet due"),
    "status.no_data": Text("缺少数据", "no data"),
    "severity.warning": Text("警告", "warning"),
    "severity.note": Text("提示", "note"),
    "care.home": Text("居家养老", "care at home"),
    "care.community": Text("社区养老", "community care"),
    "care.institution": Text("机构养老", "institutions"),
    "choice.nearest": Text("就近", "nearest"),
    "choice.preference": Text("按意愿", "by preference"),
    "choice.optimal": Text("统筹", "optimal"),
    "room_unit.beds": Text("张", "beds"),
    "room_unit.day_places": Text("个托位", "places"),
    "room_unit.meals": Text("份/日", "meals a day"),
    "moved.radius": Text("圆半径", "radius of the circle"),
    "moved.threshold": Text("密度分界", "limits of the classes"),
    "screened.generated": Text("生成的候选点", "generated candidates"),
    "screened.listed": Text("列出的候选点", "listed candidates"),
    "screened.committed": Text("已定项目", "committed projects"),
    "screened.existing": Text("现有设施", "existing facilities"),
    "snap.cell": Text("格网", "cell"),
    "snap.site": Text("设施或候选点", "site"),
    "road.on_road": Text("有", "yes"),
    "road.no_road": Text("无", "none"),
    "road.other_component": Text("不连通", "cut off"),
    "force.must": Text("约束性", "binding"),
    "force.should": Text("预期性", "expected"),
    # a cell under a coverage clause
    "coverage": Text("服务覆盖", "coverage"),
    "code.not_concerned": Text("不在本条款范围", "not concerned"),
    "code.covered": Text("覆盖", "covered"),
    "code.uncovered": Text("未覆盖", "uncovered"),
    "code.other_component": Text("道路不连通", "on cut-off roads"),
    "code.no_road": Text("无道路可达", "no road near"),
    "outside_districts": Text("行政区划外", "outside every district"),
    "raster_total": Text("栅格总计", "raster total"),
    "demand": Text("条款涉及人数", "persons concerned"),
    "reachable": Text("候选点可覆盖", "reachable by candidates"),
    # facilities
    "facility": Text("养老服务设施", "eldercare facility"),
    "facilities": Text("养老服务设施", "eldercare facilities"),
    "institution": Text("养老机构", "eldercare institution"),
    "town_centre": Text("镇（街道）养老服务中心", "town eldercare centre"),
    "day_care": Text("社区居家养老服务站", "community home-care station"),
    "name": Text("名称", "name"),
    "kind": Text("类型", "kind"),
    "tier": Text("层级", "tier"),
    "tier.county": Text("县（市、区）级", "county"),
    "tier.town": Text("镇（街道）级", "town"),
    "tier.community": Text("社区（村）级", "community"),
    "action": Text("规划措施", "action"),
    "action.keep": Text("保留", "kept"),
    "action.open": Text("新建", "new"),
    "action.expand": Text("扩建", "expanded"),
    "action.convert": Text("改造", "converted"),
    "action.close": Text("撤并", "closed"),
    "operator": Text("运营性质", "operator"),
    "operator.public": Text("公办", "public"),
    "operator.non_state": Text("民办", "non-state"),
    "tenure": Text("用房来源", "premises"),
    "module": Text("规模类型", "size"),
    "beds": Text("床位", "beds"),
    "beds.general": Text("普通床位", "general beds"),
    "beds.nursing": Text("护理型床位", "nursing beds"),
    "beds.dementia": Text("认知障碍照护床位", "dementia-care beds"),
    "beds.total": Text("床位合计", "all beds"),
    "cost": Text("投资", "cost"),
    "floor_area": Text("建筑面积", "floor area"),
    "persons_nearest": Text("就近服务老年人", "persons nearest"),
    "clauses_served": Text("对应条款", "clauses served"),
    "origin": Text("数据来源", "origin"),
    # places and people
    "area": Text("全域", "whole area"),
    "unit": Text("规划单元", "planning unit"),
    "district": Text("镇（街道）", "district"),
    "site": Text("设施点", "site"),
    "community": Text("社区（村）", "community"),
    "persons": Text("老年人口", "elderly persons"),
    "persons_short": Text("缺口人数", "persons short"),
    "density": Text("老年人口密度", "density of elderly persons"),
    "clause": Text("条款", "clause"),
    "clauses": Text("条款", "clauses"),
    "document": Text("文件", "document"),
    "circle": Text("服务圈", "service circle"),
    "isochrones": Text("步行服务圈", "walking circles"),
    "catchments": Text("就近服务范围", "catchments"),
    "water": Text("水域", "water"),
    "roads": Text("道路", "roads"),
    # units; a clause's unit is looked up as unit.<unit>
    "unit.share": Text("", ""),
    "unit.beds/10k": Text("张/万名老年人", "beds per 10,000"),
    "unit.beds": Text("张", "beds"),
    "unit.sites": Text("处", "sites"),
    "unit.persons": Text("人", "persons"),
    "unit.count": Text("", ""),
    "unit.meals/100": Text("份/百名老年人", "meals per 100"),
    "unit.per10k": Text("名/万名老年人", "per 10,000"),
    "unit.m": Text("米", "m"),
    "unit.communities": Text("个社区（村）", "communities"),
    "unit.min": Text("分钟", "min"),
    "unit.per_km2": Text("人/平方公里", "/km²"),
    "unit.km2": Text("平方公里", "km²"),
    "unit.m2": Text("平方米", "m²"),
    "unit.yuan": Text("元", "yuan"),
    "unit.10k_yuan": Text("万元", "10,000 yuan"),
    "unit.100m_yuan": Text("亿元", "100 million yuan"),
    # what becomes of a clause
    "clause_role.opt": Text("方案中落实", "enforced by the plan"),
    "clause_role.audit": Text("仅作评估", "audited only"),
    "clause_role.input": Text("作为输入核对", "checked as an input"),
    # tags that clauses count by
    "tag.smart": Text("智慧", "smart"),
    "tag.demonstration": Text("示范", "demonstration"),
    "tag.village_turned": Text("村改居", "village-turned"),
    "tag.dementia_friendly": Text("认知症友好", "dementia-friendly"),
    "tag.dementia_focus": Text("认知障碍照护专业", "dementia care"),
    "tag.high_end": Text("高端", "high-end"),
    "tag.model_kitchen": Text("样板厨房", "model kitchen"),
    "tag.small": Text("规模偏小", "small"),
    "tag.unsafe": Text("安全隐患", "unsafe"),
    "tag.regional": Text("区域性机构", "regional institutions"),
    "tag.beds": Text("床位总量", "all beds"),
    "tag.pieces": Text("连片", "contiguity"),
    "tag.balance": Text("均衡", "balance"),
    "tag.weighted": Text("按重点人群加权", "weighted"),
    "tag.old_built_up": Text("老小区", "old residential areas"),
    "tag.new_residential": Text("新建小区", "new housing"),
    "tag.elderly_2020": Text("2020年老年人口", "older persons in 2020"),
    "tag.elderly_2025": Text("2025年老年人口", "older persons in 2025"),
    "tag.institutions": Text("养老机构数", "institutions"),
    "tag.home_care_centres": Text("居家养老服务中心数", "home-care centres"),
    "tag.beds_per_1000": Text("每千名老年人床位", "beds per 1,000 older persons"),
    "tag.meals_a_day": Text("日均助餐", "meals a day"),
    # what a plan aims at
    "goal.cost": Text("投资最省", "least cost"),
    "goal.present_value": Text("投资与运营费用现值最小", "least present value of capital and running costs"),
    "goal.covered": Text("覆盖老年人最多", "most persons covered"),
    "goal.worst_share": Text("服务最差的镇（街道）覆盖率最高", "greatest share of the district served worst"),
    "goal.mean_distance": Text("平均距离最短", "least mean distance"),
    "goal.worst_distance": Text("最远距离最短", "least longest distance"),
    "goal.changes": Text("改动最少", "fewest changes"),
    # certificate
    "certificate": Text("求解证明", "certificate"),
    "certificate.optimal": Text("已证明最优", "proven optimal"),
    "certificate.gap": Text("可行方案，附最优性间隙", "a plan with a stated gap"),
    "certificate.infeasible": Text("已证明无可行方案", "proven infeasible"),
    "certificate.drawn": Text("给定方案，未求解", "a plan that was given, not searched for"),
    "certificate.stopped": Text("限时内未得到方案", "stopped without a plan"),
    "bound": Text("成本下界", "lower bound"),
    "gap": Text("间隙", "gap"),
    "conflicts": Text("相互冲突的条款", "clauses in conflict"),
    "best": Text("可达到的最好值", "best that can be reached"),
    "no_plan": Text("本次仅评估现状，没有规划方案。", "This run is an audit of the present; there is no plan."),
    "infeasible": Text("没有同时满足全部条款的方案。", "No plan meets every clause at once."),
    "stopped": Text(
        "求解在得到方案前停止，什么也没有证明。", "The solver stopped before a plan was found; nothing is proven."
    ),
    # what an input served as
    "role.roads": Text("道路", "roads"),
    "role.population": Text("人口", "population"),
    "role.districts": Text("区划", "districts"),
    "role.facilities": Text("现状设施", "facilities"),
    "role.candidates": Text("备选场地", "candidates"),
    "role.demand.controls": Text("普查控制数", "census numbers"),
    "role.demand.elderly_share": Text("老年人口比例", "shares of older persons"),
    "role.demand.growth": Text("人口增长率", "growth by district"),
    "role.water": Text("水域", "water"),
    "role.communities": Text("社区（村）", "communities"),
    "role.ground": Text("用地限制", "ground"),
    "role.elevation": Text("高程", "heights"),
    "role.policy": Text("政策条款", "policy pack"),
    "role.catalogue": Text("设施目录", "catalogue"),
    "sources": Text("数据来源", "sources"),
    "notice": Text("提示", "notice"),
}


def text(key: str, language: Language) -> str:
    """Return the words of a key in one language.

    Raises
    ------
    KeyError
        When there is no such entry.
    """
    return TEXTS[key].within(language)


def either(words: Mapping[str, Any] | None, language: Language) -> str:
    """Return one language of a ``{zh, en}`` mapping of ``run.json``; the other where it is empty; "" of None."""
    if not words:
        return ""
    other = "en" if language == "zh" else "zh"
    return str(words.get(language) or words.get(other) or "")


def unit_text(unit: str, language: Language) -> str:
    """Return how a clause's unit is written; the unit itself where no entry knows it, "" for shares (written in %)."""
    entry = TEXTS.get(f"unit.{unit}")
    return unit if entry is None else entry.within(language)
