"""Rows in every room, made through the services, for walks over all pages and lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ownership.services.assets import AssetDraft, create_asset
from portal.core.domain.quarter import quarter_of
from portal.engine.models import Notice
from requests_queue.services.answers import AnswerDraft, EntryDraft
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.deciding import Estimate, decide_request
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.one_step import write_entry
from requests_queue.services.plan_needs import ask_need
from requests_queue.services.plan_votes import cast_vote
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.models import Asset
    from requests_queue.models import FaqEntry
    from tests.contract.cast import Cast

PLAIN = "Orders a day"


def fill(cast: Cast, numbers: Iterable[int], *, at: datetime, text: str = PLAIN) -> None:
    """One team, person, asset and request a number; `text` is in every field that takes free text."""
    for number in numbers:
        team = make_team(f"grown-{number}", discipline="DE", name=f"Grown {number}")
        make_person(f"grown-{number}", team=team, discipline="DE")
        draft = AssetDraft(kind="dataset", name=f"{text[:120]} {number}", description=text)
        asset = create_asset(actor=cast.people["lead"], draft=draft, at=at)
        filing = Filing(
            kind="question",
            title=f"{text[:120]} {number}",
            team=cast.team,
            body=text,
            decision_served=text[:200],
            assets=[asset],
        )
        filed = file_request(actor=cast.people["lead"], filing=filing, at=at)
        if number == 0:  # the books of the quarter are open
            decide_request(actor=cast.people["lead"], request=filed, estimate=Estimate("question"), at=at)
        clock = filed.clocks.order_by("pk")[0]
        cast.objects["@policy"] = str(clock.policy_version.policy_id)
        cast.objects["@calendar"] = str(clock.calendar_version.calendar_id)
        _plan(cast, text, number, at)
        cast.objects.update({"@asset": asset.slug, "@request": filed.number, "@clock": str(clock.pk)})
        cast.objects["@answer"] = _answer(cast, asset, number, at=at, text=text).slug
        notice = Notice.objects.filter(recipient=cast.people["lead"]).order_by("pk").last()
        if notice is not None:
            cast.objects.setdefault("@notice", str(notice.pk))


def _plan(cast: Cast, text: str, number: int, at: datetime) -> None:
    """A wish with a line, a vote and a commitment in the next plan of the team."""
    lead = cast.people["lead"]
    wish = Wish(f"{text[:120]} {number}", text[:200], 480)
    candidate = add_candidate(actor=cast.people["other_lead"], team=cast.team, wish=wish, at=at)
    if number < 10:
        cast_vote(actor=cast.people["other_lead"], candidate=candidate, team=cast.other_team, points=1, at=at)
    need = ask_need(actor=lead, item=candidate.item, team=cast.other_team, what=text[:200], at=at)
    cast.objects.update({
        "@candidate": str(candidate.pk), "@line": str(candidate.item.pk), "@need": str(need.pk),
        "@quarter": quarter_of(candidate.plan.quarter_start).label,
    })  # fmt: skip


def _answer(cast: Cast, asset: Asset, number: int, *, at: datetime, text: str) -> FaqEntry:
    """A published answer that rests on the asset, with the text in question, body, SQL and limits."""
    draft = EntryDraft(f"{text[:120]} {number}", cast.team, owner=cast.people["lead"], aliases=[f"{text[:120]} again"])
    said = AnswerDraft(text, limits=text[:120], assets=[asset], parameters=[{"name": "since", "meaning": text[:120]}])
    return write_entry(actor=cast.people["lead"], draft=draft, answer=said, is_checked=number % 2 == 0, at=at)
