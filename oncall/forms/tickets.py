"""Checks of what the pages of tickets and runbooks send."""

from __future__ import annotations

from django import forms

from oncall.models.upstream import PROBLEMS

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class AskForm(forms.Form):
    """A ticket without an incident."""

    asset = forms.CharField(label="What lies upstream?", max_length=200, help_text="Its name or slug.")
    title = forms.CharField(label="What is wrong with it?", max_length=300)
    problem = forms.ChoiceField(
        label="What kind of problem?", choices=[(word, word.replace("_", " ").capitalize()) for word in PROBLEMS]
    )
    evidence = forms.CharField(
        label="What shows it?", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class MoveForm(forms.Form):
    state = forms.ChoiceField(choices=[(word, word) for word in ("open", "unblocked", "fixed", "declined")])
    cause = forms.CharField(required=False, max_length=1000)
    fix_planned_on = forms.DateField(required=False, widget=DAY)


class AnswerForm(forms.Form):
    text = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))


class LinkForm(forms.Form):
    external_url = forms.CharField(required=False, max_length=500)


class GuestForm(forms.Form):
    """An answer without an account: a name, and a text or a move."""

    said_by = forms.CharField(label="Your name", max_length=120)
    text = forms.CharField(
        label="Your answer", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    move = forms.ChoiceField(
        label="What happens", required=False,
        choices=[("", "Just an answer"), ("fixed", "It is fixed; the cause stands above"),
                 ("declined", "We will not do it; the reason stands above")],
    )  # fmt: skip


class RunbookForm(forms.Form):
    """Issues as blocks: a first line `# kind: what goes wrong`, then `name: text` lines and `- steps`."""

    text = forms.CharField(
        label="Issues", max_length=60_000, strip=False, widget=forms.Textarea(attrs={"rows": 24}),
        help_text="Begin an issue with “# skew_oom: what goes wrong”. Lines “impact: …”, “detection: …”, “symptom: …”, "
        "“fallback: …”, “no_fix: …”. Steps begin with “- ”, a command follows after “ $ ”.",
    )  # fmt: skip


class OfAssetForm(forms.Form):
    asset = forms.CharField(label="Which asset?", max_length=200, help_text="Its name or slug.")


class ReasonForm(forms.Form):
    reason = forms.CharField(required=False, max_length=300)


class UseForm(forms.Form):
    issue = forms.IntegerField(min_value=0)
    step = forms.IntegerField(min_value=0)
    outcome = forms.ChoiceField(choices=[(word, word) for word in ("worked", "did_not", "skipped")])
