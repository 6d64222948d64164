"""The view model of `/status/`: whether alerts go out, and who sends them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import connection

from portal.core.web.presentation import Badge, Fact, duration_words
from portal.engine.domain.troubles import TROUBLES
from portal.engine.queries.health import Figures, engine_health, fired_by
from portal.site.queries.safekeeping import safekeeping
from requests_queue.queries.embedding import seen_lexical

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

# That something private was sent a minute ago is no business of the house.
CHANNELS = """
SELECT d.channel, extract(epoch FROM portal_now() - max(d.sent_at) FILTER (WHERE NOT n.is_private)),
       count(*) FILTER (WHERE d.state = 'dead' AND d.final_at > portal_now() - interval '1 day')
FROM engine_delivery d JOIN engine_notice n ON n.id = d.notice_id GROUP BY 1 ORDER BY 1
"""
ALIVE = """
SELECT component, count(*), extract(epoch FROM portal_now() - max(beat_at)) FROM engine_heartbeat
WHERE beat_at > portal_now() - interval '1 hour' GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True)
class Status:
    """Ready strings; `troubles` is empty when all is well."""

    badge: Badge
    troubles: Sequence[str]
    facts: Sequence[Fact]
    channels: Sequence[tuple[str, str, str]]
    alive: Sequence[tuple[str, str, str]]
    fired: Sequence[tuple[str, str]]


def status(at: datetime) -> Status:
    """Everything the page shows, in six queries."""
    health = engine_health(at)
    return Status(
        badge=Badge("All alerts on time", "ok", "check") if health.is_well else Badge("Alerts are late", "bad", "x"),
        troubles=[TROUBLES[reason] for reason in health.reasons],
        facts=[*_facts(health.figures), *_kept(at), Fact("Suggestions", _suggestions())],
        channels=[(name, _ago(age), str(dead)) for name, age, dead in _rows(CHANNELS)],
        alive=[(name, str(count), _ago(age)) for name, count, age in _rows(ALIVE)],
        fired=[(firing.component, str(firing.count)) for firing in fired_by(at)],
    )


def _facts(figures: Figures) -> list[Fact]:
    return [
        Fact("Last look at the deadlines", _ago(figures.tick_age)),
        Fact("Test message arrived", _ago(figures.canary_age)),
        Fact("It took", "not yet known" if figures.canary_lag is None else f"{figures.canary_lag:.1f} s"),
        Fact("Overdue by more than 30 s", str(figures.deadlines_overdue)),
        Fact("Not sent for more than 60 s", str(figures.deliveries_overdue)),
        Fact("Pages without a way", str(figures.unrouted)),
    ]


def _kept(at: datetime) -> list[Fact]:
    kept = safekeeping()
    trial = "" if kept.trial_is_good or kept.trial_at is None else ", and the copy was not equal"
    return [
        Fact("Last backup", _since(kept.backup_at, at)),
        Fact("Last trial restore", _since(kept.trial_at, at) + trial),
        Fact("History sealed", f"up to {kept.seal_day}" if kept.seal_day else "not yet"),
    ]


def _suggestions() -> str:
    reason = seen_lexical()
    return f"by words alone: {reason}" if reason else "by meaning and by words"


def _since(then: datetime | None, at: datetime) -> str:
    return _ago((at - then).total_seconds() if then else None)


def _ago(seconds: float | None) -> str:
    return "never" if seconds is None else f"{duration_words(int(max(0, seconds)))} ago"


def _rows(sql: str) -> list[tuple[str, float, float]]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())
