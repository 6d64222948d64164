"""What announcements and plans put on other pages: needs of a person, blocks of an asset."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import TYPE_CHECKING, Any

from ownership.domain.impact import CHANGE_WORDS
from ownership.domain.kinds import DATASET, MASTER_DATA
from ownership.queries.announcements import waiting_for
from ownership.queries.parties import parties_of
from ownership.queries.plans import plans_of_asset, references_to_move
from portal.core.registries import Need
from portal.core.web.presentation import Badge, Row, count_words, when

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST = 50
REBUILT = (DATASET.code, MASTER_DATA.code)
MORNING = time(9, tzinfo=UTC)


def announcements_waiting(viewer: Any, at: datetime) -> Sequence[Need]:
    """Announcements that the person has not answered."""
    del at
    return [
        Need(
            subject=row.announcement.asset.name,
            sentence=f"{row.announcement.author.name} announces {CHANGE_WORDS[row.announcement.change]}.",
            verb="Read",
            url=f"/announcements/{row.announcement_id}",
            due_at=row.announcement.ack_due_at,
            since=row.announcement.asked_at,
        )
        for row in waiting_for(viewer)[:MOST]
    ]


@dataclass(frozen=True)
class AssetPlans:
    """Backfills and migrations of one asset, and how to begin one."""

    rows: tuple[Row, ...]
    slug: str


def references_waiting(viewer: Any, at: datetime) -> Sequence[Need]:
    """References that the person, or their teams, must move."""
    return [
        Need(
            subject=str(row),
            sentence=f"It still reads {row.plan.asset.name}, which goes away.",
            verb="Move",
            url=f"/backfills/{row.plan.code}#references",
            due_at=datetime.combine(row.due_on, MORNING) if row.due_on else None,
            since=row.opened_at,
        )
        for row in references_to_move(viewer, parties_of(viewer, at))[:MOST]
    ]


def plans_of(subject: Any, viewer: Any, at: datetime) -> AssetPlans | None:
    """The plans of an asset; None for kinds that nobody backfills."""
    if subject.kind not in REBUILT:
        return None
    rows = tuple(
        Row(
            row.code, f"/backfills/{row.code}", icon="git-compare-arrows", badges=[state_badge(row.state)],
            facts=[row.reason[:120], when(row.created_at, viewer.zone, at)],
            side=count_words(row.open_references, "open reference") if row.kind == "migration" else "",
        )
        for row in plans_of_asset(subject.pk)
    )  # fmt: skip
    return AssetPlans(rows, subject.slug)


def state_badge(state: str) -> Badge:
    """A plan's state as a word with its colour."""
    css = {"running": "info", "paused": "warn", "done": "ok", "draft": "line"}.get(state, "gray")
    return Badge(state.replace("_", " "), css)
