"""What a young team has not done yet; each line is a question to a room (spec site 7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Coalesce
from django.urls import reverse

from oncall.models import AgreementVersion, CalendarFeed, Rota
from ownership.models import Asset
from portal.accounts.domain.vocabulary import PAGE_CLASS, Role
from portal.accounts.models import ContactMethod, Membership, Team
from portal.core.models import AuditEntry
from portal.site.queries.welcome import address
from requests_queue.models import FaqEntry, PolicyMatch

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

YOUNG = timedelta(days=30)
ENOUGH_ANSWERS = 3


@dataclass(frozen=True)
class Line:
    """One thing to do, where, and whether it is done."""

    words: str
    url: str
    is_done: bool


def young_team(viewer: Any, at: datetime) -> Team | None:
    """The newest team of the last 30 days that the viewer leads, with what it has as columns; one query."""
    led = Membership.objects.filter(team=OuterRef("pk"), person=viewer, role=Role.LEAD, during__contains=at.date())
    born = AuditEntry.objects.filter(
        verb="accounts.team_created", object_type="accounts.team", object_id=Cast(OuterRef("pk"), CharField()),
        at__gte=at - YOUNG,
    )  # fmt: skip
    rows = Team.objects.filter(Exists(led), Exists(born), is_system=False, archived_at=None)
    return rows.annotate(**_columns(viewer, at)).order_by("-pk").first()


def _columns(viewer: Any, at: datetime) -> dict[str, Any]:
    here = Membership.objects.filter(team=OuterRef("pk"), during__contains=at.date(), person__state="active")
    wakes = ContactMethod.objects.filter(person=OuterRef("person"), state="verified", channel__in=sorted(PAGE_CLASS))
    answers = FaqEntry.objects.filter(team=OuterRef("pk"), state="published").order_by().values("team")
    return {
        "has_assets": Exists(Asset.objects.filter(retired_at=None)),
        "has_rota": Exists(Rota.objects.filter(team=OuterRef("pk"), is_archived=False)),
        "has_promise": Exists(PolicyMatch.objects.filter(team=OuterRef("pk"))),
        "has_agreement": Exists(AgreementVersion.objects.filter(state="active")),
        "answered": Coalesce(Subquery(answers.annotate(n=Count("pk")).values("n")[:1]), Value(0)),
        "somebody_sleeps": Exists(here.filter(~Exists(wakes))),
        "has_feed": Exists(CalendarFeed.objects.filter(person=viewer, revoked_at=None)),
        "has_engineers": Exists(Team.objects.filter(discipline="SE", archived_at=None)),
    }


def lines_of(team: Any) -> Sequence[Line]:
    """The lines of the checklist, the steps that were skipped first."""
    return [
        Line("Say what there is: a manifest or a list", address(team, "assets"), team.has_assets),
        Line("Say who answers: a rota", address(team, "oncall"), team.has_rota),
        Line("Say what you promise", address(team, "promises"), team.has_promise),
        Line("Sign an agreement for 3 am", reverse("agreements_list"), team.has_agreement),
        Line(f"Write {ENOUGH_ANSWERS} answers to what is always asked", reverse("faq_list"),
             team.answered >= ENOUGH_ANSWERS),
        Line("Everybody verifies a way that wakes", reverse("me_notifications"), not team.somebody_sleeps),
        Line("Shifts in your calendar", reverse("oncall_calendars"), team.has_feed),
        Line("Invite the software engineers upstream", reverse("people_invite"), team.has_engineers),
    ]  # fmt: skip
