"""Checks of what the pages of answers send; the rules themselves stand in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from requests_queue.domain.answering import MOST_QUESTION
from requests_queue.domain.sql_reading import DIALECTS
from requests_queue.policies import taking_teams

TIERS = [
    ("2", "2: every 90 days"),
    ("1", "1: every 30 days, by somebody else than its author"),
    ("3", "3: every 180 days"),
]
READERS = [("all", "Everybody"), ("team", "Only the team")]
FINDING = {
    "hx-get": "/faq/assets", "hx-target": "#asset-hits", "hx-include": "closest form",
    "hx-trigger": "input changed delay:300ms", "hx-sync": "this:replace", "autocomplete": "off",
}  # fmt: skip
ALIKE = {
    "hx-get": "/faq/alike", "hx-target": "#alike", "hx-include": "closest form",
    "hx-trigger": "input changed delay:300ms, blur", "hx-sync": "this:replace",
}  # fmt: skip


class VersionForm(forms.Form):
    """A version of the answer: what is said, the SQL it comes from, what it rests on."""

    body = forms.CharField(
        label="The answer", strip=False, widget=forms.Textarea(attrs={"rows": 6}), help_text="Markdown works."
    )
    sql = forms.CharField(
        label="The SQL behind it", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="It is never run. Its tables become what the answer rests on.",
    )  # fmt: skip
    dialect = forms.ChoiceField(
        label="Dialect", required=False, choices=[("", "Any"), *((name, name) for name in DIALECTS)]
    )
    parameters = forms.CharField(
        label="Parameters", required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One a line: name | type | example | what it means",
    )  # fmt: skip
    limits = forms.CharField(
        label="What is it not for?", required=False, max_length=500, help_text="For example: not for finance close."
    )
    asset_words = forms.CharField(
        label="What does it rest on?", required=False, max_length=200, widget=forms.TextInput(attrs=FINDING),
        help_text="Type a part of a name and tick. Tables of the SQL are found by themselves.",
    )  # fmt: skip
    acknowledge = forms.BooleanField(
        label="Names in the SQL that stand for no asset are fine as they are", required=False
    )
    is_checked = forms.BooleanField(label="I have checked it: it is true as things stand", required=False)

    def parameter_rows(self) -> list[dict[str, str]]:
        """The lines of the field as rows."""
        lines = [line.split("|") for line in str(self.cleaned_data["parameters"]).splitlines() if line.strip()]
        names = ("name", "type", "example", "meaning")
        return [dict(zip(names, (part.strip() for part in line), strict=False)) for line in lines]


class EntryForm(VersionForm):
    """A question with its first answer."""

    question = forms.CharField(
        label="The question, as people ask it", max_length=MOST_QUESTION, strip=False,
        widget=forms.TextInput(attrs={"class": "title"} | ALIKE),
    )  # fmt: skip
    team = forms.ChoiceField(label="Whose answer is it?")
    tier = forms.ChoiceField(label="How often is it checked?", choices=TIERS)
    visibility = forms.ChoiceField(label="Who reads it?", choices=READERS)
    aliases = forms.CharField(
        label="Other wordings", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="One a line. They are the cheapest way to be found.",
    )  # fmt: skip
    tags = forms.CharField(label="Tags", required=False, max_length=200, help_text="Separated by commas")
    field_order = ["question", "body"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(team.slug, team.name) for team in taking_teams().order_by("name")]


class EditForm(forms.Form):
    """What is said about an answer, not the answer itself."""

    question = forms.CharField(label="The question", max_length=MOST_QUESTION, strip=False)
    tier = forms.ChoiceField(label="How often is it checked?", choices=TIERS)
    visibility = forms.ChoiceField(label="Who reads it?", choices=[*READERS, ("members", "Members of its request")])
    tags = forms.CharField(label="Tags", required=False, max_length=200, help_text="Separated by commas")
    owner = forms.CharField(label="Owner", required=False, max_length=60, help_text="@handle")
    verifier = forms.CharField(label="Who else may check it", required=False, max_length=60, help_text="@handle")


class LineForm(forms.Form):
    """One line: a wording, a reason, or the address of another answer."""

    text = forms.CharField(required=False, max_length=MOST_QUESTION, strip=False)
