"""Jobs: long work under a lease that its runner renews."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any, Self
from uuid import uuid4

from django.db import DatabaseError, connection, transaction

from portal.engine.domain.retries import job_wait
from portal.engine.failpoints import reach
from portal.engine.models import Job
from portal.engine.queries.control import database_now, may_claim
from portal.engine.registries import job_kinds
from portal.engine.services.alarms import raise_alarm
from portal.engine.services.constants import CONSTANTS, holder
from portal.engine.services.guarding import guarded_call

if TYPE_CHECKING:
    from collections.abc import Mapping

CLAIM = """
UPDATE engine_job SET state = 'running', attempts = attempts + 1, lease_token = %(token)s, lease_holder = %(holder)s,
    lease_until = portal_now() + make_interval(secs => %(lease)s)
WHERE id = (SELECT id FROM engine_job WHERE state = 'queued'
            AND run_at <= portal_now() - make_interval(secs => %(overdue_by)s)
            AND (%(id)s::bigint IS NULL OR id = %(id)s)
            ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
RENEW = """
UPDATE engine_job SET lease_until = portal_now() + make_interval(secs => %s), progress = coalesce(%s::jsonb, progress)
WHERE id = %s AND lease_token = %s
"""


class Lease:
    """Renews a running job's lease from a thread of its own; `tell` stores progress as well."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"job-{job.pk}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def tell(self, **facts: Any) -> None:
        self._renew(json.dumps(facts, default=str))

    def _run(self) -> None:
        try:
            while not self._ended.wait(CONSTANTS.job_renew):
                self._renew(None)
        except DatabaseError:
            return  # the lease ends by itself and the job runs again
        finally:
            connection.close()

    def _renew(self, progress: str | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(RENEW, [CONSTANTS.job_lease, progress, self._job.pk, str(self._job.lease_token)])


def run_job(*, job_id: int | None = None, overdue_by: float = 0.0, component: str = "worker") -> Job | None:
    """Claim one due job (this one, or the oldest) and run it to its end; None if there is none.

    A job that raises is tried again up to `max_attempts`, then failed with an alarm. One whose runner was killed is
    queued again by the sweep when its lease ends.
    """
    job = _claim(job_id, overdue_by, component)
    if job is None:
        return None
    reach("job.after_claim")
    run = job_kinds.get(job.kind)
    with Lease(job) as lease:
        result, fault = guarded_call(lambda: _call(run, job, lease), what=f"job {job.kind}")
    reach("job.before_mark")
    _mark(job, result, fault)
    return job


def _claim(job_id: int | None, overdue_by: float, component: str) -> Job | None:
    with transaction.atomic():
        if not may_claim():
            return None
        values: dict[str, Any] = {
            "token": str(uuid4()), "holder": holder(component), "lease": CONSTANTS.job_lease,
            "overdue_by": overdue_by, "id": job_id,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, values)
            row = cursor.fetchone()
    return Job.objects.get(pk=row[0]) if row else None


def _call(run: Any, job: Job, lease: Lease) -> Mapping[str, Any]:
    if run is None:
        message = f"no room runs jobs of kind {job.kind}"
        raise LookupError(message)
    return dict(run(job.args, lease) or {})


def _mark(job: Job, result: Mapping[str, Any] | None, fault: str) -> None:
    at = database_now()
    held = Job.objects.filter(pk=job.pk, lease_token=job.lease_token, state="running")
    if not fault:
        held.update(state="done", result=result or {}, error="", final_at=at, lease_until=None, lease_token=None)
    elif job.attempts < job.max_attempts:
        wait = job_wait(job.attempts)
        held.update(state="queued", run_at=at + wait, error=fault, hinted_at=None, lease_until=None, lease_token=None)
    else:
        held.update(state="failed", error=fault, final_at=at, lease_until=None, lease_token=None)
        raise_alarm(code="job_failed", ref=str(job.pk), text=f"Job {job.kind} failed: {fault}", at=at)
