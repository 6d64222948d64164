"""Paths beside the lists: following, and who a name is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework.response import Response
from rest_framework.viewsets import ViewSet

from portal.accounts.api import shapes
from portal.accounts.models import Person
from portal.accounts.policies import can_administer
from portal.accounts.queries.people import resolve_identities
from portal.accounts.queries.teams import organization
from portal.accounts.services.follows import follow, unfollow
from portal.accounts.services.organization import update_organization
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.policies import require
from portal.engine.domain.subjects import Subject

if TYPE_CHECKING:
    from rest_framework.request import Request


class OrganizationViewSet(ViewSet):
    """What holds for the whole house; everybody reads it, admins change it."""

    scopes = {"read": "people:read", "write": "people:write"}

    @extend_schema(responses=shapes.OrganizationShown)
    def retrieve(self, request: Request) -> Response:
        del request
        return Response(shapes.OrganizationShown(organization()).data)

    @extend_schema(request=shapes.OrganizationChange, responses=shapes.OrganizationShown)
    def partial_update(self, request: Request) -> Response:
        actor, at = _caller(request), clock.now()
        require(can_administer(actor, at))
        given = shapes.OrganizationChange(data=request.data)
        given.is_valid(raise_exception=True)
        changes = dict(given.validated_data)
        fallback = changes.pop("fallback", None)
        update_organization(actor=actor, changes=_columns(changes), fallback=fallback, at=at)
        return self.retrieve(request)


def _columns(changes: dict[str, Any]) -> dict[str, Any]:
    """Names of the API as columns; raises `NotVisible` for a handle nobody has."""
    if "calendar" in changes:
        changes["calendar_id"] = changes.pop("calendar")
    if "head_of_data" in changes:
        handle = changes.pop("head_of_data")
        head = Person.objects.filter(handle=handle).first() if handle else None
        if handle and head is None:
            raise NotVisible
        changes["head_of_data_id"] = head.pk if head else None
    return changes


class FollowViewSet(ViewSet):
    """PUT and DELETE are idempotent: 204, also again."""

    scopes = {"write": "me:write"}

    @extend_schema(request=None, responses={204: None})
    def update(self, request: Request, subject_type: str, subject_id: str) -> Response:
        follow(actor=_caller(request), subject=_subject(subject_type, subject_id), at=clock.now())
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request: Request, subject_type: str, subject_id: str) -> Response:
        unfollow(actor=_caller(request), subject=_subject(subject_type, subject_id), at=clock.now())
        return Response(status=204)


class IdentityViewSet(ViewSet):
    """Up to 1,000 names of another system in three queries; null is for people to decide."""

    scopes = {"write": "people:read"}

    @extend_schema(request=shapes.IdentitiesInput, responses=shapes.IdentitiesShown)
    def resolve(self, request: Request) -> Response:
        given = shapes.IdentitiesInput(data=request.data)
        given.is_valid(raise_exception=True)
        found = resolve_identities(given.validated_data["names"], given.validated_data["system"])
        return Response({"results": {raw: _party(party) for raw, party in found.items()}})


def _party(party: Any) -> dict[str, str] | None:
    if party is None:
        return None
    if isinstance(party, Person):
        return {"type": "person", "id": party.handle}
    return {"type": "team", "id": party.slug}


def _subject(subject_type: str, subject_id: str) -> Subject:
    if not subject_id.isdecimal() or len(subject_id) > 18:  # noqa: PLR2004 (64 bits)
        raise NotVisible
    return Subject(subject_type[:80], int(subject_id))


def _caller(request: Request) -> Person:
    caller: Any = request.user
    return caller  # type: ignore[no-any-return]  # HasScope lets only people in
