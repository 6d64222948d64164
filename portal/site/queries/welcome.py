"""How far a team has come on its first day; each step is a question to a room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Exists, Q
from django.db.models.functions import Cast
from django.urls import reverse

from oncall.models import Rota
from ownership.models import Asset
from portal.accounts.models import Team
from portal.core.models import AuditEntry
from portal.core.web.presentation import Step
from portal.engine.models import Notice
from requests_queue.models import PolicyMatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet


LABELS = {
    "assets": ("What there is", "a manifest, a list of owners"),
    "oncall": ("Who answers", "a weekly rota"),
    "promises": ("What you promise", "reply, answer, nights"),
    "test": ("Does it reach you?", "a test page"),
}
# Each step is known by one act in its group; the others of the group go with it.
STEP_OF = {"accounts.team_created": "team", "oncall.rota_created": "oncall", "requests.rule_added": "promises"}


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
    """Four small questions in one query; nothing is stored that the rooms know themselves."""
    done: Any = Team.objects.values(
        assets=Exists(Asset.objects.filter(retired_at=None)),
        oncall=Exists(Rota.objects.filter(team=team, is_archived=False)),
        promises=Exists(PolicyMatch.objects.filter(team=team)),
        test=Exists(Notice.objects.filter(recipient=viewer, kind="engine.test")),
    ).get(pk=team.pk)
    return Progress(team, done)


def entries_of_step(team: Team, step: str) -> list[AuditEntry]:
    """What the newest run of a step wrote and nobody has taken back yet, in the order it was done; two queries."""
    mark = next((row for row in _marks(team).order_by("-pk") if STEP_OF[row.verb] == step), None)
    if mark is None:
        return []
    return list(AuditEntry.objects.filter(group=mark.group, undone_by=None).order_by("pk"))


def undoable_steps(team: Team) -> list[tuple[str, str]]:
    """The steps that can be taken back, as (name, words); one query."""
    words = {"team": "The team"} | {step: title for step, (title, _) in LABELS.items()}
    done = {STEP_OF[verb] for verb in _marks(team).values_list("verb", flat=True)}
    return [(step, title) for step, title in words.items() if step in done]


def _marks(team: Team) -> QuerySet[AuditEntry]:
    """The acts by which the steps of a team are known, as long as nobody has taken them back."""
    rotas = Rota.objects.filter(team=team).annotate(audit_key=Cast("pk", CharField())).values("audit_key")
    of_team = (
        Q(verb="accounts.team_created", object_id=str(team.pk))
        | Q(verb="oncall.rota_created", object_id__in=rotas)
        | Q(verb="requests.rule_added", after__team=team.slug)
    )
    return AuditEntry.objects.filter(of_team, group__isnull=False, undone_by=None)


def address(team: Team, step: str) -> str:
    """Where a step of a team is asked."""
    return reverse(f"welcome_{step}", args=[team.slug])
