"""Checks of what the pages of doors, expectations and quiet times send."""

from __future__ import annotations

from django import forms

from oncall.domain.expectations import KINDS as RULES
from oncall.models.inbound import KINDS

INSTANT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class DoorForm(forms.Form):
    """An integration."""

    kind = forms.ChoiceField(label="What sends?", choices=[(kind, kind.capitalize()) for kind in KINDS])
    slug = forms.CharField(label="Its name in the address", max_length=60, help_text="Small letters and hyphens.")
    team = forms.CharField(label="Whose is it?", max_length=60, help_text="The team's slug.")


class ExpectationForm(forms.Form):
    """Data that is owed."""

    asset = forms.CharField(label="Which asset?", max_length=200)
    kind = forms.ChoiceField(
        label="How often?", choices=[(rule, rule.replace("_", " ").capitalize()) for rule in RULES]
    )
    hours = forms.FloatField(label="Hours after midnight, or the age that is too old", required=False, min_value=0)
    n = forms.IntegerField(label="Which working day of the month?", required=False, min_value=1, max_value=23)
    weekday = forms.ChoiceField(label="Which weekday?", choices=[*enumerate(DAYS)], required=False)
    time = forms.TimeField(label="By when on that day?", required=False, widget=CLOCK)
    zone = forms.CharField(label="In which zone?", max_length=64, initial="UTC")

    def rule(self) -> dict[str, object]:
        """The parts of the rule that were filled in."""
        data = self.cleaned_data
        found: dict[str, object] = {"kind": data["kind"]}
        found |= {name: data[name] for name in ("hours", "n") if data[name] is not None}
        if data["weekday"]:
            found["weekday"] = int(data["weekday"])
        return found | ({"time": data["time"].strftime("%H:%M")} if data["time"] else {})


class SilenceForm(forms.Form):
    """Alerts that make no incident for a while."""

    team = forms.CharField(label="Whose alerts?", max_length=60, help_text="The team's slug.")
    asset = forms.CharField(label="About which asset?", required=False, max_length=200, help_text="Its slug.")
    title = forms.CharField(
        label="With which words?", required=False, max_length=300, help_text="* stands for any text."
    )
    until = forms.DateTimeField(label="Until", widget=INSTANT)
    reason = forms.CharField(label="Why?", max_length=500)


class MaintenanceForm(forms.Form):
    """Planned work."""

    team = forms.CharField(label="Whose work?", max_length=60, help_text="The team's slug.")
    assets = forms.CharField(label="Which assets?", max_length=2000, help_text="Slugs, by comma.")
    start = forms.DateTimeField(label="From", widget=INSTANT)
    end = forms.DateTimeField(label="To", widget=INSTANT)
    reason = forms.CharField(label="Why?", max_length=500)
