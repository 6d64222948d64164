"""What is sent to the page of an edit that was asked about."""

from __future__ import annotations

from django import forms

ACTS = ("accept", "decline", "overrule", "withdraw")


class EditAnswerForm(forms.Form):
    """One button pressed: the mark of what was shown, and a few words where they help."""

    act = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    diff_sha256 = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    words = forms.CharField(
        label="A few words", required=False, max_length=300, help_text="Read by whoever asks; not needed for a yes."
    )
    told_reason = forms.CharField(
        label="Why it cannot wait", required=False, max_length=500,
        help_text="Everybody who did not agree reads it.",
    )  # fmt: skip
