"""What the kernel registers for itself."""

from __future__ import annotations

from portal.core.registries import register_append_only, register_verb

register_verb("core.undone", "{actor} took back a change of {subject}")
register_verb("core.downloaded", "{actor} downloaded a list", why_no_undo="What was taken out of the house stays out.")
register_verb(
    "core.keys_rotated", "{actor} wrote secrets anew under the newest key", why_no_undo="It changes no secret."
)
register_append_only("core_auditentry")
register_append_only("core_auditseal")
register_append_only("core_calendarversion")
register_append_only("core_rowchange")

register_verb("core.calendar_created", "{actor} added {subject}")
register_verb("core.calendar_published", "{actor} published new hours for {subject}")
