"""The words of rotas: kinds, roles, states (spec oncall 1, 2)."""

from __future__ import annotations

from enum import StrEnum


class RotaKind(StrEnum):
    PIPELINE = "pipeline"
    QUESTIONS = "questions"


class DutyRole(StrEnum):
    """Who answers first, second, who is looped in, and who only looks on."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    PARTNER = "partner"
    SHADOW = "shadow"


class QuestionsDuty(StrEnum):
    """Who answers the questions of a team: the pipeline rota, a rota of its own, or nobody."""

    SAME = "same"
    SEPARATE = "separate"
    NONE = "none"


class BlockKind(StrEnum):
    WEEK = "week"
    WEEKEND = "weekend"
    DAY = "day"
    SPECIAL = "special"


class ChangeKind(StrEnum):
    OVERRIDE = "override"
    TAKE = "take"
    COVER = "cover"
    SWAP = "swap"
    GUARDRAIL = "guardrail"
    IMPORT = "import"


class ChangeState(StrEnum):
    PROPOSED = "proposed"
    ACTIVE = "active"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"


class Source(StrEnum):
    """Why a person holds a stretch of a slot."""

    PLANNED = "planned"
    CHANGE = "change"
    CASCADE = "cascade"
    GAP = "gap"


class LedgerKind(StrEnum):
    SHIFT = "shift"
    NIGHT_PAGE = "night_page"
    WOKEN = "woken"
    OPENING = "opening"
    ADJUST = "adjust"


class DraftState(StrEnum):
    NONE = "none"
    VOLUNTEERS = "volunteers"
    DRAFTING = "drafting"
    CLOSED = "closed"


ROLE_WORDS = {
    DutyRole.PRIMARY: "primary",
    DutyRole.SECONDARY: "secondary",
    DutyRole.PARTNER: "partner",
    DutyRole.SHADOW: "shadow",
}
DRAFT_WORDS = {
    DraftState.NONE: "not asked yet",
    DraftState.VOLUNTEERS: "asks who serves gladly",
    DraftState.DRAFTING: "asks for wishes",
    DraftState.CLOSED: "closed",
}
KIND_WORDS = {RotaKind.PIPELINE: "pipelines", RotaKind.QUESTIONS: "questions"}
