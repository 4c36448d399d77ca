"""Which facilities of a table count today: closed ones and those not built yet are left out, and named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from siting.model.raw import LeftOut
from siting.sources.words import LEFT_OUT, Vocabulary, plain_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from siting.sources.desk import Desk
    from siting.sources.manifest import Intake
    from siting.sources.options import FacilitiesFile, ListedTable

WORKING, CLOSED, UNDER_CONSTRUCTION = "operating", "closed", "under_construction"
_TOLD = {
    CLOSED: ("已关闭或停业，未计入", "are closed and left out"),
    UNDER_CONSTRUCTION: ("在建或未投用，今日不计", "are not built or not opened yet and do not count today"),
    LEFT_OUT: ("按研究的 words 设置略去", "are left out by the study's `words`"),
}
_WHY = {CLOSED: CLOSED, UNDER_CONSTRUCTION: UNDER_CONSTRUCTION, LEFT_OUT: "left_out"}
SHOWN = 10


@dataclass(slots=True)
class Standing:
    """Takes facilities that do not count today out of tables, and remembers them.

    Attributes
    ----------
    intake : Intake
        Hears of them.
    left_out : list[LeftOut]
    """

    intake: Intake
    left_out: list[LeftOut] = field(default_factory=list)

    def working(self, desk: Desk, options: FacilitiesFile) -> Desk:
        """Return the desk of the facilities that work; those whose status is empty count as working, and are told."""
        column = desk.find("status") if options.status is None else desk.named("status", options.status)
        if column is None:
            return desk
        own = plain_words(options.words.get("status", {}))
        states = Vocabulary("status", desk.key, (WORKING, CLOSED, UNDER_CONSTRUCTION), own)
        empty = desk.table.column(column).count("")
        if empty:
            zh, en = (
                f"{empty} 处设施未填状态，按运营计入。",
                f"{empty} facilities state no status and count as working.",
            )
            self.intake.warn(desk.table.file, zh, en, ("补填运营状态", "fill the states in"))
        return self.kept(desk, options, column, desk.meanings("status", column, states, WORKING))[0]

    def kept(
        self, desk: Desk, options: ListedTable, column: str | None, meant: Sequence[str]
    ) -> tuple[Desk, list[str]]:
        """Return the desk without the rows that are left out by what a column means, and the meanings of the others."""
        gone = [row for row, one in enumerate(meant) if one in _TOLD]
        if not gone:
            return desk, list(meant)
        words = [""] * len(meant) if column is None else desk.table.column(column)
        identity, name, kind = (_texts(desk, options, key) for key in ("id", "name", "kind"))
        noted = [
            LeftOut(desk.table.where[row], identity[row], name[row], kind[row], _WHY[meant[row]], words[row])
            for row in gone
        ]
        self.left_out += noted
        for why, (zh, en) in _TOLD.items():
            named = [
                one.name or one.id or one.origin for one, row in zip(noted, gone, strict=True) if meant[row] == why
            ]
            if named:
                shown = "、".join(named[:SHOWN]) + ("…" if len(named) > SHOWN else "")
                self.intake.warn(
                    desk.table.file, f"{len(named)} 处设施{zh}：{shown}。", f"{len(named)} facilities {en}: {shown}."
                )
        stay = [row for row, one in enumerate(meant) if one not in _TOLD]
        return desk.only(stay), [meant[row] for row in stay]


def _texts(desk: Desk, options: ListedTable, key: str) -> list[str]:
    """Return a column as it is written, for naming rows only; empty texts where there is none."""
    said = getattr(options, key)
    column = said if said in desk.table.columns else next(iter(desk.candidates(key)), None)
    return [""] * len(desk.table) if column is None else desk.table.column(column)
