"""The form of proposed owners."""

from __future__ import annotations

from typing import Any

from django import forms


class ProposalForm(forms.Form):
    """Yes or no to one proposal, or yes to many."""

    decision = forms.ChoiceField(choices=[("accept", "accept"), ("decline", "decline"), ("many", "many")])
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
        if data.get("decision") in {"accept", "decline"} and not data.get("proposal"):
            self.add_error("proposal", "Say which proposal is meant.")
        if data.get("decision") == "many" and not data.get("chosen"):
            self.add_error("chosen", "Tick at least one.")
        return data
