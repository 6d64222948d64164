"""What a handover goes through (spec ownership 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from ownership.domain.kinds import DATASET, EXPORT, LOGGING_EVENT, MASTER_DATA, PIPELINE

if TYPE_CHECKING:
    from collections.abc import Iterable

DRAFT, OFFERED, CLOSED, EXPIRED, WITHDRAWN = "draft", "offered", "closed", "expired", "withdrawn"
HANDOFF_STATES = (DRAFT, OFFERED, CLOSED, EXPIRED, WITHDRAWN)
STATE_WORDS = {
    DRAFT: "draft", OFFERED: "waits for an answer", CLOSED: "answered", EXPIRED: "ran out", WITHDRAWN: "taken back",
}  # fmt: skip
ACCEPTED, DECLINED = "accepted", "declined"
ITEM_STATES = (OFFERED, ACCEPTED, DECLINED, WITHDRAWN, EXPIRED)
CHECK_STATES = ("open", "done", "waived")
MOST_ITEMS = 5000
MOST_SHADOW_DAYS = 30
MOST_MOVED_DAYS = 10
# In the recipient's working days since the offer: a reminder, a word to both leads, the end.
REMIND, ESCALATE, EXPIRE = 1, 2, 3
WAIT_DAYS = {REMIND: 2, ESCALATE: 5, EXPIRE: 10}
ONE_DAY = timedelta(days=1)
FARTHEST = timedelta(days=366)


@dataclass(frozen=True)
class Check:
    """One line of the checklist."""

    code: str
    label: str
    is_required: bool = True


BASIC = (
    Check("description", "The description is current"),
    Check("access", "The new owner has access"),
    Check("changes", "Open changes are listed"),
)
FOR_DATA = (Check("downstream", "Downstream owners know"), Check("backup", "A backup is named", is_required=False))
DATA_KINDS = frozenset({LOGGING_EVENT.code, EXPORT.code, DATASET.code, MASTER_DATA.code, PIPELINE.code})


def checklist(kinds: Iterable[int]) -> tuple[Check, ...]:
    """What must be done for assets of these kinds: the same three lines for all, two more where data flows on."""
    return BASIC + (FOR_DATA if DATA_KINDS & set(kinds) else FOR_DATA[1:])


def state_after(states: Iterable[str]) -> str:
    """The state of an offered handoff by those of its items: closed as soon as none waits."""
    return OFFERED if OFFERED in set(states) else CLOSED
