"""People: the directory, a person's page, and what admins do."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.forms import InviteForm
from portal.accounts.models import Absence, ContactMethod, Membership
from portal.accounts.policies import can_administer, can_keep_tokens, people_visible_to
from portal.accounts.queries.leaving import farewell
from portal.accounts.queries.people import absences_at, away_among, local_day, with_main_place
from portal.accounts.services.absences import can_enter_absence
from portal.accounts.services.anonymizing import anonymize_person
from portal.accounts.services.arriving import invite_people
from portal.accounts.services.leaving import continue_leaving, deactivate_person, leaving_steps, reactivate_person
from portal.accounts.services.people import set_flags
from portal.accounts.services.sending import send_invitations
from portal.accounts.web.acting import ActView, GuardedForm, step_up
from portal.accounts.web.exports import asked_people
from portal.accounts.web.presenting import back_on, discipline_badge, person_row
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.panels import panels
from portal.core.policies import require
from portal.core.registries import contributions
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, when
from portal.core.web.views import PageView, SeeOther

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from portal.accounts.models import Person
    from portal.core.policies import Decision

PEOPLE = (("People", "/people/"),)
IN_REQUEST = 5.0
FLAG_VERBS = frozenset({"make-admin", "make-auditor", "no-flag"})


class PeopleView(PageView):
    page_title = "People"
    nav_key = "people"
    template_name = "accounts/people.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        found = asked_people(self.request)
        asked = self.request.GET.copy()
        cursor = asked.pop("cursor", [""])[0]
        rows = found.qs if asked.get("state") else found.qs.exclude(state=PersonState.INACTIVE)
        page = keyset(with_main_place(rows, local_day(viewer, at)), order=("name",), cursor=cursor)
        may_invite = can_administer(viewer, at).allowed
        query = asked.urlencode()
        return {
            "form": found.form,
            "rows": _rows(page.rows, at),
            "next_url": f"?{query}&cursor={page.next_cursor}" if page.next_cursor else "",
            "actions": [
                *([Link("Invite people", reverse("people_invite"), "user-round-plus")] if may_invite else []),
                *([Link("A program", reverse("people_program"), "code")] if may_invite else []),
                Link("Download", f"{reverse('people_export')}?{query}", "download"),
            ],
            "empty": Empty("Nobody by that name", "Try the handle, or part of the name.", "users"),
        }


def _rows(people: Sequence[Any], at: datetime) -> list[Row]:
    """Each with craft, main team, and whether they are away."""
    away = away_among([person.pk for person in people], at)
    return [person_row(person, badges=_marks(person, away), side=person.place_name or "") for person in people]


def _marks(person: Any, away: set[int]) -> list[Badge]:
    marks = [discipline_badge(person.place_discipline), Badge("away", "warn", "plane") if person.pk in away else None]
    return [mark for mark in marks if mark is not None]


class PersonView(PageView):
    nav_key = "people"
    crumbs = PEOPLE
    template_name = "accounts/person.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        person = get_object_or_404(people_visible_to(viewer), handle=self.kwargs["handle"])
        absence = absences_at(at).filter(person=person).first()
        places = Membership.objects.filter(person=person).select_related("team").order_by("-during")
        is_admin = can_administer(viewer, at).allowed
        return {
            "page_title": person.name,
            "person": person,
            "badges": _badges(person),
            "facts": _facts(person, absence, viewer.zone, at),
            "places": [_place(row) for row in places[:50]],
            "panels": panels("person.detail", subject=person, viewer=viewer, at=at),
            "may_administer": is_admin,
            "briefing": _briefing(absence, viewer, at),
            "actions": _actions(person, viewer, at),
        }


def _briefing(absence: Absence | None, viewer: Person, at: datetime) -> str:
    """What somebody away wrote for those who cover; nobody else reads it."""
    if absence is None or not absence.briefing:
        return ""
    covers = {pk for covering in contributions("absence.covers") for pk in covering(absence, at)}
    return absence.briefing if viewer.pk in covers | {absence.person_id} else ""


def _actions(person: Person, viewer: Person, at: datetime) -> list[Link]:
    is_lead = viewer.pk != person.pk and can_enter_absence(viewer, person, at).allowed
    offered = [Link("Enter an absence", reverse("people_away", args=[person.handle]), "plane")] if is_lead else []
    if can_keep_tokens(viewer, person, at).allowed:
        offered.append(Link("Tokens", reverse("people_tokens", args=[person.handle]), "key-round"))
    return offered


def _badges(person: Person) -> list[Badge]:
    shown = [
        (person.state in (PersonState.LEAVING, PersonState.INACTIVE), Badge("has left", "gray")),
        (person.is_admin, Badge("Admin", "info", "shield")),
        (person.is_auditor, Badge("Auditor", "info", "eye")),
        (person.is_service, Badge("program", "line", "code")),
    ]
    return [badge for holds, badge in shown if holds]


def _facts(person: Person, absence: Absence | None, zone: str, at: datetime) -> list[Fact]:
    channels = ContactMethod.objects.filter(person=person, state="verified").values_list("channel", flat=True)
    facts = [
        Fact("Handle", person.handle),
        Fact("Local time", f"{when(at, person.zone, at).text} ({person.zone.replace('_', ' ')})"),
        Fact("Reached by", ", ".join(sorted({"inbox", *channels}))),
    ]
    if absence is not None:
        facts.append(Fact("Now", back_on(absence, zone, at), "text-warn"))
    if person.owner_team is not None:
        facts.append(Fact("Belongs to", person.owner_team.name))
    return facts


def _place(row: Membership) -> Row:
    days = f"since {row.during.lower}" if row.during.upper is None else f"{row.during.lower} to {row.during.upper}"
    badge = discipline_badge(row.discipline)
    badges = [badge] if badge else []
    if row.role == "lead":
        badges.append(Badge("Lead", "info", "crown"))
    return Row(row.team.name, reverse("teams_detail", args=[row.team.slug]), icon="users", badges=badges, facts=[days])


class InviteView(GuardedForm):
    page_title = "Invite people"
    nav_key = "people"
    crumbs = PEOPLE
    template_name = "accounts/form.html"
    form_class = InviteForm
    extra_context = {"lead": "They are asked for their team when they arrive.", "verb": "Send invitations"}

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        emails = [line for line in form.cleaned_data["emails"].splitlines() if line.strip()]
        made = invite_people(actor=viewer, emails=emails, team=None, discipline=form.cleaned_data["discipline"], at=at)
        send_invitations(made)
        return reverse("people_list")


@step_up
class AdministerView(ActView):
    """Flags, leaving and coming back; the service asks who may."""

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        person = get_object_or_404(people_visible_to(viewer), handle=self.kwargs["handle"])
        reason = self.request.POST.get("reason", "").strip()[:300] or "by an admin"
        verb = self.kwargs["verb"]
        if verb == "deactivate":
            person = deactivate_person(actor=viewer, person=person, reason=reason, at=at)
            continue_leaving(person=person, stop_at=monotonic() + IN_REQUEST, at=at)
            return reverse("people_leaving", args=[person.handle])
        if verb == "reactivate":
            reactivate_person(actor=viewer, person=person, at=at)
        elif verb == "make-nameless":
            person = anonymize_person(actor=viewer, person=person, reason=reason, at=at)
        elif verb not in FLAG_VERBS:
            raise NotVisible
        else:
            flags = {"is_admin": verb == "make-admin", "is_auditor": verb == "make-auditor"}
            set_flags(actor=viewer, person=person, reason=reason, at=at, **flags)
        return reverse("people_detail", args=[person.handle])


class LeavingView(PageView):
    """What closing an account does, room by room; once it has begun, how far it is."""

    nav_key = "people"
    template_name = "accounts/leaving.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        require(can_administer(viewer, at))
        person = get_object_or_404(people_visible_to(viewer), handle=self.kwargs["handle"])
        return {
            "page_title": f"{person.name} {'has left' if person.state == PersonState.INACTIVE else 'leaves'}",
            "crumbs": (*PEOPLE, (person.name, reverse("people_detail", args=[person.handle]))),
            "person": person,
            "steps": farewell(person, leaving_steps(), at),
        }

    def post(self, request: Any, handle: str) -> SeeOther:
        """Go on with what is left."""
        at = clock.now()
        require(can_administer(request.user, at))
        person = get_object_or_404(people_visible_to(request.user), handle=handle)
        continue_leaving(person=person, stop_at=monotonic() + IN_REQUEST, at=at)
        return SeeOther(reverse("people_leaving", args=[person.handle]))
