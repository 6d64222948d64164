"""People: the directory, a person's page, and what admins do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.domain.vocabulary import PersonState
from portal.accounts.forms import InviteForm
from portal.accounts.models import Absence, ContactMethod, Membership
from portal.accounts.policies import can_administer, people_visible_to
from portal.accounts.queries.people import absences_at
from portal.accounts.services.arriving import invite_people
from portal.accounts.services.leaving import deactivate_person, preview_deactivation, reactivate_person
from portal.accounts.services.people import set_flags
from portal.accounts.services.sending import send_invitations
from portal.accounts.web.acting import ActView, GuardedForm, step_up
from portal.accounts.web.presenting import back_on, discipline_badge, person_row
from portal.core.errors import NotVisible
from portal.core.panels import panels
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Empty, Fact, Link, Row, when
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from portal.core.policies import Decision

PEOPLE = (("People", "/people/"),)
FLAG_VERBS = frozenset({"make-admin", "make-auditor", "no-flag"})


class PeopleView(PageView):
    page_title = "People"
    nav_key = "people"
    template_name = "accounts/people.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        asked = self.request.GET.get("q", "").strip()[:200]
        rows = people_visible_to(viewer).exclude(state=PersonState.INACTIVE)
        if asked:
            rows = rows.filter(Q(name__icontains=asked) | Q(handle__istartswith=asked))
        page = keyset(rows, order=("name",), cursor=self.request.GET.get("cursor", ""))
        may_invite = can_administer(viewer, at).allowed
        return {
            "asked": asked,
            "rows": [person_row(person) for person in page.rows],
            "next_url": f"?q={asked}&cursor={page.next_cursor}" if page.next_cursor else "",
            "actions": [Link("Invite people", reverse("people_invite"), "user-round-plus")] if may_invite else [],
            "empty": Empty("Nobody by that name", "Try the handle, or part of the name.", "users"),
        }


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
            "leaving": preview_deactivation(person=person, at=at) if is_admin else [],
        }


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

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        person = get_object_or_404(people_visible_to(viewer), handle=self.kwargs["handle"])
        reason = self.request.POST.get("reason", "").strip()[:300] or "by an admin"
        verb = self.kwargs["verb"]
        if verb == "deactivate":
            deactivate_person(actor=viewer, person=person, reason=reason, at=at)
        elif verb == "reactivate":
            reactivate_person(actor=viewer, person=person, at=at)
        elif verb not in FLAG_VERBS:
            raise NotVisible
        else:
            flags = {"is_admin": verb == "make-admin", "is_auditor": verb == "make-auditor"}
            set_flags(actor=viewer, person=person, reason=reason, at=at, **flags)
        return reverse("people_detail", args=[person.handle])
