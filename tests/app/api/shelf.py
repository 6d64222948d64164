"""A tiny room for the tests of the API's bases: settings as things on a shelf."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django.urls import include, path
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from portal.core.api.router import Router
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import Conflict
from portal.core.models import Setting

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request


class ThingFilter(django_filters.FilterSet):
    version = django_filters.NumberFilter()

    class Meta:
        model = Setting
        fields = ["version"]


class ThingInput(serializers.Serializer[Any]):
    key = serializers.CharField(max_length=80)
    value = serializers.IntegerField()


class ThingShown(serializers.Serializer[Setting]):
    key = serializers.CharField()
    value = serializers.IntegerField()
    version = serializers.IntegerField()


class ThingViewSet(PortalViewSet):
    serializer_class = ThingShown
    filterset_class = ThingFilter
    inputs = {"create": ThingInput, "partial_update": ThingInput, "seal": None}
    order = ("key",)
    lookup_field = "key"
    scopes = {"read": "things:read", "write": "things:write", "seal": "things:seal"}

    def get_queryset(self) -> QuerySet[Setting]:
        return Setting.objects.filter(key__startswith="thing.")

    def create(self, request: Request) -> Response:
        del request
        given = self.read(ThingInput)
        if Setting.objects.filter(key=given["key"]).exists():
            raise Conflict("core.taken", "This name is taken.", "key")
        return self.created(Setting.objects.create(**given), f"/things/{given['key']}/")

    def partial_update(self, request: Request, key: str) -> Response:
        del request, key
        thing = self.get_object()
        thing.value, thing.version = self.read(ThingInput, partial=True)["value"], thing.version + 1
        thing.save()
        return self.shown(thing)

    @action(detail=True, methods=["post"])
    def seal(self, request: Request, key: str) -> Response:
        del request, key
        self.get_object()
        return Response(status=204)


router = Router()
router.register("things", ThingViewSet, basename="thing")
urlpatterns = [path("api/v1/", include(router.urls))]
handler404 = "portal.core.web.errors.not_found"
