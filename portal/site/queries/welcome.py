"""How far a team has come on its first day; each step is a question to a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.models import Rota
from ownership.models import Asset
from portal.core.web.presentation import Step
from portal.engine.models import Notice
from requests_queue.models import PolicyMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.accounts.models import Team

LABELS = {
    "assets": ("What there is", "a manifest, a list of owners"),
    "oncall": ("Who answers", "a weekly rota"),
    "promises": ("What you promise", "reply, answer, nights"),
    "test": ("Does it reach you?", "a test page"),
}


@dataclass(frozen=True)
class Progress:
    """Which steps are done, in order."""

    team: Team
    done: dict[str, bool]

    def next_after(self, step: str) -> str:
        """The address of the step behind `step`, done or not; after the last one My day."""
        names = list(LABELS)
        place = names.index(step) + 1
        return address(self.team, names[place]) if place < len(names) else reverse("home")

    def first_open(self) -> str:
        return next((address(self.team, step) for step, done in self.done.items() if not done), reverse("home"))

    def shown(self, current: str) -> Sequence[Step]:
        """The list beside the form."""
        team = Step("The team", self.team.name, state="done")
        rest = [
            Step(title, line, state="current" if step == current else "done" if self.done[step] else "")
            for step, (title, line) in LABELS.items()
        ]
        return [team, *rest]


def progress_of(team: Team, viewer: Any) -> Progress:
    """Four small questions; nothing is stored that the rooms know themselves."""
    done = {
        "assets": Asset.objects.filter(retired_at=None).exists(),
        "oncall": Rota.objects.filter(team=team, is_archived=False).exists(),
        "promises": PolicyMatch.objects.filter(team=team).exists(),
        "test": Notice.objects.filter(recipient=viewer, kind="engine.test").exists(),
    }
    return Progress(team, done)


def address(team: Team, step: str) -> str:
    """Where a step of a team is asked."""
    return reverse(f"welcome_{step}", args=[team.slug])
