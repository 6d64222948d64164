"""Which release this code is; `pyproject.toml` says the same (a test compares them)."""

from __future__ import annotations

RELEASE = "0.1.0"
