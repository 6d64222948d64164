from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from portal.core.services.audit import record_audit
from portal.site.queries.changes import visible_changes
from requests_queue.models import DataRequest

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db


def test_everybody_reads_the_changes_of_a_team(alice: Person, dave: Person, clock: MovableClock) -> None:
    team = alice.memberships.get().team
    entry = record_audit(actor=alice, verb="accounts.team_changed", subject=team, at=clock.now())
    assert entry in visible_changes(dave)


def test_nobody_reads_the_account_changes_of_others(alice: Person, dave: Person, clock: MovableClock) -> None:
    entry = record_audit(actor=alice, verb="accounts.profile_changed", subject=alice, at=clock.now())
    assert entry not in visible_changes(dave)


def test_not_even_an_admin_or_the_actor_reads_what_became_private(
    alice: Person, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = DataRequest(pk=987_654)
    monkeypatch.setattr(DataRequest, "__str__", lambda self: f"REQ-{self.pk}")
    entry = record_audit(actor=alice, verb="requests.filed", subject=gone, at=clock.now())
    alice.is_admin = True
    assert entry not in visible_changes(alice)
