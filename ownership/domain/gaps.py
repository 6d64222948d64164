"""What nobody takes care of (spec ownership 8)."""

from __future__ import annotations

from dataclasses import dataclass

NO_OWNER, OWNER_INACTIVE, UNRESOLVED, EMPTY_TEAM = "no_owner", "owner_inactive", "unresolved", "empty_team"
NOT_ACCEPTED, NOT_CONFIRMED, NO_BACKUP = "not_accepted", "not_confirmed", "no_backup"
NO_DOCUMENT, SPLIT_OWNER = "no_document", "split_owner"


@dataclass(frozen=True)
class GapKind:
    """What a gap says, and the one act that closes it."""

    label: str
    act: str


GAP_KINDS = {
    NO_OWNER: GapKind("Nobody owns it", "Claim or nominate"),
    OWNER_INACTIVE: GapKind("Its owner has left", "Name another owner"),
    UNRESOLVED: GapKind("A file names an owner nobody knows", "Say who it is"),
    EMPTY_TEAM: GapKind("Its team has no members", "Name another owner"),
    NOT_ACCEPTED: GapKind("Asked more than 10 working days ago, not answered", "Ask again or ask somebody else"),
    NOT_CONFIRMED: GapKind("Asked in the review, not confirmed", "Confirm or hand over"),
    NO_BACKUP: GapKind("No backup", "Name a backup"),
    NO_DOCUMENT: GapKind("Tier 1 without a document", "Write or link one"),
    SPLIT_OWNER: GapKind("Pipeline and dataset have different owners", "Bring them together"),
}

# What another owner, or their word, would close.
WITHOUT_OWNER = frozenset({NO_OWNER, OWNER_INACTIVE, UNRESOLVED, EMPTY_TEAM, NOT_ACCEPTED, NOT_CONFIRMED})


@dataclass(frozen=True)
class GapFacts:
    """What decides about the gaps of one live asset; details name who could help, never whose fault it is."""

    tier: int | None
    has_owner: bool
    is_unowned_on_purpose: bool
    owner_is_inactive: bool
    team_is_empty: bool
    unresolved: tuple[str, ...]
    waiting_too_long: tuple[str, ...]
    was_not_confirmed: bool
    has_backup: bool
    has_document: bool
    other_team: str
    acting_team: str = ""


TOP_TIERS = frozenset({1, 2})


def find_gaps(facts: GapFacts) -> dict[str, dict[str, object]]:
    """The open gaps by kind, each with the detail a person needs to close it."""
    told: dict[str, tuple[bool, dict[str, object]]] = {
        NO_OWNER: (
            (not facts.has_owner or bool(facts.acting_team)) and not facts.is_unowned_on_purpose,
            {"acting": facts.acting_team} if facts.acting_team else {},
        ),
        OWNER_INACTIVE: (facts.owner_is_inactive, {}),
        EMPTY_TEAM: (facts.team_is_empty, {}),
        UNRESOLVED: (bool(facts.unresolved) and not facts.has_owner, {"names": list(facts.unresolved)}),
        NOT_ACCEPTED: (bool(facts.waiting_too_long), {"asked": list(facts.waiting_too_long)}),
        NOT_CONFIRMED: (facts.was_not_confirmed, {}),
        NO_BACKUP: (facts.has_owner and not facts.has_backup and facts.tier in TOP_TIERS, {}),
        NO_DOCUMENT: (facts.tier == 1 and not facts.has_document, {}),
        SPLIT_OWNER: (bool(facts.other_team), {"other_team": facts.other_team}),
    }
    return {kind: detail for kind, (is_open, detail) in told.items() if is_open}
