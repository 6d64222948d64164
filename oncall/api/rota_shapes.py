"""What the API of rotas reads and shows."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from oncall.domain.balance import points_text
from oncall.domain.swap_words import SWAP_STATES
from oncall.domain.words import ChangeKind, DutyRole, RotaKind

FIRST_YEAR, LAST_YEAR = 2000, 2100
ROLES = [(role.value, role.value) for role in DutyRole]


class InstantField(serializers.DateTimeField):
    """An ISO 8601 instant with its offset, in the years 2000 to 2100."""

    def to_internal_value(self, value: Any) -> datetime:
        try:
            instant = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            instant = None
        if instant is None or instant.tzinfo is None or not FIRST_YEAR <= instant.year <= LAST_YEAR:
            raise serializers.ValidationError("Write an instant with its offset, such as 2027-01-04T14:00:00Z.")
        return instant.astimezone(UTC)


@extend_schema_field({"type": "string"})
class PointsField(serializers.Field[Any, Any, Any, Any]):
    """Thousandths shown as points with three digits."""

    def to_representation(self, value: Any) -> str:
        return points_text(value)


class RotaShown(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    zone = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    is_archived = serializers.BooleanField()
    borrowed_from = serializers.CharField(source="borrowed_from.slug", default=None, allow_null=True)
    exclusive_with = serializers.SerializerMethodField()
    version = serializers.IntegerField()

    def get_exclusive_with(self, rota: Any) -> list[str]:
        return sorted(other.slug for other in rota.exclusive_with.all())


class SeatInput(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40)
    role = serializers.ChoiceField(choices=["", *DutyRole], default="")
    weight = serializers.DecimalField(
        max_digits=3, decimal_places=2, min_value=Decimal("0.10"), max_value=Decimal(1), default=Decimal(1)
    )
    first = serializers.DateField(required=False, default=None, allow_null=True)
    past = serializers.DateField(required=False, default=None, allow_null=True)


class CascadeStepInput(serializers.Serializer[Any]):
    """Who stands behind the members when none is free: another rota's primary, or the lead."""

    kind = serializers.ChoiceField(choices=["rota", "lead"])
    rota = serializers.SlugField(max_length=60, default="", allow_blank=True)


class RulesInput(serializers.Serializer[Any]):
    roles = serializers.JSONField()
    rotation = serializers.JSONField()
    coverage = serializers.JSONField(default=dict)
    fairness = serializers.JSONField(default=dict)
    cascade = CascadeStepInput(many=True, default=list)
    members = SeatInput(many=True)
    effective_from = InstantField(required=False, default=None, allow_null=True)
    effective_until = InstantField(required=False, default=None, allow_null=True)


class RotaInput(RulesInput):
    team = serializers.CharField(max_length=60)
    slug = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in RotaKind], default="pipeline")
    zone = serializers.CharField(max_length=64)
    borrowed_from = serializers.CharField(max_length=60, allow_blank=True, default="")
    exclusive_with = serializers.ListField(child=serializers.SlugField(max_length=60), max_length=20, default=list)


class TiesInput(serializers.Serializer[Any]):
    """Addresses of other rotas; an empty one is none."""

    borrowed_from = serializers.CharField(max_length=60, allow_blank=True, default="")
    exclusive_with = serializers.ListField(child=serializers.SlugField(max_length=60), max_length=20, default=list)


class PublishInput(RulesInput):
    diff_sha256 = serializers.CharField(max_length=64, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)
    told_reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class AskInput(RulesInput):
    """Rules to ask about, with the mark of the diff that was seen and why."""

    diff_sha256 = serializers.CharField(max_length=64, default="", allow_blank=True)
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class MovedShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    slot = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    before = serializers.CharField()
    after = serializers.CharField()


class DiffShown(serializers.Serializer[Any]):
    sha256 = serializers.CharField()
    consent = serializers.ListField(child=serializers.CharField())
    people = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    moved = MovedShown(many=True)


class VersionShown(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    sha256 = serializers.CharField()
    starts_at = serializers.DateTimeField(source="valid.lower")
    ends_at = serializers.DateTimeField(source="valid.upper")
    reason = serializers.CharField()


class SeatShown(serializers.Serializer[Any]):
    person = serializers.CharField(source="person.handle")
    role = serializers.CharField()
    weight = serializers.DecimalField(max_digits=3, decimal_places=2)
    first = serializers.DateField(source="active.lower")
    past = serializers.DateField(source="active.upper", allow_null=True)


class RotaRulesShown(VersionShown):
    """Rules as they can be published again."""

    roles = serializers.JSONField()
    rotation = serializers.JSONField()
    coverage = serializers.JSONField()
    fairness = serializers.JSONField()
    cascade = CascadeStepInput(many=True)
    members = SeatShown(many=True)
    reason = serializers.CharField()


class VersionRestoreInput(serializers.Serializer[Any]):
    """Which former rules come back, with the mark of the diff that was seen, if one was."""

    version = serializers.IntegerField(min_value=1, max_value=2_000_000_000)
    diff_sha256 = serializers.CharField(max_length=64, required=False, allow_blank=True, default="")
    told_reason = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class HeldShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    slot = serializers.IntegerField()
    person = serializers.CharField(source="handle")
    name = serializers.CharField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's own `source`
    reason_code = serializers.CharField()
    provisional = serializers.BooleanField()
    reachable = serializers.BooleanField()


class FallbackShown(serializers.Serializer[Any]):
    kind = serializers.CharField()
    person = serializers.CharField(source="handle")
    name = serializers.CharField()


class AnswerShown(serializers.Serializer[Any]):
    rota = serializers.CharField(source="rota.slug")
    team = serializers.CharField(source="rota.team.slug")
    kind = serializers.CharField(source="rota.kind")
    at = serializers.DateTimeField(source="answer.at")
    coverage = serializers.CharField(source="answer.coverage")
    next_change_at = serializers.DateTimeField(source="answer.next_change_at")
    entries = HeldShown(many=True, source="answer.entries")
    fallbacks = FallbackShown(many=True, source="answer.fallbacks")


class ShiftShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    slot = serializers.IntegerField()
    person = serializers.CharField()
    name = serializers.CharField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF's own `source`
    reason_code = serializers.CharField()
    provisional = serializers.BooleanField()


class CarriedShown(serializers.Serializer[Any]):
    person = serializers.CharField(source="handle")
    name = serializers.CharField()
    workday = PointsField()
    weekend = PointsField()
    own_holiday = PointsField(source="holiday")
    primary = PointsField()
    secondary = PointsField()
    opening = PointsField()
    balance = PointsField()
    combined = PointsField()
    nights = serializers.IntegerField()
    blocks = serializers.DictField(child=serializers.IntegerField())
    own_holidays = serializers.ListField(child=serializers.DateField())
    majors = serializers.ListField(child=serializers.CharField())


@extend_schema_field({"type": "number"})
class ShareField(serializers.Field[Any, Any, Any, Any]):
    """A share of 1 with four digits."""

    def to_representation(self, value: Any) -> float:
        return round(float(value), 4)


class TargetQuarterShown(serializers.Serializer[Any]):
    """The largest deviation of a quarter from a fair share."""

    quarter = serializers.CharField()
    deviation = ShareField()


class TargetWayShown(serializers.Serializer[Any]):
    """One change that was tried, and the largest deviation it leaves."""

    words = serializers.CharField()
    worst = ShareField()
    meets = serializers.BooleanField()


class TargetShown(serializers.Serializer[Any]):
    """`bound`: nearer than this `blocks` equal turns of a quarter cannot come for `members` people."""

    verdict = serializers.CharField()
    is_met = serializers.BooleanField()
    tolerance_percent = serializers.IntegerField()
    blocks = serializers.IntegerField()
    members = serializers.IntegerField()
    bound = ShareField()
    quarters = TargetQuarterShown(many=True)
    ways = TargetWayShown(many=True)


class FairnessShown(TargetShown):
    """What each has carried; `ways` stand at `target`, which tries the changes."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    people = CarriedShown(many=True)


class RotaGapShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    slot = serializers.IntegerField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()
    is_empty = serializers.BooleanField()
    candidate = serializers.CharField(source="candidate.handle", default=None, allow_null=True)


class ChangeInput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["override", "take", "confirm"])
    role = serializers.ChoiceField(choices=ROLES, default="primary")
    slot = serializers.IntegerField(min_value=0, max_value=2, default=0)
    start = InstantField()
    end = InstantField()
    to = serializers.CharField(max_length=40, default="", allow_blank=True)
    told_in_person = serializers.CharField(max_length=500, default="", allow_blank=True)


class ChangeShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    rota = serializers.CharField(source="rota.slug")
    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in ChangeKind])
    role = serializers.CharField()
    slot = serializers.IntegerField()
    to = serializers.CharField(source="to_person.handle")
    start = serializers.DateTimeField(source="during.lower")
    end = serializers.DateTimeField(source="during.upper")
    state = serializers.CharField()
    group = serializers.UUIDField()


class StretchInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES, default="primary")
    slot = serializers.IntegerField(min_value=0, max_value=2, default=0)
    start = InstantField()
    end = InstantField()


class SwapInput(serializers.Serializer[Any]):
    rota = serializers.CharField(max_length=60)
    mine = StretchInput()
    yours = StretchInput()
    both_roles = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=500, default="", allow_blank=True)


class SwapShown(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="group")
    warnings = serializers.ListField(child=serializers.CharField())
    changes = ChangeShown(many=True)


class SwapLineShown(serializers.Serializer[Any]):
    role = serializers.CharField()
    slot = serializers.IntegerField()
    start = serializers.DateTimeField(source="during.lower")
    end = serializers.DateTimeField(source="during.upper")
    person = serializers.CharField(source="from_person.handle", default=None, allow_null=True)
    to = serializers.CharField(source="to_person.handle")


class SwapListed(serializers.Serializer[Any]):
    id = serializers.UUIDField(source="group")
    rota = serializers.CharField(source="rota.slug")
    state = serializers.ChoiceField(choices=SWAP_STATES)
    asked_by = serializers.CharField(source="requested_by.handle", default=None, allow_null=True)
    asked = serializers.CharField(source="to_person.handle")
    reason = serializers.CharField()
    offered_at = serializers.DateTimeField(source="created_at")
    expires_at = serializers.DateTimeField(allow_null=True)
    lines = SwapLineShown(many=True)


class CoverInput(StretchInput):
    rota = serializers.CharField(max_length=60)
    person = serializers.CharField(max_length=40, default="", allow_blank=True)


class PartInput(serializers.Serializer[Any]):
    start = InstantField(required=False, default=None, allow_null=True)
    end = InstantField(required=False, default=None, allow_null=True)


class CoverShown(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    rota = serializers.CharField(source="rota.slug")
    role = serializers.CharField()
    person = serializers.CharField(source="from_person.handle")
    candidate = serializers.CharField(source="candidate.handle", default=None, allow_null=True)
    start = serializers.DateTimeField(source="during.lower")
    end = serializers.DateTimeField(source="during.upper")
    ask = serializers.CharField()
    state = serializers.CharField()
    taken_by = serializers.CharField(source="taken_by.handle", default=None)


class NoteInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=5000)


class NoteShown(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    author = serializers.CharField(source="author.handle")
    text = serializers.CharField()
