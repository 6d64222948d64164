"""Whose changes a person may read: those of the assets, teams and requests that they see themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Model, Q
from django.db.models.functions import Cast

from ownership.policies import AssetPolicy
from portal.accounts.policies import teams_visible_to
from requests_queue.models import DataRequest
from requests_queue.policies import visible_to as requests_visible_to

if TYPE_CHECKING:
    from django.db.models import QuerySet


def of_assets(viewer: Any) -> Q:
    """Changes of assets the viewer sees."""
    return _of(AssetPolicy().visible_to(viewer)) & Q(compartment="")


def of_teams(viewer: Any) -> Q:
    """Changes of teams."""
    return _of(teams_visible_to(viewer)) & Q(compartment="")


def of_requests(viewer: Any) -> Q:
    """Changes of requests the viewer sees; those of a private one are seen by its members only."""
    return _of(requests_visible_to(viewer))


def of_hidden_requests(viewer: Any) -> Q:
    """Changes of requests the viewer does not see, also those written before the request became private."""
    label = DataRequest._meta.label_lower  # noqa: SLF001 (Django's public name for model facts)
    return Q(object_type=label) & ~_of(requests_visible_to(viewer))


def _of(rows: QuerySet[Any, Any]) -> Q:
    model: type[Model] = rows.model
    keys = rows.order_by().annotate(audit_key=Cast("pk", CharField())).values("audit_key")
    return Q(object_type=model._meta.label_lower, object_id__in=keys)  # noqa: SLF001 (Django's public name for model facts)
