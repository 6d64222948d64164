"""Teams: who is in them, who is away, and for their leads how to change that."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse

from portal.accounts.forms import InviteForm, MemberForm, TeamForm
from portal.accounts.models import Membership, Person, Team, TeamProposal
from portal.accounts.policies import can_administer, can_manage_team, people_visible_to, teams_visible_to
from portal.accounts.queries.people import away_among, local_day
from portal.accounts.queries.teams import discipline_of_team, memberships_on
from portal.accounts.services.arriving import Invited, invite_people
from portal.accounts.services.memberships import Place, add_member, end_membership
from portal.accounts.services.placing import decide_proposal
from portal.accounts.services.sending import send_invitations
from portal.accounts.services.teams import TeamProfile, create_team
from portal.accounts.web.acting import ActView, GuardedForm
from portal.accounts.web.presenting import discipline_badge, member_row, team_row
from portal.core.errors import NotVisible
from portal.core.panels import panels
from portal.core.web.presentation import Badge, Empty, Link, count_words
from portal.core.web.views import PageView

if TYPE_CHECKING:
    from datetime import datetime

    from portal.core.policies import Decision

TEAMS = (("Teams", "/teams/"),)


class TeamsView(PageView):
    page_title = "Teams"
    nav_key = "teams"
    template_name = "accounts/teams.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        here = Q(memberships__during__contains=local_day(viewer, at), memberships__person__state="active")
        teams = teams_visible_to(viewer).filter(is_system=False, archived_at__isnull=True)
        counted = teams.annotate(size=Count("memberships", filter=here)).order_by("name", "pk")[:200]
        may_add = can_administer(viewer, at).allowed
        first = Link("New team", reverse("teams_new"), "plus")
        download = Link("Download", reverse("teams_export"), "download")
        return {
            "rows": [team_row(team, team.size) for team in counted],
            "actions": [*([first] if may_add else []), download],
            "empty": Empty("No team yet", "An admin makes the first one.", "users", first if may_add else None),
        }


class TeamView(PageView):
    nav_key = "teams"
    crumbs = TEAMS
    template_name = "accounts/team.html"

    def context(self, at: datetime) -> dict[str, Any]:
        viewer: Any = self.request.user
        team = get_object_or_404(teams_visible_to(viewer), slug=self.kwargs["slug"])
        on = local_day(viewer, at)
        rows = list(memberships_on(on).filter(team=team).select_related("person").order_by("-role", "person__name"))
        rows.sort(key=lambda row: (row.role != "lead", row.person.name))
        away = away_among([row.person_id for row in rows], at)
        may_manage = can_manage_team(viewer, team, at).allowed
        return {
            "page_title": team.name,
            "team": team,
            "actions": _actions(team, may_manage=may_manage),
            "badges": [badge for badge in [discipline_badge(discipline_of_team(team, on)), _model(team)] if badge],
            "lead": f"{count_words(len(rows), 'person', 'people')}, {team.zone}",
            "rows": [member_row(row, is_away=row.person_id in away) for row in rows],
            "memberships": rows,
            "may_manage": may_manage,
            "member_form": MemberForm(),
            "proposals": list(TeamProposal.objects.filter(team=team, state="open").select_related("person")[:50]),
            "panels": panels("team.detail", subject=team, viewer=viewer, at=at),
            "empty": Empty("Nobody here", "The lead or an admin adds people.", "users"),
        }


def _actions(team: Team, *, may_manage: bool) -> list[Link]:
    """What is decided about a team; everybody reads who may decide."""
    rights = Link("Rights", reverse("teams_grants", args=[team.slug]), "key-round")
    settings = Link("Settings", reverse("teams_settings", args=[team.slug]), "settings")
    return [settings, rights] if may_manage else []


def _model(team: Team) -> Badge | None:
    return Badge("embedded", "line") if team.model == "embedded" else None


class NewTeamView(GuardedForm):
    page_title = "New team"
    nav_key = "teams"
    crumbs = TEAMS
    template_name = "accounts/form.html"
    form_class = TeamForm
    extra_context = {"lead": "It keeps the organization's office hours at first.", "verb": "Make the team"}

    def allowed(self, at: datetime) -> Decision:
        return can_administer(self.request.user, at)

    def perform(self, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        profile = TeamProfile(given["name"], given["discipline"], zone=given["zone"])
        viewer: Any = self.request.user
        team = create_team(actor=viewer, slug=given["slug"], profile=profile, at=at)
        return reverse("teams_detail", args=[team.slug])


class OfTeam(GuardedForm):
    """A form about the team of the address."""

    nav_key = "teams"
    template_name = "accounts/form.html"

    @cached_property
    def team(self) -> Team:
        return get_object_or_404(teams_visible_to(self.request.user), slug=self.kwargs["slug"])

    def allowed(self, at: datetime) -> Decision:
        return can_manage_team(self.request.user, self.team, at)

    def back(self) -> str:
        return reverse("teams_detail", args=[self.team.slug])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        own = {"crumbs": (*TEAMS, (self.team.name, self.back())), "back": self.back()}
        return super().get_context_data(**kwargs) | own


class AddMemberView(OfTeam):
    page_title = "Add a member"
    form_class = MemberForm
    extra_context = {"lead": "From today. Somebody without a team leaves “No team yet”.", "verb": "Add"}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = form.cleaned_data
        person = get_object_or_404(people_visible_to(viewer), handle=given["handle"].strip().lower())
        place = Place(discipline=given["discipline"], role=given["role"])
        add_member(actor=viewer, team=self.team, person=person, place=place, at=at)
        return self.back()


class InviteView(OfTeam):
    page_title = "Invite people"
    form_class = InviteForm
    extra_context = {"lead": "They join this team on the day they accept.", "verb": "Send invitations"}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        emails = [line for line in form.cleaned_data["emails"].splitlines() if line.strip()]
        discipline = form.cleaned_data["discipline"]
        made: list[Invited] = invite_people(actor=viewer, emails=emails, team=self.team, discipline=discipline, at=at)
        send_invitations(made)
        return self.back()


class DecideProposalView(ActView):
    """Take somebody in who asks, or say no."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        verb = self.kwargs["verb"]
        row = get_object_or_404(TeamProposal.objects.select_related("team"), pk=self.kwargs["pk"])
        if verb not in ("accept", "decline"):
            raise NotVisible
        decide_proposal(actor=viewer, proposal=row, is_accepted=verb == "accept", at=at)
        return reverse("teams_detail", args=[row.team.slug])


class EndMembershipView(ActView):
    """Out from tomorrow of the person's own calendar."""

    def act(self, at: datetime) -> str:
        row = get_object_or_404(Membership.objects.select_related("team", "person"), pk=self.kwargs["pk"])
        person: Person = row.person
        viewer: Any = self.request.user
        on = max(local_day(person, at), row.first_possible_end)
        end_membership(actor=viewer, membership=row, on=on, at=at)
        return reverse("teams_detail", args=[row.team.slug])
