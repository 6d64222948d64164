"""How far a team has come on its first day; each step is a question to a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from oncall.models import Rota
from ownership.models import Asset
from portal.core.models import AuditEntry
from portal.core.web.presentation import Step
from portal.engine.models import Notice
from requests_queue.models import PolicyMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

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


def entries_of_step(team: Team, step: str) -> list[AuditEntry]:
    """What the newest run of a step wrote and nobody has taken back yet, in the order it was done."""
    mark = _marks(team, step).filter(group__isnull=False, undone_by=None).order_by("-pk").first()
    if mark is None:
        return []
    return list(AuditEntry.objects.filter(group=mark.group, undone_by=None).order_by("pk"))


def _marks(team: Team, step: str) -> QuerySet[AuditEntry]:
    """The acts by which a step is known; none for a step that cannot be taken back."""
    rows = AuditEntry.objects.all()
    if step == "team":
        return rows.filter(verb="accounts.team_created", object_id=str(team.pk))
    if step == "oncall":
        rotas = [str(pk) for pk in Rota.objects.filter(team=team).values_list("pk", flat=True)]
        return rows.filter(verb="oncall.rota_created", object_id__in=rotas)
    if step == "promises":
        return rows.filter(verb="requests.rule_added", after__team=team.slug)
    return rows.none()


def undoable_steps(team: Team) -> list[tuple[str, str]]:
    """The steps that can be taken back, as (name, words)."""
    words = {"team": "The team"} | {step: title for step, (title, _) in LABELS.items()}
    return [(step, title) for step, title in words.items() if entries_of_step(team, step)]


def address(team: Team, step: str) -> str:
    """Where a step of a team is asked."""
    return reverse(f"welcome_{step}", args=[team.slug])
