"""`/api/v1/domains`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from ownership.models import Domain
from ownership.queries.domains import domain_by_slug, listed_domains
from ownership.services.domains import DomainDraft, create_domain, update_domain
from portal.accounts.models import Team
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class DomainInput(serializers.Serializer[Any]):
    """`parent` is a domain's slug, the teams are slugs; empty means none."""

    name = serializers.CharField(max_length=120)
    parent = serializers.CharField(max_length=120, required=False, allow_blank=True)  # type: ignore[assignment] # a field
    lead_team = serializers.CharField(max_length=60, required=False, allow_blank=True)
    default_team = serializers.CharField(max_length=60, required=False, allow_blank=True)


class DomainShown(serializers.Serializer[Domain]):
    slug = serializers.CharField()
    name = serializers.CharField()
    parent = serializers.CharField(source="parent.slug", default=None, allow_null=True)  # type: ignore[assignment] # a field
    lead_team = serializers.CharField(source="lead_team.slug", default=None, allow_null=True)
    default_team = serializers.CharField(source="default_team.slug", default=None, allow_null=True)
    assets = serializers.IntegerField(source="asset_count", default=0)


class DomainViewSet(PortalViewSet):
    """The parts of the business, with the team that answers for each."""

    serializer_class = DomainShown
    order = ("name",)
    lookup_field = "slug"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {"create": DomainInput, "partial_update": DomainInput}

    def get_queryset(self) -> QuerySet[Domain]:
        return listed_domains(self.request.user)

    def create(self, request: Request) -> Response:
        """Add a domain."""
        actor: Any = request.user
        made = create_domain(actor=actor, draft=_draft(self.read(DomainInput), None, request), at=self.at)
        return self.created(made, f"/api/v1/domains/{made.slug}")

    def partial_update(self, request: Request, slug: str) -> Response:
        """Change name, place or teams."""
        del slug
        actor: Any = request.user
        domain = self.get_object()
        draft = _draft(self.read(DomainInput, partial=True), domain, request)
        return self.shown(update_domain(actor=actor, domain=domain, draft=draft, at=self.at))


def _draft(given: dict[str, Any], known: Domain | None, request: Request) -> DomainDraft:
    """What is not given stays as it is."""
    return DomainDraft(
        name=given.get("name", known.name if known else ""),
        parent=_parent(given["parent"], request) if "parent" in given else known.parent if known else None,
        lead_team=_team(given, "lead_team") if "lead_team" in given else known.lead_team if known else None,
        default_team=_team(given, "default_team") if "default_team" in given else known.default_team if known else None,
    )


def _parent(slug: str, request: Request) -> Domain | None:
    found = domain_by_slug(slug, request.user) if slug else None
    if slug and found is None:
        raise DomainError("ownership.unknown_domain", f"There is no domain {slug[:40]!r}.", "parent")
    return found


def _team(given: dict[str, Any], field: str) -> Team | None:
    slug = given[field]
    found = Team.objects.filter(slug=slug, archived_at=None).first() if slug else None
    if slug and found is None:
        raise DomainError("ownership.unknown_party", f"There is no team {slug[:40]!r}.", field)
    return found
