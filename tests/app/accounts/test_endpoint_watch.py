"""An endpoint that keeps failing: noted, told, switched off, and begun anew by whoever mends it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from portal.accounts.services.endpoint_watch import FAILING, OFF, run_endpoint_watch
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint, update_endpoint
from portal.core.clock import now
from portal.core.models import AuditEntry
from portal.engine.domain.drafts import NoticeDraft, Recipient
from portal.engine.domain.subjects import Subject
from portal.engine.models import Attempt, Delivery, Notice
from portal.engine.services.notices import raise_notice

if TYPE_CHECKING:
    from portal.accounts.models import Endpoint
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(world: World, clock: MovableClock) -> Endpoint:
    """A mailbox of Data Platform, made ten days ago."""
    clock.advance(days=-10)
    wish = NewEndpoint("alerts", "mail", "alerts@example.com")
    row, _ = create_endpoint(actor=world.alice, team=world.data_platform, wish=wish, at=now())
    clock.advance(days=10)
    return row


def tried(box: Endpoint, outcome: str, *, days_ago: float, status: int | None = None) -> None:
    """One try of a message to the box, that many days ago."""
    draft = NoticeDraft(
        "engine.test", f"engine.test:{uuid4()}", Subject("engine.test", 1), Recipient(endpoint=f"endpoint:{box.pk}"),
        "info", {"name": "x"},
    )  # fmt: skip
    notice = raise_notice(actor=None, draft=draft, at=now())
    assert notice is not None
    way = Delivery.objects.get(notice=notice, destination_ref=f"endpoint:{box.pk}")
    Attempt.objects.create(
        delivery=way, number=1, phase="result", outcome=outcome, status_code=status, error="503 busy",
        at=now() - timedelta(days=days_ago),
    )  # fmt: skip


class Silent:
    def tell(self, **facts: object) -> None: ...


def watch(box: Endpoint) -> tuple[bool, bool]:
    """Whether it is on and whether it is known to fail, after two looks: the second tells nothing twice."""
    for _ in range(2):
        run_endpoint_watch({}, Silent())
    box.refresh_from_db()
    return box.is_active, box.first_failed_at is not None


def told(kind: str) -> list[str]:
    return [row.recipient.handle for row in Notice.objects.filter(kind=kind) if row.recipient]


def test_one_failure_is_noted_and_told_to_nobody(box: Endpoint) -> None:
    tried(box, "temporary", days_ago=0.1)
    assert (watch(box), told(FAILING)) == ((True, True), [])


def test_after_a_day_the_lead_hears_once_and_after_five_it_is_off(box: Endpoint) -> None:
    for days in (6, 4.9):
        tried(box, "temporary", days_ago=days)
    assert (watch(box), told(FAILING), told(OFF)) == ((True, True), ["alice"], [])
    tried(box, "permanent", days_ago=0.5)
    assert (watch(box), told(OFF)) == ((False, True), ["alice"])
    entry = AuditEntry.objects.get(verb="accounts.endpoint_off")
    assert (entry.reason, entry.actor) == ("No success for five days.", None)


def test_a_success_in_between_begins_a_new_count(box: Endpoint) -> None:
    tried(box, "temporary", days_ago=6)
    tried(box, "sent", days_ago=0.3)
    assert watch(box) == (True, False)
    tried(box, "temporary", days_ago=0.1)
    assert (watch(box), told(FAILING)) == ((True, True), [])


def test_an_answer_gone_switches_off_at_once(box: Endpoint) -> None:
    tried(box, "permanent", days_ago=0.1, status=410)
    assert watch(box) == (False, True)
    assert box.disabled_reason == "It says that it is gone (410)."


def test_whoever_switches_it_on_again_is_not_judged_by_the_old_failures(box: Endpoint, world: World) -> None:
    for days in (7, 1):
        tried(box, "temporary", days_ago=days)
    assert watch(box) == (False, True)
    update_endpoint(actor=world.alice, endpoint=box, changes={"is_active": True}, at=now())
    assert watch(box) == (True, False)
    assert (box.disabled_at, box.disabled_reason) == (None, "")
