"""A request in each state, asked by the analyst and worked on by the member, for the moves out of that state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from ownership.models import Asset
from portal.accounts.services.grants import give_grant
from portal.core.domain.quarter import quarter_of
from requests_queue.domain.states import State
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.concluding import answer_request, decline_request
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.exempting import ExemptDraft, save_exempt_kind
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.merging import merge_requests
from requests_queue.services.overriding import propose_override
from requests_queue.services.plan_locking import lock_plan
from requests_queue.services.talking import post_message
from requests_queue.services.time_log import log_time
from requests_queue.services.working import close_request, resolve_request, start_work, wait_on_upstream

if TYPE_CHECKING:
    from requests_queue.models import DataRequest, ExemptKind
    from tests.contract.cast import Cast

DAY = timedelta(days=1)
MEDIUM = 300
BEFORE_QUARTER = datetime(2026, 9, 14, 10, tzinfo=UTC)
BOARD = "The board meets on Monday and needs this figure"


class Stations:
    """Walks requests of one team to where they wait."""

    def __init__(self, cast: Cast, at: datetime) -> None:
        self.cast, self.at = cast, at
        self.asker, self.lead, self.member = (cast.people[role] for role in ("analyst", "lead", "member"))

    def filed(self, title: str, kind: str = "question", *, at: datetime | None = None, **facts: object) -> DataRequest:
        filing = Filing(kind=kind, title=title, team=self.cast.team, body="It was higher.", **facts)  # type: ignore[arg-type]  # as given
        return file_request(actor=self.asker, filing=filing, at=at or self.at)

    def decided(
        self, title: str, lane: str = "question", minutes: int | None = None, *, is_structural: bool = False,
        **facts: object,
    ) -> DataRequest:  # fmt: skip
        estimate = Estimate(lane, minutes, assignee=self.member, is_structural=is_structural or None)
        request = self.filed(title, **facts)  # type: ignore[arg-type]  # as given
        return decide_request(actor=self.lead, request=request, estimate=estimate, at=self.at)

    def working(self, title: str) -> DataRequest:
        return start_work(actor=self.member, request=self.decided(title), at=self.at)

    def resolved(self, title: str) -> DataRequest:
        return resolve_request(actor=self.member, request=self.working(title), result="Done.", at=self.at)

    def asked(self) -> DataRequest:
        """Medium work above the floor of the books, so that the lead is asked; what fits before it is taken in."""
        for number in range(40):
            request = self.decided(f"Medium work {number}", "complex", MEDIUM, kind="extract")
            if request.state == State.AWAITING_APPROVAL:
                return request
        raise AssertionError(request.state)


def furnish_stations(cast: Cast, *, at: datetime) -> None:
    """`@accepted`, `@working`, `@waiting`, `@resolved`, `@closed`, `@answered`, `@declined`, `@merged` and more."""
    walk = Stations(cast, at)
    _put_off(walk)
    asker, lead, member = walk.asker, walk.lead, walk.member
    waiting = wait_on_upstream(actor=member, request=walk.working("Waits"), reason="The loader is late", at=at)
    closed = close_request(actor=asker, request=walk.resolved("Over"), at=at)
    answered = answer_request(actor=lead, request=walk.filed("Answered"), body="Because of returns.", at=at)
    declined = decline_request(
        actor=lead, request=walk.filed("Declined"), reason="not_ours", alternative="Ask the users team", at=at
    )
    survivor = walk.filed("Asked twice")
    merged = merge_requests(actor=lead, request=walk.filed("Asked twice"), survivor=survivor, at=at)
    spoken = walk.filed("Spoken of")
    said = post_message(actor=lead, request=spoken, body="Which day?", at=at).message
    entry = log_time(
        actor=member, request=walk.working("Logged"), minutes=30, work_date=at.date(), idem_key=uuid4(), at=at
    )
    late = walk.filed("Late", at=at - 40 * DAY)
    give_grant(
        actor=cast.people["admin"], person=member, team=cast.team, name="exempt", reason="Looks after audits",
        days=(at.date(), None), at=at,
    )  # fmt: skip
    cast.objects.update({
        "@accepted": walk.decided("Taken in").number, "@working": walk.working("In work").number,
        "@waiting": waiting.number, "@resolved": walk.resolved("Resolved").number, "@closed": closed.number,
        "@answered": answered.number, "@declined": declined.number, "@merged": merged.number,
        "@asked": walk.asked().number, "@twin": walk.filed("The same again").number, "@late": late.number,
        "@late_clock": str(late.clocks.order_by("pk")[0].pk),
        "@spoken": spoken.number, "@message": str(said.pk), "@entry": str(entry.pk),
        "@urgent": walk.filed("By tonight", use_token=True).number,
        "@exempt": walk.filed("For the court", exemption=_open_exemption(cast, at)).number,
    })  # fmt: skip


def _put_off(walk: Stations) -> None:
    """`@put_off` and the small `@pulled` that somebody wants after all, `@deferred`, and `@broken` on an asset."""
    cast, member, at = walk.cast, walk.member, walk.at
    put_off = walk.decided("Put off", "complex", 6000, kind="metric")
    deferred = walk.decided("Put off as well", "complex", 6000, kind="metric")
    pulled = walk.decided("A small column", "complex", 30, kind="change", is_structural=True)
    for request in (put_off, pulled):
        propose_override(actor=member, request=request, reason=BOARD, at=at)
    owned = Asset.objects.get(slug=cast.objects["@owned"])
    broken = walk.filed("The total is wrong", "data_issue", assets=[owned])
    cast.objects.update({
        "@put_off": put_off.number, "@pulled": pulled.number, "@deferred": deferred.number, "@broken": broken.number,
    })  # fmt: skip


def furnish_running(cast: Cast) -> None:
    """A plan that was locked before its quarter began, with a line in it; before anything else is asked of the team."""
    lead = cast.people["lead"]
    wish = Wish("A loader that says when it is done", "Asked for since spring", 960)
    candidate = add_candidate(actor=lead, team=cast.team, wish=wish, at=BEFORE_QUARTER)
    lock_plan(actor=lead, plan=candidate.plan, at=BEFORE_QUARTER + DAY)
    cast.objects.update(
        {"@running": str(candidate.item.pk), "@running_quarter": quarter_of(candidate.plan.quarter_start).label}
    )


def _open_exemption(cast: Cast, at: datetime) -> ExemptKind:
    """Work outside the budget that everybody may read about, confirmed by the member."""
    draft = ExemptDraft("Audit of the year", is_private=False, confirmers=[cast.people["member"]])
    return save_exempt_kind(actor=cast.people["admin"], slug="matrix-audit", draft=draft, is_new=True, at=at)
