"""T6: looks for what must not be, repairs what it can and alarms. A finding still counts as a defect."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog
from django.db import connection, transaction
from django.db.models import Count, Q

from portal.engine.failpoints import reach
from portal.engine.models import Attempt, Deadline, Delivery, Notice
from portal.engine.queries.control import read_gate
from portal.engine.registries import deadline_kinds, invariants
from portal.engine.services.alarms import raise_alarm
from portal.engine.services.canary import ensure_canary
from portal.engine.services.closing import close_notices, step_over
from portal.engine.services.guarding import guarded
from portal.engine.services.heartbeats import forget_silent
from portal.engine.services.periodic import ensure_periodic

if TYPE_CHECKING:
    from datetime import datetime

logger = structlog.get_logger()
LOCK = 0x48574541  # "HWEA"
OVERDUE = timedelta(seconds=30)
QUEUED = timedelta(seconds=60)
RECENT = timedelta(hours=1)
LIMIT = 100


@dataclass(frozen=True)
class Finding:
    """How many rows break one invariant."""

    invariant: str
    count: int
    sentence: str


def audit(*, at: datetime | None = None) -> list[Finding]:
    """One round by whichever process holds the lock; [] for the others and while paused."""
    with transaction.atomic():
        gate = read_gate()
        if gate is None or gate.is_paused or gate.is_held or not _is_mine():
            return []
        now = at or gate.now
        findings = [finding for finding in _findings(now) if finding.count]
        findings += _rooms(now)
        reach("t6.before_commit")
    for finding in findings:
        logger.error("engine_finding", invariant=finding.invariant, count=finding.count)
        hour = now.strftime("%Y%m%d%H")
        text = f"{finding.sentence}: {finding.count}"
        raise_alarm(code=f"invariant_{finding.invariant}", ref=hour, text=text, at=now)
    forget_silent()
    return findings


def _is_mine() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def _findings(at: datetime) -> list[Finding]:
    overdue = Deadline.objects.filter(state="armed", run_at__lt=at - OVERDUE).count()
    stuck = Delivery.objects.filter(state="sending", lease_until__lt=at - OVERDUE).count()
    queued = Delivery.objects.filter(state="queued", run_at__lt=at - QUEUED).count()
    missing = ensure_periodic(at=at)
    ensure_canary(at=at)
    return [
        Finding("I1", overdue, "Deadlines armed and overdue by more than 30 s"),
        Finding("I2", _unreachable(at), "Open notices without a way to their recipient"),
        Finding("I3", stuck, "Sends past their lease by more than 30 s"),
        Finding("I4", _unknown_kinds(), "Armed deadlines that no room handles"),
        Finding("I5", queued, "Deliveries due for more than 60 s"),
        Finding("I6", missing, "Periodic work that was not armed"),
        Finding("I7", _doubled(at), "Deliveries with more than one result `sent`"),
        Finding("I8", _silent_unrouted(at), "Unrouted pages without an alarm"),
    ]


def _unreachable(at: datetime) -> int:
    """Open notices whose deliveries have all ended without arriving; their rooms are told again."""
    none_left = ~Q(deliveries__state__in=("queued", "sending", "sent", "delivered"))
    rows = Notice.objects.filter(state="open", created_at__lt=at - OVERDUE)
    stale = rows.exclude(deliveries__state__in=("queued", "sending", "sent", "delivered"))
    found = list(stale.filter(none_left).distinct()[:LIMIT])
    close_notices(notice_ids=[notice.pk for notice in found])
    for notice in found:
        step_over(notice=notice, at=at)
    return sum(notice.is_acknowledgeable for notice in found)


def _unknown_kinds() -> int:
    known = [kind for kind, _ in deadline_kinds.items()]
    return Deadline.objects.filter(state="armed").exclude(kind__in=known).count()


def _doubled(at: datetime) -> int:
    recent = Attempt.objects.filter(phase="result", outcome="sent", delivery__final_at__gt=at - RECENT)
    return recent.values("delivery").annotate(times=Count("id")).filter(times__gt=1).count()


def _silent_unrouted(at: datetime) -> int:
    pages = Notice.objects.filter(state="open", is_unrouted=True, severity="page", created_at__lt=at - QUEUED)
    if not pages.exists():
        return 0
    alarmed = Notice.objects.filter(kind="engine.alarm", context__code="unrouted").exists()
    return 0 if alarmed else pages.count()


def _rooms(at: datetime) -> list[Finding]:
    """Each room's own registered query; one that raises is a finding itself."""
    found = []
    for name, query in invariants.items():
        count, fault = guarded(lambda query=query: query(at), what=f"invariant {name}")  # type: ignore[misc]
        if fault or count:
            found.append(Finding(name, count or 1, fault or f"{name} does not hold"))
    return found
