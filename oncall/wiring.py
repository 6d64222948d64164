"""What this room registers with the kernel and the engine."""

from __future__ import annotations

from portal.core.registries import register_append_only

# What was served, earned and told is never rewritten.
for table in ("effectiveshift", "dutyledgerentry", "shiftnote"):
    register_append_only(f"oncall_{table}")
