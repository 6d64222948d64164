"""The machinery's own traces go after their time; nothing else does."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import connection

from portal.core import clock
from portal.core.models import AuditEntry, IdempotencyKey
from portal.core.services.rates import take
from portal.engine.domain.retention import RETENTIONS
from portal.engine.models import Deadline, EngineInbound, Job
from portal.engine.services import pruning
from portal.engine.services.pruning import prunable, prune

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db


def job(state: str, days: float) -> Job:
    at = clock.now() - timedelta(days=days)
    final = at if state in ("done", "failed") else None
    return Job.objects.create(kind="engine.prune", state=state, run_at=at, created_at=at, final_at=final)


def test_ended_jobs_go_after_thirty_days_and_waiting_ones_never() -> None:
    gone = [job("done", 31), job("failed", 400)]
    kept = [job("done", 29), job("queued", 400)]
    assert prunable(at=clock.now())["engine_job"] == 2
    assert prune(at=clock.now())["engine_job"] == 2
    left = set(Job.objects.filter(kind="engine.prune").values_list("pk", flat=True))
    assert left >= {row.pk for row in kept}
    assert not left & {row.pk for row in gone}


def test_more_than_a_batch_goes_in_one_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "BATCH", 3)
    for _ in range(7):
        job("done", 31)
    assert prune(at=clock.now())["engine_job"] == 7


def test_a_message_that_nobody_worked_on_stays() -> None:
    old = clock.now() - timedelta(days=400)
    for state in ("new", "done"):
        EngineInbound.objects.create(source="x", message_id=state, state=state, received_at=old)
    prune(at=clock.now())
    assert list(EngineInbound.objects.values_list("state", flat=True)) == ["new"]


def test_ticks_go_and_what_somebody_was_told_of_stays() -> None:
    old = clock.now() - timedelta(days=8)
    for kind in ("engine.periodic", "oncall.escalate"):
        Deadline.objects.create(
            kind=kind, subject_type="x", subject_id=1, due_at=old, run_at=old, state="fired", outcome="done",
            fired_at=old, created_at=old,
        )  # fmt: skip
    prune(at=clock.now())
    assert list(Deadline.objects.values_list("kind", flat=True)) == ["oncall.escalate"]


def test_keys_and_counters_go(world: World) -> None:
    old = clock.now() - timedelta(days=3)
    IdempotencyKey.objects.create(person=world.bob, key="k", fingerprint="f", created_at=old)
    take(key="old", capacity=1, per_seconds=60, at=old)
    told = prune(at=clock.now())
    assert (told["core_idempotencykey"], told["core_ratebucket"]) == (1, 1)


def test_history_is_not_among_it_and_a_dry_run_deletes_nothing(world: World) -> None:
    assert not {retention.table for retention in RETENTIONS} & {
        "core_auditentry", "core_rowchange", "core_auditseal", "engine_attempt", "engine_notice", "engine_delivery",
    }  # fmt: skip
    job("done", 31)
    before, out = AuditEntry.objects.count(), StringIO()
    call_command("prune", dry_run=True, stdout=out)
    assert "1 jobs that ended, older than 30 days" in out.getvalue()
    assert (Job.objects.filter(state="done").count(), AuditEntry.objects.count()) == (1, before)


def test_the_application_may_do_it_without_the_owner() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("headwater_app",)
    assert set(prune(at=clock.now())) == {retention.table for retention in RETENTIONS}
