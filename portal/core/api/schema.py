"""The OpenAPI document: what the bases promise is written into every operation, so that no room has to."""

from __future__ import annotations

from inspect import unwrap
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, get_type_hints

from drf_spectacular.drainage import has_override
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, resolve_type_hint
from rest_framework.permissions import SAFE_METHODS, AllowAny

from portal.core.api.permissions import needed_scope
from portal.core.api.problems import MEDIA_TYPE
from portal.core.api.viewsets import ActionViewSet

if TYPE_CHECKING:
    from collections.abc import Sequence

Json = dict[str, Any]

PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "code", "detail", "reference"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string", "description": "Stable; listed at /api/docs/errors."},
        "detail": {"type": "string"},
        "field": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/FieldProblem"}},
        "reference": {"type": "string", "description": "Names this answer in the log."},
    },
}
FIELD_PROBLEM: Json = {
    "type": "object",
    "required": ["field", "code", "detail"],
    "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
}
REFUSALS = {
    "400": "The request cannot be read: JSON, filter, cursor or header.",
    "401": "Nobody is signed in, or the token is unknown, expired or revoked.",
    "403": "Visible, but not allowed; or the token lacks the scope.",
    "404": "Unknown, or not visible to you.",
    "409": "Something else happened first.",
    "412": "It changed since you read it.",
    "413": "The body is too large.",
    "415": "The body has another type.",
    "422": "A field is wrong.",
    "429": "Too often; see Retry-After.",
}
WRITES_ONLY = {"409", "412", "413", "415"}
INHERITED = {"list": "Everything you may see, in pages.", "retrieve": "One of them."}


class PortalAutoSchema(AutoSchema):
    """drf-spectacular's reader with the house's conventions: scopes, refusals, conditional and repeated writes."""

    def get_description(self) -> str:  # type: ignore[override]  # AutoSchema drops DRF's arguments
        action = getattr(self.view, "action", None) or self.method.lower()
        own = getattr(getattr(self.view, action, None), "__doc__", None)
        words = own or INHERITED.get(action) or type(self.view).__dict__.get("__doc__") or ""
        return " ".join(words.split())

    def get_tags(self) -> list[str]:
        return super().get_tags() or ["index"]

    def get_request_serializer(self) -> Any:
        """`inputs = {"create": RequestInput}` of a view names what an action reads; None: no body."""
        inputs = getattr(self.view, "inputs", {})
        action = getattr(self.view, "action", None)
        return inputs[action] if action in inputs else super().get_request_serializer()

    def get_operation(self, *args: Any, **kwargs: Any) -> Json | None:
        operation: Json | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        operation.setdefault("parameters", []).extend(self._headers())
        operation["responses"] |= {
            status: _refusal(words)
            for status, words in REFUSALS.items()
            if status not in operation["responses"] and self._may_answer(status)
        }
        self._describe_problems()
        operation["x-scope"] = needed_scope(self.view, self.method)
        operation["x-room"] = type(self.view).__module__.rsplit(".api", 1)[0].rsplit(".", 1)[-1]
        return operation

    def _may_answer(self, status: str) -> bool:
        if status in WRITES_ONLY:
            return self.method not in SAFE_METHODS
        if status == "404":
            return "{" in self.path
        if status in {"401", "403"}:
            return not any(isinstance(permission, AllowAny) for permission in self.view.get_permissions())
        return True

    def _headers(self) -> list[Json]:
        if not isinstance(self.view, ActionViewSet) or self.method in SAFE_METHODS:
            return []
        headers = []
        if self.method == "POST":
            headers.append(_header("Idempotency-Key", "Your name for this act; sent again, it gives the first answer."))
        if "{" in self.path:
            headers.append(_header("If-Match", "The ETag you read; 412 when it is no longer the newest."))
        return headers

    def _describe_problems(self) -> None:
        self.registry.register_on_missing(_component("Problem", PROBLEM))
        self.registry.register_on_missing(_component("FieldProblem", FIELD_PROBLEM))

    def _map_response_type_hint(self, method: Any) -> Any:
        """Only what a method returns is looked up: its arguments may be named for the type checker alone."""
        if has_override(method, "field"):
            return super()._map_response_type_hint(method)  # type: ignore[no-untyped-call]
        function = unwrap(getattr(method, "func", method))
        returned = {"return": function.__annotations__.get("return", Any)}
        hints = get_type_hints(SimpleNamespace(__annotations__=returned), globalns=function.__globals__)
        return resolve_type_hint(hints["return"])

    def _resolve_path_parameters(self, variables: Sequence[str]) -> list[Json]:
        """Names in paths are texts: a number, a slug or a handle. No query is asked for that."""
        return [
            {"in": "path", "name": name, "schema": {"type": "string"}, "required": True, "description": ""}
            for name in variables
        ]


class SessionScheme(OpenApiAuthenticationExtension):
    """How a person in a browser is known."""

    target_class = "portal.core.api.authentication.BrowserSession"
    name = "session"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        del auto_schema
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "Writes need the CSRF token too."}


class TokenScheme(OpenApiAuthenticationExtension):
    """How a program is known."""

    target_class = "portal.accounts.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: AutoSchema) -> Json:
        del auto_schema
        return {"type": "http", "scheme": "bearer", "description": "A token from your profile; it starts with hwt_."}


def _refusal(words: str) -> Json:
    return {"description": words, "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}}


def _header(name: str, words: str) -> Json:
    return {"in": "header", "name": name, "schema": {"type": "string"}, "required": False, "description": words}


def _component(name: str, schema: Json) -> Any:
    return ResolvedComponent(name=name, type=ResolvedComponent.SCHEMA, schema=schema, object=name)
