"""Forms and filters of the quarterly review."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import django_filters
from django import forms
from django.db.models import Q

from ownership.domain.reviews import ANSWER_WORDS, MINE, STATE_WORDS
from ownership.models import ReviewItem
from ownership.queries.reviews import campaign_called, mine
from portal.core import clock

if TYPE_CHECKING:
    from django.db.models import QuerySet

DIGITS = 18


class ReviewItemFilter(django_filters.FilterSet):
    """Quarter, state, team, tier, and the viewer's own lines."""

    quarter = django_filters.CharFilter(method="of_quarter", label="Quarter", max_length=10)
    state = django_filters.ChoiceFilter(label="State", choices=list(STATE_WORDS.items()), empty_label="Any state")
    team = django_filters.CharFilter(method="of_team", label="Team", max_length=60)
    tier = django_filters.ChoiceFilter(
        field_name="ownership__asset__tier",
        label="Tier",
        choices=[(n, f"Tier {n}") for n in range(1, 5)],
        empty_label="Any tier",
    )
    mine = django_filters.BooleanFilter(method="of_viewer", label="For me to answer")

    class Meta:
        model = ReviewItem
        fields = ["quarter", "state", "team", "tier", "mine"]

    def of_quarter(self, rows: QuerySet[ReviewItem], _: str, value: str) -> QuerySet[ReviewItem]:
        found = campaign_called(value, self.request.user)
        return rows.filter(campaign=found) if found is not None else rows.none()

    def of_team(self, rows: QuerySet[ReviewItem], _: str, value: str) -> QuerySet[ReviewItem]:
        home = Q(
            ownership__person__memberships__team__slug=value,
            ownership__person__memberships__is_main=True,
            ownership__person__memberships__during__upper_inf=True,
        )
        return rows.filter(home | Q(ownership__team__slug=value))

    def of_viewer(self, rows: QuerySet[ReviewItem], _: str, value: bool) -> QuerySet[ReviewItem]:  # noqa: FBT001 (the library's call)
        return mine(rows, self.request.user, clock.now()) if value else rows


class ReviewAnswerForm(forms.Form):
    """One answer to the ticked lines; `one` is a line whose own button says "still mine"."""

    answer = forms.ChoiceField(choices=list(ANSWER_WORDS.items()), required=False)
    chosen = forms.TypedMultipleChoiceField(coerce=int, required=False)
    one = forms.IntegerField(min_value=1, required=False)
    note = forms.CharField(label="A word on it", max_length=500, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given: Any = self.data
        ticked = [each for each in given.getlist("chosen") if each.isdecimal()] if self.is_bound else []
        chosen: Any = self.fields["chosen"]
        chosen.choices = [(each, each) for each in ticked if len(each) <= DIGITS]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("one"):
            data["chosen"], data["answer"] = [data["one"]], MINE
        if not self.errors and not data.get("chosen"):
            self.add_error("chosen", "Tick at least one line.")
        if not self.errors and not data.get("answer"):
            self.add_error("answer", "Say whether they are still yours.")
        return data
