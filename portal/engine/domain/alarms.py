"""What the operators are told when the engine itself cannot do what it promised."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from portal.engine.domain.drafts import NoticeDraft
from portal.engine.domain.subjects import Subject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.engine.domain.drafts import Recipient

KIND = "engine.alarm"
TEXT_LENGTH = 500


class Planned(NamedTuple):
    """A draft on its way to a row: the deadline that caused it, and whether it went astray before."""

    draft: NoticeDraft
    deadline_id: int | None = None
    is_unrouted: bool = False


def alarm_drafts(code: str, ref: str, text: str, recipients: Sequence[Recipient]) -> list[Planned]:
    """One notice an operator; the same (code, ref) alarms once. `is_unrouted` keeps an alarm from alarming."""
    return [
        Planned(
            NoticeDraft(
                kind=KIND,
                dedup_key=f"{KIND}:{code}:{ref}"[:160] + f":{to.key}",
                subject=Subject("engine.alarm", 0),
                to=to,
                severity="warn",
                context={"code": code, "text": text[:TEXT_LENGTH]},
            ),
            is_unrouted=True,
        )
        for to in recipients
    ]
