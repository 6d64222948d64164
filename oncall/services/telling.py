"""Who is told about an incident without being woken: tasks, owners of other assets, downstream teams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from oncall.models import Incident, IncidentUpdate
from oncall.queries.targets import duty_of
from oncall.services.moving import locked, note_event
from oncall.services.runs import subject
from oncall.services.wording import page_context
from ownership.queries.owners import owners_at
from portal.accounts.models import Team
from portal.accounts.queries.teams import responsible_leads
from portal.core.errors import DomainError
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.services.arming import arm_deadline
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

TASK_KIND, AFFECTED_KIND, UPDATE_KIND, ASKED_KIND = (
    "oncall.task", "oncall.affected", "oncall.update", "oncall.still_on_it",
)  # fmt: skip
NEXT_KIND, DUE_KIND = "oncall.next_update", "oncall.update_due"
LONGEST_UPDATE = 5000


def tell_task(*, incident: Incident, at: datetime) -> None:
    """Somebody has to mend it in working hours: the holder of the rota, else the leads. A warning, never a page."""
    duty = duty_of(incident, at)
    held = duty.answer.holder("primary") if duty.answer is not None else None
    people = [held.person_id] if held is not None else [lead.pk for lead in responsible_leads(incident.team, at.date())]
    _raise(incident, TASK_KIND, people or [None], "warn", page_context(incident), f"v{incident.version}", at)


def tell_affected(*, incident: Incident, asset_id: int, but: Collection[int], at: datetime) -> None:
    """The owner of another failing asset hears once that its root is elsewhere; backups hear nothing."""
    primary = owners_at([asset_id], at)[asset_id].primary
    if primary is not None and primary.party.person_id is not None and primary.party.person_id not in but:
        key = f"a{asset_id}"
        _raise(incident, AFFECTED_KIND, [primary.party.person_id], "info", page_context(incident), key, at)


def ask_sign_of_life(*, incident: Incident, at: datetime) -> None:
    """Whoever acknowledged an hour ago and has been silent since is asked."""
    people = [incident.acknowledged_by_id] if incident.acknowledged_by_id is not None else []
    _raise(incident, ASKED_KIND, people, "page", page_context(incident), f"v{incident.version}", at)


@transaction.atomic
def send_update(
    *, actor: Any, incident: Incident, text: str, teams: Collection[str], next_update_at: datetime | None = None,
    at: datetime,
) -> IncidentUpdate:  # fmt: skip
    """Tell downstream teams now, in one's own words; their drafts that were waiting are moot.

    Raises `DomainError` for an empty or overlong text, an unknown team, or a next update in the past.
    """
    standing = locked(actor=actor, incident=incident, at=at)
    words = text.strip()
    if not words or len(words) > LONGEST_UPDATE:
        raise DomainError("oncall.bad_text", f"Write 1 to {LONGEST_UPDATE:,} characters.", "text")
    known = set(Team.objects.filter(slug__in=teams).values_list("slug", flat=True))
    if not teams or set(teams) - known:
        unknown = ", ".join(sorted(set(teams) - known)) or "nobody"
        raise DomainError("oncall.unknown_team", f"Which team is {unknown}?", "teams")
    if next_update_at is not None and next_update_at <= at:
        raise DomainError("oncall.past", "The next update lies in the past.", "next_update_at")
    update = IncidentUpdate.objects.create(
        incident=standing, text=words, teams=sorted(known), state="sent", sent_at=at, sent_by=actor,
        next_update_at=next_update_at, created_at=at,
    )  # fmt: skip
    if next_update_at is not None:
        arm_deadline(
            actor=actor, kind=NEXT_KIND, subject=subject(standing), due_at=next_update_at,
            payload={"update": update.pk}, at=at,
        )  # fmt: skip
    _make_moot(standing, known)
    _deliver(standing, update, at)
    note_event(actor=actor, incident=standing, kind="told", data={"teams": sorted(known)}, at=at)
    record_audit(actor=actor, verb="oncall.downstream_told", subject=standing, after={"teams": sorted(known)},
                 compartment=standing.compartment, at=at)  # fmt: skip
    return update


def ask_for_update(*, incident: Incident, update: IncidentUpdate, at: datetime) -> bool:
    """The next word that was promised is due: whoever holds the incident, else who promised it, is reminded.

    Nothing if somebody has sent another word since. The incident is locked by the caller.
    """
    later = incident.updates.filter(state="sent", pk__gt=update.pk)
    person = incident.acknowledged_by_id or update.sent_by_id
    if not incident.is_open or person is None or later.exists():
        return False
    _raise(incident, DUE_KIND, [person], "warn", page_context(incident), f"u{update.pk}", at)
    return True


def send_drafts(*, actor: Any, incident: Incident, at: datetime) -> list[str]:
    """Send every draft that waits; the incident is locked. Returns the teams told."""
    drafts = list(IncidentUpdate.objects.select_for_update().filter(incident=incident, state="draft"))
    told: list[str] = []
    for draft in drafts:
        send_draft(actor=actor, incident=incident, update=draft, at=at)
        told += draft.teams
    return sorted(set(told))


def send_draft(*, actor: Any, incident: Incident, update: IncidentUpdate, at: datetime) -> bool:
    """One draft whose hour has come, or that goes out with somebody's "back to sleep". Idempotent."""
    if update.state != "draft" or not incident.is_open:
        return False
    update.state, update.sent_at, update.sent_by = "sent", at, actor
    update.save(update_fields=["state", "sent_at", "sent_by"])
    _deliver(incident, update, at)
    note_event(actor=actor, incident=incident, kind="told", data={"teams": update.teams}, at=at)
    return True


def _deliver(incident: Incident, update: IncidentUpdate, at: datetime) -> None:
    teams = Team.objects.filter(slug__in=update.teams)
    people = {lead.pk for team in teams for lead in responsible_leads(team, at.date())}
    context = {"title": incident.title[:200], "line": update.text[:400]}
    context |= {"number": incident.number, "url": incident.get_absolute_url()}
    if incident.is_private:
        context = page_context(incident)
    _raise(incident, UPDATE_KIND, sorted(people), "info", context, f"u{update.pk}", at)


def _make_moot(incident: Incident, teams: set[str]) -> None:
    for draft in IncidentUpdate.objects.select_for_update().filter(incident=incident, state="draft"):
        if set(draft.teams) <= teams:
            draft.state = "moot"
            draft.save(update_fields=["state"])


def _raise(
    incident: Incident, kind: str, people: Iterable[int | None], severity: Any, context: dict[str, Any], key: str,
    at: datetime,
) -> None:  # fmt: skip
    """Nobody to tell (a None) is told to the fallback by the engine."""
    drafts = [
        NoticeDraft(
            kind, f"{kind}:incident.{incident.pk}:{key}:{to.key}", subject(incident), to, severity, context,
            is_private=incident.is_private,
        )
        for to in (Recipient(person_id=pk) for pk in people)
    ]  # fmt: skip
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
