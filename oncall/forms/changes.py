"""Forms of on-call; times are typed in the zone of the rota."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms

from oncall.domain.words import ROLE_WORDS, DutyRole, RotaKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from oncall.models import Rota
    from portal.accounts.models import Person

ROLES = [
    (role.value, ROLE_WORDS[role].capitalize()) for role in (DutyRole.PRIMARY, DutyRole.SECONDARY, DutyRole.PARTNER)
]
LOCAL = "%Y-%m-%dT%H:%M"


class LocalInstant(forms.DateTimeField):
    """A wall time in the zone of the rota; a repeated one is its first occurrence."""

    def __init__(self, **given: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL)
        super().__init__(widget=widget, input_formats=[LOCAL, "%Y-%m-%dT%H:%M:%S"], **given)

    def from_current_timezone(self, value: datetime) -> datetime:
        return value

    def to_python(self, value: Any) -> datetime | None:
        found = forms.DateTimeField.to_python(self, value)
        return found.replace(tzinfo=None) if found is not None else None


class StretchForm(forms.Form):
    """A slot for a while."""

    role = forms.ChoiceField(choices=ROLES, initial="primary")
    start = LocalInstant(label="From")
    end = LocalInstant(label="To")

    def __init__(self, *args: Any, rota: Rota, people: Iterable[Person] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rota = rota
        for name in ("start", "end"):
            if name in self.fields:
                self.fields[name].help_text = f"Times in {rota.zone}."
        if "person" in self.fields:
            chosen = [(person.handle, person.name) for person in people]
            self.fields["person"].choices = [("", "Choose"), *chosen]  # type: ignore[attr-defined]  # a ChoiceField below

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        zone = ZoneInfo(self.rota.zone)
        for name in ("start", "end", "their_start"):
            if cleaned.get(name) is not None:
                cleaned[name] = cleaned[name].replace(tzinfo=zone)
        return cleaned


class OverrideForm(StretchForm):
    person = forms.ChoiceField(label="Who takes it")
    told_in_person = forms.CharField(
        label="Told in person", max_length=500, required=False,
        help_text="Say how, and it stands at once; empty, they are asked, and so is whoever loses the shift soon.",
    )  # fmt: skip


class TakeForm(StretchForm):
    """Take it oneself."""


class CoverForm(StretchForm):
    """Ask for cover of one's own stretch."""


class SwapForm(StretchForm):
    """My stretch for theirs; both hold the same role."""

    their_start = LocalInstant(label="Their shift at", help_text="Any time inside the shift you want.")
    both_roles = forms.BooleanField(label="Swap both roles", required=False)
    reason = forms.CharField(max_length=500, required=False)


class NoteForm(forms.Form):
    text = forms.CharField(label="For the next shift", max_length=5000, widget=forms.Textarea(attrs={"rows": 3}))


class RotaForm(forms.Form):
    """The rules most rotas have; everything else is in the API."""

    name = forms.CharField(max_length=80)
    slug = forms.SlugField(max_length=60, help_text="Part of its address.")
    team = forms.SlugField(max_length=60)
    kind = forms.ChoiceField(choices=[(RotaKind.PIPELINE.value, "Pipelines"), (RotaKind.QUESTIONS.value, "Questions")])
    zone = forms.CharField(max_length=64, initial="Europe/Madrid")
    members = forms.CharField(help_text="Handles in order, with commas.", widget=forms.TextInput)
    handoffs = forms.CharField(initial="mon 15:00, fri 15:00", help_text="Weekday and time of each handoff of a week.")
    planner = forms.ChoiceField(choices=[("fair-1", "Fair: least points first"), ("turns", "Turns in a queue")])
    has_secondary = forms.BooleanField(label="With a secondary", required=False, initial=True)
    hours = forms.CharField(
        label="Covered", required=False, help_text="Empty for always, or such as 09:00-17:30 on workdays."
    )
    backups = forms.CharField(
        label="Behind the members", required=False, max_length=400,
        help_text="Addresses of other rotas, in order, with commas: when no member is free, their primary stands in.",
    )  # fmt: skip
    lead_last = forms.BooleanField(label="Then the lead", required=False)
    starts_on = forms.DateField(label="From", widget=forms.DateInput(attrs={"type": "date"}))


class RulesForm(RotaForm):
    """The same rules for a rota that exists, with how the change is told."""

    slug = None  # type: ignore[assignment]  # its address stays
    team = None  # type: ignore[assignment]  # and its team
    kind = None  # type: ignore[assignment]
    zone = None  # type: ignore[assignment]
    name = None  # type: ignore[assignment]
    handoffs = forms.CharField(
        required=False, help_text="Weekday and time of each handoff of a week; left as it is, the rhythm stays."
    )
    hours = forms.CharField(
        label="Covered", required=False, help_text="always, or such as 09:00-17:30 on workdays; empty, as it is now."
    )
    told_reason = forms.CharField(
        label="Why, or why it cannot wait", required=False, max_length=500,
        help_text="Everybody concerned reads it. Needed when shifts inside the notice period move without a yes.",
    )  # fmt: skip
    diff_sha256 = forms.CharField(required=False, widget=forms.HiddenInput)


class RestoreForm(forms.Form):
    """Former rules again: the mark of the diff that was seen, and how the change is told."""

    told_reason = forms.CharField(
        label="Why, or why it cannot wait", required=False, max_length=500,
        help_text="Everybody concerned reads it. Needed when shifts inside the notice period move without a yes.",
    )  # fmt: skip
    diff_sha256 = forms.CharField(max_length=64, widget=forms.HiddenInput)


class CompDayForm(forms.Form):
    """The day on which a day off was taken."""

    on = forms.DateField()


def stretch_form(verb: str) -> type[StretchForm]:
    """The form of a verb."""
    return {"override": OverrideForm, "take": TakeForm, "cover": CoverForm, "swap": SwapForm}[verb]
