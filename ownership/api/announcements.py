"""`/api/v1/announcements` and the impact of a change (spec ownership 19)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.domain.impact import CHANGE_WORDS, DEPTH, MOST_DEPTH
from ownership.domain.kinds import kind_of
from ownership.filters import AnnouncementFilter
from ownership.models import Announcement, AnnouncementRecipient
from ownership.queries.announcements import listed_announcements, told_of
from ownership.queries.assets import asset_by_key
from ownership.queries.plans import plan_by_code
from ownership.services.announcing import AnnouncementDraft, announce_change, answer_announcement, reply_to_objection
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from ownership.queries.announcements import Told
    from ownership.queries.impact import Impact


class AnnouncementShown(serializers.Serializer[Announcement]):
    """One announcement, with how many people answered what."""

    id = serializers.IntegerField()
    asset = serializers.CharField(source="asset.slug")
    change = serializers.CharField()
    text = serializers.CharField()
    author = serializers.CharField(source="author.handle")
    asked_at = serializers.DateTimeField()
    happens_at = serializers.DateTimeField(allow_null=True)
    ack_due_at = serializers.DateTimeField()
    superseded_by = serializers.IntegerField(source="superseded_by_id", allow_null=True)
    pending = serializers.IntegerField()
    acknowledged = serializers.IntegerField()
    objected = serializers.IntegerField()
    superseded = serializers.IntegerField()


class AnnouncementInput(serializers.Serializer[Any]):
    """`confirm` says that the names were seen; it is needed above ten people."""

    asset = serializers.CharField(max_length=1000)
    change = serializers.ChoiceField(choices=list(CHANGE_WORDS))
    text = serializers.CharField(max_length=4000)
    happens_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    ack_due_at = serializers.DateTimeField(required=False, default=None, allow_null=True)
    depth = serializers.IntegerField(min_value=1, max_value=MOST_DEPTH, required=False, default=DEPTH)
    plan = serializers.CharField(max_length=20, required=False, default="", allow_blank=True)
    confirm = serializers.BooleanField(required=False, default=False)


class AnswerInput(serializers.Serializer[Any]):
    """An empty objection is "read"."""

    objection = serializers.CharField(max_length=4000, required=False, default="", allow_blank=True)


class ReplyInput(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40)
    text = serializers.CharField(max_length=4000)


class AnnouncementViewSet(PortalViewSet):
    """Announcements, newest first; the answers of people."""

    serializer_class = AnnouncementShown
    filterset_class = AnnouncementFilter
    order = ("-asked_at",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,18}"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"create": AnnouncementInput, "answer": AnswerInput, "reply": ReplyInput}

    def get_queryset(self) -> QuerySet[Announcement]:
        return listed_announcements(self.request.user)

    def create(self, request: Request) -> Response:
        """Tell everybody a change touches; 409 `ownership.names_first` lists them when they are more than ten."""
        given = self.read(AnnouncementInput)
        asset = asset_by_key(given.pop("asset"), request.user)
        if asset is None:
            raise DomainError("ownership.unknown_asset", "There is no such asset.", "asset")
        plan = plan_by_code(given.pop("plan"), request.user)
        draft = AnnouncementDraft(asset=asset, names_seen=given.pop("confirm"), plan=plan, **given)
        row = announce_change(actor=_actor(request), draft=draft, at=self.at)
        return self.created(self.get_queryset().get(pk=row.pk), f"/api/v1/announcements/{row.pk}")

    @action(detail=True, methods=["get"])
    def recipients(self, request: Request, pk: str) -> Response:
        """Everybody it went to, with their assets, and the assets for which nobody was found."""
        del request, pk
        told, nobody = told_of(self.get_object())
        return Response({"recipients": [_told(each) for each in told], "nobody": [asset.slug for asset in nobody]})

    @action(detail=True, methods=["post"])
    def answer(self, request: Request, pk: str) -> Response:
        """Read it, or object with a text."""
        del pk
        row, objection = self.get_object(), self.read(AnswerInput)["objection"]
        answer_announcement(actor=_actor(request), announcement=row, objection=objection, at=self.at)
        return self.shown(self.get_object())

    @action(detail=True, methods=["post"])
    def reply(self, request: Request, pk: str) -> Response:
        """The author answers somebody's objection."""
        del pk
        given = self.read(ReplyInput)
        rows = AnnouncementRecipient.objects.filter(announcement=self.get_object())
        found = rows.filter(person__handle=given["person"]).first()
        if found is None:
            raise DomainError("ownership.unknown_party", "Nobody of this name was told.", "person")
        reply_to_objection(actor=_actor(request), recipient=found, text=given["text"], at=self.at)
        return self.shown(self.get_object())


def impact(found: Impact) -> dict[str, Any]:
    """By layer, tier 1 first; each person and team once."""
    handles = {each.person.pk: each.person.handle for each in found.people}
    assets = found.assets
    return {
        "change": found.change,
        "depth": found.depth,
        "truncated": found.is_truncated,
        "counts": {
            "assets": len(found.touched),
            "tier_1": found.tier_one,
            "people": len(found.people),
            "teams": len(found.teams),
            "nobody": len(found.nobody),
        },
        "layers": [
            {
                "distance": distance,
                "assets": [
                    {
                        "slug": assets[one.asset_id].slug,
                        "kind": kind_of(assets[one.asset_id].kind).name,
                        "tier": assets[one.asset_id].tier,
                        "contact": handles.get(one.person_id or 0),
                    }
                    for one in rows
                ],
            }
            for distance, rows in found.layers
        ],
        "people": [
            {
                "handle": each.person.handle,
                "name": each.person.name,
                "assets": [assets[one.asset_id].slug for one in each.touched],
            }
            for each in found.people
        ],
        "teams": list(found.teams),
    }


def _told(each: Told) -> dict[str, Any]:
    row = each.row
    return {
        "person": row.person.handle,
        "state": row.state,
        "objection": row.objection,
        "answered_at": row.answered_at,
        "reply": row.reply,
        "assets": [asset.slug for asset in each.assets],
        "backups": list(each.backups),
    }


def _actor(request: Request) -> Any:
    """The person behind the session or token; the permission class has let nobody else in."""
    return request.user
