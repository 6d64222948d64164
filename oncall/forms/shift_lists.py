"""What the list of shifts takes from its address, for page, CSV and API."""

from __future__ import annotations

from typing import Any

from django import forms

from oncall.domain.words import ROLE_WORDS

ROLES = [("", "All roles"), *((role.value, words.capitalize()) for role, words in ROLE_WORDS.items())]
LAYERS = [("effective", "As it is"), ("planned", "Plan and changes")]
DAY = {"type": "date"}


class ShiftListForm(forms.Form):
    """Days are the rota's own; `person` is a handle, or nobody for gaps."""

    role = forms.ChoiceField(choices=ROLES, required=False)
    person = forms.CharField(max_length=40, required=False)
    layer = forms.ChoiceField(choices=LAYERS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in (("from", "From"), ("to", "To")):  # `from` is a word of the language
            self.fields[name] = forms.DateField(label=label, required=False, widget=forms.DateInput(attrs=DAY))
