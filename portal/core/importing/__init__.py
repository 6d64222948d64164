"""Reading files of others into the register: parse, plan, apply (spec import_formats 1)."""

from __future__ import annotations
