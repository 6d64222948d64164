"""What the API of incidents and agreements takes and shows."""

from __future__ import annotations

from datetime import time
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from oncall.domain.agreements import NightClass
from oncall.domain.failure_kinds import FailureKind
from oncall.domain.incident_states import Cause
from oncall.models import (
    Agreement,
    AgreementVersion,
    Alert,
    Contribution,
    EscalationRun,
    Incident,
    IncidentEvent,
)
from ownership.domain.plan_sql import DIALECTS

In = serializers.Serializer[Any]
NOTHING: dict[str, Any] = {"required": False, "allow_blank": True, "default": ""}


class AlertOut(serializers.Serializer[Alert]):
    """A signal of an incident."""

    sender = serializers.CharField(source="source")
    dedup_key = serializers.CharField()
    status = serializers.CharField()
    title = serializers.CharField()
    asset = serializers.CharField(source="asset.slug", default=None)
    failure_kind = serializers.CharField()
    count = serializers.IntegerField()
    first_at = serializers.DateTimeField()
    last_at = serializers.DateTimeField()


class ClimbOut(serializers.Serializer[EscalationRun]):
    """Who is told in turn: the steps as they were when the ladder began, and where it stands."""

    policy_version = serializers.IntegerField(source="policy_version.number", default=None)
    steps = serializers.JSONField(source="snapshot")
    repeat = serializers.IntegerField()
    loop = serializers.IntegerField()
    next_step = serializers.IntegerField(source="step")
    state = serializers.CharField()
    started_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField()


class IncidentLineOut(serializers.Serializer[Incident]):
    """An incident in a list."""

    number = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")
    title = serializers.CharField()
    state = serializers.CharField()
    failure_kind = serializers.CharField()
    asset = serializers.CharField(source="root_asset.slug", default=None)
    team = serializers.CharField(source="team.slug")
    opened_at = serializers.DateTimeField()
    act_at = serializers.DateTimeField()
    fix_by = serializers.DateTimeField()
    wake_at = serializers.DateTimeField()
    acknowledged_by = serializers.CharField(source="acknowledged_by.handle", default=None)
    acknowledged_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField()
    cause = serializers.CharField()


class HelpOut(serializers.Serializer[Contribution]):
    """Help that was asked, and whether it was given: asked, accepted or declined."""

    person = serializers.CharField(source="person.handle")
    asked_by = serializers.CharField(source="asked_by.handle")
    text = serializers.CharField()
    state = serializers.CharField()
    asked_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField()


class BackfillOfIncidentOut(serializers.Serializer[IncidentEvent]):
    """A backfill that was started from an incident."""

    code = serializers.CharField(source="data.code")
    started_by = serializers.CharField(source="actor.handle", default=None)
    started_at = serializers.DateTimeField(source="at")


class IncidentOut(IncidentLineOut):
    """An incident with its signals and the decision with its reasons."""

    summary = serializers.CharField()
    merged_into = serializers.CharField(source="merged_into.number", default=None)
    decision = serializers.JSONField()
    alerts = AlertOut(many=True)
    ladder = serializers.SerializerMethodField()
    help = HelpOut(many=True, source="contributions")
    backfills = BackfillOfIncidentOut(many=True, source="begun")
    version = serializers.IntegerField()

    @extend_schema_field(ClimbOut(allow_null=True))
    def get_ladder(self, incident: Any) -> Any:
        """The newest ladder, as it was when it began; null while nobody was paged."""
        run = next(iter(incident.climbs), None)
        return ClimbOut(run).data if run is not None else None


class IncidentEventOut(serializers.Serializer[IncidentEvent]):
    """A line of the timeline."""

    seq = serializers.IntegerField()
    kind = serializers.CharField()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    actor = serializers.CharField(source="actor.handle", default=None)
    at = serializers.DateTimeField()
    facts = serializers.JSONField(source="data")


class IncidentIn(In):
    """A person says that something is broken."""

    asset = serializers.CharField(max_length=200)
    title = serializers.CharField(max_length=None)
    detail = serializers.CharField(**NOTHING)
    failure_kind = serializers.ChoiceField(choices=list(FailureKind), required=False, default="unknown")


class SleepIn(In):
    until = serializers.DateTimeField(required=False, allow_null=True, default=None)


class IncidentResolveIn(In):
    cause = serializers.ChoiceField(choices=[cause.value for cause in Cause if cause != Cause.RECOVERED])
    note = serializers.CharField(**NOTHING)


class NoteIn(In):
    text = serializers.CharField(allow_blank=True, max_length=None, trim_whitespace=False)


class KindIn(In):
    """With `phrase` it is so for every alert of the team whose words hold it."""

    failure_kind = serializers.ChoiceField(choices=list(FailureKind))
    phrase = serializers.CharField(max_length=120, default="", allow_blank=True)


class IncidentMergeIn(In):
    into = serializers.CharField(max_length=40)


class IncidentSplitIn(In):
    sender = serializers.CharField(max_length=80)
    dedup_key = serializers.CharField(max_length=255)


class TellIn(In):
    text = serializers.CharField(allow_blank=True, max_length=None)
    teams = serializers.ListField(child=serializers.CharField(max_length=60), max_length=50)
    next_update_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class HelpIn(In):
    person = serializers.CharField(max_length=40)
    text = serializers.CharField(max_length=None)


class IncidentBackfillIn(In):
    rows = serializers.CharField(source="range_text", max_length=200, **NOTHING)
    dialect = serializers.ChoiceField(choices=list(DIALECTS), required=False, default="postgres")


class ColleagueOut(serializers.Serializer[Any]):
    """Somebody who could help: how often they ended something like it, or the buddy of who carries the rota alone."""

    person = serializers.CharField(source="handle")
    name = serializers.CharField()
    times = serializers.IntegerField(default=0)
    is_buddy = serializers.BooleanField(default=False)


class ColleaguesOut(serializers.Serializer[Any]):
    """A handful of people at most."""

    results = ColleagueOut(many=True)


class HelpAnswerIn(In):
    accept = serializers.BooleanField()


class ImpactIn(In):
    team = serializers.CharField(max_length=60)
    answer = serializers.ChoiceField(choices=["nothing", "inconvenient", "harm"])
    sentence = serializers.CharField(**NOTHING)


class ExceptionIn(In):
    first = serializers.DateField()
    last = serializers.DateField()
    night_class = serializers.ChoiceField(choices=list(NightClass))


class TellRowIn(In):
    team = serializers.CharField(max_length=60)
    minutes = serializers.IntegerField(min_value=0, max_value=100_000)


class TermsIn(In):
    """The text of an agreement."""

    night_class = serializers.ChoiceField(choices=list(NightClass))
    until_time = serializers.TimeField(required=False, default=time(7))
    working_day_only = serializers.BooleanField(required=False, default=False)
    page_from = serializers.TimeField(required=False, default=time(7))
    page_to = serializers.TimeField(required=False, default=time(22))
    consequence = serializers.CharField(max_length=None, **NOTHING)
    shown_meanwhile = serializers.CharField(max_length=None, **NOTHING)
    tell = TellRowIn(many=True, required=False, default=list)
    exceptions = ExceptionIn(many=True, required=False, default=list)
    columns = serializers.ListField(
        child=serializers.CharField(max_length=255), required=False, default=list, max_length=200
    )
    expires_on = serializers.DateField(required=False, allow_null=True, default=None)


class AgreementIn(In):
    asset = serializers.CharField(max_length=200)
    team = serializers.CharField(max_length=60)


class SignIn(In):
    text_sha256 = serializers.CharField(max_length=64)


class VersionOut(serializers.Serializer[AgreementVersion]):
    """One text of an agreement with its signatures."""

    number = serializers.IntegerField()
    state = serializers.CharField()
    night_class = serializers.CharField()
    until_time = serializers.TimeField()
    working_day_only = serializers.BooleanField()
    page_from = serializers.TimeField()
    page_to = serializers.TimeField()
    consequence = serializers.CharField()
    shown_meanwhile = serializers.CharField()
    tell = serializers.JSONField()
    exceptions = serializers.JSONField()
    columns = serializers.JSONField()
    text_sha256 = serializers.CharField()
    expires_on = serializers.DateField()
    owner_signed_by = serializers.CharField(source="owner_signed_by.handle", default=None)
    owner_signed_at = serializers.DateTimeField()
    downstream_signed_by = serializers.CharField(source="downstream_signed_by.handle", default=None)
    downstream_signed_at = serializers.DateTimeField()


class AgreementOut(serializers.Serializer[Agreement]):
    """An agreement with all its texts, the newest first."""

    id = serializers.IntegerField()
    url = serializers.CharField(source="get_absolute_url")
    asset = serializers.CharField(source="asset.slug")
    team = serializers.CharField(source="downstream_team.slug")
    review_reason = serializers.CharField()
    versions = VersionOut(many=True)
    version = serializers.IntegerField()
