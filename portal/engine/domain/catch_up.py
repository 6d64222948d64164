"""What happens to steps that fell due while nobody ticked (spec engine 12)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline

CatchUp = Literal["highest", "rebase", "expire", "collapse"]
LATE_AFTER = timedelta(seconds=60)
JUMP = timedelta(minutes=5)


def split_highest(due: Sequence[DueDeadline]) -> tuple[list[DueDeadline], list[DueDeadline]]:
    """(told, skipped): of each subject only the highest step reached is told."""
    top: dict[str, int] = {}
    for deadline in due:
        top[deadline.subject.key] = max(deadline.step, top.get(deadline.subject.key, deadline.step))
    told = [deadline for deadline in due if deadline.step == top[deadline.subject.key]]
    return told, [deadline for deadline in due if deadline.step != top[deadline.subject.key]]


def split_expired(
    due: Sequence[DueDeadline], at: datetime, expire_after: timedelta
) -> tuple[list[DueDeadline], list[DueDeadline]]:
    """(told, expired): a reminder past its use is not sent at all."""
    told = [deadline for deadline in due if at - deadline.due_at <= expire_after]
    return told, [deadline for deadline in due if at - deadline.due_at > expire_after]


def rebased(due_at: datetime, at: datetime) -> datetime:
    """The instant from which following delays count: now if the step came late, so that steps never fire together."""
    return at if at - due_at > LATE_AFTER else due_at


def has_jumped(database_step: timedelta, monotonic_step: timedelta) -> bool:
    """Whether the database's clock leapt forward against the ticker's own (spec engine 7)."""
    return database_step - monotonic_step > JUMP
