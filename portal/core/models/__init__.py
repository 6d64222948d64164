"""Tables of the kernel."""

from __future__ import annotations

from portal.core.models.audit import AuditEntry
from portal.core.models.calendars import BusinessCalendar, CalendarVersion
from portal.core.models.doors import IdempotencyKey, RateBucket
from portal.core.models.drafts import Draft, SavedView
from portal.core.models.expressions import PortalNow
from portal.core.models.imports import ImportIssue, ImportRun, ImportSource
from portal.core.models.later import Later
from portal.core.models.row_changes import RowChange
from portal.core.models.seals import AuditSeal
from portal.core.models.settings import Setting

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "BusinessCalendar",
    "CalendarVersion",
    "Draft",
    "IdempotencyKey",
    "ImportIssue",
    "ImportRun",
    "ImportSource",
    "Later",
    "PortalNow",
    "RateBucket",
    "RowChange",
    "SavedView",
    "Setting",
]
