"""The words of the room: who a person is, what a membership gives, which verbs exist (spec accounts 1, 6)."""

from __future__ import annotations

from enum import StrEnum


class PersonKind(StrEnum):
    PERSON = "person"
    SERVICE = "service"


class PersonState(StrEnum):
    INVITED = "invited"
    ACTIVE = "active"
    LEAVING = "leaving"
    INACTIVE = "inactive"


class Discipline(StrEnum):
    """What a person does; the values are stored, the labels shown."""

    SE = "SE"
    DE = "DE"
    AE = "AE"
    DA = "DA"
    DS = "DS"
    NONE = ""


DISCIPLINE_LABELS = {
    Discipline.SE: "software engineer",
    Discipline.DE: "data engineer",
    Discipline.AE: "analytics engineer",
    Discipline.DA: "analyst",
    Discipline.DS: "data scientist",
    Discipline.NONE: "no discipline",
}


class Role(StrEnum):
    MEMBER = "member"
    LEAD = "lead"


class GrantName(StrEnum):
    TRIAGE = "triage"
    APPROVE_BUDGET = "approve_budget"
    EXEMPT = "exempt"
    LOCK_PLAN = "lock_plan"
    EXCUSE_CLOCK = "excuse_clock"
    VOTE = "vote"


class AbsenceKind(StrEnum):
    AWAY = "away"
    SICK = "sick"
    TRAINING = "training"
    REST = "rest"


# Channels that wake. E-mail, chat and the inbox never do; `file` stands in for them in development and the demo.
PAGE_CLASS = frozenset({"push", "sms", "voice", "file"})
