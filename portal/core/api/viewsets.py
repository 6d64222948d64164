"""Bases of the rooms' API: one query or one service call a method, and the same conventions everywhere."""

from __future__ import annotations

import hashlib
import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.http import Http404
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from portal.core import clock
from portal.core.api import conditions
from portal.core.errors import BadRequest
from portal.core.services.idempotency import Outcome, fingerprint, run_once
from portal.core.services.rates import take

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

KEY = re.compile(r"[\x21-\x7e]{1,100}")
MINUTE = 60
LIMITS = {"token:read": 600, "token:write": 120, "person:write": 60}


class _BaseViewSet(GenericViewSet[Any]):
    """What all share. A room gives `get_queryset()` (from `visible_to`), `serializer_class`, `scopes`.

    `order` names the columns of a list (never null); `lookup_field` the name in the path; `inputs` what each action
    reads, for the schema.
    """

    scopes: Mapping[str, str | None] = {}
    inputs: Mapping[str, type[BaseSerializer[Any]] | None] = {}
    order: tuple[str, ...] = ()
    query_parameters: frozenset[str] = frozenset()
    lookup_value_regex = r"[^/]+"
    _found: Any = None
    _rate: Mapping[str, str] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.at = clock.now()
        self._rate = _limit(request, at=self.at)

    def get_object(self) -> Any:
        """The visible object of the path, else 404; for a write its version is held against If-Match. Read once."""
        if self._found is None:
            name = self.lookup_url_kwarg or self.lookup_field
            self._found = self.find(self.kwargs[name])
            self.check_object_permissions(self.request, self._found)
            if self.request.method not in SAFE_METHODS:
                conditions.check_version(self.request, self._found)
        return self._found

    def find(self, key: str) -> Any:
        """The object called `key`; a room with more than one name for its objects has its own."""
        try:
            return self.get_queryset().get(**{self.lookup_field: key})
        except (self.get_queryset().model.DoesNotExist, ValidationError, ValueError, OverflowError):
            raise Http404 from None

    def shown(self, instance: Any, status: int = 200, **headers: str) -> Response:
        """The object as the API shows it, with its version in the ETag."""
        self.version = getattr(instance, "version", None)
        return Response(self.get_serializer(instance).data, status=status, headers=headers)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in self._rate.items():
            response[name] = value
        if request.method in ("GET", "HEAD") and response.status_code == 200 and isinstance(response, Response):  # noqa: PLR2004 (HTTP)
            conditions.conditional(request, response, getattr(self, "version", None))
        return response


class ReadViewSet(_BaseViewSet):
    """Lists and objects to read."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        del request, args, kwargs
        return self.shown(self.get_object())


class ActionViewSet(_BaseViewSet):
    """Acts: If-Match in `if_match`, `Idempotency-Key` on every POST, input by `read(...)`."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None and self.action is not None:
            if not KEY.fullmatch(key):
                raise BadRequest("core.bad_idempotency_key", "Idempotency-Key is 1 to 100 printable ASCII characters.")
            self.post = partial(self._once, key, self.post)  # type: ignore[has-type]  # as_view() sets it an action

    @property
    def if_match(self) -> int | None:
        """The version the caller saw, for the service to compare under its lock."""
        return conditions.expected_version(self.request)

    def read(self, serializer: type[BaseSerializer[Any]], **options: Any) -> Any:
        """The checked body; a wrong field is 422 with every fault, but only to those who may see the object."""
        if self.detail and (self.lookup_url_kwarg or self.lookup_field) in self.kwargs:
            self.get_object()
        given = serializer(data=self.request.data, context=self.get_serializer_context(), **options)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def created(self, instance: Any, location: str) -> Response:
        """201 with the new object and where it stands."""
        return self.shown(instance, status=201, Location=location)

    def _once(self, key: str, post: Callable[..., Response], request: Request, /, **kwargs: Any) -> Response:
        outcome = run_once(
            person=request.user,
            key=f"api:{key}",
            fingerprint=_fingerprint(request),
            run=lambda: _outcome(post(request, **kwargs)),
            at=self.at,
        )
        headers = {"Location": outcome.location} if outcome.location else {}
        if outcome.replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(outcome.body, status=outcome.status, headers=headers)


class PortalViewSet(ActionViewSet, ReadViewSet):
    """Objects to read and to act upon."""


def _outcome(response: Response) -> Outcome:
    body = None if response.data is None else json.loads(JSONRenderer().render(response.data))
    return Outcome(response.status_code, body, response.get("Location", ""))


def _fingerprint(request: Request) -> str:
    files = [f"{name}:{_digest(file)}".encode() for name, file in sorted(request.FILES.items())]
    fields: Any = request.data
    if files:
        fields = {name: value for name, value in fields.items() if name not in request.FILES}
    body = json.dumps(fields, sort_keys=True, default=str).encode()
    query = request.META.get("QUERY_STRING", "").encode()
    return fingerprint(request.path.rstrip("/").encode(), query, body, *files)


def _digest(file: Any) -> str:
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return digest


def _limit(request: Request, *, at: Any) -> Mapping[str, str]:
    """The rates of spec security 9 as headers; reading with a session is free: a limit would write on each GET."""
    kind = "read" if request.method in SAFE_METHODS else "write"
    who, id_ = ("token", request.auth.pk) if request.auth is not None else ("person", request.user.pk)
    capacity = LIMITS.get(f"{who}:{kind}")
    if capacity is None:
        return {}
    left = take(key=f"{who}:{kind}:{id_}", capacity=capacity, per_seconds=MINUTE, at=at)
    return {"RateLimit-Policy": f'"{kind}";q={capacity};w={MINUTE}', "RateLimit": f'"{kind}";r={left}'}
