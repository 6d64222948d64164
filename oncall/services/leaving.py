"""What becomes of a leaver's shifts, covers, tickets and calendar links (spec accounts 7, step 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Subquery

from oncall.domain.incident_states import State
from oncall.models import CalendarFeed, CoverRequest, Incident, UpstreamTicket
from oncall.queries.shifts import askable
from oncall.queries.working_out import facts_between
from oncall.services.absences import clashing, rotas_of
from oncall.services.covers import withdraw_cover
from oncall.services.opening import wake
from oncall.services.serving import materialise_rota
from oncall.services.shift_news import tell_leads
from oncall.services.timers import arm_next_handoff
from portal.accounts.domain.clashes import LeavingStep
from portal.accounts.models import Person
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import responsible_leads
from portal.core.services.audit import record_audit
from portal.core.web.presentation import count_words

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


AHEAD = timedelta(days=400)
LIVE_TICKETS = ("open", "unblocked")


def leaving_step() -> LeavingStep:
    """The contribution to `person.leaving`."""
    return LeavingStep("shifts", 10, preview_leaving, run_leaving)


def preview_leaving(person: Person, at: datetime) -> list[str]:
    """The shifts that fall to others, one sentence a rota, and what else they have in hand."""
    said = []
    for rota in rotas_of(person, at, at + AHEAD):
        rows = [row for row in facts_between(rota, at, at + AHEAD)[0] if row.person == person.pk]
        alone = not [pk for pk in askable(rota, "", at) if pk != person.pk]
        more = (
            " Nobody else is in this rota."
            if alone
            else " The next by the cascade take them until new rules are published."
        )
        said += [f"{rota.name}: {len(rows)} shifts ahead.{more}"] if rows else []
    held, tickets = _counted(person)
    said += [f"{count_words(held, 'incident')} in their hands page again at once."] if held else []
    return said + ([f"{tickets} upstream tickets go to the lead of their team."] if tickets else [])


def run_leaving(person: Person, at: datetime) -> None:
    """Close what was served up to now, tell the lead, ask nobody further; repeatable.

    What they had acknowledged pages again at once: nobody has it any more (spec 6).
    """
    for rota in rotas_of(person, at, at + AHEAD):
        materialise_rota(rota=rota, until=at)
        rows = clashing(rota, person, at, at + AHEAD)
        said = f"{person.name} has left: {len(rows)} shifts fall to the next. Publish the rota without them."
        tell_leads(rota, said, key=f"left.{person.pk}.{rota.pk}", at=at)
        arm_next_handoff(rota, at)
    for cover in CoverRequest.objects.filter(from_person=person, state="open").order_by("pk"):
        withdraw_cover(actor=None, cover=cover, at=at)
    CoverRequest.objects.filter(candidate=person, state="open").update(candidate=None, ask="all")
    CalendarFeed.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
    held = _in_hand(person).select_for_update(of=("self",)).select_related("team", "rota", "root_asset")
    for incident in held.order_by("pk"):
        wake(incident=incident, kind="unacknowledged", at=at)
    for ticket in _tickets(person).select_for_update(of=("self",)).order_by("pk"):
        _ask_the_lead(ticket, person, at)


def _in_hand(person: Person) -> QuerySet[Incident]:
    """What they said they are on, and nobody else is."""
    return Incident.objects.filter(acknowledged_by=person, state=State.ACKNOWLEDGED)


def _counted(person: Person) -> tuple[int, int]:
    """How many incidents and tickets; one read."""
    counts: list[Any] = [
        Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n"))
        for rows, by in ((_in_hand(person), "acknowledged_by"), (_tickets(person), "contact"))
    ]
    held, tickets = Person.objects.filter(pk=person.pk).values_list(*counts).get()
    return held or 0, tickets or 0


def _ask_the_lead(ticket: UpstreamTicket, person: Person, at: datetime) -> None:
    leads = [lead for lead in responsible_leads(ticket.team, local_day(person, at)) if lead.pk != person.pk]
    ticket.contact = leads[0] if leads else None
    ticket.version += 1
    ticket.save(update_fields=["contact", "version"])
    after = {"contact": ticket.contact.handle if ticket.contact else ""}
    record_audit(actor=None, verb="oncall.ticket_passed_on", subject=ticket, after=after, reason="left", at=at)


def _tickets(person: Person) -> QuerySet[UpstreamTicket]:
    return UpstreamTicket.objects.filter(contact=person, state__in=LIVE_TICKETS).select_related("team")
