"""Input of one's own working hours; rules live in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.core.domain.calendars import WEEKDAYS
from requests_queue.domain.hours import parse_exceptions, weekly_of

DAYS = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))


class HoursForm(forms.Form):
    """One text a weekday, and dated exceptions one a line."""

    zone = forms.CharField(label="Time zone", max_length=64)
    exceptions = forms.CharField(
        label="Exceptions", required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="One a line: 2026-12-25 * Christmas (closed, a public holiday), 2026-12-24 09:00-12:00 Half day.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for day, label in DAYS.items():
            self.fields[day] = forms.CharField(label=label, required=False, max_length=200)


def exceptions_of(text: str, ticked: list[str]) -> dict[str, Any]:
    """The lines of the form, and the proposed holidays that were ticked ("2026-12-25 Christmas")."""
    found = parse_exceptions(text)
    for line in ticked[:200]:
        day, _, name = line.partition(" ")
        found.setdefault(day, {"intervals": [], "name": name[:80], "is_public_holiday": True})
    return found


def weekly(given: dict[str, str]) -> dict[str, Any]:
    """The hours of the week."""
    return weekly_of(given)
