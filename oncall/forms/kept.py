"""Checks of what the page of one kept thing sends."""

from __future__ import annotations

import json
from typing import Any

from django import forms

LONGEST_BODY = 65_536


class NothingForm(forms.Form):
    """An act that needs no words."""


class MappingForm(forms.Form):
    """How names of the sender become assets, as JSON."""

    mapping = forms.CharField(
        label="How its names become assets", required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "mono"}),
        help_text="asset_label names the label to read; assets renames what it says to our slugs.",
    )  # fmt: skip

    def clean_mapping(self) -> dict[str, Any]:
        return _object(self.cleaned_data["mapping"] or "{}")


class TryForm(forms.Form):
    """A body to try at a door."""

    body = forms.CharField(
        label="What it sends", max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 12, "class": "mono"})
    )

    def clean_body(self) -> dict[str, Any]:
        return _object(self.cleaned_data["body"])


class NameForm(forms.Form):
    """Which asset a name means."""

    name = forms.CharField(max_length=500)
    asset = forms.CharField(label="Which asset is it?", max_length=200)


class CheckForm(forms.Form):
    """A check before a run."""

    consumer = forms.CharField(label="What runs?", max_length=200, help_text="Its slug.")
    upstream = forms.CharField(label="What does it read?", max_length=200, help_text="Its slug.")
    kind = forms.ChoiceField(label="What is checked?")
    on_unreachable = forms.ChoiceField(
        label="Without an answer, the run", choices=[("open", "starts all the same"), ("closed", "does not start")]
    )
    opens_ticket = forms.BooleanField(label="A failed check asks the owner upstream", required=False, initial=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = list(CHECK_WORDS.items())


CHECK_WORDS = {
    "freshness": "It is fresh enough", "row_count": "It has enough rows", "partition_exists": "The partition is there",
    "schema_hash": "Its schema is the same", "webhook": "Another system says so",
}  # fmt: skip


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        message = f"This is no JSON: {error}."
        raise forms.ValidationError(message) from None
    if not isinstance(found, dict):
        message = "A JSON object is expected, in braces."
        raise forms.ValidationError(message)
    return found
