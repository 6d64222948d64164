"""The states of a request, who may move it where, and what each move does to its clocks (spec requests 4, decisions).

"Open" is all but answered, resolved, closed, declined, duplicate and withdrawn (spec resolutions 1.12).
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    NEW = "new"
    TRIAGE = "triage"
    AWAITING_APPROVAL = "awaiting_approval"
    QUEUED = "queued"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in_progress"
    WAITING_ON_REQUESTER = "waiting_on_requester"
    WAITING_ON_UPSTREAM = "waiting_on_upstream"
    DEFERRED = "deferred"
    DECLINED = "declined"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    CLOSED = "closed"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


class Actor(StrEnum):
    """In which part somebody moves a request; one person may hold several."""

    REQUESTER = "requester"
    TRIAGER = "triager"
    ASSIGNEE = "assignee"
    MEMBER = "member"
    LEAD = "lead"
    PARTNER = "partner"
    SYSTEM = "system"


OPEN = frozenset(State) - {
    State.DECLINED, State.ANSWERED, State.RESOLVED, State.CLOSED, State.DUPLICATE, State.WITHDRAWN,
}  # fmt: skip
WAITING = frozenset({State.WAITING_ON_REQUESTER, State.WAITING_ON_UPSTREAM})
UNDECIDED = frozenset({State.NEW, State.TRIAGE})
# The groups of the list: what the team moves, what waits for somebody else, what has ended.
GROUPS: dict[str, tuple[State, ...]] = {
    "open": (State.NEW, State.TRIAGE, State.ACCEPTED, State.IN_PROGRESS),
    "waiting": (
        State.AWAITING_APPROVAL, State.QUEUED, State.WAITING_ON_REQUESTER, State.WAITING_ON_UPSTREAM, State.DEFERRED,
    ),
    "closed": (
        State.ANSWERED, State.RESOLVED, State.DECLINED, State.CLOSED, State.DUPLICATE, State.WITHDRAWN,
    ),
}  # fmt: skip

_WORK = (State.ACCEPTED, State.IN_PROGRESS, *sorted(WAITING))
_FRESH = (State.NEW, State.TRIAGE)
_ROWS: tuple[tuple[tuple[State, ...], State, tuple[Actor, ...]], ...] = (
    ((State.NEW,), State.TRIAGE, (Actor.TRIAGER,)),
    (_FRESH, State.ACCEPTED, (Actor.TRIAGER,)),
    (_FRESH, State.AWAITING_APPROVAL, (Actor.SYSTEM,)),
    (_FRESH, State.QUEUED, (Actor.SYSTEM,)),
    ((*_FRESH, State.AWAITING_APPROVAL), State.DEFERRED, (Actor.SYSTEM, Actor.LEAD)),
    ((*_FRESH, State.AWAITING_APPROVAL, State.QUEUED), State.DECLINED, (Actor.TRIAGER, Actor.LEAD)),
    (_FRESH, State.ANSWERED, (Actor.TRIAGER, Actor.PARTNER)),
    (tuple(OPEN), State.ANSWERED, (Actor.REQUESTER,)),
    ((State.AWAITING_APPROVAL,), State.ACCEPTED, (Actor.LEAD,)),
    ((State.QUEUED,), State.ACCEPTED, (Actor.SYSTEM,)),
    ((State.DEFERRED,), State.ACCEPTED, (Actor.LEAD,)),
    ((State.DEFERRED,), State.RESOLVED, (Actor.SYSTEM,)),
    ((State.DEFERRED,), State.TRIAGE, (Actor.LEAD, Actor.SYSTEM)),
    ((State.DEFERRED,), State.DECLINED, (Actor.LEAD,)),
    ((State.ACCEPTED,), State.IN_PROGRESS, (Actor.ASSIGNEE,)),
    ((State.ACCEPTED, State.IN_PROGRESS), State.WAITING_ON_REQUESTER, (Actor.ASSIGNEE,)),
    ((State.ACCEPTED, State.IN_PROGRESS), State.WAITING_ON_UPSTREAM, (Actor.ASSIGNEE,)),
    ((State.TRIAGE,), State.WAITING_ON_REQUESTER, (Actor.TRIAGER,)),
    ((State.NEW,), State.WAITING_ON_UPSTREAM, (Actor.SYSTEM,)),
    ((State.TRIAGE,), State.NEW, (Actor.SYSTEM,)),
    ((State.WAITING_ON_REQUESTER,), State.IN_PROGRESS, (Actor.REQUESTER, Actor.ASSIGNEE)),
    ((State.WAITING_ON_UPSTREAM,), State.IN_PROGRESS, (Actor.ASSIGNEE, Actor.SYSTEM)),
    ((State.WAITING_ON_REQUESTER,), State.RESOLVED, (Actor.SYSTEM,)),
    (_WORK, State.TRIAGE, (Actor.SYSTEM, Actor.LEAD)),
    ((State.ACCEPTED, State.IN_PROGRESS), State.RESOLVED, (Actor.ASSIGNEE,)),
    ((State.RESOLVED, State.ANSWERED), State.IN_PROGRESS, (Actor.REQUESTER, Actor.MEMBER)),
    ((State.RESOLVED, State.ANSWERED), State.CLOSED, (Actor.SYSTEM, Actor.REQUESTER)),
    ((State.ANSWERED,), State.TRIAGE, (Actor.REQUESTER,)),
    ((State.DECLINED,), State.TRIAGE, (Actor.LEAD,)),
    (tuple(OPEN), State.WITHDRAWN, (Actor.REQUESTER,)),
    (tuple(OPEN), State.DUPLICATE, (Actor.TRIAGER,)),
    *(((State.DUPLICATE,), former, (Actor.TRIAGER,)) for former in sorted(OPEN)),
)


def _table() -> dict[tuple[State, State], frozenset[Actor]]:
    found: dict[tuple[State, State], frozenset[Actor]] = {}
    for sources, target, actors in _ROWS:
        for source in sources:
            found[source, target] = found.get((source, target), frozenset()) | frozenset(actors)
    return found


TRANSITIONS = _table()


def movers(source: str, target: str) -> frozenset[Actor]:
    """Who may move a request from `source` to `target`; nobody when the table has no such row."""
    return TRANSITIONS.get((State(source), State(target)), frozenset())


def stopped_clocks(target: str) -> frozenset[str]:
    """The clocks that a move into `target` ends with "met" or "late" (spec sla 4.1).

    A public answer stops the first response; that is the message's doing and the decision letter's.
    """
    match State(target):
        case State.ACCEPTED | State.AWAITING_APPROVAL | State.QUEUED:
            return frozenset({"decision"})
        case State.DEFERRED | State.DECLINED | State.ANSWERED:
            return frozenset({"first_response", "decision", "resolution", "next_update"})
        case State.RESOLVED:
            return frozenset({"decision", "resolution", "next_update"})
    return frozenset()


def cancels_clocks(target: str) -> bool:
    """Whether a move into `target` takes the promise back instead of keeping or breaking it."""
    return State(target) in {State.WITHDRAWN, State.DUPLICATE}
