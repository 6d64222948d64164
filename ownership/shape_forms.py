"""The question "what if this person sat in that team"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import memberships_on

if TYPE_CHECKING:
    from datetime import datetime


class WhatIfForm(forms.Form):
    """A member of the team, and another team."""

    person = forms.ModelChoiceField(Person.objects.none(), label="If", to_field_name="handle", empty_label="Somebody…")
    to = forms.ModelChoiceField(Team.objects.none(), label="sat in", to_field_name="slug", empty_label="Another team…")

    def __init__(self, *args: Any, team: Team, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = memberships_on(at.date()).filter(team=team, is_main=True).values("person")
        others = Team.objects.filter(archived_at=None, is_system=False).exclude(pk=team.pk)
        self.fields["person"].queryset = Person.objects.filter(pk__in=members).order_by("name")  # type: ignore[attr-defined] # a choice of rows
        self.fields["to"].queryset = others.order_by("name")  # type: ignore[attr-defined] # a choice of rows


class SlugsField(forms.Field):
    """Any number of slugs."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return [str(each)[:200] for each in value or ()][:200]


class AskForm(forms.Form):
    """The lines whose people are asked, by the slugs of their assets; the service wants at least one."""

    chosen = SlugsField(required=False)
