"""What stands around a request in the API: files, letters, links, parts, members (spec requests 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from portal.core.api.viewsets import PortalViewSet
from requests_queue.api.serializers import MessageOut
from requests_queue.domain.kinds import KINDS
from requests_queue.models import Attachment, DecisionLetter
from requests_queue.queries.compartments import members_inside
from requests_queue.queries.linking import related_to
from requests_queue.queries.listing import message_called
from requests_queue.queries.targets import assets_called, person_called, request_called
from requests_queue.services.attachments import attach_file
from requests_queue.services.compartments import add_member, remove_member
from requests_queue.services.editing import delete_message, edit_message
from requests_queue.services.linking import Part, link_requests, split_request

if TYPE_CHECKING:
    from rest_framework.request import Request


class AttachmentOut(serializers.Serializer[Attachment]):
    key = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    media_type = serializers.CharField()
    sha256 = serializers.CharField()
    at = serializers.DateTimeField()


class LetterOut(serializers.Serializer[DecisionLetter]):
    """A letter as it was sent, with the numbers of that moment."""

    decision = serializers.CharField()
    rule = serializers.CharField()
    numbers = serializers.JSONField()
    body = serializers.CharField()
    author = serializers.CharField(source="author.handle", default=None)
    sent_at = serializers.DateTimeField()


class FileIn(serializers.Serializer[Any]):
    file = serializers.FileField()


class LinkIn(serializers.Serializer[Any]):
    kind = serializers.CharField(max_length=12, help_text="blocks, relates_to or follow_up_of")
    target = serializers.CharField(max_length=16)


class PartIn(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=None, trim_whitespace=False)
    kind = serializers.ChoiceField(choices=list(KINDS))
    assets = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)


class SplitIn(serializers.Serializer[Any]):
    parts = PartIn(many=True)


class MemberIn(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40)
    reason = serializers.CharField(allow_blank=True, max_length=500)
    is_out = serializers.BooleanField(required=False, default=False)


class MemberOut(serializers.Serializer[Any]):
    person = serializers.CharField(source="person.handle")
    added_by = serializers.CharField(source="added_by.handle", default=None)
    reason = serializers.CharField()
    at = serializers.DateTimeField()
    removed_at = serializers.DateTimeField()


class WordsIn(serializers.Serializer[Any]):
    body = serializers.CharField(allow_blank=True, trim_whitespace=False)


class ConversationMixin(PortalViewSet):
    """Actions on `/requests/{number}/`; the viewset that mixes this in finds the request."""

    @extend_schema(methods=["PATCH"], request=WordsIn, responses=MessageOut)
    @extend_schema(methods=["DELETE"], responses={204: None})
    @action(detail=True, methods=["patch", "delete"], url_path=r"messages/(?P<message>[0-9]{1,12})",
            filterset_class=None)  # fmt: skip
    def message(self, request: Request, message: str, **_: str) -> Response:
        """One's own message: PATCH within 15 minutes, DELETE leaves a stone; what it said is kept."""
        found = message_called(self.get_object(), int(message), request.user, self.at)
        if request.method == "DELETE":
            delete_message(actor=request.user, message=found, at=self.at)
            return Response(status=204)
        made = edit_message(actor=request.user, message=found, body=self.read(WordsIn)["body"], at=self.at)
        return Response(MessageOut(made).data)

    @extend_schema(request={"multipart/form-data": FileIn}, responses=AttachmentOut(many=True))
    @action(detail=True, methods=["get", "post"], parser_classes=[MultiPartParser], filterset_class=None, order=("at",))
    def attachments(self, request: Request, **_: str) -> Response:
        """The files; POST adds one, of 25 MB at most."""
        standing = self.get_object()
        if request.method == "POST":
            given = self.read(FileIn)["file"]
            made = attach_file(
                actor=request.user, request=standing, name=given.name, file=given, size=given.size, at=self.at
            )
            return Response(AttachmentOut(made).data, status=201)
        rows: Any = self.paginate_queryset(standing.attachments.filter(scan_state="clean"))
        return self.get_paginated_response(AttachmentOut(rows, many=True).data)

    @extend_schema(responses=LetterOut(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, order=("sent_at",))
    def letters(self, _request: Request, **_: str) -> Response:
        rows: Any = self.paginate_queryset(self.get_object().letters.select_related("author"))
        return self.get_paginated_response(LetterOut(rows, many=True).data)

    @extend_schema(request=LinkIn, responses=dict)
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def links(self, request: Request, **_: str) -> Response:
        """Relations as the caller may see them; POST adds one."""
        standing = self.get_object()
        if request.method == "POST":
            given = self.read(LinkIn)
            target = request_called(given["target"], request.user, "target")
            link_requests(actor=request.user, request=standing, target=target, kind=given["kind"], at=self.at)
        found = related_to(standing, request.user)
        return Response({"results": [{"is": one.words, "number": one.request.number} for one in found]})

    @extend_schema(request=SplitIn, responses=dict)
    @action(detail=True, methods=["post"])
    def split(self, request: Request, **_: str) -> Response:
        """Make a request of each part; their clocks start now."""
        given = self.read(SplitIn)["parts"]
        parts = [Part(one["title"], one["kind"], assets_called(one["assets"], request.user)) for one in given]
        children = split_request(
            actor=request.user, request=self.get_object(), parts=parts, version=self.if_match, at=self.at
        )
        return Response({"into": [child.number for child in children]})

    @extend_schema(request=MemberIn, responses=MemberOut(many=True))
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def members(self, request: Request, **_: str) -> Response:
        """Who is inside a private request; POST lets somebody in, or out with `is_out`."""
        standing = self.get_object()
        if not standing.is_private:
            raise Http404
        if request.method == "POST":
            given = self.read(MemberIn)
            person = person_called(given["person"], "person")
            change = remove_member if given["is_out"] else add_member
            change(actor=request.user, request=standing, person=person, reason=given["reason"], at=self.at)
        return Response({"results": MemberOut(members_inside(standing), many=True).data})
