"""Input of people about backfills and migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from ownership.domain.plan_sql import DIALECT_WORDS
from ownership.domain.plans import CHECK_WORDS, DEFAULT_THRESHOLDS
from ownership.domain.triggering import TRIGGER_WORDS
from ownership.forms import party_called

if TYPE_CHECKING:
    from portal.accounts.models import Person, Team


class NamesField(forms.CharField):
    """Names separated by commas, as a tuple."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        return tuple(name.strip() for name in text.split(",") if name.strip())


class ChooserForm(forms.Form):
    """Three questions; all easy is the small plan."""

    fits_one_window = forms.BooleanField(label="The rebuild fits into one maintenance window", required=False)
    meaning_changes = forms.BooleanField(label="Columns or their meaning change", required=False)
    all_switch_at_once = forms.BooleanField(label="All readers can switch at the same moment", required=False)


def _limit(code: str) -> forms.FloatField:
    return forms.FloatField(
        label=CHECK_WORDS[code], min_value=0, required=False, initial=DEFAULT_THRESHOLDS[code],
        widget=forms.NumberInput(attrs={"step": "any"}),
    )  # fmt: skip


class PlanForm(forms.Form):
    """What is rebuilt and how it is verified; names of columns separated by commas."""

    asset = forms.CharField(label="Table", max_length=200, help_text="Its name in the address of its page.")
    kind = forms.ChoiceField(
        label="Plan",
        choices=[("backfill", "Backfill beside, then swap"), ("migration", "Second version, then move")],
    )
    reason = forms.CharField(label="What changes and why", max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    dialect = forms.ChoiceField(label="Warehouse", choices=list(DIALECT_WORDS.items()))
    range_text = forms.CharField(
        label="Rows", max_length=200, required=False, help_text="A condition such as day >= '2026-01-01'. Empty: all."
    )
    keys = NamesField(label="Columns that identify a row", max_length=500, required=False)
    sums = NamesField(label="Columns that must add up", max_length=500, required=False)
    columns = NamesField(label="Columns to compare", max_length=1000, required=False)
    ends_on = forms.DateField(
        label="Ends on", required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text="For a migration."
    )
    hold_days = forms.IntegerField(label="Days the old rows are kept", min_value=0, max_value=60, initial=7)
    limit_rows = _limit("rows")
    limit_keys = _limit("keys")
    limit_sums = _limit("sums")
    limit_nulls = _limit("nulls")
    limit_sample = _limit("sample")

    def limits(self) -> dict[str, float]:
        """The thresholds by check; what is left empty is as usual."""
        given = {code: self.cleaned_data.get(f"limit_{code}") for code in CHECK_WORDS}
        return {code: value for code, value in given.items() if value is not None}


class AssignReferenceForm(forms.Form):
    """Who moves a reference, and by when."""

    party = forms.CharField(label="Who moves it", max_length=60)
    due_on = forms.DateField(label="By")

    def clean_party(self) -> Person | Team:
        return _called(self.cleaned_data["party"])


class PipelineTriggerForm(forms.Form):
    """How a pipeline is told to run; an empty header keeps the one that is there."""

    kind = forms.ChoiceField(label="Scheduler", choices=list(TRIGGER_WORDS.items()))
    endpoint = forms.ChoiceField(label="Webhook", help_text="Of a team that you lead.")
    job = forms.CharField(label="Name of the job", max_length=250, required=False, help_text="Empty: the asset's name.")
    authorization = forms.CharField(
        label="Authorization header", max_length=2000, required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="Such as Bearer …; kept encrypted. Empty: as it is.",
    )  # fmt: skip

    def __init__(self, *args: Any, endpoints: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].choices = [(slug, slug) for slug in endpoints]  # type: ignore[attr-defined] # a ChoiceField


class StepForm(forms.Form):
    """What was seen when a step was done."""

    note = forms.CharField(label="What was seen", max_length=1000, required=False)
    runs = forms.IntegerField(label="Runs that agreed", min_value=0, max_value=10_000, required=False)
    rows = forms.FloatField(label=CHECK_WORDS["rows"], required=False)
    keys = forms.FloatField(label=CHECK_WORDS["keys"], required=False)
    sums = forms.FloatField(label=CHECK_WORDS["sums"], required=False)
    nulls = forms.FloatField(label=CHECK_WORDS["nulls"], required=False)
    sample = forms.FloatField(label=CHECK_WORDS["sample"], required=False)


class WordsForm(forms.Form):
    """A few words to an act: a reason, a note, where it was moved."""

    text = forms.CharField(max_length=2000, required=False)


class ReferenceForm(forms.Form):
    """A reference that no source shows."""

    text = forms.CharField(label="What reads it", max_length=300)
    party = forms.CharField(label="Who moves it", max_length=60, help_text="A person's handle, or a team's slug.")
    due_on = forms.DateField(label="By", widget=forms.DateInput(attrs={"type": "date"}))

    def clean_party(self) -> Person | Team:
        return _called(self.cleaned_data["party"])


def _called(given: str) -> Person | Team:
    name = given.strip().lstrip("@").lower()
    party = party_called(name)
    if party is None:
        message = f"Nobody here is called {name}."
        raise forms.ValidationError(message)
    return party
