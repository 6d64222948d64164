"""What else waits for a leaver: handovers, references, plans and announcements pass to who answers now.

Spec ownership 10. Called by the leaver's sweep, once the assets have their heirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from ownership.domain.handoffs import ACCEPTED, CLOSED, DRAFT, OFFERED, WITHDRAWN
from ownership.domain.plans import LIVE
from ownership.domain.references import OPEN
from ownership.domain.states import PRIMARY
from ownership.models import Announcement, AnnouncementAsset, AnnouncementRecipient, ChangePlan, Handoff, Reference
from ownership.queries.owners import current_owners
from ownership.services.announcement_notices import ASKED, tell_recipients
from ownership.services.handoffs import end_unfinished
from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import responsible_leads
from portal.core.services.audit import record_audit

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import QuerySet

LIVE_STATES = [state.value for state in LIVE]
PENDING = AnnouncementRecipient.State.PENDING


def handoffs_to(person: Person) -> QuerySet[Handoff]:
    """Offers to the person, and accepted ones whose day has not come."""
    return _unfinished().filter(to_person=person)


def handoffs_from(person: Person) -> QuerySet[Handoff]:
    """What the person offered and is not over."""
    return _unfinished().filter(from_person=person).exclude(to_person=person)


def duties_of(person: Person) -> int:
    """How many references, plans and announcements name the person."""
    return (
        _references(person).count() + _plans(person).count() + _recipients(person).count() + _authored(person).count()
    )


def settle_handovers(*, person: Person, lead: Person | None, at: datetime) -> None:
    """Offers to the leaver end. What the leaver offered stays open, now as the lead's; without a lead it ends."""
    for handoff in handoffs_to(person).select_for_update(of=("self",)).order_by("pk"):
        _withdraw(handoff, at)
    for handoff in handoffs_from(person).select_for_update(of=("self",)).order_by("pk"):
        if lead is None:
            _withdraw(handoff, at)
            continue
        # Backup rows have ended with their holder; only what somebody acts for can still be handed over.
        handoff.items.filter(rank__gt=PRIMARY, state__in=[OFFERED, ACCEPTED], in_force_at=None).update(
            state=WITHDRAWN, decided_at=at
        )
        handoff.from_person, handoff.version = lead, handoff.version + 1
        if handoff.created_by_id == person.pk:
            handoff.created_by = lead
        handoff.save(update_fields=["from_person", "created_by", "version"])
        record_audit(
            actor=None, verb="ownership.handoff_passed_on", subject=handoff, before={"from": person.pk},
            after={"from": lead.pk}, reason="left", at=at,
        )  # fmt: skip


def pass_on_duties(*, person: Person, fallback: Person | None, at: datetime) -> int:
    """References to move, plans and announcements pass to who answers for the asset now; returns how many."""
    references = list(_references(person).select_related("plan").select_for_update(of=("self",)).order_by("pk"))
    plans = list(_plans(person).select_for_update(of=("self",)).order_by("pk"))
    authored = list(_authored(person).select_for_update(of=("self",)).order_by("pk"))
    asked = list(_recipients(person).select_related("announcement").select_for_update(of=("self",)).order_by("pk"))
    touched = AnnouncementAsset.objects.filter(recipient__in=asked)
    wanted = [row.referrer_id or row.plan.asset_id for row in references]
    wanted += [plan.asset_id for plan in plans] + [told.asset_id for told in authored]
    heirs = _heirs([*wanted, *touched.values_list("asset_id", flat=True)], person, fallback, at)
    for row in references:
        _give_reference(row, heirs)
    for plan in plans:
        plan.owner = heirs.get(plan.asset_id) or plan.owner
        plan.save(update_fields=["owner"])
    for told in authored:
        told.author = heirs.get(told.asset_id) or told.author
        told.save(update_fields=["author"])
    for recipient in asked:
        _ask_others(recipient, heirs, at)
    return len(references) + len(plans) + len(authored) + len(asked)


def _give_reference(row: Reference, heirs: dict[int, Person | None]) -> None:
    """Its deadlines stay: they ask whoever holds it on the day."""
    row.person = heirs.get(row.referrer_id or row.plan.asset_id)
    row.save(update_fields=["person"])


def _ask_others(recipient: AnnouncementRecipient, heirs: dict[int, Person | None], at: datetime) -> None:
    """Each heir is asked once for all that is theirs now; nobody is asked twice for one announcement."""
    row, rows = recipient.announcement, list(recipient.touched.all())
    known = {other.person_id: other for other in row.recipients.exclude(pk=recipient.pk)}
    fresh = []
    for each in rows:
        heir = heirs.get(each.asset_id)
        if heir is not None and heir.pk not in known:
            known[heir.pk] = AnnouncementRecipient.objects.create(announcement=row, person=heir)
            fresh.append(known[heir.pk])
        each.recipient = known[heir.pk] if heir is not None else None
    AnnouncementAsset.objects.bulk_update(rows, ["recipient"])
    recipient.state = AnnouncementRecipient.State.SUPERSEDED
    recipient.save(update_fields=["state"])
    tell_recipients(row, fresh, ASKED, at)


def _heirs(asset_ids: Iterable[int], leaver: Person, fallback: Person | None, at: datetime) -> dict[int, Person | None]:
    """By asset the person who answers for it now: the primary, the lead of its team, else the fallback."""
    owners = current_owners(set(asset_ids))
    primaries = {pk: held.primary.party for pk, held in owners.items() if held.primary is not None}
    people = Person.objects.in_bulk([party.person_id for party in primaries.values() if party.person_id is not None])
    teams = Team.objects.in_bulk({party.team_id for party in primaries.values() if party.team_id is not None})
    leads = {pk: next(iter(responsible_leads(team, at.date())), None) for pk, team in teams.items()}
    found: dict[int, Person | None] = {}
    for pk in owners:
        party = primaries.get(pk)
        heir = (people.get(party.person_id or 0) or leads.get(party.team_id or 0)) if party else None
        found[pk] = heir if heir is not None and heir != leaver else fallback
    return found


def _withdraw(handoff: Handoff, at: datetime) -> None:
    end_unfinished(handoff=handoff, state=WITHDRAWN, actor=None, at=at)
    record_audit(actor=None, verb="ownership.handoff_withdrawn", subject=handoff, reason="left", at=at)


def _unfinished() -> QuerySet[Handoff]:
    """Drafts, offers, and decided ones of which something has not begun."""
    waiting = Q(state=CLOSED, items__state=ACCEPTED, items__in_force_at=None)
    ids = Handoff.objects.filter(Q(state__in=[OFFERED, DRAFT]) | waiting).values("pk")
    return Handoff.objects.filter(pk__in=ids)


def _references(person: Person) -> QuerySet[Reference]:
    return Reference.objects.filter(person=person, state=OPEN, plan__state__in=LIVE_STATES)


def _plans(person: Person) -> QuerySet[ChangePlan]:
    return ChangePlan.objects.filter(owner=person, state__in=LIVE_STATES)


def _recipients(person: Person) -> QuerySet[AnnouncementRecipient]:
    return AnnouncementRecipient.objects.filter(person=person, state=PENDING)


def _authored(person: Person) -> QuerySet[Announcement]:
    """Announcements of the person that somebody has still to answer, or whose objection waits for a reply."""
    objecting = Q(state=AnnouncementRecipient.State.OBJECTED, replied_at=None)
    waiting = AnnouncementRecipient.objects.filter(Q(state=PENDING) | objecting).exclude(person=person)
    return Announcement.objects.filter(author=person, superseded_by=None, pk__in=waiting.values("announcement_id"))
