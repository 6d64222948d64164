"""Subjects are rows of `chaos_page(id, state)`; each due step pages `chaos:web`, or where its payload says."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection

from portal.engine.channels.webhook import webhook_address
from portal.engine.domain.drafts import DeadlineDraft, DeliveryDraft, FireResult, NoticeDraft, Recipient, dedup_key

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from portal.engine.domain.drafts import DueDeadline, NoticeFacts
    from portal.engine.registries import JobProgress

KIND, NOTICE, TYPE = "chaos.step", "chaos.page", "chaos.page"
LOCK = "SELECT id FROM chaos_page WHERE id = %s FOR UPDATE"
LOCK_AT_ONCE = f"{LOCK} NOWAIT"
SECRET = "whsec_" + "Y2hhb3MtY2hhb3MtY2hhb3MtY2hhb3M="


class Steps:
    """Pages open subjects; an acknowledged one ends as `nothing`. Busy subjects are left out."""

    def fire(self, deadlines: Sequence[DueDeadline], *, at: datetime) -> Mapping[int, FireResult]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, state FROM chaos_page WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED",
                [[deadline.subject.id for deadline in deadlines]],
            )
            states = dict(cursor.fetchall())
        found = [deadline for deadline in deadlines if deadline.subject.id in states]
        return {each.id: _fired(each, states[each.subject.id], at) for each in found}


def _fired(deadline: DueDeadline, state: str, at: datetime) -> FireResult:
    if state != "open":
        return FireResult("nothing", state)
    to = Recipient(endpoint=f"chaos:{deadline.payload.get('to', 'web')}")
    key = dedup_key(NOTICE, deadline.subject, deadline.step, to)
    notice = NoticeDraft(NOTICE, key, deadline.subject, to, "page", {"n": str(deadline.subject.id)})
    wait, last = deadline.payload.get("wait", 0), deadline.payload.get("last", 0)
    if deadline.step >= last:
        return FireResult("done", notices=(notice,))
    later = at + timedelta(seconds=wait)
    step = DeadlineDraft(KIND, deadline.subject, later, deadline.step + 1, dict(deadline.payload))
    return FireResult("done", notices=(notice,), deadlines=(step,))


class Pages:
    """The subject's room."""

    def lock(self, subject_id: int, *, nowait: bool) -> Any:
        sql = LOCK_AT_ONCE if nowait else LOCK
        with connection.cursor() as cursor:
            cursor.execute(sql, [subject_id])
            return cursor.fetchone()

    def acknowledge(self, subject: Any, *, actor: Any, at: datetime) -> Collection[str]:
        del actor, at
        with connection.cursor() as cursor:
            cursor.execute("UPDATE chaos_page SET state = 'acknowledged' WHERE id = %s", [subject[0]])
        return [KIND]

    def visible_to(self, user: Any, subject_ids: Collection[int]) -> set[int]:
        del user
        return set(subject_ids)

    def is_responder(self, user: Any, subject_id: int) -> bool:
        del user, subject_id
        return True

    def delivery_dead(self, subject_id: int, notice: NoticeFacts, *, at: datetime) -> None:
        del subject_id, notice, at


def plan(notice: NoticeFacts) -> Sequence[DeliveryDraft]:
    """One signed webhook to the fake provider; or to the far end that misbehaves, by web, by TLS or by mail."""
    number, bad = notice.subject.id, f"127.0.0.1:{os.environ['CHAOS_BAD_PORT']}/page"
    if notice.endpoint_ref == "chaos:mail":
        return [DeliveryDraft("email", f"chaos:mail:{number}", f"page{number}@example.com")]
    urls = {"chaos:bad": f"http://{bad}", "chaos:tls": f"https://{bad}"}
    url = urls.get(notice.endpoint_ref, os.environ["CHAOS_URL"])
    return [DeliveryDraft("webhook", notice.endpoint_ref, webhook_address(url, [SECRET]))]


def work(args: Mapping[str, Any], progress: JobProgress) -> Mapping[str, Any]:
    """A job that is done at once."""
    del args, progress
    return {"done": True}
