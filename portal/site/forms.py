"""Input of the site's own pages."""

from __future__ import annotations

from typing import Any

from django import forms

from oncall.domain.words import QuestionsDuty
from portal.accounts.domain.vocabulary import DISCIPLINE_LABELS
from portal.core.domain.zones import zone_names
from portal.core.importing.protocol import readers

MOST_HOURS = 90
MODELS = [("centralized", "One central team"), ("embedded", "Engineers inside other teams")]
CRAFTS = [(craft.value, label.capitalize()) for craft, label in DISCIPLINE_LABELS.items()]
DUTIES = [
    (QuestionsDuty.SAME, "The same person"),
    (QuestionsDuty.SEPARATE, "A rota of their own, made later"),
    (QuestionsDuty.NONE, "Nobody in particular"),
]


def _zones() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(zone_names())]


class TeamStartForm(forms.Form):
    name = forms.CharField(label="What is your team called?", max_length=60)
    pattern = forms.ChoiceField(label="How do you share the work?", widget=forms.RadioSelect)
    discipline = forms.ChoiceField(label="You are mostly", choices=CRAFTS, initial="DE")
    model = forms.ChoiceField(label="And you work as", choices=MODELS, initial="centralized")
    zone = forms.ChoiceField(label="Time zone", choices=_zones)
    emails = forms.CharField(
        label="Who else is in it?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One e-mail address a line; each gets a link. Or leave it for later.",
    )

    def __init__(self, *args: Any, patterns: list[tuple[str, str]], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields["pattern"]
        shown.choices, shown.initial = patterns, patterns[0][0] if patterns else None
        self.fields["zone"].initial = zone

    def clean_emails(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["emails"].splitlines() if line.strip()]


class AssetsForm(forms.Form):
    file = forms.FileField(label="File", help_text="For example target/manifest.json of a dbt project, plain or gzip.")
    source = forms.ChoiceField(label="Format")
    run = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, is_read: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields["source"]
        shown.choices = [(code, reader.importer.label) for code, reader in readers.items()]
        self.fields["file"].required = shown.required = not is_read


class RotaForm(forms.Form):
    members = forms.CharField(label="In turn", max_length=500, help_text="Short names with commas between.")
    questions = forms.ChoiceField(label="Business questions go to", choices=DUTIES, widget=forms.RadioSelect)


class PromisesForm(forms.Form):
    reply_hours = forms.IntegerField(label="First reply within hours", min_value=1, max_value=MOST_HOURS, initial=2)
    answer_hours = forms.IntegerField(label="Answer within hours", min_value=1, max_value=MOST_HOURS, initial=9)
    quiet_until = forms.TimeField(
        label="What breaks at night waits until",
        initial="07:00",
        help_text="Unless an agreement says it wakes you.",
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )


class TestForm(forms.Form):
    """A button alone."""
