"""Asking the people whose shifts an edit moves soon: what they are shown, when they are reminded (spec oncall 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from oncall.domain.diff import Moved
from oncall.domain.rules import rules_sha256

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REMIND_AFTER, LEAD_AFTER = timedelta(hours=24), timedelta(hours=72)
LEAST_TO_ASK = timedelta(hours=1)


class EditKind(StrEnum):
    RULES = "rules"
    OVERRIDE = "override"
    PERIOD = "period"


class EditState(StrEnum):
    """`moved`: the plan became another one while somebody was asked, so nothing of it was done."""

    WAITING = "waiting"
    APPLIED = "applied"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    MOVED = "moved"


class Answer(StrEnum):
    NONE = ""
    YES = "yes"
    NO = "no"
    OVERRULED = "overruled"


STATE_WORDS = {
    EditState.WAITING: "waits for a yes",
    EditState.APPLIED: "in force",
    EditState.DECLINED: "declined",
    EditState.WITHDRAWN: "taken back",
    EditState.LAPSED: "nobody answered in time",
    EditState.MOVED: "the plan changed meanwhile",
}
ANSWER_WORDS = {
    Answer.NONE: "has not answered",
    Answer.YES: "said yes",
    Answer.NO: "said no",
    Answer.OVERRULED: "was told why it cannot wait",
}


def ask_steps(asked_at: datetime, begins_at: datetime) -> tuple[datetime, datetime]:
    """When to remind and when to tell the lead: after a day and after three, sooner when it begins sooner."""
    whole = begins_at - asked_at
    return asked_at + min(REMIND_AFTER, whole / 3), asked_at + min(LEAD_AFTER, whole * 2 / 3)


def near_lines(moved: Iterable[Moved], near: datetime) -> list[dict[str, Any]]:
    """The stretches that begin before `near`, as facts that JSON keeps."""
    return [line_of(row) for row in moved if row.start < near]


def line_of(row: Moved) -> dict[str, Any]:
    """One stretch as a fact; instants in ISO form, in UTC."""
    return {
        "role": row.role, "slot": row.slot, "start": row.start.astimezone(UTC).isoformat(),
        "end": row.end.astimezone(UTC).isoformat(), "before": row.before, "after": row.after,
    }  # fmt: skip


def moved_of(line: dict[str, Any]) -> Moved:
    """The stretch back from its fact."""
    start, end = (datetime.fromisoformat(line[key]) for key in ("start", "end"))
    return Moved(line["role"], line["slot"], start, end, line["before"], line["after"])


def joined(moved: Iterable[Moved]) -> list[Moved]:
    """Neighbouring stretches that go from the same person to the same person are one."""
    rows: list[Moved] = []
    for row in moved:
        last = rows[-1] if rows else None
        if last is not None and (last.role, last.slot, last.end, last.before, last.after) == (
            row.role, row.slot, row.start, row.before, row.after
        ):  # fmt: skip
            rows[-1] = Moved(row.role, row.slot, last.start, row.end, row.before, row.after)
        else:
            rows.append(row)
    return rows


def lines_of(handle: str, lines: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What one person is shown: the stretches they lose or get."""
    return [line for line in lines if handle in (line["before"], line["after"])]


def mark_of(lines: Sequence[dict[str, Any]]) -> str:
    """The mark of exactly these stretches: equal lists have equal marks."""
    return rules_sha256(list(lines))


def own_mark(handle: str, lines: Sequence[dict[str, Any]]) -> str:
    """The mark of what one person is shown; no two people have the same."""
    return rules_sha256([handle, *lines])


def verdict(answers: Iterable[str]) -> EditState:
    """One no declines; everybody's yes (or the lead's told reason) lets it take effect; else it waits."""
    given = list(answers)
    if Answer.NO in given:
        return EditState.DECLINED
    return EditState.WAITING if Answer.NONE in given else EditState.APPLIED
