"""Lists kept under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from portal.accounts.api.views import Base
from portal.accounts.filters import SavedViewFilter
from portal.accounts.queries.saved_views import kept_views
from portal.accounts.services.saved_views import forget_view, save_view
from portal.core.models import SavedView

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class SavedViewShown(serializers.Serializer[SavedView]):
    """`query` is what follows the question mark in the address of the list `page`."""

    id = serializers.IntegerField()
    page = serializers.CharField()
    name = serializers.CharField()
    query = serializers.CharField()
    owner = serializers.CharField(source="owner.handle")
    is_shared = serializers.BooleanField()
    is_pinned = serializers.BooleanField()


class SavedViewInput(serializers.Serializer[Any]):
    page = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=200)
    query = serializers.CharField(max_length=2000, allow_blank=True, default="")
    is_shared = serializers.BooleanField(default=False)
    is_pinned = serializers.BooleanField(default=False)


@extend_schema(tags=["me"])
class SavedViewViewSet(Base):
    """One's own, and those that colleagues share; the same name again takes the new address."""

    serializer_class = SavedViewShown
    filterset_class = SavedViewFilter
    lookup_value_regex = "[0-9]+"
    scopes = {"read": "me:read", "write": "me:write"}
    inputs = {"create": SavedViewInput}

    def get_queryset(self) -> QuerySet[SavedView]:
        return kept_views(self.person).select_related("owner")

    def create(self, request: Request) -> Response:
        del request
        view = save_view(actor=self.person, **self.read(SavedViewInput), at=self.at)
        return self.created(view, f"/api/v1/me/views/{view.pk}/")

    def destroy(self, request: Request, pk: str) -> Response:
        """One's own only."""
        del request
        forget_view(actor=self.person, pk=self.find(pk).pk, at=self.at)
        return Response(status=204)
