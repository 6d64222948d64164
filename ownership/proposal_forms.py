"""The form of proposed owners."""

from __future__ import annotations

from typing import Any

from django import forms

ABOUT_ONE = ("accept", "decline", "send", "drop")


class ProposalForm(forms.Form):
    """Yes or no to one proposal, yes to many, one sent to its party, one guess dropped, or the last act taken back."""

    decision = forms.ChoiceField(choices=[(word, word) for word in (*ABOUT_ONE, "many", "undo")])
    proposal = forms.IntegerField(required=False, min_value=1)
    chosen = forms.TypedMultipleChoiceField(coerce=int, required=False)
    reason = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: Any = self.data
        ticked = [each for each in given.getlist("chosen") if each.isdecimal()] if self.is_bound else []
        chosen: Any = self.fields["chosen"]
        chosen.choices = [(each, each) for each in ticked if len(each) <= 18]  # noqa: PLR2004 (digits of a row's id)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("decision") in ABOUT_ONE and not data.get("proposal"):
            self.add_error("proposal", "Say which proposal is meant.")
        if data.get("decision") == "many" and not data.get("chosen"):
            self.add_error("chosen", "Tick at least one.")
        return data
