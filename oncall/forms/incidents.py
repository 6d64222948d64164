"""Checks of what the pages of incidents send; the rules themselves stand in the services."""

from __future__ import annotations

from django import forms

from oncall.domain.failure_kinds import KIND_WORDS
from oncall.domain.incident_states import CAUSE_WORDS, Cause
from ownership.domain.plan_sql import DIALECT_WORDS

KINDS = [(kind.value, words.capitalize()) for kind, words in KIND_WORDS.items()]
AGAIN = [("0", "none promised"), ("30", "in 30 minutes"), ("60", "in an hour"), ("120", "in two hours"),
         ("480", "in eight hours")]  # fmt: skip
DIALECTS = list(DIALECT_WORDS.items())
CAUSES = [(cause.value, words.capitalize()) for cause, words in CAUSE_WORDS.items() if cause != Cause.RECOVERED]


class ReportForm(forms.Form):
    """Somebody says that something is broken."""

    asset = forms.CharField(label="What is broken?", max_length=200, help_text="Its name or slug.")
    title = forms.CharField(label="What do you see?", max_length=300)
    detail = forms.CharField(label="More", required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    failure_kind = forms.ChoiceField(label="What kind of failure?", choices=KINDS, initial="unknown", required=False)


class NoForm(forms.Form):
    """A tap."""


class TextForm(forms.Form):
    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=5000, strip=False)


class ResolveForm(forms.Form):
    cause = forms.ChoiceField(label="Why is it over?", choices=CAUSES)
    note = forms.CharField(label="What was it?", required=False, max_length=1000)


class KindForm(forms.Form):
    failure_kind = forms.ChoiceField(label="Kind", choices=KINDS)
    phrase = forms.CharField(label="Always when it says", required=False, max_length=120)


class TellForm(forms.Form):
    text = forms.CharField(label="What they are told", widget=forms.Textarea(attrs={"rows": 3}), max_length=5000)
    teams = forms.CharField(label="Teams", help_text="Slugs, by comma.")
    again = forms.TypedChoiceField(label="Next word", choices=AGAIN, coerce=int, empty_value=None, required=False)


class MergeForm(forms.Form):
    into = forms.CharField(label="Into which incident?", max_length=30)


class HelpForm(forms.Form):
    person = forms.CharField(label="Whom?", max_length=40, help_text="Their handle.")
    text = forms.CharField(label="What do you need?", max_length=500)


class HelpAnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=[("yes", "I help"), ("no", "I cannot")])


class ImpactForm(forms.Form):
    team = forms.CharField(max_length=60)
    answer = forms.ChoiceField(choices=[(word, word) for word in ("nothing", "inconvenient", "harm")])
    sentence = forms.CharField(required=False, max_length=500)


class BackfillForm(forms.Form):
    range_text = forms.CharField(label="Which rows", required=False, max_length=200)
    dialect = forms.ChoiceField(label="Warehouse", choices=DIALECTS)


class StepForm(forms.Form):
    issue = forms.IntegerField(min_value=0)
    step = forms.IntegerField(min_value=0)
    outcome = forms.ChoiceField(choices=[(word, word) for word in ("worked", "did_not", "skipped")])
