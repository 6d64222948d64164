"""The draft of a special period: one answer a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

GLADLY = "gladly"
MOST_RANKS = 5


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
