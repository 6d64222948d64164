"""`/api/v1/patterns`: the tables, and which domain has which pattern from when on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.domain.patterns import pattern_kinds
from ownership.models import Domain, Pattern
from ownership.queries.suggested_rules import suggested_rules
from ownership.services.patterns import (
    CellDraft,
    assign_pattern,
    cell_of,
    copy_pattern,
    edit_rule,
    preview_pattern,
)
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class AssignInput(serializers.Serializer[Any]):
    """`dry_run` says what would change and writes nothing."""

    domain = serializers.CharField(max_length=120)
    since = serializers.DateTimeField(required=False, default=None, allow_null=True)
    dry_run = serializers.BooleanField(required=False, default=False)


class CopyInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)


class CellInput(serializers.Serializer[Any]):
    """One cell: `kind` and `discipline` name it."""

    kind = serializers.CharField(max_length=40)
    discipline = serializers.CharField(max_length=2)
    verdict = serializers.CharField(max_length=10)
    direction = serializers.CharField(max_length=4, required=False, default="none")
    base = serializers.IntegerField(min_value=0, max_value=4, required=False, default=0)
    label = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)  # type: ignore[assignment] # a field
    remedy = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class RuleSuggestionShown(serializers.Serializer[Any]):
    """A cell that leads dismissed three times or more, in which domains, and how often it still stands."""

    discipline = serializers.CharField()
    kind = serializers.CharField()
    dismissed = serializers.IntegerField()
    kept = serializers.IntegerField()
    domains = serializers.ListField(child=serializers.CharField())


class PatternShown(serializers.Serializer[Pattern]):
    slug = serializers.CharField()
    name = serializers.CharField()
    is_built_in = serializers.BooleanField()
    rows = serializers.SerializerMethodField()
    cells = serializers.SerializerMethodField()

    def get_rows(self, pattern: Pattern) -> dict[str, Any]:
        names = {kind.code: kind.name for kind in pattern_kinds()}
        return {names[row.kind]: {"expected": row.expected, "allowed": row.allowed} for row in pattern.rows.all()}

    def get_cells(self, pattern: Pattern) -> list[dict[str, Any]]:
        names = {kind.code: kind.name for kind in pattern_kinds()}
        return [
            {"discipline": rule.discipline, "kind": names[rule.kind], "verdict": rule.verdict, "base": rule.base,
             "direction": rule.direction, "label": rule.label, "remedy": rule.remedy}
            for rule in pattern.rules.all()
        ]  # fmt: skip


class PatternViewSet(PortalViewSet):
    """Patterns with their rows and cells; `assign` gives one to a domain."""

    serializer_class = PatternShown
    order = ("name",)
    lookup_field = "slug"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"assign": AssignInput, "copy": CopyInput, "cell": CellInput}

    def get_queryset(self) -> QuerySet[Pattern]:
        return Pattern.objects.prefetch_related("rows", "rules")

    @extend_schema(responses=RuleSuggestionShown(many=True))
    @action(detail=True, methods=["get"], pagination_class=None)
    def suggestions(self, request: Request, slug: str) -> Response:
        """Cells that people keep saying do not fit; at most one a cell."""
        del request, slug
        return Response(RuleSuggestionShown(suggested_rules(self.get_object()), many=True).data)

    @action(detail=True, methods=["post"])
    def assign(self, request: Request, slug: str) -> Response:
        """From `since` (now if empty) the domain has this pattern; the answer counts crossings that end and begin."""
        del slug
        given, pattern, actor = self.read(AssignInput), self.get_object(), request.user
        domain = Domain.objects.filter(slug=given["domain"]).first()
        if domain is None:
            raise DomainError("ownership.unknown_domain", f"There is no domain {given['domain'][:40]!r}.", "domain")
        since = given["since"] or self.at
        change = preview_pattern(domain=domain, pattern=pattern, since=since)
        if not given["dry_run"]:
            assign_pattern(actor=actor, domain=domain, pattern=pattern, since=since, at=self.at)  # type: ignore[arg-type] # let in
        return Response({"end": change.end, "begin": change.begin, "written": not given["dry_run"]})

    @action(detail=True, methods=["post"])
    def copy(self, request: Request, slug: str) -> Response:
        """A pattern of one's own with the same cells."""
        del slug
        actor: Any = request.user
        made = copy_pattern(actor=actor, source=self.get_object(), name=self.read(CopyInput)["name"], at=self.at)
        return self.created(made, f"/api/v1/patterns/{made.slug}")

    @action(detail=True, methods=["post"])
    def cell(self, request: Request, slug: str) -> Response:
        """Change one cell of a pattern of one's own."""
        del slug
        given, pattern, actor = dict(self.read(CellInput)), self.get_object(), request.user
        rule = cell_of(pattern, given.pop("kind"), given.pop("discipline"))
        edit_rule(actor=actor, rule=rule, draft=CellDraft(**given), version=None, at=self.at)  # type: ignore[arg-type] # let in
        return self.shown(self.get_object())
