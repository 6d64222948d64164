"""`/api/v1/sources`: where files come from, how much each counts, how often it comes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from ownership.queries.sources import MOST_CADENCE, MOST_PRECEDENCE, listed_sources
from ownership.services.sources import set_source
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

    from portal.core.models import ImportSource


class ImportSourceShown(serializers.Serializer[Any]):
    """A source; the higher `precedence` of two names the owner."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    importer = serializers.CharField()
    precedence = serializers.IntegerField()
    cadence_hours = serializers.IntegerField(allow_null=True)
    last_applied_at = serializers.DateTimeField(allow_null=True)
    claims = serializers.IntegerField()


class ImportSourceInput(serializers.Serializer[Any]):
    """What is left out stays; `cadence_hours` null promises nothing."""

    precedence = serializers.IntegerField(min_value=0, max_value=MOST_PRECEDENCE)
    cadence_hours = serializers.IntegerField(min_value=1, max_value=MOST_CADENCE, allow_null=True)


class ImportSourceViewSet(PortalViewSet):
    """Sources of files, with the newest file that was applied and the claims that stand open."""

    serializer_class = ImportSourceShown
    order = ("name",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"partial_update": ImportSourceInput}

    def get_queryset(self) -> QuerySet[ImportSource]:
        return listed_sources(self.request.user)

    def partial_update(self, request: Request, pk: str) -> Response:
        """Its rank among sources and its hours between files; admins."""
        actor: Any = request.user
        row, given = self.get_object(), self.read(ImportSourceInput, partial=True)
        facts = {name: given.get(name, getattr(row, name)) for name in ("precedence", "cadence_hours")}
        set_source(actor=actor, source=row, at=self.at, **facts)
        return self.shown(self.find(pk))
