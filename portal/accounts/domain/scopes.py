"""What a token may be allowed; each room's acts name one of these (spec security 4)."""

from __future__ import annotations

PRIVATE_SCOPE = "private:read"
RESOURCES = (
    "people",
    "absences",
    "me",
    "endpoints",
    "ownership",
    "imports",
    "requests",
    "faq",
    "calendars",
    "engine",
    "oncall",
    "incidents",
    "oncall",
    "events",
    "plans",
)
VERBS = frozenset(
    {
        "tokens:write",
        "requests:triage",
        "requests:approve",
        "incidents:acknowledge",
        "metrics:read",
        "audit:read",
        "search:read",
        "notices:read",
        "sla:read",
        PRIVATE_SCOPE,
        "lineage:write",
        "plans:lock",
        "reports:read",
    }
)
SCOPES = frozenset(f"{resource}:{act}" for resource in RESOURCES for act in ("read", "write")) | VERBS
