"""dbt manifests."""

from __future__ import annotations
