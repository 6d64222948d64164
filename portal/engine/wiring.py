"""What the engine registers with the kernel and with itself."""

from __future__ import annotations

from portal.core.registries import register_append_only

register_append_only("engine_attempt")
