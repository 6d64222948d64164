"""Filters of the site's own pages."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.core.registries import verb_registry
from portal.site.queries.changes import ChangeFilter

PERIODS = [("7", "7 days"), ("1", "1 day"), ("30", "30 days"), ("90", "90 days"), ("0", "Since the beginning")]


class ChangesForm(forms.Form):
    """Everything optional; `object` is "<type>:<id>" as links of other pages write it."""

    object = forms.CharField(label="Object", required=False, max_length=160, widget=forms.HiddenInput)
    actor = forms.SlugField(label="By whom", required=False, max_length=40)
    verb = forms.ChoiceField(label="What", required=False)
    days = forms.ChoiceField(label="Period", required=False, choices=PERIODS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["verb"].choices = [("", "Any change"), *sorted((key, _words(key)) for key in _verbs())]  # type: ignore[attr-defined] # a ChoiceField
        self.fields["actor"].widget.attrs["placeholder"] = "handle"

    def wanted(self) -> ChangeFilter:
        """The filter of a valid form."""
        data = self.cleaned_data
        kind, _, number = data["object"].rpartition(":")
        return ChangeFilter(kind, number if kind else "", data["actor"], data["verb"], int(data["days"] or 7))


def _verbs() -> list[str]:
    return [key for key, _ in verb_registry.items()]


def _words(verb: str) -> str:
    room, _, act = verb.partition(".")
    return f"{room}: {act.replace('_', ' ')}"
