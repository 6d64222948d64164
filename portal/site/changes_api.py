"""/api/v1/changes/: the list of the page, and taking back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.router import Router
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import NotVisible
from portal.core.models import AuditEntry
from portal.core.registries import verb_registry
from portal.core.services.undo import is_undoable, undo_change, undo_group
from portal.site.filters import ChangesFilter
from portal.site.queries.changes import differences, of_group, sentence_of, visible_changes

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class AuditFieldOut(serializers.Serializer[Any]):
    """A field before and after, as it was kept."""

    name = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class AuditChangeOut(serializers.Serializer[AuditEntry]):
    """What somebody did; `no_undo` says why it cannot be taken back."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    sentence = serializers.SerializerMethodField()
    verb = serializers.CharField()
    actor = serializers.CharField(source="actor.handle", default=None, allow_null=True)
    on_behalf_of = serializers.CharField(source="on_behalf_of.handle", default=None, allow_null=True)
    via = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.CharField()
    changed = serializers.SerializerMethodField()
    reason = serializers.CharField(allow_blank=True)
    group = serializers.UUIDField(allow_null=True)
    undoes = serializers.IntegerField(source="undoes_id", allow_null=True)
    is_undoable = serializers.SerializerMethodField()
    no_undo = serializers.SerializerMethodField()

    def get_sentence(self, entry: AuditEntry) -> str:
        return sentence_of(entry)

    @extend_schema_field(AuditFieldOut(many=True))
    def get_changed(self, entry: AuditEntry) -> list[dict[str, str]]:
        return [{"name": name, "before": old, "after": new} for name, old, new in differences(entry)]

    def get_is_undoable(self, entry: AuditEntry) -> bool:
        return is_undoable(entry, self.context["view"].at)

    def get_no_undo(self, entry: AuditEntry) -> str:
        known = verb_registry.get(entry.verb)
        return known.why_no_undo if known else ""


class AuditUndoIn(serializers.Serializer[Any]):
    """All acts of the group, or with `partly` those that nothing stands in the way of."""

    partly = serializers.BooleanField(default=False)


class AuditUndoOut(serializers.Serializer[Any]):
    """How many acts were taken back."""

    undone = serializers.IntegerField()


@extend_schema(tags=["changes"])
class ChangeViewSet(PortalViewSet):
    """Newest first; with `?after=` the oldest after that number, to follow along. Taking back needs a session."""

    serializer_class = AuditChangeOut
    filterset_class = ChangesFilter
    lookup_value_regex = "[0-9]+"
    scopes = {"read": "audit:read", "undo": None, "undo_group": None}
    inputs = {"undo": None, "undo_group": AuditUndoIn}

    @property
    def order(self) -> tuple[str, ...]:  # type: ignore[override]  # it depends on what is asked
        return ("id",) if "after" in self.request.query_params else ("-id",)

    def get_queryset(self) -> QuerySet[AuditEntry]:
        return visible_changes(self.request.user).select_related("actor", "on_behalf_of", "undone_by")

    @extend_schema(responses={201: AuditChangeOut})
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str) -> Response:
        """Take one act back; the answer is the change that does."""
        del pk
        made = undo_change(actor=request.user, entry=self.get_object(), at=self.at)
        return self.created(made, f"/api/v1/changes/{made.pk}/")

    @extend_schema(responses={200: AuditUndoOut})
    @action(detail=False, methods=["post"], url_path="groups/(?P<group>[0-9a-f-]{36})/undo")
    def undo_group(self, request: Request, group: str) -> Response:
        """Take back everything of one act."""
        wish = self.read(AuditUndoIn)
        entries = of_group(request.user, UUID(group)) if _is_uuid(group) else []
        if not entries:
            raise NotVisible
        made = undo_group(actor=request.user, entries=entries, partly=wish["partly"], at=self.at)
        return Response({"undone": len(made)})


def _is_uuid(text: str) -> bool:
    return [len(part) for part in text.split("-")] == [8, 4, 4, 4, 12]


router = Router()
router.register("changes", ChangeViewSet, basename="change")
