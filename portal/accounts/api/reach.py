"""How teams and people are reached, and who stands in (spec accounts 10); no answer holds an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from allauth.account.adapter import get_adapter
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.accounts import filters
from portal.accounts.api import reach_shapes as shapes
from portal.accounts.api.views import Base, SecretBase
from portal.accounts.models import ContactMethod, Deputy, Endpoint, NotificationRule
from portal.accounts.policies import deputies_visible_to, endpoints_visible_to
from portal.accounts.queries.people import local_day
from portal.accounts.services.contact import (
    RuleWish,
    add_contact_method,
    remove_contact_method,
    send_code,
    set_notification_rules,
    start_verification,
    verify_contact_method,
)
from portal.accounts.services.endpoints import (
    NewEndpoint,
    create_endpoint,
    delete_endpoint,
    rotate_endpoint_secret,
    send_endpoint_test,
    update_endpoint,
)
from portal.accounts.services.grants import end_deputy, name_deputy
from portal.core import clock
from portal.core.errors import NotAllowed

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class EndpointViewSet(SecretBase):
    """The signing secret is in the answer to POST and rotate, and nowhere after."""

    serializer_class = shapes.EndpointShown
    filterset_class = filters.EndpointFilter
    scopes = {"read": "endpoints:read", "write": "endpoints:write"}
    inputs = {
        "create": shapes.EndpointInput,
        "partial_update": shapes.EndpointChange,
        "rotate": None,
        "test": None,
    }

    def get_queryset(self) -> QuerySet[Endpoint]:
        user: Any = self.request.user
        if not user.is_authenticated:
            return Endpoint.objects.none()
        return endpoints_visible_to(user, local_day(user, clock.now())).select_related("team")

    def create(self, request: Request) -> Response:
        del request
        given = self.read(shapes.EndpointInput)
        team = self.team_called(given.pop("team"))
        row, secret = create_endpoint(actor=self.person, team=team, wish=NewEndpoint(**given), at=self.at)
        return self._with_secret(row, secret, 201)

    def partial_update(self, request: Request, pk: str) -> Response:
        del request, pk
        row, changes = self.get_object(), self.read(shapes.EndpointChange)
        changed = update_endpoint(actor=self.person, endpoint=row, changes=changes, version=self.if_match, at=self.at)
        return self.shown(changed)

    def destroy(self, request: Request, pk: str) -> Response:
        del request, pk
        delete_endpoint(actor=self.person, endpoint=self.get_object(), version=self.if_match, at=self.at)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        del request, pk
        row = self.get_object()
        secret = rotate_endpoint_secret(actor=self.person, endpoint=row, at=self.at)
        row.refresh_from_db()
        return self._with_secret(row, secret, 200)

    @extend_schema(responses={202: shapes.TestShown})
    @action(detail=True, methods=["post"])
    def test(self, request: Request, pk: str) -> Response:
        del request, pk
        notice = send_endpoint_test(actor=self.person, endpoint=self.get_object(), at=self.at)
        return Response({"notice": notice.pk}, status=202)

    def _with_secret(self, row: Endpoint, secret: str, status: int) -> Response:
        shown = self.get_serializer(row).data | ({"secret": secret} if secret else {})
        return Response(shown, status=status, headers={"Location": f"/api/v1/endpoints/{row.pk}/"})


class DeputyViewSet(Base):
    serializer_class = shapes.DeputyShown
    filterset_class = filters.DeputyFilter
    scopes = {"read": "people:read", "write": "people:write"}
    inputs = {"create": shapes.DeputyInput, "end": None}

    def get_queryset(self) -> QuerySet[Deputy]:
        return deputies_visible_to(self.request.user).select_related("person", "deputy")

    def create(self, request: Request) -> Response:
        del request
        given = self.read(shapes.DeputyInput)
        handle = given.get("person")
        row = name_deputy(
            actor=self.person,
            person=self.person_called(handle) if handle else self.person,
            deputy=self.person_called(given["deputy"]),
            period=(given["since"], given["until"]),
            reason=given["reason"],
            at=self.at,
        )
        return self.created(row, f"/api/v1/deputies/{row.pk}/")

    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str) -> Response:
        del request, pk
        end_deputy(actor=self.person, deputy=self.get_object(), at=self.at)
        return Response(status=204)


class _SteppedUp(Base):
    """For a session that gave its password or factor in the last 15 minutes; no token (spec security 3)."""

    scopes = {"read": None, "write": None}

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        if get_adapter().is_reauthentication_required(app=""):
            message = "Confirm your password or factor first: /auth/reauthenticate/"
            raise NotAllowed("accounts.step_up", message)


class MethodViewSet(_SteppedUp):
    """The caller's own ways. A changed address is a new way."""

    serializer_class = shapes.MethodShown
    inputs = {"create": shapes.MethodInput, "verify": shapes.CodeInput}

    def get_queryset(self) -> QuerySet[ContactMethod]:
        if not self.request.user.is_authenticated:
            return ContactMethod.objects.none()
        return ContactMethod.objects.filter(person=self.person)

    def create(self, request: Request) -> Response:
        del request
        row = add_contact_method(actor=self.person, **self.read(shapes.MethodInput), at=self.at)
        send_code(method=row, code=start_verification(actor=self.person, method=row, at=self.at))
        return self.created(row, f"/api/v1/me/contact-methods/{row.pk}/")

    def destroy(self, request: Request, pk: str) -> Response:
        del request, pk
        remove_contact_method(actor=self.person, method=self.get_object(), at=self.at)
        return Response(status=204)

    @action(detail=True, methods=["post"])
    def verify(self, request: Request, pk: str) -> Response:
        """With the code that was sent; without one another is sent, three an hour."""
        del request, pk
        row, code = self.get_object(), self.read(shapes.CodeInput)["code"]
        if code:
            return self.shown(verify_contact_method(actor=self.person, method=row, code=code, at=self.at))
        send_code(method=row, code=start_verification(actor=self.person, method=row, at=self.at))
        return self.shown(row, status=202)


class RulesViewSet(_SteppedUp):
    """The whole list at once; PUT replaces it."""

    serializer_class = shapes.RulesShown
    inputs = {"update": shapes.RulesShown}

    def get_queryset(self) -> QuerySet[NotificationRule]:
        if not self.request.user.is_authenticated:
            return NotificationRule.objects.none()
        return NotificationRule.objects.filter(person=self.person).order_by("severity", "delay_seconds", "pk")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        return Response({"rules": shapes.Rule(self.get_queryset(), many=True).data})

    def update(self, request: Request) -> Response:
        wishes = [
            RuleWish(method_id=rule.pop("contact_method_id"), **rule) for rule in self.read(shapes.RulesShown)["rules"]
        ]
        set_notification_rules(actor=self.person, person=self.person, wishes=wishes, at=self.at)
        return self.retrieve(request)
