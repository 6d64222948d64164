"""The draft of a special period: one answer a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms

from oncall.domain.rules import MOST_SLOTS
from oncall.forms.changes import LocalInstant

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

GLADLY = "gladly"
MOST_RANKS = 5


class PeriodForm(forms.Form):
    """Another rhythm for some days: the year's end, a freeze, peak weeks."""

    name = forms.CharField(max_length=80)
    slug = forms.SlugField(max_length=80, help_text="Part of its address.")
    start = LocalInstant(label="From")
    end = LocalInstant(label="To")
    every = forms.IntegerField(
        label="Days a turn", min_value=1, max_value=31, initial=1, help_text="Each turn begins at the hour of From."
    )
    rounds = forms.IntegerField(
        label="Rounds of the draft", min_value=0, max_value=10, initial=2,
        help_text="Members are asked six weeks before who serves gladly, then for wishes. 0 is no draft.",
    )  # fmt: skip
    primary = forms.IntegerField(label="People as primary", min_value=1, max_value=MOST_SLOTS, required=False)
    secondary = forms.IntegerField(label="People as secondary", min_value=1, max_value=MOST_SLOTS, required=False)
    told_reason = forms.CharField(
        label="Why, or why it cannot wait", required=False, max_length=500,
        help_text="Everybody concerned reads it. Needed when shifts inside the notice period move without a yes.",
    )  # fmt: skip
    diff_sha256 = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone
        for name in ("start", "end"):
            self.fields[name].help_text = f"Times in {zone}."

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("start", "end"):
            if cleaned.get(name) is not None:
                cleaned[name] = cleaned[name].replace(tzinfo=ZoneInfo(self.zone))
        return cleaned

    def slots(self) -> dict[str, int]:
        """What is asked for beyond the usual, by role."""
        return {role: self.cleaned_data[role] for role in ("primary", "secondary") if self.cleaned_data.get(role)}

    def rotation(self) -> dict[str, Any]:
        """A turn of n days from the first hour on."""
        start: datetime = self.cleaned_data["start"]
        return {
            "kind": "daily",
            "start": start.date().isoformat(),
            "every": self.cleaned_data["every"],
            "time": f"{start:%H:%M}",
        }


class CancelForm(forms.Form):
    """The mark of the list that was seen, and the reason everybody reads."""

    told_reason = forms.CharField(label="Why", required=False, max_length=500)


class MajorForm(forms.Form):
    """A holiday nobody should hold two years running."""

    team = forms.SlugField(max_length=60)
    name = forms.CharField(max_length=80)
    first = forms.DateField(label="First day", widget=forms.DateInput(attrs={"type": "date"}))
    last = forms.DateField(label="Last day", widget=forms.DateInput(attrs={"type": "date"}))
    last_held_by = forms.CharField(
        label="Held last year by", required=False, max_length=40, help_text="A handle; empty, if nobody is known."
    )


class TiesForm(forms.Form):
    """Addresses of other rotas."""

    borrowed_from = forms.CharField(
        label="Borrows from", required=False, max_length=60,
        help_text="Address of the rota whose members may lend a hand.",
    )  # fmt: skip
    exclusive_with = forms.CharField(
        label="Nobody holds this beside", required=False, max_length=1300,
        help_text="Addresses with commas: whoever is primary there counts as away here. It holds both ways.",
    )  # fmt: skip


class DraftForm(forms.Form):
    """A field a block: served gladly, or how much one wants to be free of it."""

    def __init__(self, *args: Any, starts: Sequence[datetime], zone: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.starts = {f"block_{n}": start for n, start in enumerate(starts)}
        ranks = [(str(n), f"Free, wish {n}") for n in range(1, MOST_RANKS + 1)]
        for name, start in self.starts.items():
            label = f"{start.astimezone(ZoneInfo(zone)):%a %d %b %H:%M}"
            choices = [("", "No wish"), (GLADLY, "I serve gladly"), *ranks]
            self.fields[name] = forms.ChoiceField(label=label, choices=choices, required=False)

    def volunteers(self) -> list[datetime]:
        return [start for name, start in self.starts.items() if self.cleaned_data.get(name) == GLADLY]

    def wishes(self) -> list[datetime]:
        """Most wanted first."""
        ranked = [
            (self.cleaned_data[name], start)
            for name, start in self.starts.items()
            if self.cleaned_data.get(name) not in ("", GLADLY)
        ]
        return [start for _, start in sorted(ranked)]
