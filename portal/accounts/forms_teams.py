"""Input of the pages of settings, teams, grants and programs; rules live in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.accounts.domain.vocabulary import GrantName, Role
from portal.accounts.forms import DISCIPLINES, DayField, zone_choices
from portal.accounts.models import Team
from portal.core.models import BusinessCalendar

MODELS = [("centralized", "Centralized: one team for all"), ("embedded", "Embedded: sits with another team")]
GRANTS = {
    GrantName.TRIAGE: "Decide what comes in",
    GrantName.APPROVE_BUDGET: "Approve above the band",
    GrantName.LOCK_PLAN: "Lock the plan",
    GrantName.EXCUSE_CLOCK: "Excuse a clock",
    GrantName.VOTE: "Vote for the team",
    GrantName.EXEMPT: "Confirm exemptions (an admin gives it)",
}


def calendars() -> Any:
    return BusinessCalendar.objects.filter(is_archived=False).order_by("name")


def teams_at_work() -> Any:
    return Team.objects.filter(is_system=False, archived_at=None).order_by("name")


class OrganizationForm(forms.Form):
    name = forms.CharField(label="Name of the organization", max_length=120)
    calendar = forms.ModelChoiceField(
        label="Office hours", queryset=BusinessCalendar.objects.none(), empty_label=None,
        help_text="Of every team and person that has none of its own.",
    )  # fmt: skip
    head_of_data = forms.CharField(
        max_length=40, required=False, help_text="Hears of promises late by twice their time. A short name such as ana."
    )
    urgency_tokens = forms.IntegerField(
        label="Urgent requests a team and quarter", min_value=1, max_value=20, help_text="1 to 20."
    )
    fallback = forms.CharField(
        label="Who hears what nobody else can be told", max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, in order: a short name such as ana, or endpoint:alerts.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["calendar"].queryset = calendars()  # type: ignore[attr-defined]  # a ModelChoiceField


class TeamSettingsForm(forms.Form):
    name = forms.CharField(max_length=80)
    discipline = forms.ChoiceField(choices=DISCIPLINES, required=False, help_text="Empty: that of most members.")
    model = forms.ChoiceField(label="How it works", choices=MODELS)
    host_team = forms.ModelChoiceField(
        label="Sits with", queryset=Team.objects.none(), required=False, to_field_name="slug",
        help_text="For an embedded team.",
    )  # fmt: skip
    parent = forms.ModelChoiceField(
        label="Part of", queryset=Team.objects.none(), required=False, to_field_name="slug",
        help_text="Its lead decides where this team has none.",
    )  # fmt: skip
    zone = forms.ChoiceField(label="Time zone", choices=zone_choices)
    calendar = forms.ModelChoiceField(label="Office hours", queryset=BusinessCalendar.objects.none(), empty_label=None)

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["host_team"].queryset = fields["parent"].queryset = teams_at_work().exclude(pk=team.pk)
        fields["calendar"].queryset = calendars()


class GrantForm(forms.Form):
    handle = forms.CharField(label="Who", max_length=40, help_text="A short name such as ana.")
    name = forms.ChoiceField(label="May", choices=[(name.value, label) for name, label in GRANTS.items()])
    since = DayField(label="From")
    until = DayField(label="Last day", required=False, help_text="Empty: until it is taken back.")
    reason = forms.CharField(max_length=300)


class PlaceForm(forms.Form):
    role = forms.ChoiceField(choices=[(Role.MEMBER, "Member"), (Role.LEAD, "Lead")])
    discipline = forms.ChoiceField(choices=DISCIPLINES, required=False)
    fte_percent = forms.IntegerField(label="Share in percent", min_value=1, max_value=100)
    is_main = forms.BooleanField(label="This is the main team", required=False)


class ProgramForm(forms.Form):
    handle = forms.CharField(max_length=40, help_text="The program's short name, for ever: a-z, 0-9, dot, dash.")
    name = forms.CharField(max_length=120)
    owner_team = forms.ModelChoiceField(label="Belongs to", queryset=Team.objects.none(), to_field_name="slug")
    purpose = forms.CharField(max_length=200, help_text="What it is for, for whoever finds it in two years.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner_team"].queryset = teams_at_work()  # type: ignore[attr-defined]  # a ModelChoiceField


class HolidayYearForm(forms.Form):
    """Beside the ticks of the page: days that are missing there, or a calendar file instead of them all."""

    more = forms.CharField(
        label="More days", required=False, max_length=8000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line, the date first: 2027-05-02 Company day.",
    )  # fmt: skip
    calendar = forms.FileField(
        label="A calendar file instead (.ics)", required=False,
        help_text="Its whole-day events of the year become the days; what is ticked above no longer counts.",
    )  # fmt: skip


class FactorForm(forms.Form):
    """Why an admin believes that it is the person who asks; empty where somebody only answers."""

    reason = forms.CharField(
        label="How do you know that it is they who ask?", required=False, max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}), help_text="Such as: called back on the number in the staff list.",
    )  # fmt: skip
