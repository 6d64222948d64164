"""Running what is below a rebuilt table, in order; a failure holds only what needs it (spec ownership 14)."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

TRIGGER_KINDS = ("airflow2", "airflow3", "dbt_cloud", "generic")
TRIGGER_WORDS = {
    "airflow2": "Airflow 2: POST …/api/v1/dags/<dag>/dagRuns",
    "airflow3": "Airflow 3: POST …/api/v2/dags/<dag>/dagRuns",
    "dbt_cloud": "dbt Cloud: POST …/jobs/<job>/run/",
    "generic": "Something of our own: signed JSON with the key",
}


class TriggerState(StrEnum):
    TODO = "todo"
    SENT = "sent"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


FINISHED = frozenset({TriggerState.DONE, TriggerState.FAILED})
UNDER_WAY = frozenset({TriggerState.SENT, TriggerState.RUNNING})


def ready(states: Mapping[int, str], after: Mapping[int, Collection[int]]) -> list[int]:
    """Which may run now: not begun, and everything before it is done. In the order of `states`."""
    return [
        node
        for node, state in states.items()
        if state == TriggerState.TODO and all(states.get(one) == TriggerState.DONE for one in after.get(node, ()))
    ]


def held(states: Mapping[int, str], after: Mapping[int, Collection[int]]) -> dict[int, int]:
    """What cannot run, with the failure that holds it: the descendants of failures and nothing else."""
    found: dict[int, int] = {}
    for node, state in states.items():
        if state != TriggerState.TODO:
            continue
        for one in after.get(node, ()):
            if states.get(one) == TriggerState.FAILED:
                found[node] = one
            elif one in found:
                found[node] = found[one]
    return found


def trigger_key(plan_code: str, step: str, asset_id: int) -> str:
    """The idempotency key of a run: the same however often it is sent."""
    return f"{plan_code}:{step}:{asset_id}"


def trigger_body(kind: str, key: str, job: str, asset: str) -> dict[str, Any]:
    """What the scheduler is told. Airflow takes the key as the id of the run, so a repeat is refused by itself.

    Airflow 2 (`POST /api/v1/dags/{dag}/dagRuns`) and 3 (`/api/v2/...`, `logical_date` required, null for now); dbt
    Cloud (`POST /api/v2/accounts/{account}/jobs/{job}/run/`, `cause`).
    """
    conf = {"headwater_key": key, "asset": asset}
    if kind == "airflow2":
        return {"dag_run_id": key, "conf": conf}
    if kind == "airflow3":
        return {"dag_run_id": key, "logical_date": None, "conf": conf}
    if kind == "dbt_cloud":
        return {"cause": f"Headwater {key}: {asset}"}
    return {"type": "ownership.trigger", "key": key, "job": job, "asset": asset}
