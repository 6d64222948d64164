"""Forms of calendars."""

from __future__ import annotations

from django import forms

KINDS = [("me", "My shifts"), ("rota", "A rota"), ("team", "All rotas of a team")]


class FeedForm(forms.Form):
    kind = forms.ChoiceField(label="Show", choices=KINDS)
    subject = forms.SlugField(
        label="Which", required=False, max_length=60, help_text="The short name of the rota or team; empty for yours."
    )
