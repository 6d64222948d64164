"""/api/v1/rota-edits/: edits that wait for the people whose shifts they move soon (spec oncall 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action

from oncall.domain.consent import Answer, EditKind, EditState
from oncall.filters.edits import EditFilter
from oncall.models import RotaEdit
from oncall.queries.edits import listed_edits
from oncall.services.consents import answer_edit, overrule_edit, withdraw_edit
from portal.core.api.viewsets import PortalViewSet

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

STATES = [(state.value, state.value) for state in EditState]
KINDS = [(kind.value, kind.value) for kind in EditKind]
ANSWERS = [(answer.value, answer.value) for answer in Answer]


class EditLineShown(serializers.Serializer[Any]):
    """A stretch that would go from one person to another; empty is nobody."""

    role = serializers.CharField()
    slot = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    before = serializers.CharField(allow_blank=True)
    after = serializers.CharField(allow_blank=True)


class EditConsentShown(serializers.Serializer[Any]):
    """Who is asked, the mark of what they are shown, and what they said."""

    person = serializers.CharField(source="person.handle")
    diff_sha256 = serializers.CharField()
    lines = EditLineShown(many=True)
    answer = serializers.ChoiceField(choices=ANSWERS, allow_blank=True)
    answered_at = serializers.DateTimeField(allow_null=True)
    words = serializers.CharField(allow_blank=True)


class RotaEditShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    rota = serializers.CharField(source="rota.slug")
    kind = serializers.ChoiceField(choices=KINDS)
    state = serializers.ChoiceField(choices=STATES)
    reason = serializers.CharField(allow_blank=True)
    told_reason = serializers.CharField(allow_blank=True)
    asked_by = serializers.CharField(source="asked_by.handle", default=None, allow_null=True)
    asked_at = serializers.DateTimeField()
    begins_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    moved_count = serializers.IntegerField()
    diff_sha256 = serializers.CharField()
    lines = EditLineShown(many=True)
    consents = EditConsentShown(many=True)
    version = serializers.IntegerField()


class EditAnswerInput(serializers.Serializer[Any]):
    """The mark of what one was shown, from one's own row among `consents`."""

    diff_sha256 = serializers.CharField(max_length=64)
    words = serializers.CharField(max_length=300, default="", allow_blank=True)


class EditOverruleInput(serializers.Serializer[Any]):
    told_reason = serializers.CharField(max_length=500)


@extend_schema(tags=["oncall"])
class RotaEditViewSet(PortalViewSet):
    """What was asked about, with every answer; one's own yes or no, and the lead's told reason."""

    queryset = RotaEdit.objects.none()
    serializer_class = RotaEditShown
    filterset_class = EditFilter
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    order = ("-asked_at",)
    scopes = {"read": "oncall:read", "write": "oncall:write"}
    inputs = {"accept": EditAnswerInput, "decline": EditAnswerInput, "overrule": EditOverruleInput}

    def get_queryset(self) -> QuerySet[RotaEdit]:
        return listed_edits(self.request.user)

    @extend_schema(request=EditAnswerInput)
    @action(detail=True, methods=["post"])
    def accept(self, request: Request, pk: str) -> Response:
        """One's own yes; the last one puts it in force. 409 `oncall.diff_changed` for another mark."""
        return self._answer(request, pk, is_yes=True)

    @extend_schema(request=EditAnswerInput)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: str) -> Response:
        """One's own no: nothing moves."""
        return self._answer(request, pk, is_yes=False)

    @extend_schema(request=EditOverruleInput)
    @action(detail=True, methods=["post"])
    def overrule(self, request: Request, pk: str) -> Response:
        """A lead or admin puts it in force without the yes; everybody who did not agree reads the reason."""
        reason = self.read(EditOverruleInput)["told_reason"]
        overrule_edit(actor=request.user, edit=self.get_object(), told_reason=reason, at=self.at)
        return self.shown(self.find(pk))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Nobody is asked any more; nothing moved."""
        withdraw_edit(actor=request.user, edit=self.get_object(), at=self.at)
        return self.shown(self.find(pk))

    def _answer(self, request: Request, pk: str, *, is_yes: bool) -> Response:
        given, actor = self.read(EditAnswerInput), request.user
        answer_edit(
            actor=actor,  # type: ignore[arg-type]  # a person, by permission
            edit=self.get_object(), is_yes=is_yes, diff_sha256=given["diff_sha256"], words=given["words"], at=self.at,
        )  # fmt: skip
        return self.shown(self.find(pk))
