"""What the API of runbooks, tickets, checks, quiet times, expectations, ladders and doors takes and shows."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from oncall.api.shapes import NOTHING, In
from oncall.models import (
    EscalationPolicyVersion,
    Expectation,
    Integration,
    MaintenanceWindow,
    PreCheck,
    Runbook,
    Silence,
    UpstreamTicket,
)
from oncall.models.inbound import KINDS
from oncall.models.upstream import CHECKS, PROBLEMS, TICKET_STATES


class TicketIn(In):
    problem = serializers.ChoiceField(choices=list(PROBLEMS))
    title = serializers.CharField(max_length=300)
    asset = serializers.CharField(max_length=200)
    incident = serializers.CharField(max_length=40, **NOTHING)
    evidence = serializers.DictField(child=serializers.CharField(max_length=1000), required=False, default=dict)


class MoveIn(In):
    state = serializers.ChoiceField(choices=list(TICKET_STATES))
    cause = serializers.CharField(max_length=None, **NOTHING)
    fix_planned_on = serializers.DateField(required=False, allow_null=True, default=None)


class TicketLinkIn(In):
    external_url = serializers.CharField(max_length=500, allow_blank=True)


class TicketOut(serializers.Serializer[UpstreamTicket]):
    """A ticket to the owner of something upstream, with its two clocks."""

    number = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")
    title = serializers.CharField()
    state = serializers.CharField()
    problem = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    asset = serializers.CharField(source="upstream_asset.slug", default=None)
    incident = serializers.CharField(source="incident.number", default=None)
    opened_at = serializers.DateTimeField()
    unblock_due = serializers.DateTimeField()
    fix_due = serializers.DateTimeField()
    unblocked_at = serializers.DateTimeField()
    fixed_at = serializers.DateTimeField()
    cause = serializers.CharField()
    external_url = serializers.CharField()
    evidence = serializers.JSONField()
    version = serializers.IntegerField()


class PreCheckIn(In):
    upstream = serializers.CharField(max_length=200)
    consumer = serializers.CharField(max_length=200)
    kind = serializers.ChoiceField(choices=list(CHECKS))
    params = serializers.DictField(required=False, default=dict)
    on_unreachable = serializers.ChoiceField(choices=["open", "closed"], required=False, default="open")
    opens_ticket = serializers.BooleanField(required=False, default=True)


class CheckResultIn(In):
    ok = serializers.BooleanField()
    detail = serializers.CharField(max_length=None, **NOTHING)


class PreCheckPauseIn(In):
    is_paused = serializers.BooleanField()


class PreCheckOut(serializers.Serializer[PreCheck]):
    """A check with what it said last."""

    id = serializers.IntegerField()
    upstream = serializers.CharField(source="upstream_asset.slug")
    consumer = serializers.CharField(source="consumer_asset.slug")
    kind = serializers.CharField()
    params = serializers.JSONField()
    on_unreachable = serializers.CharField()
    opens_ticket = serializers.BooleanField()
    is_paused = serializers.BooleanField()
    last_at = serializers.DateTimeField()
    last_ok = serializers.BooleanField()
    last_detail = serializers.CharField()
    version = serializers.IntegerField()


class RunbookIn(In):
    asset = serializers.CharField(max_length=200, **NOTHING)
    team = serializers.CharField(max_length=60, **NOTHING)
    issues = serializers.ListField(child=serializers.DictField(), required=False, default=list, max_length=30)


class UseIn(In):
    issue = serializers.IntegerField(min_value=0)
    step = serializers.IntegerField(min_value=0)
    outcome = serializers.ChoiceField(choices=["worked", "did_not", "skipped"])
    incident = serializers.CharField(max_length=40, **NOTHING)


class RunbookOut(serializers.Serializer[Runbook]):
    """A runbook with its issues: those in force, else the draft's."""

    slug = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")
    title = serializers.CharField()
    asset = serializers.CharField(source="asset.slug", default=None)
    team = serializers.CharField(source="team.slug", default=None)
    state = serializers.SerializerMethodField()
    issues = serializers.SerializerMethodField()
    flagged_at = serializers.DateTimeField()
    version = serializers.IntegerField()

    def get_state(self, book: Runbook) -> str:
        return "published" if _published(book) else "draft"

    def get_issues(self, book: Runbook) -> list[dict[str, Any]]:
        found = _published(book) or list(book.versions.all())
        issues: list[dict[str, Any]] = max(found, key=lambda row: row.number).issues if found else []
        return issues


class SilenceIn(In):
    team = serializers.CharField(max_length=60)
    matcher = serializers.DictField(child=serializers.CharField(max_length=300))
    until = serializers.DateTimeField()
    reason = serializers.CharField(max_length=None, allow_blank=True)


class SilenceOut(serializers.Serializer[Silence]):
    """Matching alerts are kept and make no incident."""

    id = serializers.IntegerField()
    team = serializers.CharField(source="team.slug")
    matcher = serializers.JSONField()
    starts_at = serializers.DateTimeField()
    until = serializers.DateTimeField()
    reason = serializers.CharField()
    ended_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class MaintenanceIn(In):
    team = serializers.CharField(max_length=60)
    assets = serializers.ListField(child=serializers.CharField(max_length=200), max_length=100)
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    reason = serializers.CharField(max_length=None, allow_blank=True)


class MaintenanceOut(serializers.Serializer[MaintenanceWindow]):
    """Planned work: alerts of these assets wait for its end."""

    id = serializers.IntegerField()
    team = serializers.CharField(source="team.slug")
    assets = serializers.SerializerMethodField()
    start = serializers.DateTimeField(source="during.lower")
    end = serializers.DateTimeField(source="during.upper")
    reason = serializers.CharField()
    ended_at = serializers.DateTimeField()
    version = serializers.IntegerField()

    def get_assets(self, window: MaintenanceWindow) -> list[str]:
        return sorted(asset.slug for asset in window.assets.all())


class ExpectationIn(In):
    asset = serializers.CharField(max_length=200)
    rule = serializers.DictField()
    zone = serializers.CharField(max_length=64, required=False, default="UTC")
    grace_seconds = serializers.IntegerField(required=False, default=0, min_value=0)


class ExpectationPauseIn(In):
    is_paused = serializers.BooleanField()


class ExpectationOut(serializers.Serializer[Expectation]):
    """Data that is owed by an instant; the token of a new one is shown once."""

    id = serializers.IntegerField()
    asset = serializers.CharField(source="asset.slug")
    rule = serializers.JSONField()
    zone = serializers.CharField()
    grace_seconds = serializers.IntegerField()
    next_due_at = serializers.DateTimeField()
    last_beat_at = serializers.DateTimeField()
    is_paused = serializers.BooleanField()
    version = serializers.IntegerField()
    token = serializers.CharField(default=None)


class LadderIn(In):
    team = serializers.CharField(max_length=60)
    steps = serializers.ListField(child=serializers.DictField(), max_length=20)
    repeat = serializers.IntegerField(required=False, default=0)


class LadderOut(serializers.Serializer[EscalationPolicyVersion]):
    """The ladder of a team as it was published."""

    id = serializers.IntegerField()
    team = serializers.CharField(source="policy.team.slug")
    number = serializers.IntegerField()
    standing = serializers.SerializerMethodField()
    steps = serializers.JSONField()
    repeat = serializers.IntegerField()
    created_at = serializers.DateTimeField()

    def get_standing(self, row: Any) -> str:
        return "former" if row.is_former else "current"


class IntegrationIn(In):
    team = serializers.CharField(max_length=60)
    kind = serializers.ChoiceField(choices=list(KINDS))
    slug = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=80, **NOTHING)
    mapping = serializers.DictField(required=False, default=dict)


class IntegrationChangeIn(In):
    mapping = serializers.DictField(required=False, allow_null=True, default=None)
    is_active = serializers.BooleanField(required=False, allow_null=True, default=None)


class IntegrationOut(serializers.Serializer[Integration]):
    """A door; its secret is shown once, when it is made or changed."""

    slug = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    mapping = serializers.JSONField()
    is_active = serializers.BooleanField()
    last_seen_at = serializers.DateTimeField()
    version = serializers.IntegerField()


class UnknownNameOut(serializers.Serializer[Any]):
    """A name that means no asset, and the one it may mean."""

    name = serializers.CharField()
    times = serializers.IntegerField()
    last_at = serializers.DateTimeField()
    proposed = serializers.CharField(source="proposed.slug", default=None)


class UnknownNamesOut(serializers.Serializer[Any]):
    """At most ten names of 30 days, the most frequent first; `change` keeps what they mean."""

    names = UnknownNameOut(many=True)


class DoorTestIn(In):
    body = serializers.DictField()


class DoorSignalOut(serializers.Serializer[Any]):
    """One signal of a body, and what it would do."""

    title = serializers.CharField(source="signal.title")
    status = serializers.CharField(source="signal.status")
    dedup_key = serializers.CharField(source="signal.dedup_key")
    asset = serializers.CharField(source="asset.slug", default=None)
    effect = serializers.CharField()


class DoorTestOut(serializers.Serializer[Any]):
    signals = DoorSignalOut(many=True)


class PagingDryRunIn(In):
    asset = serializers.CharField(max_length=200)
    at = serializers.DateTimeField(required=False, allow_null=True, default=None)


def _published(book: Runbook) -> list[Any]:
    return [row for row in book.versions.all() if row.state == "published"]
