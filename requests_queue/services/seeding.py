"""The policies every installation starts with (spec sla 5); an admin's later versions stand."""

from __future__ import annotations

from typing import Any

from portal.core import clock
from requests_queue.domain.ladder import DEFAULT_LADDER
from requests_queue.models import ExemptKind, PolicyMatch, SlaPolicy, SlaPolicyVersion

MINUTE, HOUR = 60, 3600
QUESTION = "Questions and access"
ISSUE = "Data issues"
WORK = "Extracts, metrics, changes and backfills"
QUICK = "Quick wins"
# Counted seconds as (normal, urgent); a day of nine hours is written in hours, the clock never sees a day.
DEFAULTS: dict[str, dict[str, tuple[int, int]]] = {
    QUESTION: {
        "first_response": (2 * HOUR, 30 * MINUTE), "decision": (9 * HOUR, 2 * HOUR),
        "resolution": (9 * HOUR, 4 * HOUR), "next_update": (9 * HOUR, 4 * HOUR),
    },
    ISSUE: {
        "first_response": (HOUR, 30 * MINUTE), "decision": (4 * HOUR, HOUR),
        "resolution": (18 * HOUR, 9 * HOUR), "next_update": (9 * HOUR, 4 * HOUR),
    },
    WORK: {
        "first_response": (4 * HOUR, HOUR), "decision": (18 * HOUR, 4 * HOUR),
        "resolution": (45 * HOUR, 18 * HOUR), "next_update": (18 * HOUR, 9 * HOUR),
    },
    QUICK: {
        "first_response": (4 * HOUR, HOUR), "decision": (18 * HOUR, 4 * HOUR),
        "resolution": (9 * HOUR, 4 * HOUR), "next_update": (9 * HOUR, 4 * HOUR),
    },
}  # fmt: skip
MATCHES: tuple[tuple[int, str | None, str | None, str], ...] = (
    (5, None, "small", QUICK),
    (10, "question", None, QUESTION),
    (20, "access", None, QUESTION),
    (30, "data_issue", None, ISSUE),
    (1000, None, None, WORK),
)
# Work that no budget and no token holds back (spec requests 8); an admin adds more.
EXEMPT_KINDS = (
    ("law-enforcement", "Law enforcement"), ("legal-hold", "Legal hold or regulator"),
    ("security-incident", "Security incident"), ("privacy-deadline", "Privacy deadline"),
)  # fmt: skip
PAUSES = ["waiting_on_requester", "waiting_on_upstream"]


def seed_policies() -> None:
    """Write the default policies where none is there yet; safe to repeat."""
    for name, targets in DEFAULTS.items():
        policy, _ = SlaPolicy.objects.get_or_create(name=name)
        if not policy.versions.exists():
            SlaPolicyVersion.objects.create(
                policy=policy, n=1, targets=_targets(targets), pause_states=PAUSES, ladder=list(DEFAULT_LADDER),
                created_at=clock.now(),
            )  # fmt: skip
    if not PolicyMatch.objects.exists():
        for rank, kind, size, name in MATCHES:
            PolicyMatch.objects.create(rank=rank, kind=kind, size=size, policy=SlaPolicy.objects.get(name=name))


def seed_exempt_kinds() -> None:
    """The four kinds of exempt work, where they are missing; safe to repeat."""
    for slug, name in EXEMPT_KINDS:
        ExemptKind.objects.get_or_create(slug=slug, defaults={"name": name})


def _targets(targets: dict[str, tuple[int, int]]) -> dict[str, Any]:
    return {clock_kind: {"normal": normal, "urgent": urgent} for clock_kind, (normal, urgent) in targets.items()}
