"""Input of people about owners."""

from __future__ import annotations

from django import forms

from ownership.domain.states import DUTY_WORDS, LAST_RANK, PRIMARY
from portal.accounts.models import Person, Team
from portal.accounts.queries.people import active_people

RANKS = [(PRIMARY, "Primary"), (2, "Backup")] + [(n, f"Backup {n - 1}") for n in range(3, LAST_RANK + 1)]
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
        person = active_people().filter(handle=name).first()
        party = person or Team.objects.filter(slug=name, archived_at=None, is_system=False).first()
        if party is None:
            message = f"Nobody here is called {name}."
            raise forms.ValidationError(message)
        return party


class AnswerForm(forms.Form):
    """Yes or no to one row; a no may say why."""

    ownership = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(max_length=500, required=False)
