"""The words of comparisons, in Chinese and English."""

from __future__ import annotations

from typing import TYPE_CHECKING

from siting.model.text import Text

if TYPE_CHECKING:
    from siting.model.text import Language

TITLES = {
    "scenarios": Text("情景一览", "Scenarios"),
    "worth": Text("方案×情景", "Plans by scenario"),
    "robust": Text("稳健性", "Robustness"),
    "sites": Text("选点频次", "Sites chosen"),
    "frontier": Text("投资与覆盖", "Cost and coverage"),
    "sensitivity": Text("敏感性", "Sensitivity"),
    "clauses": Text("基准方案各条款", "Nominal plan by clause"),
}
PAGE = {
    "province": Text("分县规划汇总", "Counties planned"),
    "without": Text("无方案或无数据", "no plan, or no data"),
    "clash": Text("冲突条款", "clauses that clash"),
    "planned": Text("有方案的县", "counties with a plan"),
    "coloured": Text("着色指标", "coloured by"),
    "title": Text("情景比较", "scenarios compared"),
    "base": Text("基准", "base"),
    "sites": Text("处", "sites"),
    "yuan": Text("投资", "cost"),
    "bound": Text("下界", "bound"),
    "maps": Text("方案并列", "Plans side by side"),
    "how_many": Text("地图数", "maps"),
    "how_many_scenarios": Text("情景数", "scenarios"),
    "only_here": Text("非各图共有", "not on every map"),
    "nominal": Text("基准方案", "nominal plan"),
    "beds": Text("张床位", "beds"),
    "nothing": Text("没有可显示的方案", "there is no plan to show"),
    "frontier": Text("投资—覆盖前沿", "Cost–coverage frontier"),
    "frontier_note": Text(
        "各方案在基准情景下的投资与约束性覆盖条款的人口覆盖率;连线为前沿。点选可在地图查看。",
        "Every plan on the study as it stands: its cost, and persons covered under binding coverage clauses. Efficient "
        "plans are joined; click one to see it on the map.",
    ),
    "worst": Text("方案在各情景下的缺口", "What each plan leaves short in each scenario"),
    "worst_note": Text(
        "行为方案,列为情景;数字为未达标约束性条款的缺口人次(各条款相加,同一人可计多次),绿色为全部达标。",
        "Plans down, scenarios across; persons short, added up over binding clauses, so "
        "that one person may count several times; green where nothing is short.",
    ),
    "robust_note": Text(
        "最坏情景最优:在其最坏情景下缺口最少;后悔值:比该情景下最好方案多出的缺口;稳健性代价:投资高于基准方案的比例。",
        "Best in worst case: fewest persons short where it leaves most. Regret: persons short beyond the best plan of "
        "that scenario. Price of robustness: cost beyond that of the nominal plan.",
    ),
    "sensitivity_note": Text(
        "基准方案在单项变动下的指标范围;变动幅度为范围÷要求。随机抽取给出秩相关系数。",
        "How far a clause's measure of the nominal plan moves when one thing changes; move = range ÷ required. Draws "
        "give rank correlations.",
    ),
    "sites_note": Text(
        "各方案选中的频次;所有方案均选且措施相同者可先行实施。",
        "How often plans choose a site; where every plan does the same, it can be done first.",
    ),
    "no_regret_note": Text("所有方案均选且措施相同的点", "sites to which every plan does the same"),
}
KEYS = {
    "what_if.persons": Text("老年人口倍数", "older persons ×"),
    "what_if.costs": Text("单价倍数", "prices ×"),
    "what_if.unavailable": Text("不可用的候选点", "candidates that fall through"),
    "what_if.draw": Text("随机抽取", "drawn"),
    "persons": Text("老年人口", "older persons"),
    "solver.gap": Text("求解差距", "gap of the solver"),
}
"""Keys of a study that runs do not explain among their parameters."""
STATUS = {
    "optimal": Text("已证最优", "optimal"),
    "gap": Text("有界方案", "gap"),
    "infeasible": Text("不可行", "infeasible"),
    "stopped": Text("中止", "stopped"),
    "failed": Text("失败", "failed"),
}
COLUMNS = {
    "scenario": Text("情景", "scenario"),
    "plan": Text("方案", "plan"),
    "group": Text("组", "group"),
    "changes": Text("变动", "changes"),
    "status": Text("求解结果", "status"),
    "cost": Text("投资（元）", "cost (yuan)"),
    "bound": Text("下界（元）", "bound (yuan)"),
    "gap": Text("差距", "gap"),
    "persons": Text("老年人口（人）", "elderly persons"),
    "beds_after": Text("规划后床位（张）", "beds after"),
    "sites_new": Text("新建（处）", "new sites"),
    "sites_expanded": Text("扩建（处）", "expanded"),
    "sites_converted": Text("改造（处）", "converted"),
    "sites_closed": Text("撤并（处）", "closed"),
    "clauses_short": Text("未达标约束性条款", "binding clauses short"),
    "persons_short": Text("缺口人次", "persons short, clauses added up"),
    "sites_in_common": Text("与基准方案共有（处）", "sites in common with base"),
    "share_in_common": Text("共有比例", "share in common"),
    "reason": Text("失败或不可行原因", "why it failed, or has no plan"),
    "lost": Text("不可用点（处）", "sites lost"),
    "regret": Text("后悔值（人次）", "regret (persons)"),
    "price_of_robustness": Text("稳健性代价", "price of robustness"),
    "worst_scenario": Text("最坏情景", "worst scenario"),
    "worst_persons_short": Text("最坏情景缺口（人次）", "persons short at worst"),
    "worst_clauses_short": Text("最坏情景未达标条款", "clauses short at worst"),
    "mean_persons_short": Text("平均缺口（人次）", "persons short on average"),
    "worst_regret": Text("最大后悔值（人次）", "worst regret (persons)"),
    "always_met": Text("全部达标的情景数", "scenarios with nothing short"),
    "best_in_worst": Text("最坏情景最优", "best in worst case"),
    "least_regret": Text("后悔值最小", "least regret"),
    "site": Text("编号", "site"),
    "name": Text("名称", "name"),
    "district_name": Text("镇（街道）", "district"),
    "lon": Text("经度", "longitude"),
    "lat": Text("纬度", "latitude"),
    "existing": Text("现有", "existing"),
    "plans": Text("入选方案数", "plans that choose it"),
    "share": Text("入选比例", "share of plans"),
    "actions": Text("措施", "actions"),
    "kinds": Text("类型", "kinds"),
    "no_regret": Text("无悔近期点", "no-regret first step"),
    "coverage": Text("覆盖率", "coverage"),
    "efficient": Text("在前沿上", "on the frontier"),
    "parameter": Text("参数", "parameter"),
    "clause": Text("条款", "clause"),
    "required": Text("要求", "required"),
    "low_scenario": Text("最低情景", "lowest in"),
    "low": Text("最低值", "lowest"),
    "high_scenario": Text("最高情景", "highest in"),
    "high": Text("最高值", "highest"),
    "move": Text("变动幅度", "move"),
    "correlation": Text("秩相关系数", "rank correlation"),
    "measured": Text("指标值", "measured"),
    "short": Text("未达标对象数", "subjects short"),
    "county": Text("县（市、区）", "county"),
    "title": Text("规划名称", "title"),
    "beds_before": Text("现状床位（张）", "beds today"),
    "cost_per_person": Text("人均投资（元）", "cost per person (yuan)"),
    "met_before": Text("现状约束性指标达标率", "binding findings met today"),
    "met_after": Text("规划后达标率", "met after the plan"),
    "neighbours": Text("相邻县", "neighbours"),
}


def heading(column: str, language: Language) -> str:
    """Return a column's heading; what has none, such as a clause's id, stands for itself."""
    return COLUMNS[column].within(language) if column in COLUMNS else column
