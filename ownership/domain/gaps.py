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
