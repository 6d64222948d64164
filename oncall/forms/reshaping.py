"""What the page of a what-if asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

if TYPE_CHECKING:
    from collections.abc import Iterable


class WhatIfRotaForm(forms.Form):
    """Another rota to merge with, or the people who would leave."""

    merge = forms.ChoiceField(label="Merged with", required=False, help_text="By the rules of this rota.")
    split = forms.MultipleChoiceField(
        label="Or split: these people get a rota of their own", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, *args: Any, rotas: Iterable[tuple[str, str]], people: Iterable[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("merge", [("", "no other rota"), *rotas]), ("split", list(people))):
            field: Any = self.fields[name]
            field.choices = choices
