"""Backfills, migrations and announcements of the demo, played through the services of their room."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from ownership.domain.plans import DEFAULT_THRESHOLDS, PlanKind
from ownership.models import AnnouncementRecipient, Asset, Ownership
from ownership.services.announcing import AnnouncementDraft, announce_change, answer_announcement
from ownership.services.handoffs import HandoffDraft, draft_handoff, offer_handoff
from ownership.services.planning import PlanDraft, start_plan
from ownership.services.references import add_reference, move_reference
from ownership.services.stepping import Seen, complete_step
from ownership.services.triggers import finish_trigger, set_pipeline_trigger
from portal.accounts.models import Person, Team
from portal.accounts.queries.teams import leads_of_team
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.engine.domain.subjects import subject_of
from portal.engine.services.notices import settle_notices
from portal.site.demo.plans import BACKFILL, BY_HAND, DELAY, HANDOVER, MIGRATION, TRIGGER

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import Announcement, ChangePlan

REASON = "demo"
DAY = timedelta(days=1)
GOOD = dict.fromkeys(DEFAULT_THRESHOLDS, 0.0)
STEPS_OF_MIGRATION, VERIFY = 5, 4


def play_plans(*, at: datetime) -> None:
    """One finished backfill, one migration with three readers left; an announcement and a handover that wait."""
    _play_backfill(at - 34 * DAY)
    _play_migration(at - 18 * DAY, at)
    _give_trigger(at - 40 * DAY)
    _offer_handover(at)
    asset = Asset.objects.get(name=DELAY["asset"])
    author = _owner(asset)
    draft = AnnouncementDraft(
        asset=asset, change=DELAY["change"], text=DELAY["text"], happens_at=at + 5 * DAY, ack_due_at=at + 3 * DAY,
        names_seen=True,
    )  # fmt: skip
    told = announce_change(actor=author, draft=draft, at=at - DAY)
    for recipient in told.recipients.all():
        settle_notices(actor=None, subject=subject_of(recipient), reason=REASON, at=at)
    first = AnnouncementRecipient.objects.filter(announcement=told, state="pending").order_by("pk").first()
    if first is not None:
        answer_announcement(actor=first.person, announcement=told, objection="", at=at - DAY / 2)


def _offer_handover(at: datetime) -> None:
    """It waits for a yes; until then its owner answers."""
    asset = Asset.objects.get(name=HANDOVER["asset"])
    giver, taker = _owner(asset), Person.objects.get(handle=HANDOVER["to"])
    draft = HandoffDraft(giver, taker, [asset.pk], at + 9 * DAY, reason=HANDOVER["reason"])
    handoff = draft_handoff(actor=giver, draft=draft, at=at - 2 * DAY)
    offer_handoff(actor=giver, handoff=handoff, at=at - DAY)
    settle_notices(actor=None, subject=subject_of(handoff), reason=REASON, at=at)


def _give_trigger(at: datetime) -> None:
    """How the daily pipeline is called; nothing calls it before somebody says so."""
    team = Team.objects.get(slug=TRIGGER["team"])
    pipeline, lead = Asset.objects.get(name=TRIGGER["pipeline"]), leads_of_team(team, at.date())[0]
    wish = NewEndpoint(TRIGGER["webhook"], "webhook", TRIGGER["address"])
    endpoint, _ = create_endpoint(actor=lead, team=team, wish=wish, at=at)
    set_pipeline_trigger(
        actor=lead, pipeline=pipeline, kind=TRIGGER["kind"], endpoint=endpoint, job="", authorization="", at=at
    )


def _play_backfill(begun: datetime) -> None:
    """By the shell game: filled beside, verified, swapped, run below, dropped after the hold."""
    asset = Asset.objects.get(name=BACKFILL["asset"])
    owner = _owner(asset)
    draft = PlanDraft(asset, PlanKind.SMALL, BACKFILL["reason"], range_text=BACKFILL["range"], keys=("day", "country"))
    plan = start_plan(actor=owner, draft=draft, at=begun)
    told = _tell(plan, owner, "backfill", begun)
    for recipient in told.recipients.filter(state="pending").select_related("person"):
        answer_announcement(actor=recipient.person, announcement=told, objection="", at=begun + DAY / 4)
    for n in (1, 2, 3, 4, 5):
        _tick(plan, owner, n, begun + n * DAY / 4)
    for trigger in plan.triggers.all():
        finish_trigger(actor=owner, row=trigger, ran=True, at=begun + 2 * DAY)
    for n, later in ((6, 2), (7, 3), (8, 9), (9, 9)):
        _tick(plan, owner, n, begun + later * DAY)
    settle_notices(actor=None, subject=subject_of(plan), reason=REASON, at=begun + 9 * DAY)


def _play_migration(begun: datetime, at: datetime) -> None:
    """Both versions stand side by side; what no source shows has moved, what sources show has not."""
    asset = Asset.objects.get(name=MIGRATION["asset"])
    owner = _owner(asset)
    ends_on = (at + 12 * DAY).date()
    draft = PlanDraft(asset, PlanKind.LARGE, MIGRATION["reason"], keys=("account_id",), ends_on=ends_on)
    plan = start_plan(actor=owner, draft=draft, at=begun)
    _tell(plan, owner, "breaking", begun)
    for n in range(1, STEPS_OF_MIGRATION + 1):
        _tick(plan, owner, n, begun + n * DAY)
    for days, (text, handle, moved_in) in enumerate(BY_HAND, start=STEPS_OF_MIGRATION + 1):
        person = Person.objects.get(handle=handle)
        row = add_reference(actor=owner, plan=plan, text=text, party=person, due_on=ends_on, at=begun + DAY)
        move_reference(actor=person, row=row, moved_in=moved_in, at=begun + days * DAY)


def _tell(plan: ChangePlan, owner: Person, change: str, at: datetime) -> Announcement:
    draft = AnnouncementDraft(asset=plan.asset, change=change, text=plan.reason, plan=plan, names_seen=True)
    told = announce_change(actor=owner, draft=draft, at=at)
    for recipient in told.recipients.all():
        settle_notices(actor=None, subject=subject_of(recipient), reason=REASON, at=at)
    return told


def _tick(plan: ChangePlan, owner: Person, n: int, at: datetime) -> None:
    plan.refresh_from_db()
    seen = Seen(values=GOOD, runs=4) if n == VERIFY else Seen()
    complete_step(actor=owner, plan=plan, n=n, seen=seen, at=at)


def _owner(asset: Asset) -> Person:
    """Who is accountable, as the manifest says; the lead where a team is."""
    held = Ownership.objects.filter(asset=asset, rank=1, duty=1, state="accepted", valid__upper_inf=True).first()
    return held.person if held is not None and held.person is not None else Person.objects.get(handle="ruth")
