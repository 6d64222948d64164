"""Checks of what the page of guardrails sends."""

from __future__ import annotations

from django import forms

ANSWERS = (
    ("fix_cause", "We fix the cause"), ("change_agreement", "We change the agreement"), ("accept", "We accept it")
)  # fmt: skip


class ReviewForm(forms.Form):
    """What a lead does about too many pages."""

    answer = forms.ChoiceField(label="What is done?", choices=ANSWERS)
    note = forms.CharField(label="In a sentence", required=False, max_length=500)


class DeclineForm(forms.Form):
    """Taking a guarded night after all needs no word."""
