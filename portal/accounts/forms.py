"""Input of the pages; rules live in the services."""

from __future__ import annotations

from typing import Any

from django import forms

from portal.accounts.domain.scopes import SCOPES
from portal.accounts.domain.vocabulary import DISCIPLINE_LABELS, AbsenceKind, Role
from portal.accounts.models import ContactMethod, Person, Team
from portal.accounts.models.reach import SEVERITIES
from portal.core.domain.zones import zone_names

DISCIPLINES = [(discipline.value, label.capitalize()) for discipline, label in DISCIPLINE_LABELS.items()]
KINDS = [
    (AbsenceKind.AWAY, "Away"),
    (AbsenceKind.SICK, "Sick"),
    (AbsenceKind.TRAINING, "Training"),
    (AbsenceKind.REST, "Rest after a night"),
]
THEMES = [("", "As the system"), ("light", "Light"), ("dark", "Dark")]
DAYS = [(7, "7 days"), (30, "30 days"), (90, "90 days"), (366, "366 days")]


def zone_choices() -> list[tuple[str, str]]:
    return [(zone, zone.replace("_", " ")) for zone in sorted(zone_names())]


class DayField(forms.DateField):
    """A day, picked with the browser's own calendar."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class TimeField(forms.TimeField):
    widget = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class ProfileForm(forms.Form):
    name = forms.CharField(max_length=120)
    zone = forms.ChoiceField(label="Time zone", choices=zone_choices)
    night_from = TimeField(label="My night begins")
    night_to = TimeField(label="and ends", help_text="At least 6 hours. News that can wait does.")
    theme = forms.ChoiceField(label="Colours", choices=THEMES, required=False)
    keys_enabled = forms.BooleanField(label="Single-key shortcuts", required=False)
    hold_while_away = forms.BooleanField(label="Hold news in the inbox while I am away", required=False)


class AwayForm(forms.Form):
    first_on = DayField(label="First day away")
    last_on = DayField(label="Last day away")
    kind = forms.ChoiceField(choices=KINDS, help_text="Colleagues read only the days.")
    note = forms.CharField(
        max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="For the lead alone."
    )
    briefing = forms.CharField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text="For whoever covers."
    )
    deputy = forms.CharField(
        label="Who stands in",
        max_length=40,
        required=False,
        help_text="A short name such as ana. They approve and use grants meanwhile, in both names.",
    )
    seen = forms.CharField(required=False, widget=forms.HiddenInput)


class MoveForm(forms.Form):
    first_on = DayField(label="First day away")
    last_on = DayField(label="Last day away")


class FeedForm(forms.Form):
    url = forms.CharField(label="Address of the calendar", max_length=500, widget=forms.URLInput)


class DeputyForm(forms.Form):
    deputy = forms.CharField(label="Who", max_length=40, help_text="A short name such as ana.")
    first_on = DayField(label="From")
    last_on = DayField(label="To")
    reason = forms.CharField(max_length=300, required=False)


class MethodForm(forms.Form):
    channel = forms.ChoiceField()
    address = forms.CharField(max_length=500)
    label = forms.CharField(max_length=60, required=False)

    def __init__(self, *args: Any, channels: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"] = forms.ChoiceField(choices=[(slug, slug.capitalize()) for slug in channels])


class CodeForm(forms.Form):
    code = forms.CharField(label="Six digits", max_length=12)


class RuleForm(forms.Form):
    severity = forms.ChoiceField(label="When this comes", choices=[(word, word.capitalize()) for word in SEVERITIES])
    method = forms.ModelChoiceField(label="tell me by", queryset=ContactMethod.objects.none())
    delay_minutes = forms.IntegerField(label="after minutes", min_value=0, max_value=60, initial=0)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = ContactMethod.objects.filter(person=person, state="verified").order_by("pk")
        self.fields["method"] = forms.ModelChoiceField(label="tell me by", queryset=mine)


class TokenForm(forms.Form):
    name = forms.CharField(max_length=80, help_text="What will use it.")
    scopes = forms.MultipleChoiceField(
        choices=[(scope, scope) for scope in sorted(SCOPES)], widget=forms.CheckboxSelectMultiple
    )
    days = forms.TypedChoiceField(label="Ends after", choices=DAYS, coerce=int, initial=90)
    networks = forms.CharField(required=False, help_text="Such as 10.2.0.0/16; empty: from everywhere.")


class SavedViewForm(forms.Form):
    page = forms.CharField(max_length=60, widget=forms.HiddenInput)
    query = forms.CharField(max_length=2000, required=False, widget=forms.HiddenInput)
    name = forms.CharField(max_length=200)
    is_shared = forms.BooleanField(label="My teams see it too", required=False)
    is_pinned = forms.BooleanField(label="First in the row", required=False)


class NewcomerForm(forms.Form):
    name = forms.CharField(max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    email = forms.EmailField(label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    handle = forms.CharField(max_length=40, help_text="Your short name here, for ever: a-z, 0-9, dot, dash.")
    zone = forms.ChoiceField(label="Time zone", choices=zone_choices, initial="UTC")
    password = forms.CharField(
        max_length=128,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 15 characters; a sentence is easiest to remember.",
    )


class MemberForm(forms.Form):
    handle = forms.CharField(max_length=40)
    discipline = forms.ChoiceField(choices=DISCIPLINES, required=False)
    role = forms.ChoiceField(choices=[(Role.MEMBER, "Member"), (Role.LEAD, "Lead")])


class InviteForm(forms.Form):
    emails = forms.CharField(
        label="E-mail addresses",
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One a line, at most 200. Each gets a link that works once, for 72 hours.",
    )
    discipline = forms.ChoiceField(choices=DISCIPLINES, required=False)


class TeamChoiceForm(forms.Form):
    team = forms.ModelChoiceField(queryset=Team.objects.none(), empty_label=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        real = Team.objects.filter(is_system=False, archived_at__isnull=True).order_by("name")
        self.fields["team"] = forms.ModelChoiceField(queryset=real, label="My team")

    discipline = forms.ChoiceField(label="What I do", choices=DISCIPLINES, required=False)


class TeamForm(forms.Form):
    slug = forms.CharField(max_length=60, help_text="The name in addresses: a-z, 0-9 and dash.")
    name = forms.CharField(max_length=80)
    discipline = forms.ChoiceField(choices=DISCIPLINES, required=False)
    zone = forms.ChoiceField(label="Time zone", choices=zone_choices, initial="UTC")
