"""The trigger of tables whose history is never rewritten."""

from __future__ import annotations

import pgtrigger


def append_only() -> pgtrigger.Protect:
    """Refuses UPDATE and DELETE for every role; `register_append_only` takes the right away as well."""
    return pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
