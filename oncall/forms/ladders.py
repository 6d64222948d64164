"""Checks of what the page of a ladder sends: one line a step, empty lines are no steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from oncall.domain.escalation import MOST_REPEATS, MOST_STEPS
from oncall.domain.escalation_text import Rung, to_rungs, to_steps

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from oncall.domain.escalation import Step

EMPTY_LINES = 2
LONGEST = 24 * 60
HOW = (("page", "Wake them"), ("warn", "Tell them"))


class LadderForm(forms.Form):
    """`after_n`, `who_n`, `how_n` for each line from 1, and how often it begins again."""

    repeat = forms.IntegerField(label="Begin again how often?", min_value=0, max_value=MOST_REPEATS, initial=0)

    def __init__(self, *args: Any, steps: Sequence[Step] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lines = _lines_sent(self.data) if self.is_bound else min(len(steps) + EMPTY_LINES, MOST_STEPS)
        rungs = dict(enumerate(to_rungs(steps), 1))
        for n in range(1, self.lines + 1):
            rung = rungs.get(n)
            self.fields[f"after_{n}"] = forms.IntegerField(
                label=f"Step {n}: after min", required=False, min_value=0, max_value=LONGEST,
                initial=rung.minutes if rung else None,
            )  # fmt: skip
            self.fields[f"who_{n}"] = forms.CharField(
                label=f"Step {n}: who", required=False, max_length=300, initial=rung.who if rung else ""
            )
            self.fields[f"how_{n}"] = forms.ChoiceField(
                label=f"Step {n}: how", required=False, choices=HOW, initial=rung.severity if rung else "page"
            )

    def rows(self) -> Iterator[tuple[forms.BoundField, ...]]:
        """The fields of each line, for the template."""
        for n in range(1, self.lines + 1):
            yield self[f"after_{n}"], self[f"who_{n}"], self[f"how_{n}"]

    def steps(self) -> list[dict[str, Any]]:
        """The lines that name somebody, as the service takes them."""
        data = self.cleaned_data
        rungs = [
            Rung(data[f"after_{n}"] or 0, data[f"who_{n}"], data[f"how_{n}"] or "page")
            for n in range(1, self.lines + 1)
            if data[f"who_{n}"].strip()
        ]
        return to_steps(rungs)


def _lines_sent(data: Mapping[str, Any]) -> int:
    sent = [name.removeprefix("who_") for name in data if name.startswith("who_")]
    return min(max((int(n) for n in sent if n.isdecimal() and len(n) < 3), default=0), MOST_STEPS)  # noqa: PLR2004 (two digits)
