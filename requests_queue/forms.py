"""Checks of what pages send; the rules themselves stand in the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms

from requests_queue.domain.kinds import KINDS, LANES
from requests_queue.policies import taking_teams
from requests_queue.services.working import REOPEN_REASONS

EXPECTED = {"hx-get": "/requests/expected", "hx-target": "#expected", "hx-include": "closest form"}
SIMILAR = {
    "hx-get": "/requests/similar", "hx-target": "#similar", "hx-include": "closest form",
    "hx-trigger": "input changed delay:300ms, blur", "hx-sync": "this:replace",
}  # fmt: skip
COMMON = {"question", "data_issue", "change"}
FINDING = {
    "hx-get": "/requests/assets", "hx-target": "#asset-hits", "hx-include": "closest form",
    "hx-trigger": "input changed delay:300ms", "hx-sync": "this:replace", "autocomplete": "off",
}  # fmt: skip


@dataclass(frozen=True)
class Choice:
    """A card of the kinds: its word, and a sentence under it."""

    text: str
    hint: str
    icon: str
    is_common: bool

    def __str__(self) -> str:
        return self.text


class FilingForm(forms.Form):
    """A new request. There is no field for how urgent it is: a decision and a date work better."""

    title = forms.CharField(
        label="What do you need to know?", max_length=4000, strip=False,
        widget=forms.TextInput(attrs={"class": "title", "autofocus": True} | SIMILAR),
    )  # fmt: skip
    decision_served = forms.CharField(
        label="Which decision depends on this?", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="There is no “urgent” here: a decision and a date work better.",
    )  # fmt: skip
    body = forms.CharField(
        label="What else should we know?", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    asset_words = forms.CharField(
        label="About which asset?", required=False, max_length=200, widget=forms.TextInput(attrs=FINDING),
        help_text="Type a part of its name. Its owner's team answers.",
    )  # fmt: skip
    wanted_by = forms.DateField(label="By when?", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    team = forms.ChoiceField(label="Which team?", required=False, widget=forms.Select(attrs=EXPECTED))
    kind = forms.ChoiceField(
        label="What is it?",
        choices=[(code, Choice(of.label, of.hint, of.icon, code in COMMON)) for code, of in KINDS.items()],
        initial="question", widget=forms.RadioSelect(attrs=EXPECTED),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams = [(team.slug, team.name) for team in taking_teams().order_by("name")]
        field = self.fields["team"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "The team that owns the asset"), *teams]


class TextForm(forms.Form):
    text = forms.CharField(strip=False, required=False, max_length=2_000_000)


class MessageForm(TextForm):
    is_internal = forms.BooleanField(required=False)


class DecideForm(forms.Form):
    lane = forms.ChoiceField(choices=[(lane, lane) for lane in LANES])
    minutes = forms.IntegerField(required=False)
    structural = forms.ChoiceField(choices=[("", ""), ("yes", "yes"), ("no", "no")], required=False)
    text = forms.CharField(strip=False, required=False)
    letter = forms.CharField(strip=False, required=False)


class ProposeForm(forms.Form):
    reason = forms.CharField(required=False, max_length=500)
    gives_way = forms.CharField(required=False, max_length=200)
    left_out = forms.CharField(required=False, max_length=1000)


class TimeForm(forms.Form):
    """Time that was worked; the key of the form makes a double click one entry."""

    minutes = forms.IntegerField()
    work_date = forms.DateField()


class ReverseForm(forms.Form):
    reason = forms.CharField(max_length=500)


class CapacityForm(forms.Form):
    minutes = forms.IntegerField(label="Minutes", help_text="Negative when capacity goes.")
    reason = forms.CharField(label="What changed", max_length=500)


class DeclineForm(forms.Form):
    reason = forms.CharField(required=False)
    alternative = forms.CharField(required=False)


class ReopenForm(TextForm):
    reason = forms.ChoiceField(choices=[(reason, reason) for reason in REOPEN_REASONS])


class PrivateForm(forms.Form):
    people = forms.CharField(required=False, max_length=2000)
    reason = forms.CharField(required=False, max_length=500)
