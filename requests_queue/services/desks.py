"""How one team answers: who may triage, its band and sizes, and the analyst beside it (spec requests 16, budget 3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import raise_notices
from requests_queue.domain.budget import MOST_CAP_BP
from requests_queue.models import TeamDesk
from requests_queue.policies import can_keep_desk
from requests_queue.queries.desks import asked_lately, desk_of_team, themes_lately
from requests_queue.services.waiting import REMINDERS

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person, Team

PARTNER_NOTICE = "requests.partner_digest"
WEEK = timedelta(days=7)
MOST_MINUTES, MOST_DAYS = 100_000, 90


@dataclass(frozen=True)
class DeskDraft:
    """A desk as it shall be; bands in basis points of capacity, sizes in minutes, days as working days."""

    takes_requests: bool
    triage_by_grant: bool
    question_minutes: int
    quick_win_minutes: int
    floor_bp: int
    cap_bp: int
    small_max: int
    medium_max: int
    no_reply_days: int
    close_days: int


@transaction.atomic
def save_desk(*, actor: Any, team: Team, draft: DeskDraft, partner: Person | None, at: datetime) -> TeamDesk:
    """Keep the desk; open quarters keep their band and sizes, the next one begins with these. Locks the desk.

    Raises `NotAllowed`, `DomainError` (`requests.bad_desk`, `requests.partner_inside`) naming the field.
    """
    require(can_keep_desk(actor, team, at))
    checked_desk(draft)
    if partner is not None and partner.memberships.filter(team=team, during__contains=at.date()).exists():
        message = f"{partner.name} is in {team.name}. The partner is an analyst of another team."
        raise DomainError("requests.partner_inside", message, "partner")
    TeamDesk.objects.get_or_create(team=team)
    desk = TeamDesk.objects.select_for_update().get(team=team)
    before = {name: getattr(desk, name) for name in asdict(draft)} | {"partner": desk.partner_id}
    after = asdict(draft) | {"partner": partner.pk if partner else None}
    changed = {name: value for name, value in after.items() if before[name] != value}
    if not changed:
        return desk
    for name, value in asdict(draft).items():
        setattr(desk, name, value)
    desk.partner = partner
    desk.save(update_fields=[*asdict(draft), "partner"])
    was = {name: before[name] for name in changed}
    record_audit(actor=actor, verb="requests.desk_kept", subject=team, before=was, after=changed, at=at)
    return desk


def name_partner(*, actor: Any, team: Team, partner: Person | None, at: datetime) -> TeamDesk:
    """Another analytics partner, and all else as it stands. Raises as `save_desk` does."""
    desk = desk_of_team(team)
    names = [field.name for field in fields(DeskDraft)]
    draft = DeskDraft(**{name: getattr(desk, name) for name in names})
    return save_desk(actor=actor, team=team, draft=draft, partner=partner, at=at)


def tell_partners(*, at: datetime) -> int:
    """The weekly word to each partner: how many questions came, and what they were about. Once a week each."""
    told = 0
    rows = TeamDesk.objects.filter(partner__state="active").select_related("team", "partner")
    for desk in rows.order_by("team"):
        count = asked_lately(desk.team, at - WEEK, at)
        if desk.partner is None or not count:
            continue
        raise_notices(planned=[Planned(_draft(desk, desk.partner, count, at))], at=at)
        told += 1
    return told


def _draft(desk: TeamDesk, partner: Person, count: int, at: datetime) -> NoticeDraft:
    themes = "; ".join(f"{name} ({times})" for name, times in themes_lately(desk.team, at))
    year, week, _ = at.isocalendar()
    context = {
        "team": desk.team.name, "count": f"{count} question{'' if count == 1 else 's'}",
        "themes": f"What they keep asking: {themes}." if themes else "No theme came up more than once.",
        "url": f"/requests/?team={desk.team.slug}&kind=question",
    }  # fmt: skip
    key = f"{PARTNER_NOTICE}:{desk.pk}:{year}w{week}:user.{partner.pk}"
    return NoticeDraft(PARTNER_NOTICE, key, subject_of(desk), Recipient(person_id=partner.pk), "info", context)


def checked_desk(draft: DeskDraft) -> DeskDraft:
    """The draft when each field is within its bounds; raises `DomainError` naming the first that is not.

    The database holds the band and the order of the sizes as well. Writes nothing.
    """
    rules = (
        ("floor", draft.floor_bp > 0, "The lower edge is above nothing."),
        ("cap", draft.floor_bp <= draft.cap_bp <= MOST_CAP_BP, "The upper edge lies between the lower one and 30 %."),
        ("small_max", draft.small_max > 0, "Small work has at least one minute."),
        ("medium_max", draft.small_max < draft.medium_max <= MOST_MINUTES, "Medium work is longer than small work."),
        ("question_minutes", 0 < draft.question_minutes <= MOST_MINUTES, "At least one minute."),
        ("quick_win_minutes", 0 < draft.quick_win_minutes <= draft.medium_max, "At most what medium work takes."),
        ("no_reply_days", max(REMINDERS) < draft.no_reply_days <= MOST_DAYS, "Later than the reminders (2, 5)."),
        ("close_days", 0 < draft.close_days <= MOST_DAYS, f"One to {MOST_DAYS} days."),
    )  # fmt: skip
    for field, holds, message in rules:
        if not holds:
            raise DomainError("requests.bad_desk", message, field)
    return draft
