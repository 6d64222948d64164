"""What the site itself adds to the registries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.checks import register

from portal.core.registries import (
    contribute,
    register_command,
    register_nav,
    register_panel,
    register_topic,
    register_verb,
)
from portal.engine.registries import register_job_kind, register_notice_kind, register_periodic
from portal.site.checks import icons_are_known
from portal.site.domain.topics import TOPICS
from portal.site.panels import auditor, checklist, needs_you, news, system, team_week, which_team
from portal.site.queries.away import absence_step, covers_of, while_away
from portal.site.queries.day import needs_of
from portal.site.queries.inbox import unread_count
from portal.site.queries.place import person_line
from portal.site.queries.visible_changes import of_assets, of_hidden_requests, of_requests, of_teams
from portal.site.services.backup_jobs import BACKUP_JOB, VERIFY_JOB, run_backup, run_verification
from portal.site.services.checking_up import CHECKS_JOB, run_checks
from portal.site.services.events_out import EVENTS_JOB, KIND, run_events_out
from portal.site.services.follow_watch import FOLLOW_JOB, run_follow_watch
from portal.site.services.later import undo_later

if TYPE_CHECKING:
    from datetime import datetime


def _need_count(viewer: Any, at: datetime) -> int:
    return len(needs_of(viewer, at))


def _unread(viewer: Any, at: datetime) -> int:
    del at
    return unread_count(viewer)


register(icons_are_known)
register_nav("home", "My day", "home", "sun", 10, shortcut="g d", count=_need_count)
register_nav("inbox", "Inbox", "inbox", "bell", 15, shortcut="g n", count=_unread, is_live=True)
register_nav("api", "API", "api_docs", "code", 95, group="Team", is_minor=True)
register_nav("changes", "Changes", "changes", "history", 90, group="Team", is_minor=True)
register_nav("reports", "Reports", "reports", "chart-column", 80, group="Team", shortcut="g e")
register_nav("load", "Load & health", "load", "heart-pulse", 70, group="Team", shortcut="g h")
register_nav("endpoints", "Endpoints", "endpoints", "webhook", 94, group="Team", is_minor=True)
register_nav("status", "Status", "status", "heart-pulse", 96, group="Team", is_minor=True)
contribute("person.absence", absence_step)
contribute("absence.covers", covers_of)
register_panel("person.day", "back", 12, while_away, "site/back.html")
register_panel("person.day", "needs_you", 20, needs_you, "site/needs_you.html")
register_panel("person.day", "checklist", 80, checklist, "site/checklist.html")
register_panel("person.day", "news", 82, news, "site/news.html")
register_panel("person.day", "which_team", 10, which_team, "site/block.html")
register_panel("person.day", "team_week", 50, team_week, "site/block.html")
register_panel("person.day", "system", 85, system, "site/block.html")
register_panel("person.day", "auditor", 90, auditor, "site/block.html")
contribute("shell.person_line", person_line)
for _condition in (of_assets, of_teams, of_requests):
    contribute("changes.visible", _condition)
contribute("changes.hidden", of_hidden_requests)
register_command("welcome", "Set up a team", "welcome_next", "sparkles")
register_command("reports", "Open the reports", "reports", "chart-column")
register_command("setup", "Check this installation", "setup", "wrench", lambda viewer: bool(viewer.is_admin))
register_command("endpoints", "Send alerts and events to another system", "endpoints", "webhook")
register_command("load", "See what you carry", "load", "heart-pulse")
register_verb("site.need_put_off", "{actor} left for another day {subject}", undo=undo_later)
register_verb("site.need_taken_back", "{actor} took up again {subject}", why_no_undo="It can be put off again.")
register_verb("site.load_viewed", "{actor} looked at the load of {subject}", why_no_undo="A look stays a look.")
register_command("changes", "See what changed", "changes", "history")
register_job_kind(BACKUP_JOB, run_backup)
register_job_kind(VERIFY_JOB, run_verification)
register_job_kind(CHECKS_JOB, run_checks)
register_periodic(CHECKS_JOB, job_kind=CHECKS_JOB, every_seconds=300)
register_periodic(BACKUP_JOB, job_kind=BACKUP_JOB, cron="30 3 * * *")
register_periodic(VERIFY_JOB, job_kind=VERIFY_JOB, cron="0 5 * * 0")
for _verb, _sentence in {
    "backup_made": "{actor} made a backup",
    "backup_restored": "{actor} restored a backup",
    "backup_verified": "{actor} restored the newest backup on trial",
}.items():
    register_verb(f"site.{_verb}", _sentence, why_no_undo="What was kept outside stays there.")

for _topic in TOPICS:
    register_topic(_topic.name, _topic.subject_type, {"act": _topic.verbs[0]}, is_external=True)
register_job_kind(FOLLOW_JOB, run_follow_watch)
register_periodic(FOLLOW_JOB, job_kind=FOLLOW_JOB, every_seconds=30)
register_job_kind(EVENTS_JOB, run_events_out)
register_periodic(EVENTS_JOB, job_kind=EVENTS_JOB, every_seconds=5)
register_notice_kind(
    KIND, "info", ["topic", "event"], acknowledgeable=False, title="{topic}", text="An event you subscribed to.",
    is_event=True,
)  # fmt: skip
register_verb("site.events_redelivered", "{actor} sent events to {subject} again", why_no_undo="What was sent is sent.")
