"""`/teams/<slug>/settings`, `/grants` and one place: what a lead decides about their team."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET

from portal.accounts.domain.vocabulary import GrantName
from portal.accounts.filters import GrantFilter
from portal.accounts.forms_teams import GRANTS, GrantForm, PlaceForm, TeamSettingsForm
from portal.accounts.models import Grant, Membership
from portal.accounts.policies import can_administer, can_manage_team, grants_visible_to, teams_visible_to
from portal.accounts.services.grants import give_grant, revoke_grant
from portal.accounts.services.memberships import change_membership
from portal.accounts.services.teams import archive_team, update_team
from portal.accounts.web.acting import ActView, GuardedForm, step_up
from portal.accounts.web.presenting import full_day
from portal.accounts.web.settings import person_of
from portal.accounts.web.teams import TEAMS, OfTeam
from portal.core import clock
from portal.core.registries import contributions
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.presentation import Row
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, StreamingHttpResponse

    from portal.core.policies import Decision

ONE_DAY = timedelta(days=1)
GRANT_COLUMNS = ("number", "person", "name", "team", "since", "until", "given_by", "reason")


class TeamSettingsView(OfTeam):
    """What the team says of itself; each room adds a link to what it settles for a team."""

    page_title = "Settings"
    template_name = "accounts/team_settings.html"
    form_class = TeamSettingsForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"team": self.team}

    def get_initial(self) -> dict[str, Any]:
        team = self.team
        return {
            "name": team.name, "discipline": team.discipline, "model": team.model, "zone": team.zone,
            "host_team": team.host_team.slug if team.host_team else None, "calendar": team.calendar_id,
            "parent": team.parent.slug if team.parent else None,
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = dict(form.cleaned_data)
        for name in ("host_team", "parent", "calendar"):
            party = given.pop(name)
            given[f"{name}_id"] = party.pk if party else None
        update_team(actor=viewer, team=self.team, changes=given, at=at)
        messages.success(self.request, "Kept. It holds from now on.")
        return reverse("teams_settings", args=[self.team.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer, at = self.request.user, clock.now()
        rows = [row for rows in contributions("team.settings") for row in rows(self.team, viewer, at)]
        grants = Row("Rights beside the roles", reverse("teams_grants", args=[self.team.slug]), icon="key-round")
        may_archive = can_administer(viewer, at).allowed and self.team.archived_at is None
        own = {"team": self.team, "links": [grants, *rows], "may_archive": may_archive}
        return super().get_context_data(**kwargs) | own


@step_up
class ArchiveTeamView(ActView):
    """The service asks who may."""

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        team = get_object_or_404(teams_visible_to(viewer), slug=self.kwargs["slug"])
        reason = self.request.POST.get("reason", "").strip()[:300] or "by an admin"
        archive_team(actor=viewer, team=team, reason=reason, at=at)
        return reverse("teams_detail", args=[team.slug])


class GrantsView(PageView):
    """Who may what beside their role, for everybody to read; the form goes to `GiveGrantView`."""

    page_title = "Rights beside the roles"
    nav_key = "teams"
    template_name = "accounts/grants.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        team = get_object_or_404(teams_visible_to(viewer), slug=self.kwargs["slug"])
        here = reverse("teams_detail", args=[team.slug])
        found = asked_grants(self.request, team.slug)
        return {
            "crumbs": (*TEAMS, (team.name, here)), "team": team, "found": found.form,
            "rows": [(row, grant_row(row)) for row in found.qs.order_by("person__name", "pk")[:200]],
            "may_manage": can_manage_team(viewer, team, at).allowed, "form": GrantForm(initial={"since": at.date()}),
            "download": f"{reverse('teams_grants_export', args=[team.slug])}?{self.request.GET.urlencode()}",
        }  # fmt: skip


class GiveGrantView(OfTeam):
    page_title = "Give a right"
    form_class = GrantForm
    extra_context = {"lead": "It ends by itself on its last day, or when it is taken back.", "verb": "Give it"}

    def allowed(self, at: datetime) -> Decision:
        return can_manage_team(self.request.user, self.team, at)

    def back(self) -> str:
        return reverse("teams_grants", args=[self.team.slug])

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = form.cleaned_data
        until = given["until"] + ONE_DAY if given["until"] else None
        person: Any = person_of(viewer, given["handle"], "handle")
        give_grant(
            actor=viewer, person=person, team=self.team, name=given["name"], reason=given["reason"],
            days=(given["since"], until), at=at,
        )  # fmt: skip
        return self.back()


class EndGrantView(ActView):
    """Gone at once; the service asks who may."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        row = get_object_or_404(grants_visible_to(viewer).select_related("team"), pk=self.kwargs["pk"])
        revoke_grant(actor=viewer, grant=row, at=at)
        return reverse("teams_grants", args=[row.team.slug]) if row.team else reverse("teams_list")


class PlaceView(GuardedForm):
    """Role, craft and share of one place, changed from today."""

    page_title = "Change a place"
    nav_key = "teams"
    template_name = "accounts/form.html"
    form_class = PlaceForm
    extra_context = {"lead": "The days stay as they are.", "verb": "Keep it"}

    @cached_property
    def place(self) -> Membership:
        rows = Membership.objects.select_related("team", "person")
        return get_object_or_404(rows, team__in=teams_visible_to(self.request.user), pk=self.kwargs["pk"])

    def allowed(self, at: datetime) -> Decision:
        return can_manage_team(self.request.user, self.place.team, at)

    def get_initial(self) -> dict[str, Any]:
        return {name: getattr(self.place, name) for name in ("role", "discipline", "fte_percent", "is_main")}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        change_membership(actor=viewer, membership=self.place, changes=form.cleaned_data, at=at)
        return reverse("teams_detail", args=[self.place.team.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        team = self.place.team
        here = reverse("teams_detail", args=[team.slug])
        own = {"crumbs": (*TEAMS, (team.name, here)), "back": here, "page_title": f"{self.place.person.name}'s place"}
        return super().get_context_data(**kwargs) | own


@require_GET
def export_grants(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    """The rows of the page as CSV."""
    get_object_or_404(teams_visible_to(request.user), slug=slug)
    rows = asked_grants(request, slug).qs.order_by("pk")
    lines = (
        (row.pk, row.person.handle, row.name, row.team.slug if row.team else "all", row.during.lower,
         row.during.upper, row.given_by.handle, row.reason)
        for row in rows.iterator(chunk_size=500)
    )  # fmt: skip
    return csv_response(f"grants-{slug}", GRANT_COLUMNS, lines, count=rows.count())


def asked_grants(request: HttpRequest, slug: str) -> GrantFilter:
    """The grants of a team, and those that reach all teams, as the address filters them."""
    rows = grants_visible_to(request.user).select_related("person", "team", "given_by")
    of_team = rows.filter(team__slug=slug) | rows.filter(team=None)
    found = GrantFilter(request.GET, queryset=of_team, request=request)
    ensure_valid(found)
    return found


def grant_row(row: Grant) -> Row:
    """A right in words: who, what, how long, and why."""
    last = row.during.upper
    until = f"until {full_day(last - ONE_DAY)}" if last else "until it is taken back"
    since = f"since {full_day(row.during.lower)}, " if row.during.lower else ""
    facts = [GRANTS[GrantName(row.name)], f"{since}{until}", row.reason]
    side = "" if row.team else "all teams"
    url = reverse("people_detail", args=[row.person.handle])
    return Row(row.person.name, url, icon="key-round", facts=facts, side=side)
