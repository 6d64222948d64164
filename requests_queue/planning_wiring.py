"""What planning and reports register with the kernel and the engine; called once by the room's `wiring`."""

from __future__ import annotations

from portal.core.registries import register_append_only, register_verb

_VERBS = {
    "plan_drafted": "drafted", "candidate_nominated": "put on the list of the plan:",
}  # fmt: skip


def register_planning() -> None:
    for table in ("planchange", "modeloutcome"):
        register_append_only(f"requests_queue_{table}")
    for verb, words in _VERBS.items():
        register_verb(
            f"requests.{verb}", f"{{actor}} {words} {{subject}}", why_no_undo="The plan keeps its history of changes."
        )
