"""What the kernel registers for itself."""

from __future__ import annotations

from portal.core.registries import register_append_only

register_append_only("core_auditentry")
register_append_only("core_calendarversion")
register_append_only("core_rowchange")
