"""Checks of what the plan's pages send; the rules themselves stand in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from requests_queue.domain.plan import HIGHEST_DELAY, POINTS

MONTHS = "%Y-%m"
MOST_TEXT = 4000
DELAYS = [
    (1, "1: it can wait"), (2, "2: small"), (3, "3: a decision is worse without it"), (4, "4: costs every month"),
    (HIGHEST_DELAY, "5: costs every week"),
]  # fmt: skip


def month_input() -> forms.DateInput:
    """A field for a month."""
    return forms.DateInput(attrs={"type": "month"}, format=MONTHS)


class VersionForm(forms.Form):
    """The version of the plan that the person saw."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class AcrossForm(VersionForm):
    """The line that moves into the plan, or the one that moves out of it."""

    into = forms.IntegerField(required=False, widget=forms.HiddenInput)
    out = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if (given.get("into") is None) == (given.get("out") is None):
            message = "Name one line: into the plan, or out of it."
            raise forms.ValidationError(message)
        return given


class ShiftForm(VersionForm):
    by = forms.IntegerField(min_value=-1000, max_value=1000)


class VoteForm(forms.Form):
    """A press of a line's points: `give` is the wish and what it has then, such as "12 3"."""

    give = forms.RegexField(r"^[0-9]{1,18} [0-9]{1,3}$", label="Wish and points")
    team = forms.CharField(required=False, max_length=60)


class PointsForm(forms.Form):
    points = forms.IntegerField(label="Your team's points", min_value=0, max_value=POINTS)
    team = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)


class UpkeepForm(forms.Form):
    kind = forms.ChoiceField(label="What", choices=[("maintenance", "Upkeep of pipelines"), ("oncall", "On-call")])
    minutes = forms.IntegerField(label="Minutes in the quarter", min_value=0)
    reason = forms.CharField(label="Why another figure?", max_length=500)


class LockForm(VersionForm):
    set_below_aside = forms.BooleanField(label="Set what is below the line aside", required=False)
    mark_at_risk = forms.BooleanField(label="Let the lines at risk give way to ad-hoc work", required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why?", required=False, max_length=500)


class DelayForm(forms.Form):
    cost = forms.TypedChoiceField(label="What does waiting cost?", choices=DELAYS, coerce=int)
    why = forms.CharField(label="In one sentence", max_length=500)


class EstimateForm(forms.Form):
    days = forms.DecimalField(label="Days of work", min_value=0, max_value=2000, max_digits=8, decimal_places=2)
    spread = forms.DecimalField(
        label="Give or take", required=False, min_value=0, max_value=2000, max_digits=8, decimal_places=2
    )


class LineForm(VersionForm):
    """What the lead says of a line while the plan is open."""

    title = forms.CharField(label="Title", max_length=200)
    days = forms.DecimalField(label="Days of work", min_value=0, max_value=2000, max_digits=8, decimal_places=2)
    spread = forms.DecimalField(
        label="Give or take", required=False, min_value=0, max_value=2000, max_digits=8, decimal_places=2
    )
    owner = forms.CharField(label="Who does it (handle)", required=False, max_length=40)
    month = forms.DateField(label="Expected in", required=False, input_formats=[MONTHS], widget=month_input())
    tiers = forms.CharField(
        label="Pipelines it adds", required=False, max_length=80, help_text="Their tiers, such as 2 2. Upkeep counts."
    )
    retires = forms.CharField(
        label="Pipelines it retires", required=False, max_length=2000, help_text="Their short names, as in the address."
    )
    is_bumpable = forms.BooleanField(label="May give way to ad-hoc work", required=False)


class NeedForm(forms.Form):
    team = forms.CharField(label="Of which team (its short name)", max_length=60)
    what = forms.CharField(label="What do you need, and by when?", max_length=300)


class AnswerForm(forms.Form):
    answer = forms.CharField(label="A word to them", required=False, max_length=300)


class RemainingForm(forms.Form):
    days = forms.DecimalField(label="Days left", min_value=0, max_value=2000, max_digits=8, decimal_places=2)


class ShipForm(forms.Form):
    result = forms.CharField(
        label="What is there now, and where?", required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Everybody who waited for it reads this.",
    )  # fmt: skip


class ResizeForm(forms.Form):
    days = forms.DecimalField(label="Days of work", min_value=0, max_value=2000, max_digits=8, decimal_places=2)
    reason = forms.CharField(label="Why?", required=False, max_length=500)


class MonthForm(forms.Form):
    month = forms.DateField(label="Expected in", input_formats=[MONTHS], widget=month_input())
    reason = forms.CharField(label="Why?", required=False, max_length=500)


class AddLineForm(forms.Form):
    title = forms.CharField(label="What came in?", max_length=200)
    days = forms.DecimalField(label="Days of work", min_value=0, max_value=2000, max_digits=8, decimal_places=2)
    reason = forms.CharField(label="Why now?", required=False, max_length=500)


class VoterForm(forms.Form):
    team = forms.CharField(max_length=60, widget=forms.HiddenInput)
    person = forms.CharField(label="Who casts the points (handle)", max_length=40)


class InviteForm(forms.Form):
    team = forms.CharField(label="Ask another team (its short name)", max_length=60)


class ScenarioForm(forms.Form):
    """A what-if: one line a change, such as `leave alice 2027-02-01 2027-02-12`."""

    name = forms.CharField(label="Name", max_length=60)
    text = forms.CharField(
        label="Changes, one a line", widget=forms.Textarea(attrs={"rows": 4}), max_length=MOST_TEXT,
        help_text=(
            "leave ada 2027-02-01 2027-02-12 · leaver ada 2027-02-01 · joiner 100 2027-02-01 · oncall_weeks 2 · "
            "add_item 4800 Title · drop_item 12 · resize_item 12 900 · pull_in 600 · pipeline_added 2 · "
            "set_band 500 1000 · embed ada marketing"
        ),
    )  # fmt: skip


class ProposalForm(forms.Form):
    """A wish, or a model out of a theme or of chosen questions."""

    team = forms.ChoiceField(label="Which team builds it?", required=False)
    cluster = forms.IntegerField(required=False, widget=forms.HiddenInput)
    title = forms.CharField(label="What should there be?", required=False, max_length=200)
    why = forms.CharField(
        label="Which decision gets better?", required=False, max_length=500, widget=forms.Textarea(attrs={"rows": 2})
    )
    numbers = forms.CharField(
        label="Which questions does it answer?", required=False, max_length=2000,
        help_text="Numbers such as REQ-12 REQ-19. Two or more make a model out of questions.",
    )  # fmt: skip
    days = forms.DecimalField(
        label="Days of work, if you know", required=False, min_value=0, max_value=2000, max_digits=8, decimal_places=2
    )

    def __init__(self, *args: Any, teams: Any = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "Choose a team"), *teams]


class ClusterForm(forms.Form):
    reason = forms.CharField(label="Why is it no model?", required=False, max_length=500)
    name = forms.CharField(label="Another name", required=False, max_length=200)
