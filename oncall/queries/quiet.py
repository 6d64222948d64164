"""What is kept quiet: silences and maintenance that hold at an instant (spec oncall 6)."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from oncall.models import Alert, MaintenanceWindow, Silence

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet


MOST_HIDDEN = 50


def live_silences(at: datetime) -> QuerySet[Silence]:
    """Silences that hold at the instant."""
    return Silence.objects.filter(ended_at=None, starts_at__lte=at, until__gt=at)


def live_windows(at: datetime) -> QuerySet[MaintenanceWindow]:
    """Maintenance that goes on at the instant."""
    return MaintenanceWindow.objects.filter(ended_at=None, during__contains=at)


def mark_of(quiet: Silence | MaintenanceWindow) -> str:
    """What an alert that it keeps quiet is marked with."""
    return f"{'silence' if isinstance(quiet, Silence) else 'maintenance'}:{quiet.pk}"


def hidden_alerts(quiet: Silence | MaintenanceWindow) -> list[Alert]:
    """What it keeps, or kept to the end, from making incidents; the newest first, at most fifty."""
    rows = Alert.objects.filter(suppressed_by=mark_of(quiet)).select_related("asset")
    return list(rows.order_by("-last_at", "-pk")[:MOST_HIDDEN])


def suppression_of(alert: Alert, at: datetime) -> str:
    """What keeps the alert quiet, as `silence:7` or `maintenance:3`; "" if nothing does."""
    covers = Q(assets=alert.asset_id) if alert.asset_id else Q(pk=None)
    if alert.integration_id:
        covers |= Q(integrations=alert.integration_id)
    window = live_windows(at).filter(covers).order_by("pk").first()
    if window is not None:
        return f"maintenance:{window.pk}"
    silences = live_silences(at).order_by("pk")
    found = next((row for row in silences if matches(row.matcher, alert)), None)
    return f"silence:{found.pk}" if found is not None else ""


def matches(matcher: dict[str, Any], alert: Alert) -> bool:
    """Every part the matcher has must fit; one without parts fits nothing."""
    facts = {
        "asset": alert.asset.slug if alert.asset is not None else "", "failure_kind": alert.failure_kind,
        "integration": alert.integration.slug if alert.integration is not None else "",
    }  # fmt: skip
    wanted = {name: matcher[name] for name in facts if matcher.get(name)}
    title = str(matcher.get("title") or "")
    if not wanted and not title:
        return False
    fits = all(facts[name] == value for name, value in wanted.items())
    return fits and (not title or fnmatchcase(alert.title.lower(), title.lower()))
