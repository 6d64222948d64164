"""People, teams, places, grants and absences (spec accounts 10)."""

from __future__ import annotations

from dataclasses import asdict
from time import monotonic
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.accounts import filters
from portal.accounts.api import shapes
from portal.accounts.domain.clashes import checks_sha256
from portal.accounts.domain.vocabulary import PersonKind
from portal.accounts.models import ApiToken, Grant, Membership, Person, Team
from portal.accounts.policies import (
    absences_visible_to,
    can_administer,
    grants_visible_to,
    people_visible_to,
    teams_visible_to,
    tokens_visible_to,
)
from portal.accounts.queries.leaving import farewell
from portal.accounts.services.absences import (
    Away,
    can_enter_absence,
    cancel_absence,
    check_absence,
    enter_absence,
    move_absence,
)
from portal.accounts.services.grants import give_grant, revoke_grant
from portal.accounts.services.leaving import continue_leaving, deactivate_person, leaving_steps, reactivate_person
from portal.accounts.services.memberships import Place, add_member, change_membership, end_membership
from portal.accounts.services.people import create_person, create_service_person, update_profile
from portal.accounts.services.teams import TeamProfile, archive_team, create_team, update_team
from portal.accounts.services.tokens import NewToken, issue_token, revoke_token, rotate_token
from portal.core.api.viewsets import ActionViewSet, PortalViewSet
from portal.core.policies import require

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

IN_REQUEST = 5.0
PEOPLE = {"read": "people:read", "write": "people:write"}


class Base(PortalViewSet):
    """The caller, and people and teams named in bodies."""

    @property
    def person(self) -> Person:
        caller: Any = self.request.user
        return caller  # type: ignore[no-any-return]  # HasScope lets only people in

    def person_called(self, handle: str) -> Person:
        found = people_visible_to(self.person).filter(handle=handle).first()
        if found is None:
            raise Http404
        return found

    def team_called(self, slug: str) -> Team:
        found = teams_visible_to(self.person).filter(slug=slug).first()
        if found is None:
            raise Http404
        return found


class SecretBase(Base):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Without replayed answers: one that holds a secret is not kept."""
        super(ActionViewSet, self).initial(request, *args, **kwargs)


class PersonViewSet(Base):
    serializer_class = shapes.PersonShown
    filterset_class = filters.PersonFilter
    order = ("handle",)
    scopes = PEOPLE

    def get_queryset(self) -> QuerySet[Person]:
        return people_visible_to(self.request.user).select_related("owner_team")

    def find(self, key: str) -> Person:
        """By number or handle; a handle never is a number of one's own."""
        by_handle = self.get_queryset().filter(handle=key).first()
        found: Person = by_handle or super().find(key)
        return found

    def create(self, request: Request) -> Response:
        del request
        require(can_administer(self.person, self.at))
        given = self.read(shapes.PersonInput)
        made = self._program(given) if given.pop("kind") == PersonKind.SERVICE else self._person(given)
        return self.created(made, f"/api/v1/people/{made.pk}/")

    def _person(self, given: dict[str, Any]) -> Person:
        facts = {name: given[name] for name in ("handle", "name", "email", "zone")}
        return create_person(actor=self.person, **facts, at=self.at)

    def _program(self, given: dict[str, Any]) -> Person:
        facts = {name: given[name] for name in ("handle", "name", "purpose")}
        team = self.team_called(given["owner_team"])
        return create_service_person(actor=self.person, owner_team=team, **facts, at=self.at)

    def partial_update(self, request: Request, pk: str) -> Response:
        del request, pk
        person, changes = self.get_object(), self.read(shapes.PersonChange)
        changed = update_profile(actor=self.person, person=person, changes=changes, version=self.if_match, at=self.at)
        return self.shown(changed)

    @extend_schema(responses={202: shapes.LeavingShown})
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, pk: str) -> Response:
        del request, pk
        person = self.get_object()
        require(can_administer(self.person, self.at))
        reason = self.read(shapes.ReasonInput)["reason"]
        gone = deactivate_person(actor=self.person, person=person, reason=reason, at=self.at)
        return self._farewell(continue_leaving(person=gone, stop_at=monotonic() + IN_REQUEST, at=self.at), 202)

    @extend_schema(methods=["GET"], responses=shapes.LeavingShown)
    @extend_schema(methods=["POST"], request=None, responses={202: shapes.LeavingShown})
    @action(detail=True, methods=["get", "post"])
    def leaving(self, request: Request, pk: str) -> Response:
        """What closing the account does, or how far it is; POST goes on with what is left."""
        del pk
        person = self.get_object()
        require(can_administer(self.person, self.at))
        if request.method == "GET":
            return self._farewell(person, 200)
        return self._farewell(continue_leaving(person=person, stop_at=monotonic() + IN_REQUEST, at=self.at), 202)

    def _farewell(self, person: Person, status: int) -> Response:
        steps = [asdict(step) for step in farewell(person, leaving_steps(), self.at)]
        shown = {"person": person.handle, "state": person.state, "steps": steps}
        return Response(shapes.LeavingShown(shown).data, status=status)

    @action(detail=True, methods=["post"])
    def reactivate(self, request: Request, pk: str) -> Response:
        del request, pk
        return self.shown(reactivate_person(actor=self.person, person=self.get_object(), at=self.at))


class TeamViewSet(Base):
    serializer_class = shapes.TeamShown
    filterset_class = filters.TeamFilter
    order = ("slug",)
    lookup_field = "slug"
    scopes = PEOPLE

    def get_queryset(self) -> QuerySet[Team]:
        return teams_visible_to(self.request.user).select_related("parent", "host_team")

    def create(self, request: Request) -> Response:
        del request
        require(can_administer(self.person, self.at))
        given = self.read(shapes.TeamInput)
        slug = given.pop("slug")
        team = create_team(actor=self.person, slug=slug, profile=TeamProfile(**given), at=self.at)
        return self.created(team, f"/api/v1/teams/{team.slug}/")

    def partial_update(self, request: Request, slug: str) -> Response:
        del request, slug
        team, changes = self.get_object(), self.read(shapes.TeamChange)
        for name in {"host_team", "parent"} & set(changes):
            slug = changes.pop(name)
            changes[f"{name}_id"] = self.team_called(slug).pk if slug else None
        if "calendar" in changes:
            changes["calendar_id"] = changes.pop("calendar")
        return self.shown(update_team(actor=self.person, team=team, changes=changes, version=self.if_match, at=self.at))

    @action(detail=True, methods=["post"])
    def archive(self, request: Request, slug: str) -> Response:
        del request, slug
        team = self.get_object()
        require(can_administer(self.person, self.at))
        reason = self.read(shapes.ReasonInput)["reason"]
        return self.shown(archive_team(actor=self.person, team=team, reason=reason, at=self.at))


class MembershipViewSet(Base):
    serializer_class = shapes.MembershipShown
    filterset_class = filters.MembershipFilter
    scopes = PEOPLE

    def get_queryset(self) -> QuerySet[Membership]:
        teams = teams_visible_to(self.request.user)
        return Membership.objects.filter(team__in=teams).select_related("person", "team")

    def create(self, request: Request) -> Response:
        del request
        given = self.read(shapes.MembershipInput)
        team, person = self.team_called(given.pop("team")), self.person_called(given.pop("person"))
        row = add_member(actor=self.person, team=team, person=person, place=Place(**given), at=self.at)
        return self.created(row, f"/api/v1/memberships/{row.pk}/")

    def partial_update(self, request: Request, pk: str) -> Response:
        del request, pk
        membership, changes = self.get_object(), self.read(shapes.MembershipChange)
        row = change_membership(actor=self.person, membership=membership, changes=changes, at=self.at)
        return self.shown(row)

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        del request, pk
        membership, given = self.get_object(), self.read(shapes.EndInput)
        return self.shown(end_membership(actor=self.person, membership=membership, **given, at=self.at))


class GrantViewSet(Base):
    serializer_class = shapes.GrantShown
    filterset_class = filters.GrantFilter
    scopes = PEOPLE

    def get_queryset(self) -> QuerySet[Grant]:
        return grants_visible_to(self.request.user).select_related("person", "team")

    def create(self, request: Request) -> Response:
        del request
        given = self.read(shapes.GrantInput)
        row = give_grant(
            actor=self.person,
            person=self.person_called(given["person"]),
            team=self.team_called(given["team"]) if given["team"] else None,
            name=given["name"],
            reason=given["reason"],
            days=(given["since"], given["until"]),
            at=self.at,
        )
        return self.created(row, f"/api/v1/grants/{row.pk}/")

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        del request, pk
        revoke_grant(actor=self.person, grant=self.get_object(), at=self.at)
        return Response(status=204)


class AbsenceViewSet(Base):
    serializer_class = shapes.AbsenceShown
    filterset_class = filters.AbsenceFilter
    scopes = {"read": "absences:read", "write": "absences:write"}
    inputs = {"check": shapes.AbsenceDays, "partial_update": shapes.AbsenceMove}

    def get_queryset(self) -> Any:
        return absences_visible_to(self.request.user).select_related("person")

    def create(self, request: Request) -> Response:
        del request
        given = self.read(shapes.AbsenceInput)
        seen = given.pop("checks_sha256", None)
        if seen is None and not given.pop("accept_clashes", False):
            seen = checks_sha256([])
        given.pop("accept_clashes", None)
        person, handle = self._whose(given), given.pop("deputy", None)
        row = enter_absence(
            actor=self.person, person=person, away=Away(**given), seen=seen,
            deputy=self.person_called(handle) if handle else None, at=self.at,
        )  # fmt: skip
        return self.created(row, f"/api/v1/absences/{row.pk}/")

    @extend_schema(responses={200: shapes.ChecksShown})
    @action(detail=False, methods=["post"])
    def check(self, request: Request) -> Response:
        """What would be uncovered, for those who may enter it; the mark goes into the POST that saves."""
        del request
        given = self.read(shapes.AbsenceDays)
        person = self._whose(given)
        require(can_enter_absence(self.person, person, self.at))
        clashes = check_absence(actor=self.person, person=person, away=Away(**given), at=self.at)
        return Response({"checks_sha256": checks_sha256(clashes), "clashes": [asdict(clash) for clash in clashes]})

    def partial_update(self, request: Request, pk: str) -> Response:
        """Move it to other days."""
        del request, pk
        row, days = self.get_object(), self.read(shapes.AbsenceMove)
        return self.shown(move_absence(actor=self.person, absence=row, version=self.if_match, at=self.at, **days))

    def _whose(self, given: dict[str, Any]) -> Person:
        handle = given.pop("person", None)
        return self.person_called(handle) if handle else self.person

    def destroy(self, request: Request, pk: str) -> Response:
        del request, pk
        cancel_absence(actor=self.person, absence=self.get_object(), at=self.at)
        return Response(status=204)


class TokenViewSet(SecretBase):
    """Of the caller, and with `?person=` of a program one keeps; the secret is in the answer to POST and rotate."""

    serializer_class = shapes.TokenShown
    lookup_field = "public_id"
    lookup_url_kwarg = "pk"
    filterset_class = filters.TokenFilter
    scopes = {"read": "tokens:write", "write": "tokens:write"}

    def get_queryset(self) -> QuerySet[ApiToken]:
        if not self.request.user.is_authenticated:
            return ApiToken.objects.none()
        return tokens_visible_to(self.person, self.at).select_related("person__owner_team")

    def find(self, key: str) -> ApiToken:
        try:
            found: ApiToken = super().find(key)
        except ValidationError:  # no UUID
            raise Http404 from None
        return found

    def create(self, request: Request) -> Response:
        del request
        given = self.read(shapes.TokenInput)
        handle = given.pop("person")
        whose = self.person_called(handle) if handle else self.person
        token, secret = issue_token(actor=self.person, person=whose, wish=NewToken(**given), at=self.at)
        return self._with_secret(token, secret)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        del request, pk
        token, secret = rotate_token(actor=self.person, token=self.get_object(), at=self.at)
        return self._with_secret(token, secret)

    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        del request, pk
        return self.shown(revoke_token(actor=self.person, token=self.get_object(), at=self.at))

    def _with_secret(self, token: ApiToken, secret: str) -> Response:
        shown = self.get_serializer(token).data | {"secret": secret}
        return Response(shown, status=201, headers={"Location": f"/api/v1/tokens/{token.public_id}/"})
