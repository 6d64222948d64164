"""How a desk answers: its band and sizes with a preview, and the analyst beside it (spec additions, budget 3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from portal.core.errors import DomainError, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from portal.engine.services.firing import fire_batch
from requests_queue.models import TeamDesk, Watcher
from requests_queue.services.concluding import answer_request
from requests_queue.services.desks import DeskDraft, save_desk, tell_partners
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from tests.app.requests_queue.desk import TUESDAY, accepted, filed

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
DEFAULTS = DeskDraft(
    takes_requests=True, triage_by_grant=False, question_minutes=30, quick_win_minutes=60, floor_bp=500, cap_bp=1000,
    small_max=120, medium_max=480, no_reply_days=10, close_days=7,
)  # fmt: skip
FORM = {
    "takes_requests": "on", "floor": "5", "cap": "10", "small_max": "120", "medium_max": "480",
    "question_minutes": "30", "quick_win_minutes": "60", "no_reply_days": "10", "close_days": "7",
}  # fmt: skip


def kept(world: World, partner: Person | None = None, **facts: Any) -> TeamDesk:
    return save_desk(
        actor=world.alice, team=world.data_platform, draft=replace(DEFAULTS, **facts), partner=partner, at=TUESDAY
    )


def test_the_partner_watches_each_question_and_hears_of_it(world: World) -> None:
    kept(world, world.dave)
    question, issue = filed(world), filed(world, kind="data_issue", title="The load is late")
    assert Watcher.objects.filter(request=question, person=world.dave).exists()
    assert not Watcher.objects.filter(request=issue, person=world.dave).exists()
    assert list(Notice.objects.filter(recipient=world.dave).values_list("kind", "subject_id")) == [
        ("requests.filed", question.pk)
    ]


def test_the_partner_answers_a_question_and_nothing_else(world: World) -> None:
    kept(world, world.dave)
    question, issue = filed(world), filed(world, kind="data_issue", title="The load is late")
    answer_request(actor=world.dave, request=question, body="Refunds by order date.", at=TUESDAY)
    question.refresh_from_db()
    assert (question.state, set(question.clocks.values_list("state", flat=True))) == ("answered", {"met"})
    with pytest.raises(NotAllowed):
        answer_request(actor=world.dave, request=issue, body="It is late.", at=TUESDAY)
    assert issue.messages.count() == 0


def test_a_word_of_the_partner_is_a_first_response_and_one_of_a_stranger_is_not(world: World) -> None:
    kept(world, world.dave)
    question = filed(world)
    post_message(actor=world.carol, request=question, body="I wonder too", at=TUESDAY)
    assert question.clocks.get(kind="first_response").state == "running"
    post_message(actor=world.dave, request=question, body="Looking", at=TUESDAY)
    assert question.clocks.get(kind="first_response").state == "met"


def test_the_partner_is_told_at_half_of_the_time(world: World, clock: MovableClock) -> None:
    kept(world, world.dave)
    clock.set(TUESDAY)
    accepted(world)
    clock.set(TUESDAY + timedelta(hours=1, seconds=1))
    fire_batch(by="test")
    told = Notice.objects.filter(kind="requests.sla_step", context__percent="50")
    assert set(told.values_list("recipient__handle", flat=True)) == {"alice", "dave"}


def test_a_private_question_is_none_of_the_partners(world: World) -> None:
    kept(world, world.dave)
    question = filed(world)
    hidden = make_private(actor=world.alice, request=question, people=[], reason="law enforcement", at=TUESDAY)
    assert not Watcher.objects.filter(request=hidden, person=world.dave).exists()


def test_once_a_week_the_partner_reads_what_was_asked(world: World) -> None:
    kept(world, world.dave)
    for n in range(3):
        filed(world, title=f"Question number {n} of the week")
    later = TUESDAY + timedelta(days=6)
    assert (tell_partners(at=later), tell_partners(at=later)) == (1, 1)
    digest = Notice.objects.get(recipient=world.dave, kind="requests.partner_digest")
    assert (digest.context["count"], digest.context["themes"]) == ("3 questions", "No theme came up more than once.")
    assert tell_partners(at=TUESDAY + timedelta(days=20)) == 0


def test_the_lead_keeps_the_desk_within_bounds_and_only_a_change_is_written_down(world: World) -> None:
    with pytest.raises(NotAllowed):
        save_desk(actor=world.bob, team=world.data_platform, draft=DEFAULTS, partner=None, at=TUESDAY)
    bounds: list[tuple[dict[str, Any], str]] = [
        ({"floor_bp": 1100}, "cap"), ({"cap_bp": 3100}, "cap"), ({"small_max": 480}, "medium_max"),
        ({"no_reply_days": 5}, "no_reply_days"),
    ]  # fmt: skip
    for wrong, field in bounds:
        with pytest.raises(DomainError) as refusal:
            kept(world, **wrong)
        assert (refusal.value.code, refusal.value.field) == ("requests.bad_desk", field)
    with pytest.raises(DomainError) as inside:
        kept(world, world.alice)
    assert inside.value.code == "requests.partner_inside"
    assert TeamDesk.objects.count() == 0
    for _ in range(2):
        kept(world, small_max=90)
    entry = AuditEntry.objects.get(verb="requests.desk_kept")
    assert (entry.before, entry.after) == ({"small_max": 120}, {"small_max": 90})


def test_the_page_previews_the_last_quarter_and_keeps_it(world: World, clock: MovableClock) -> None:
    accepted(world)
    clock.set(TUESDAY + timedelta(hours=1))
    alice = Client()
    alice.force_login(world.alice)
    changed = FORM | {"small_max": "20", "partner": "@dave"}
    preview = alice.post("/budget/data-platform/desk", changed | {"act": "preview"})
    assert (preview.status_code, TeamDesk.objects.count()) == (200, 0)
    assert preview.context["effects"][0] == ("Taken in", 1, 1)
    assert alice.post("/budget/data-platform/desk", changed).status_code == 303
    desk = TeamDesk.objects.get()
    assert (desk.small_max, desk.partner) == (20, world.dave)
    wrong = alice.post("/budget/data-platform/desk", FORM | {"floor": "12", "act": "preview"})
    assert (wrong.status_code, "lies between" in wrong.content.decode()) == (422, True)
    bob = Client()
    bob.force_login(world.bob)
    assert "keeps it" in bob.get("/budget/data-platform/desk").content.decode()
