"""Input of people about owners."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms

from ownership.domain.crossing_states import OUTCOME_WORDS
from ownership.domain.impact import CHANGE_WORDS
from ownership.domain.patterns import DIRECTIONS, DISCIPLINES, VERDICTS, pattern_kinds
from ownership.domain.states import DUTY_WORDS, LAST_RANK, PRIMARY
from ownership.models import Asset, Domain
from ownership.services.conflicts import DECISIONS
from ownership.services.domains import DomainDraft
from portal.accounts.models import Person, Team
from portal.accounts.queries.people import active_people

RANKS = [(PRIMARY, "Primary"), (2, "Backup")] + [(n, f"Backup {n - 1}") for n in range(3, LAST_RANK + 1)]
MOMENT = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%z"]
DUTIES = [(duty.value, word.capitalize()) for duty, word in DUTY_WORDS.items()]


class NominateForm(forms.Form):
    """One person or one team, the role, and a word to them."""

    party = forms.CharField(
        label="Who", max_length=60, help_text="A person's handle, or a team's slug. Yours to take it yourself."
    )
    rank = forms.TypedChoiceField(label="Role", choices=RANKS, coerce=int)
    duty = forms.TypedChoiceField(label="Duty", choices=DUTIES, coerce=int, required=False, empty_value="1")
    note = forms.CharField(label="A word to them", max_length=500, required=False)

    def clean_party(self) -> Person | Team:
        name = self.cleaned_data["party"].strip().lstrip("@").lower()
        party = party_called(name)
        if party is None:
            message = f"Nobody here is called {name}."
            raise forms.ValidationError(message)
        return party


class _ReasonForm(forms.Form):
    """An act that says why."""

    reason = forms.CharField(label="Why", max_length=500)


class MergeForm(forms.Form):
    """Which other entry is the same asset."""

    asset = forms.CharField(label="The other entry", max_length=200, help_text="Its slug. It becomes a part of this.")

    def clean_asset(self) -> Asset:
        slug = self.cleaned_data["asset"].strip().lower()
        asset = Asset.objects.filter(slug=slug).first()
        if asset is None:
            message = f"There is no asset {slug}."
            raise forms.ValidationError(message)
        return asset


class RetireForm(_ReasonForm):
    """It is gone."""


class UnownedForm(forms.Form):
    """Nobody owns it on purpose, for a while; an empty day takes it back."""

    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = forms.CharField(label="Why", max_length=500, required=False)


class AliasForm(forms.Form):
    key = forms.CharField(label="Another name", max_length=1000)


class ExperimentForm(forms.Form):
    """When it runs and what was decided; an empty field takes it back."""

    starts_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    ends_on = forms.DateField(
        required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="90 days later it leaves the lists.",
    )  # fmt: skip
    decision = forms.CharField(max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class SplitForm(forms.Form):
    alias = forms.IntegerField(widget=forms.HiddenInput)


class CorrectionForm(_ReasonForm):
    """When a row of the past really held; times are UTC unless they say otherwise."""

    ownership = forms.IntegerField(widget=forms.HiddenInput)
    since = forms.DateTimeField(help_text="Such as 2026-01-05 09:00")
    until = forms.DateTimeField(required=False, help_text="Empty: it still holds.")


class DomainForm(forms.Form):
    """A domain, its place and its teams."""

    name = forms.CharField(max_length=120)
    parent = forms.ModelChoiceField(Domain.objects.order_by("name"), required=False, empty_label="Nothing larger")
    lead_team = forms.ModelChoiceField(
        Team.objects.filter(archived_at=None, is_system=False).order_by("name"), required=False, empty_label="Nobody",
        label="Led by",
    )  # fmt: skip
    default_team = forms.ModelChoiceField(
        Team.objects.filter(archived_at=None, is_system=False).order_by("name"), required=False, empty_label="Nobody",
        label="Where nobody owns", help_text="Shown as inherited; it is never stored as ownership.",
    )  # fmt: skip

    @staticmethod
    def of(domain: Domain) -> dict[str, Any]:
        """What the form shows of a domain."""
        return {
            "name": domain.name, "parent": domain.parent_id, "lead_team": domain.lead_team_id,
            "default_team": domain.default_team_id,
        }  # fmt: skip

    def draft(self) -> DomainDraft:
        """The service's input."""
        return DomainDraft(**{name: self.cleaned_data[name] for name in DOMAIN_FIELDS})


DOMAIN_FIELDS = ("name", "parent", "lead_team", "default_team")


class ConflictForm(forms.Form):
    claim = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=list(DECISIONS.items()))


class IdentityForm(forms.Form):
    """Whom a name means: a suggestion (`party_key`), a handle or slug, somebody new, or nobody."""

    name = forms.IntegerField(widget=forms.HiddenInput)
    decision = forms.ChoiceField(choices=[("party", "party"), ("new", "new"), ("nobody", "nobody")])
    party_key = forms.IntegerField(required=False)
    party = forms.CharField(max_length=60, required=False)
    email = forms.EmailField(required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        key, typed = data.get("party_key"), (data.get("party") or "").strip().lstrip("@").lower()
        if key:
            data["party"] = party_of_key(key)
        elif typed:
            data["party"] = party_called(typed)
            if data["party"] is None:
                self.add_error("party", f"Nobody here is called {typed}.")
        else:
            data["party"] = None
        return data


def party_called(name: str) -> Person | Team | None:
    """The active person of a handle, else the team of a slug."""
    person = active_people().filter(handle=name).first()
    return person or Team.objects.filter(slug=name, archived_at=None, is_system=False).first()


def party_of_key(key: int) -> Person | Team | None:
    """The party of a suggestion: a person's id, or minus a team's."""
    if key > 0:
        return active_people().filter(pk=key).first()
    return Team.objects.filter(pk=-key, archived_at=None).first()


class AtForm(forms.Form):
    """A day in the reader's zone, for "who owned it on that day"."""

    at = forms.DateField(label="On", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class AnswerForm(forms.Form):
    """Yes or no to one row; a no may say why."""

    ownership = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, required=False)


class AnnounceForm(forms.Form):
    """What changes, in the author's words; times in the author's zone."""

    change = forms.ChoiceField(label="What happens", choices=list(CHANGE_WORDS.items()))
    text = forms.CharField(
        label="In your words", max_length=4000, widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What changes, why, and what the reader has to do.",
    )  # fmt: skip
    happens_at = forms.DateTimeField(label="When it happens", required=False, widget=MOMENT, input_formats=MOMENTS)
    ack_due_at = forms.DateTimeField(
        label="Answers by", required=False, widget=MOMENT, input_formats=MOMENTS, help_text="Empty: in five days."
    )
    depth = forms.TypedChoiceField(label="How far", choices=[(n, f"{n} steps") for n in range(1, 6)], coerce=int)
    plan = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    names_seen = forms.BooleanField(label="I have seen the names; send it", required=False)


class AnswerAnnouncementForm(forms.Form):
    """Empty is "read"; a text is an objection."""

    objection = forms.CharField(max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class ReplyForm(forms.Form):
    recipient = forms.IntegerField(widget=forms.HiddenInput)
    text = forms.CharField(label="Your answer", max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))


class LocalMoment(forms.DateTimeField):
    """A date and time in the person's own zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **kwargs)


class TalkForm(forms.Form):
    """When the two leads speak, and what about."""

    at = LocalMoment(label="When", help_text="In your own time zone.")
    note = forms.CharField(label="Agenda", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class AcceptanceForm(forms.Form):
    """Live with it until a day."""

    until = forms.DateField(label="Until", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why for now", max_length=500)


class ReasonForm(forms.Form):
    """A sentence."""

    reason = forms.CharField(label="Why", max_length=500)


class ResultForm(forms.Form):
    """What came of a talk."""

    outcome = forms.ChoiceField(
        label="Result", choices=[(code, words.capitalize()) for code, words in OUTCOME_WORDS.items()]
    )
    note = forms.CharField(
        label="In a few words", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_at = LocalMoment(label="They speak again", required=False)


class HandoffForm(forms.Form):
    """Who gives what to whom, and from when on."""

    giver = forms.CharField(label="From", max_length=60, help_text="A person's handle, or a team's slug.")
    taker = forms.CharField(label="To", max_length=60, help_text="A person's handle, or a team's slug.")
    assets = forms.CharField(
        label="Assets",
        max_length=1_100_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="One a line, at most 5,000.",
    )
    effective_at = LocalMoment(label="From when on", required=False, help_text="Empty: as soon as it is accepted.")
    shadow_days = forms.IntegerField(
        label="Shadow days", min_value=0, max_value=30, required=False,
        help_text="Days as a backup first, before it takes effect.",
    )  # fmt: skip
    reason = forms.CharField(label="Why", max_length=500, required=False)
    note = forms.CharField(
        label="What the new owner should know",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    crossing = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean_giver(self) -> Person | Team:
        return _party_called(self.cleaned_data["giver"])

    def clean_taker(self) -> Person | Team:
        return _party_called(self.cleaned_data["taker"])

    def clean_assets(self) -> list[str]:
        return list(dict.fromkeys(self.cleaned_data["assets"].split()))


class AssignForm(forms.Form):
    """A pattern for a domain, from a day on."""

    pattern = forms.SlugField(label="Pattern", max_length=60)
    since = LocalMoment(label="From when on", required=False, help_text="Empty: from now.")


class CopyForm(forms.Form):
    """A pattern of one's own begins as a copy."""

    name = forms.CharField(label="Name of the copy", max_length=80)


class CellForm(forms.Form):
    """One cell of the crossing table."""

    kind = forms.ChoiceField(label="Kind", choices=[(kind.name, kind.label) for kind in pattern_kinds()])
    discipline = forms.ChoiceField(label="Discipline", choices=[(craft, craft) for craft in DISCIPLINES])
    verdict = forms.ChoiceField(label="Verdict", choices=[(word, word) for word in VERDICTS])
    direction = forms.ChoiceField(label="Direction", choices=[(word, word) for word in DIRECTIONS])
    base = forms.IntegerField(label="Weight", min_value=0, max_value=4, initial=0)
    label = forms.CharField(label="What it says", max_length=200, required=False)
    remedy = forms.CharField(label="What to do", max_length=300, required=False)


def _party_called(given: str) -> Person | Team:
    name = given.strip().lstrip("@").lower()
    person = active_people().filter(handle=name).first()
    party = person or Team.objects.filter(slug=name, archived_at=None, is_system=False).first()
    if party is None:
        message = f"Nobody here is called {name}."
        raise forms.ValidationError(message)
    return party


def in_zone(moment: datetime | None, zone: Any) -> datetime | None:
    """The given wall time as an instant in this zone; forms read it without one."""
    return None if moment is None else moment.replace(tzinfo=zone).astimezone(UTC)
