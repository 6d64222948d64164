"""The filters of what is kept: doors, expectations, silences, maintenance, runbooks, checks; for pages, CSV and API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters as filters
from django.db.models import Q

from oncall.models import Expectation, Integration, MaintenanceWindow, PreCheck, Runbook, Silence
from oncall.models.inbound import KINDS
from portal.core import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

STANDINGS = (("live", "Running or to come"), ("over", "Over"))


class IntegrationFilter(filters.FilterSet):
    """Doors."""

    kind = filters.ChoiceFilter(choices=[(kind, kind.capitalize()) for kind in KINDS], label="Sender",
                                empty_label="All senders")  # fmt: skip
    team = filters.CharFilter(field_name="team__slug", label="Team")
    q = filters.CharFilter(field_name="name", lookup_expr="icontains", label="Words")

    class Meta:
        model = Integration
        fields: list[str] = []


class ExpectationFilter(filters.FilterSet):
    """Data that is owed."""

    asset = filters.CharFilter(field_name="asset__slug", label="Asset")
    is_paused = filters.ChoiceFilter(
        choices=[("false", "Running"), ("true", "Paused")], method="that_is", label="State", empty_label="All"
    )

    class Meta:
        model = Expectation
        fields: list[str] = []

    def that_is(self, rows: QuerySet[Expectation], _name: str, value: str) -> QuerySet[Expectation]:
        return rows.filter(is_paused=value == "true")


class _QuietFilter(filters.FilterSet):
    standing = filters.ChoiceFilter(choices=STANDINGS, method="that_stand", label="Standing", empty_label="All")
    team = filters.CharFilter(field_name="team__slug", label="Team")
    q = filters.CharFilter(field_name="reason", lookup_expr="icontains", label="Words")
    until = "until"

    def that_stand(self, rows: QuerySet[Any], _name: str, value: str) -> QuerySet[Any]:
        over = Q(ended_at__isnull=False) | Q(**{f"{self.until}__lte": clock.now()})
        return rows.filter(over) if value == "over" else rows.exclude(over)


class SilenceFilter(_QuietFilter):
    """Silences."""

    asset = filters.CharFilter(field_name="matcher__asset", label="Asset")

    class Meta:
        model = Silence
        fields: list[str] = []


class MaintenanceFilter(_QuietFilter):
    """Maintenance windows."""

    asset = filters.CharFilter(field_name="assets__slug", label="Asset")
    until = "during__endswith"

    class Meta:
        model = MaintenanceWindow
        fields: list[str] = []


class RunbookFilter(filters.FilterSet):
    """Runbooks; `state` is published, draft or flagged."""

    q = filters.CharFilter(field_name="title", lookup_expr="icontains", label="Words")
    asset = filters.CharFilter(field_name="asset__slug", label="Asset")
    team = filters.CharFilter(field_name="team__slug", label="Team")
    state = filters.ChoiceFilter(
        choices=[("published", "Published"), ("draft", "Draft only"), ("flagged", "Flagged")], method="in_state",
        label="State", empty_label="All",
    )  # fmt: skip

    class Meta:
        model = Runbook
        fields: list[str] = []

    def in_state(self, rows: QuerySet[Runbook], _name: str, value: str) -> QuerySet[Runbook]:
        live = Runbook.objects.filter(versions__state="published").values("pk")
        return {"published": rows.filter(pk__in=live), "draft": rows.exclude(pk__in=live)}.get(
            value, rows.filter(flagged_at__isnull=False)
        )


class PreCheckFilter(filters.FilterSet):
    """Checks before a run."""

    consumer = filters.CharFilter(field_name="consumer_asset__slug", label="What runs")
    upstream = filters.CharFilter(field_name="upstream_asset__slug", label="What it reads")
    last_ok = filters.ChoiceFilter(
        choices=[("true", "Said yes"), ("false", "Said no")], method="that_said", label="Last result",
        empty_label="Any",
    )  # fmt: skip

    is_paused = filters.ChoiceFilter(
        choices=[("false", "Running"), ("true", "Paused")], method="that_is", label="State", empty_label="All"
    )

    class Meta:
        model = PreCheck
        fields: list[str] = []

    def that_is(self, rows: QuerySet[PreCheck], _name: str, value: str) -> QuerySet[PreCheck]:
        return rows.filter(is_paused=value == "true")

    def that_said(self, rows: QuerySet[PreCheck], _name: str, value: str) -> QuerySet[PreCheck]:
        return rows.filter(last_ok=value == "true")
