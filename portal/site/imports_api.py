"""`/api/v1/imports`: plan a file, look at its issues, apply it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser

from portal.core.api.parsers import StrictJSONParser
from portal.core.api.router import Router
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError
from portal.core.limits import UPLOAD_BYTES
from portal.core.models import ImportIssue, ImportRun
from portal.core.queries.imports import fatal_issue, import_runs, issues_of
from portal.core.services.imports import FileToImport, apply_import, discard_import, plan_import

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response

OPTIONS = ("environment", "repo_prefix", "repo", "scope", "complete")


class ImportInput(serializers.Serializer[Any]):
    """Multipart: the file, its format (`dbt`) or the name of a source, and options."""

    file = serializers.FileField()
    source = serializers.CharField(max_length=320, default="dbt")  # type: ignore[assignment] # DRF keeps fields apart from its own attributes
    environment = serializers.CharField(max_length=60, required=False)
    repo_prefix = serializers.CharField(max_length=300, required=False)
    repo = serializers.CharField(max_length=300, required=False)
    scope = serializers.CharField(max_length=300, required=False)
    complete = serializers.BooleanField(required=False, default=False)


class ApplyInput(serializers.Serializer[Any]):
    confirm_shrink = serializers.BooleanField(default=False)


class ImportShown(serializers.Serializer[ImportRun]):
    n = serializers.IntegerField(source="pk")
    source = serializers.CharField(source="source.name", default=None)  # type: ignore[assignment] # as above
    format = serializers.CharField(source="importer")
    state = serializers.CharField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    bytes = serializers.IntegerField()
    counts = serializers.JSONField()
    plan = serializers.JSONField()
    created_at = serializers.DateTimeField()
    applied_at = serializers.DateTimeField(allow_null=True)


class IssueShown(serializers.Serializer[ImportIssue]):
    level = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    pointer = serializers.CharField()
    record = serializers.CharField()
    sample = serializers.CharField()
    line = serializers.IntegerField(allow_null=True)
    column = serializers.IntegerField(allow_null=True)


class ImportViewSet(PortalViewSet):
    """Files of others: a POST plans, `apply` applies, nothing changes in between."""

    serializer_class = ImportShown
    order = ("-id",)
    lookup_field = "pk"
    lookup_value_regex = "[0-9]{1,12}"
    parser_classes = (MultiPartParser, StrictJSONParser)
    scopes = {"read": "ownership:read", "write": "imports:write"}
    inputs = {"create": ImportInput, "apply": ApplyInput, "discard": None}

    def get_queryset(self) -> QuerySet[ImportRun]:
        return import_runs()

    def create(self, request: Request) -> Response:
        """Plan a file. An unusable one is 422 with the code and place of its fatal issue."""
        given = self.read(ImportInput)
        options = {name: given[name] for name in OPTIONS if given.get(name)}
        upload = given["file"]
        wanted = FileToImport(given["source"], upload.file, upload.name, options, UPLOAD_BYTES)
        run = plan_import(actor=request.user, given=wanted, at=self.at)
        if issue := fatal_issue(run):
            raise DomainError(
                issue.code, issue.message, "file", n=run.pk, pointer=issue.pointer, line=issue.line, column=issue.column
            )
        return self.created(run, f"/api/v1/imports/{run.pk}")

    @action(detail=True, methods=["post"])
    def apply(self, request: Request, pk: str) -> Response:
        """Apply a plan, or go on with an interrupted one."""
        del pk
        confirmed = self.read(ApplyInput)["confirm_shrink"]
        run = apply_import(actor=request.user, run=self.get_object(), confirm_shrink=confirmed, at=self.at)
        return self.shown(run)

    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Drop a plan."""
        del pk
        return self.shown(discard_import(actor=request.user, run=self.get_object(), at=self.at))

    @action(detail=True, methods=["get"], serializer_class=IssueShown)
    def issues(self, request: Request, pk: str) -> Response:
        """What the reader could not take, in the order of the file."""
        del request, pk
        self.order = ("id",)
        rows = self.paginate_queryset(issues_of(self.get_object()))
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)


router = Router()
router.register("imports", ImportViewSet, basename="import")
