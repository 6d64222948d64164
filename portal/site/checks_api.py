"""`/api/v1/checks/manifest` and `/schema`: the commands of the same names, over the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response

from portal.core.api.router import Router
from portal.core.api.viewsets import ActionViewSet
from portal.core.errors import DomainError
from portal.core.importing.checks import CheckedFiles, Finding, file_checks
from portal.core.importing.issues import Unusable

if TYPE_CHECKING:
    from rest_framework.request import Request


class CheckInput(serializers.Serializer[Any]):
    """Multipart: the file of the change, what to compare with, and CODEOWNERS."""

    file = serializers.FileField()
    base = serializers.FileField(required=False)
    codeowners = serializers.FileField(required=False)


class FindingShown(serializers.Serializer[Finding]):
    code = serializers.CharField()
    level = serializers.CharField()
    path = serializers.CharField()
    unique_id = serializers.CharField(source="record")
    sentence = serializers.CharField()
    ask = serializers.ListField(child=serializers.CharField())


class CheckViewSet(ActionViewSet):
    """Looks and says; writes nothing."""

    serializer_class = FindingShown
    parser_classes = (MultiPartParser,)
    scopes = {"read": "ownership:read", "write": "ownership:read"}
    inputs = {"manifest": CheckInput, "schemas": CheckInput}

    @action(detail=False, methods=["post"])
    def manifest(self, request: Request) -> Response:
        """A dbt manifest against a base, or the register."""
        del request
        return self._checked("manifest")

    @action(detail=False, methods=["post"], url_path="schema")
    def schemas(self, request: Request) -> Response:
        """A schema against a base: who would lose a column."""
        del request
        return self._checked("schema")

    def _checked(self, name: str) -> Response:
        given = self.read(CheckInput)
        files = {key: upload.file for key, upload in given.items()}
        check = file_checks.get(name)
        if check is None:
            raise DomainError("site.no_check", "This check is not installed.", "file")
        try:
            found = check(CheckedFiles(**files), self.at)
        except Unusable as fault:
            raise DomainError(fault.issue.code, fault.issue.message, "file", line=fault.issue.line) from None
        return Response({"findings": [FindingShown(each).data for each in found]})


router = Router()
router.register("checks", CheckViewSet, basename="check")
