"""What the API reads and shows of people and teams; never an address, a note or a secret."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from portal.accounts.domain.scopes import SCOPES
from portal.accounts.domain.vocabulary import AbsenceKind, Discipline, GrantName, PersonKind, Role
from portal.accounts.models import Absence, ApiToken, Grant, Membership, Person, Team
from portal.accounts.queries.people import fallback_names

DISCIPLINES = [(discipline.value, discipline.value) for discipline in Discipline]


class PersonShown(serializers.Serializer[Person]):
    id = serializers.IntegerField()
    handle = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    zone = serializers.CharField()
    is_admin = serializers.BooleanField()
    is_auditor = serializers.BooleanField()
    owner_team = serializers.CharField(source="owner_team.slug", default=None, allow_null=True)
    purpose = serializers.CharField()
    version = serializers.IntegerField()


class PersonInput(serializers.Serializer[Any]):
    """Somebody with an e-mail address; or a program (`kind` service), with the team it belongs to and its purpose."""

    kind = serializers.ChoiceField([(kind.value, kind.value) for kind in PersonKind], default=PersonKind.PERSON)
    handle = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=120)
    email = serializers.EmailField(max_length=254, required=False, default="")
    zone = serializers.CharField(max_length=64, default="UTC")
    owner_team = serializers.CharField(max_length=60, required=False, default="")
    purpose = serializers.CharField(max_length=200, required=False, default="")


class PersonChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, required=False)
    zone = serializers.CharField(max_length=64, required=False)
    night_from = serializers.TimeField(required=False)
    night_to = serializers.TimeField(required=False)


class ReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=300)


class TeamShown(serializers.Serializer[Team]):
    id = serializers.IntegerField()
    slug = serializers.CharField()
    name = serializers.CharField()
    discipline = serializers.CharField()
    model = serializers.CharField()
    zone = serializers.CharField()
    calendar = serializers.IntegerField(source="calendar_id", allow_null=True)
    parent = serializers.CharField(source="parent.slug", default=None, allow_null=True)  # type: ignore[assignment]  # DRF's own `parent`
    host_team = serializers.CharField(source="host_team.slug", default=None, allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    version = serializers.IntegerField()


class TeamInput(serializers.Serializer[Any]):
    slug = serializers.CharField(max_length=60)
    name = serializers.CharField(max_length=80)
    discipline = serializers.ChoiceField(DISCIPLINES, default="", allow_blank=True)
    zone = serializers.CharField(max_length=64, default="UTC")


class TeamChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80, required=False)
    discipline = serializers.ChoiceField(DISCIPLINES, required=False, allow_blank=True)
    zone = serializers.CharField(max_length=64, required=False)
    model = serializers.ChoiceField(["centralized", "embedded"], required=False)
    host_team = serializers.CharField(max_length=60, required=False, allow_null=True)
    parent = serializers.CharField(max_length=60, required=False, allow_null=True)  # type: ignore[assignment]  # DRF's own `parent`
    calendar = serializers.IntegerField(required=False, min_value=1, max_value=2**31)


class MembershipShown(serializers.Serializer[Membership]):
    id = serializers.IntegerField()
    person = serializers.CharField(source="person.handle")
    team = serializers.CharField(source="team.slug")
    role = serializers.CharField()
    discipline = serializers.CharField()
    fte_percent = serializers.IntegerField()
    is_main = serializers.BooleanField()
    since = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)


class MembershipInput(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40)
    team = serializers.CharField(max_length=60)
    role = serializers.ChoiceField(list(Role), default=Role.MEMBER)
    discipline = serializers.ChoiceField(DISCIPLINES, default="", allow_blank=True)
    fte_percent = serializers.IntegerField(default=100)
    is_main = serializers.BooleanField(default=True)
    since = serializers.DateField(required=False, default=None)


class MembershipChange(serializers.Serializer[Any]):
    role = serializers.ChoiceField(list(Role), required=False)
    discipline = serializers.ChoiceField(DISCIPLINES, required=False, allow_blank=True)
    fte_percent = serializers.IntegerField(required=False, min_value=1, max_value=100)
    is_main = serializers.BooleanField(required=False)


class OrganizationShown(serializers.Serializer[Any]):
    """What holds for the whole house; `fallback` in order, endpoints as `endpoint:<slug>`."""

    name = serializers.CharField()
    calendar = serializers.IntegerField(source="calendar_id")
    head_of_data = serializers.CharField(source="head_of_data.handle", default=None, allow_null=True)
    urgency_tokens = serializers.IntegerField()
    fallback = serializers.SerializerMethodField()

    def get_fallback(self, _: Any) -> list[str]:
        return fallback_names()


class OrganizationChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120, required=False)
    calendar = serializers.IntegerField(required=False, min_value=1, max_value=2**31)
    head_of_data = serializers.CharField(max_length=40, required=False, allow_null=True)
    urgency_tokens = serializers.IntegerField(required=False, min_value=1, max_value=20)
    fallback = serializers.ListField(child=serializers.CharField(max_length=80), required=False, max_length=10)


class EndInput(serializers.Serializer[Any]):
    on = serializers.DateField()
    reason = serializers.CharField(max_length=200, required=False, default="")


class GrantShown(serializers.Serializer[Grant]):
    id = serializers.IntegerField()
    person = serializers.CharField(source="person.handle")
    team = serializers.CharField(source="team.slug", default=None, allow_null=True)
    name = serializers.CharField()
    since = serializers.DateField(source="during.lower")
    until = serializers.DateField(source="during.upper", allow_null=True)
    reason = serializers.CharField()


class GrantInput(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40)
    team = serializers.CharField(max_length=60, allow_null=True, default=None)
    name = serializers.ChoiceField(list(GrantName))
    since = serializers.DateField()
    until = serializers.DateField(allow_null=True, default=None)
    reason = serializers.CharField(max_length=300)


class AbsenceShown(serializers.Serializer[Absence]):
    """Others see person and days; why is for the person and their leads, on the page."""

    id = serializers.IntegerField()
    person = serializers.CharField(source="person.handle")
    starts_at = serializers.DateTimeField(source="during.lower")
    ends_at = serializers.DateTimeField(source="during.upper")
    version = serializers.IntegerField()


class AbsenceDays(serializers.Serializer[Any]):
    person = serializers.CharField(max_length=40, required=False)
    first_on = serializers.DateField()
    last_on = serializers.DateField()
    kind = serializers.ChoiceField(list(AbsenceKind), default=AbsenceKind.AWAY)


class ClashShown(serializers.Serializer[Any]):
    kind = serializers.CharField()
    subject = serializers.CharField()
    sentence = serializers.CharField()
    severity = serializers.CharField()
    cover = serializers.CharField()
    action = serializers.CharField()


class ChecksShown(serializers.Serializer[Any]):
    """What would be uncovered, and the mark of that list."""

    checks_sha256 = serializers.CharField()
    clashes = ClashShown(many=True)


class AbsenceInput(AbsenceDays):
    """With the mark of the clashes that were shown, or `accept_clashes`; without either there may be none."""

    note = serializers.CharField(max_length=500, default="", allow_blank=True)
    briefing = serializers.CharField(max_length=2000, default="", allow_blank=True)
    checks_sha256 = serializers.CharField(max_length=64, required=False)
    accept_clashes = serializers.BooleanField(default=False)
    deputy = serializers.CharField(max_length=40, required=False)


class AbsenceMove(serializers.Serializer[Any]):
    """Other days for the same absence."""

    first_on = serializers.DateField()
    last_on = serializers.DateField()


class LeavingStepShown(serializers.Serializer[Any]):
    """A room's part of a farewell; `sentences` is what it still has to do."""

    key = serializers.CharField()
    state = serializers.ChoiceField(["todo", "done", "failed"])
    error = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())


class LeavingShown(serializers.Serializer[Any]):
    """Where a person stands, and what each room has let go."""

    person = serializers.CharField()
    state = serializers.CharField()
    steps = LeavingStepShown(many=True)


class TeamProposalShown(serializers.Serializer[Any]):
    """Somebody says which team they are in."""

    id = serializers.IntegerField()
    person = serializers.CharField(source="person.handle")
    team = serializers.CharField(source="team.slug")
    discipline = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]  # DRF has a `source` of its own
    made_at = serializers.DateTimeField()


class TeamProposalInput(serializers.Serializer[Any]):
    team = serializers.CharField(max_length=60)
    discipline = serializers.ChoiceField(DISCIPLINES, default="", allow_blank=True)


class TeamProposalDecision(serializers.Serializer[Any]):
    accept = serializers.BooleanField()


class TokenShown(serializers.Serializer[ApiToken]):
    id = serializers.UUIDField(source="public_id")
    person = serializers.CharField(source="person.handle")
    name = serializers.CharField()
    prefix = serializers.CharField()
    scopes = serializers.ListField(child=serializers.CharField())
    networks = serializers.ListField(child=serializers.CharField())
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class TokenInput(serializers.Serializer[Any]):
    """`person` is a program of a team one leads; without it the token is one's own."""

    person = serializers.CharField(max_length=40, required=False, default="")
    name = serializers.CharField(max_length=80)
    scopes = serializers.ListField(child=serializers.CharField(max_length=60), max_length=len(SCOPES))
    days = serializers.IntegerField(default=90)
    networks = serializers.ListField(child=serializers.CharField(max_length=50), max_length=20, default=list)


class IdentitiesInput(serializers.Serializer[Any]):
    system = serializers.CharField(max_length=20, default="any")
    names = serializers.ListField(child=serializers.CharField(max_length=300), max_length=1000)


class PartyShown(serializers.Serializer[Any]):
    type = serializers.ChoiceField(["person", "team"])
    id = serializers.CharField()


class IdentitiesShown(serializers.Serializer[Any]):
    results = serializers.DictField(child=PartyShown(allow_null=True))
