"""Checks of what pages send; the rules themselves stand in the services."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from portal.core.domain.calendars import WEEKDAYS
from requests_queue.domain.intake import ASKS
from requests_queue.domain.kinds import KINDS, LANES
from requests_queue.models import SlaPolicy
from requests_queue.models.promises import CLOCK_KINDS
from requests_queue.policies import exempt_kinds, taking_teams
from requests_queue.services.working import REOPEN_REASONS

if TYPE_CHECKING:
    from datetime import datetime

    from requests_queue.domain.intake import Ask

LOCAL = "%Y-%m-%dT%H:%M"
WAITED = (("waiting_on_requester", "the requester"), ("waiting_on_upstream", "somebody upstream"))
EXPECTED = {"hx-get": "/requests/expected", "hx-target": "#expected", "hx-include": "closest form"}
SUGGESTED = {
    "hx-get": "/requests/suggest", "hx-target": "#suggest", "hx-include": "closest form",
    "hx-trigger": "input changed delay:300ms", "hx-sync": "this:replace",
}  # fmt: skip
COMMON = {"question", "data_issue", "change"}
FINDING = {
    "hx-get": "/requests/assets", "hx-target": "#asset-hits", "hx-include": "closest form",
    "hx-trigger": "input changed delay:300ms", "hx-sync": "this:replace", "autocomplete": "off",
}  # fmt: skip


class LocalInstant(forms.DateTimeField):
    """A wall time without its zone, which the page knows; a repeated one is its first occurrence."""

    def __init__(self, **given: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, input_formats=[LOCAL, f"{LOCAL}:%S"], **given)

    def from_current_timezone(self, value: datetime) -> datetime:
        return value

    def to_python(self, value: Any) -> datetime | None:
        found = forms.DateTimeField.to_python(self, value)
        return found.replace(tzinfo=None) if found is not None else None


@dataclass(frozen=True)
class Choice:
    """A card of the kinds: its word, and a sentence under it."""

    text: str
    hint: str
    icon: str
    is_common: bool

    def __str__(self) -> str:
        return self.text


def fields_of(kind: str) -> dict[str, forms.Field]:
    """What a kind is asked for, as fields; nothing for a kind that does not exist."""
    return {ask.name: _field_of(ask) for ask in ASKS.get(kind, ())}


def _field_of(ask: Ask) -> forms.Field:
    shown: dict[str, Any] = {"label": ask.label, "help_text": ask.hint, "required": False}
    if ask.choices:
        return forms.ChoiceField(choices=[("", "Not said"), *((one, one) for one in ask.choices)], **shown)
    return forms.CharField(strip=False, **shown)


class FilingForm(forms.Form):
    """A new request. There is no field for how urgent it is: a decision and a date work better."""

    title = forms.CharField(
        label="What do you need to know?", max_length=4000, strip=False,
        widget=forms.TextInput(attrs={"class": "title", "autofocus": True} | SUGGESTED),
    )  # fmt: skip
    decision_served = forms.CharField(
        label="Which decision depends on this?", required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="There is no “urgent” here: a decision and a date work better.",
    )  # fmt: skip
    body = forms.CharField(
        label="What else should we know?", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    asset_words = forms.CharField(
        label="About which asset?", required=False, max_length=200, widget=forms.TextInput(attrs=FINDING),
        help_text="Type a part of its name. Its owner's team answers.",
    )  # fmt: skip
    wanted_by = forms.DateField(
        label="By when?", required=False, widget=forms.DateInput(attrs={"type": "date"} | EXPECTED)
    )
    team = forms.ChoiceField(label="Which team?", required=False, widget=forms.Select(attrs=EXPECTED))
    kind = forms.ChoiceField(
        label="What is it?",
        choices=[(code, Choice(of.label, of.hint, of.icon, code in COMMON)) for code, of in KINDS.items()],
        initial="question", widget=forms.RadioSelect(attrs=EXPECTED),
    )  # fmt: skip

    use_token = forms.BooleanField(
        label="Spend one urgency token of my team", required=False, widget=forms.CheckboxInput(attrs=EXPECTED)
    )
    exemption = forms.ChoiceField(
        label="Law enforcement, legal, security or privacy?", required=False, widget=forms.Select(attrs=EXPECTED),
        help_text="Such work passes outside the budget once somebody confirms it, and is private.",
    )  # fmt: skip
    people = forms.CharField(
        label="Who may see it beside you?", required=False, max_length=2000, help_text="@handle, @handle"
    )
    overruled_because = forms.CharField(
        label="Ask this team all the same, because", required=False, max_length=500, strip=False
    )
    upstream = forms.SlugField(required=False, max_length=60)
    keeps = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        exempt = self.fields["exemption"]
        if isinstance(exempt, forms.ChoiceField):
            exempt.choices = [("", "No"), *exempt_kinds().values_list("slug", "name")]
        teams = [(team.slug, team.name) for team in taking_teams().order_by("name")]
        field = self.fields["team"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [("", "The team that owns the asset"), *teams]
        kind = str(self.data.get("kind") or self.initial.get("kind") or self.fields["kind"].initial)
        self.asked = tuple(ask.name for ask in ASKS.get(kind, ()))
        self.fields |= fields_of(kind)

    def asks(self) -> list[forms.BoundField]:
        """What the chosen kind is asked for."""
        return [self[name] for name in self.asked]

    def details(self) -> dict[str, str]:
        """What was written there."""
        return {name: self.cleaned_data.pop(name) for name in self.asked}


class AsksForm(forms.Form):
    """The fields of one kind alone, when the kind changes under somebody's hand."""

    def __init__(self, *, kind: str, **given: Any) -> None:
        super().__init__(**given)
        self.fields |= fields_of(kind)


class TextForm(forms.Form):
    text = forms.CharField(strip=False, required=False, max_length=2_000_000)


class MessageForm(TextForm):
    is_internal = forms.BooleanField(required=False)
    asked_of = forms.CharField(required=False, max_length=60)


class DecideForm(forms.Form):
    lane = forms.ChoiceField(choices=[(lane, lane) for lane in LANES])
    minutes = forms.IntegerField(required=False)
    structural = forms.ChoiceField(choices=[("", ""), ("yes", "yes"), ("no", "no")], required=False)
    text = forms.CharField(strip=False, required=False)
    letter = forms.CharField(strip=False, required=False)
    pull_in = forms.CharField(required=False, max_length=500)
    gives_way = forms.CharField(required=False, max_length=200)


class ProposeForm(forms.Form):
    reason = forms.CharField(required=False, max_length=500)
    gives_way = forms.CharField(required=False, max_length=200)
    left_out = forms.CharField(required=False, max_length=1000)


class FileForm(forms.Form):
    file = forms.FileField(label="File", help_text="Images, PDF, text, CSV, JSON or a calendar; at most 25 MB.")


class MemberForm(forms.Form):
    act = forms.ChoiceField(
        label="What", choices=[("add", "Let in"), ("remove", "Take out"), ("open", "Open it to everybody")]
    )
    person = forms.CharField(label="Who (@handle)", required=False, max_length=60)
    reason = forms.CharField(label="Why", required=False, max_length=500)


class GlassForm(forms.Form):
    number = forms.CharField(label="Number of the request", max_length=16)
    reason = forms.CharField(label="Why (at least 30 characters)", required=False, max_length=500)
    ask = forms.IntegerField(required=False, widget=forms.HiddenInput)


class BulkForm(forms.Form):
    act = forms.ChoiceField(choices=[("assign", "Assign"), ("watch", "Follow"), ("triage", "Back to the desk")])
    assignee = forms.CharField(label="To whom", required=False, max_length=60)
    reason = forms.CharField(label="Why", required=False, max_length=500)


class LatePauseForm(forms.Form):
    """Wall times in the viewer's zone; a repeated one is its first occurrence."""

    since = LocalInstant(label="It waited since")
    until = LocalInstant(label="Until", required=False)
    waits_for = forms.ChoiceField(label="For whom", choices=[("", "as it does now"), *WAITED], required=False)
    question = forms.IntegerField(label="The question it waited for", required=False)
    reason = forms.CharField(label="Why", required=False, max_length=500)


class UndoForm(forms.Form):
    group = forms.CharField(max_length=40)


class MergeForm(forms.Form):
    survivor = forms.CharField(label="Continued in", required=False, max_length=20)


class LinkForm(forms.Form):
    kind = forms.ChoiceField(choices=[("relates_to", "relates"), ("blocks", "blocks"), ("follow_up_of", "follow-up")])
    target = forms.CharField(required=False, max_length=20)


class SplitForm(forms.Form):
    """One part a line; a line may begin with its kind and a colon."""

    parts = forms.CharField(required=False, max_length=4000)


class WaitForm(TextForm):
    upstream = forms.SlugField(required=False, max_length=60)


class EditForm(TextForm):
    """A message as it shall read; empty with `act` delete."""

    act = forms.ChoiceField(choices=[("edit", "edit"), ("delete", "delete")])


class ResolveForm(TextForm):
    left_out = forms.CharField(required=False, max_length=1000)


class TimeForm(forms.Form):
    """Time that was worked; the key of the form makes a double click one entry."""

    minutes = forms.IntegerField()
    work_date = forms.DateField()


class ReverseForm(forms.Form):
    reason = forms.CharField(max_length=500)


class DeskForm(forms.Form):
    """How a desk answers; shares are whole percents of the team's time."""

    takes_requests = forms.BooleanField(label="This team takes requests", required=False)
    triage_by_grant = forms.BooleanField(label="Only holders of the grant triage", required=False)
    partner = forms.CharField(
        label="Analytics partner", required=False, max_length=60,
        help_text="@handle of an analyst elsewhere: watches every question, may answer it, hears of themes weekly.",
    )  # fmt: skip
    floor = forms.IntegerField(label="Ad-hoc band from (% of the team's time)", min_value=1, max_value=30)
    cap = forms.IntegerField(label="up to (%)", min_value=1, max_value=30)
    small_max = forms.IntegerField(label="Small: up to (minutes)", min_value=1)
    medium_max = forms.IntegerField(label="Medium: up to (minutes)", min_value=1)
    question_minutes = forms.IntegerField(label="A question takes (minutes)", min_value=1)
    quick_win_minutes = forms.IntegerField(label="A quick win takes (minutes)", min_value=1)
    no_reply_days = forms.IntegerField(label="Ends without a reply after (working days)", min_value=6)
    close_days = forms.IntegerField(label="Closes by itself after (days)", min_value=1)


class ExemptKindForm(forms.Form):
    """A kind of exempt work, new or changed."""

    slug = forms.SlugField(required=False, max_length=40, widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=80)
    is_private = forms.BooleanField(label="Private from the start", required=False)
    confirmers = forms.CharField(
        label="Who confirms it", required=False, max_length=2000,
        help_text="@handle, @handle. Nobody named: whoever holds the grant to exempt.",
    )  # fmt: skip
    is_archived = forms.BooleanField(label="No longer offered", required=False)


class NewPolicyForm(forms.Form):
    """The first version takes its promises from another policy; they are edited on the page that follows."""

    name = forms.CharField(label="Name", max_length=120)
    like = forms.ModelChoiceField(label="Begin with the promises of", queryset=SlaPolicy.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        like = self.fields["like"]
        if isinstance(like, forms.ModelChoiceField):
            like.queryset = (
                SlaPolicy.objects.filter(is_archived=False, versions__isnull=False).distinct().order_by("name")
            )


class CapacityForm(forms.Form):
    minutes = forms.IntegerField(label="Minutes", help_text="Negative when capacity goes.")
    reason = forms.CharField(label="What changed", max_length=500)


class DeclineForm(forms.Form):
    reason = forms.CharField(required=False)
    alternative = forms.CharField(required=False)


class ReopenForm(TextForm):
    reason = forms.ChoiceField(choices=[(reason, reason) for reason in REOPEN_REASONS])


class PrivateForm(forms.Form):
    people = forms.CharField(required=False, max_length=2000)
    reason = forms.CharField(required=False, max_length=500)


class MatchForm(forms.Form):
    """A rule: an empty choice fits anything; `remove` takes one away instead."""

    rank = forms.IntegerField(label="Rank", required=False, min_value=1, max_value=100_000)
    policy = forms.ModelChoiceField(label="Policy", required=False, queryset=SlaPolicy.objects.none())
    kind = forms.ChoiceField(
        label="Kind", required=False, choices=[("", "Any kind"), *((code, of.label) for code, of in KINDS.items())]
    )
    team = forms.ChoiceField(label="Team", required=False)
    urgency = forms.ChoiceField(
        label="Urgency", required=False, choices=[("", "Any"), ("normal", "Normal"), ("urgent", "Urgent")]
    )
    size = forms.ChoiceField(
        label="Size", required=False, choices=[("", "Any size"), ("small", "Small"), ("medium", "Medium")],
        help_text="Known after triage alone; it can shorten a promise, never lengthen one.",
    )  # fmt: skip
    remove = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        policy, team = self.fields["policy"], self.fields["team"]
        if isinstance(policy, forms.ModelChoiceField) and isinstance(team, forms.ChoiceField):
            policy.queryset = SlaPolicy.objects.filter(is_archived=False).order_by("name")
            team.choices = [("", "Any team"), *taking_teams().order_by("name").values_list("slug", "name")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not given.get("remove"):
            for name in ("rank", "policy"):
                if not given.get(name):
                    self.add_error(name, "Say which.")
        return given


class PolicyForm(forms.Form):
    """Lengths are written as 30 min, 9 h or 2 days (of nine hours)."""

    ladder = forms.CharField(
        label="Who is told at which share of the time", widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One step a line, such as 80: assignee, backup.",
    )  # fmt: skip
    grace = forms.CharField(label="Grace when a promise gets shorter", max_length=20)
    reopen_factor = forms.DecimalField(label="Share of the time after a re-open", min_value=0, max_digits=3)
    pause_upstream = forms.BooleanField(
        label="The clock stands still while somebody upstream has to move", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind in CLOCK_KINDS:
            for urgency, label in (("normal", "Normal"), ("urgent", "Urgent")):
                self.fields[f"{kind}_{urgency}"] = forms.CharField(label=label, max_length=20)


class CalendarForm(forms.Form):
    zone = forms.CharField(label="Time zone", max_length=64)
    always_open = forms.BooleanField(label="Open around the clock", required=False)
    exceptions = forms.CharField(
        label="Exceptions", required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text="One a line: 2026-12-25 * Christmas (closed, a public holiday), 2026-12-24 09:00-12:00 Half day.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day in WEEKDAYS:
            label = day.capitalize()
            self.fields[day] = forms.CharField(label=label, required=False, max_length=200)


class ExcuseForm(forms.Form):
    clock = forms.IntegerField()
    reason = forms.CharField(required=False, max_length=500)


class TargetForm(ExcuseForm):
    target = forms.CharField(max_length=20)
