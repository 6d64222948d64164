"""Checks of what the pages of agreements send."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms

from oncall.domain.agreements import CLASS_WORDS, NightClass, NightException, Terms
from oncall.services.agreements import Drafted

if TYPE_CHECKING:
    from oncall.models import AgreementVersion

CLASSES = [(each.value, words.capitalize()) for each, words in CLASS_WORDS.items()]
CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class RegisterForm(forms.Form):
    """A team says that it reads an asset."""

    asset = forms.CharField(label="Which asset?", max_length=200, help_text="Its name or slug.")
    team = forms.CharField(label="Which team reads it?", max_length=60, help_text="The team's slug.")


class TermsForm(forms.Form):
    """The text two teams sign. One line an exception: from, to, class. One line a promise: team, minutes."""

    night_class = forms.ChoiceField(label="If it breaks outside page hours", choices=CLASSES)
    until_time = forms.TimeField(label="Wait until", widget=CLOCK, initial="07:00")
    working_day_only = forms.BooleanField(label="On a working day only", required=False)
    page_from = forms.TimeField(label="Page at once from", widget=CLOCK, initial="07:00")
    page_to = forms.TimeField(label="until", widget=CLOCK, initial="22:00")
    shown_meanwhile = forms.CharField(label="What readers see meanwhile", required=False, max_length=20_000)
    consequence = forms.CharField(
        label="What happens if it is not fixed at 3 am", required=False, max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    tell = forms.CharField(
        label="Who is told by when", required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One line a team: its slug and the minutes after the failure.",
    )  # fmt: skip
    exceptions = forms.CharField(
        label="Days with another rule", required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text="One line each: 2027-01-11 2027-01-15 wake",
    )  # fmt: skip
    columns = forms.CharField(
        label="Columns promised to stay",
        required=False,
        help_text="By comma; with a type if that stays too: id bigint, total.",
    )
    expires_on = forms.DateField(label="Ends on", required=False, widget=DAY, help_text="Six months without a date.")

    def clean_tell(self) -> tuple[tuple[str, int], ...]:
        return tuple(self._pair(line) for line in _lines(self.cleaned_data["tell"]))

    def clean_exceptions(self) -> tuple[NightException, ...]:
        return tuple(self._exception(line) for line in _lines(self.cleaned_data["exceptions"]))

    def clean_columns(self) -> tuple[str, ...]:
        # A comma inside brackets belongs to a type: numeric(12,2).
        parts = re.split(r",(?![^()]*\))", self.cleaned_data["columns"])
        return tuple(name.strip() for name in parts if name.strip())

    def drafted(self) -> Drafted:
        """The checked text as the service takes it."""
        data = dict(self.cleaned_data)
        expires_on = data.pop("expires_on")
        return Drafted(Terms(**data | {"night_class": NightClass(data["night_class"])}), expires_on)

    def _pair(self, line: str) -> tuple[str, int]:
        team, _, minutes = line.partition(" ")
        if not minutes.strip().isdecimal():
            message = f"“{line[:60]}” is not a team and minutes, such as: investor-relations 60"
            raise forms.ValidationError(message)
        return team, int(minutes)

    def _exception(self, line: str) -> NightException:
        try:
            first, last, word = line.split()
            return NightException(date.fromisoformat(first), date.fromisoformat(last), NightClass(word))
        except ValueError:
            message = f"“{line[:60]}” is not two dates and a class, such as: 2027-01-11 2027-01-15 wake"
            raise forms.ValidationError(message) from None


class SignForm(forms.Form):
    text_sha256 = forms.CharField(max_length=64)


def initial_of(version: AgreementVersion | None) -> dict[str, Any]:
    """What the form begins with: the draft, else the text in force."""
    if version is None:
        return {"night_class": "wait_until"}
    names = ("night_class", "until_time", "working_day_only", "page_from", "page_to", "shown_meanwhile", "consequence")
    return {name: getattr(version, name) for name in names} | {
        "tell": "\n".join(f"{team} {minutes}" for team, minutes in version.tell),
        "exceptions": "\n".join(f"{each['first']} {each['last']} {each['night_class']}" for each in version.exceptions),
        "columns": ", ".join(version.columns), "expires_on": version.wished_end,
    }  # fmt: skip


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
