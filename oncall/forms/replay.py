"""Checks of what the page of a replay asks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django import forms

from oncall.domain.agreements import CLASS_WORDS, NightClass, Terms
from oncall.domain.replaying import Ladder, Proposal
from oncall.queries.ladders import steps_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.models import Agreement, EscalationPolicyVersion, Rota
    from portal.accounts.models import Team

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")
DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
CLASSES = [("", "as it is"), *((each.value, words) for each, words in CLASS_WORDS.items())]
HOUSE = "house"
COVERAGES: dict[str, dict[str, Any]] = {
    "always": {"mode": "always"},
    "days": {"mode": "windows", "windows": [{"dow": dow, "from": "07:00", "to": "22:00"} for dow in
                                            ("mon", "tue", "wed", "thu", "fri", "sat", "sun")]},
    "none": {"mode": "none"},
}  # fmt: skip
COVERED = [("", "as it is"), ("always", "day and night"), ("days", "07:00 to 22:00"), ("none", "not at all")]
LONGEST = timedelta(days=400)


class ReplayForm(forms.Form):
    """A period, and what would have been different; what is left as it is was so."""

    team = forms.ChoiceField(label="Whose nights?")
    start = forms.DateField(label="From", widget=DAY)
    end = forms.DateField(label="Up to", widget=DAY)
    night_class = forms.ChoiceField(label="The agreements would say", choices=CLASSES, required=False)
    until_time = forms.TimeField(label="If they wait: until", widget=CLOCK, required=False, initial="07:00")
    agreement = forms.MultipleChoiceField(
        label="Which agreements? All of them, if none is chosen", required=False, widget=forms.CheckboxSelectMultiple
    )
    default = forms.ChoiceField(label="Where nothing is signed", choices=CLASSES, required=False)
    coverage = forms.ChoiceField(label="The rota would be on duty", choices=COVERED, required=False)
    rota = forms.ChoiceField(label="Whose hours and holders?", required=False)
    ladder = forms.ChoiceField(label="Who is told in turn", required=False)

    def __init__(
        self, *args: Any, teams: Sequence[Team], agreements: Sequence[Agreement], rotas: Sequence[Rota],
        ladders: Sequence[EscalationPolicyVersion], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.agreements = agreements
        self.ladders = {str(row.number): row for row in ladders}
        self.teams = teams
        self._offer("team", [(team.slug, team.name) for team in teams])
        self._offer("agreement", [(str(row.pk), f"{row.asset.name} for {row.downstream_team.name}")
                                  for row in agreements])  # fmt: skip
        self._offer("rota", [("", "those it had"), *((str(rota.pk), rota.name) for rota in rotas)])
        versions = [(number, f"version {number} of the team") for number in self.ladders]
        self._offer("ladder", [("", "as it was each time"), *versions, (HOUSE, "the house's five steps")])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        start, end = data.get("start"), data.get("end")
        if start is not None and end is not None and not start < end <= start + LONGEST:
            self.add_error("end", f"The end comes after the start, by at most {LONGEST.days} days.")
        return data

    def span(self, zone: str) -> tuple[datetime, datetime]:
        """The period in instants, by whole days of the zone."""
        here = ZoneInfo(zone)
        start, end = (self.cleaned_data[name] for name in ("start", "end"))
        return (datetime(start.year, start.month, start.day, tzinfo=here),
                datetime(end.year, end.month, end.day, tzinfo=here))  # fmt: skip

    def proposal(self) -> Proposal:
        """What is tried."""
        data = self.cleaned_data
        terms = self._terms(data["night_class"])
        chosen = set(data["agreement"]) or {str(row.pk) for row in self.agreements}
        live = self.ladders.get(data["ladder"])
        ladder = Ladder(steps_of(live), live.repeat if live else 0) if live or data["ladder"] == HOUSE else None
        return Proposal(
            {int(pk): terms for pk in chosen} if terms is not None else {}, self._terms(data["default"]),
            COVERAGES.get(data["coverage"]), ladder, int(data["rota"]) if data["rota"] else None,
        )  # fmt: skip

    def _terms(self, night_class: str) -> Terms | None:
        if not night_class:
            return None
        until = self.cleaned_data.get("until_time")
        return Terms(NightClass(night_class), until) if until is not None else Terms(NightClass(night_class))

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices
