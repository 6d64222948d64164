"""How a pipeline asks whether it may start, to copy: Airflow, dbt and shell (spec additions, pre-checks).

After two seconds without an answer each follows `on_unreachable`: open starts, closed does not.
"""

from __future__ import annotations

PLACES = ("Shell", "Airflow", "dbt")


def snippets_of(address: str, on_unreachable: str) -> list[tuple[str, str]]:
    """(where, text) of each; `address` is that of `evaluate` for the consumer."""
    starts = on_unreachable != "closed"
    shell, airflow, dbt = (text.strip("\n").replace("ADDRESS", address) for text in (_SHELL, _AIRFLOW, _DBT))
    code = "0" if starts else "1"
    return [
        ("Shell", shell.replace("CODE", code)),
        ("Airflow", airflow.replace("STARTS", str(starts))),
        ("dbt", dbt.replace("CODE", code)),
    ]


_SHELL = """
answer=$(curl -sS -m 2 -X POST -H "Authorization: Bearer $HEADWATER_TOKEN" ADDRESS) || exit CODE
printf '%s' "$answer" | grep -q '"ok": *true'
"""
_AIRFLOW = """
import json, os, urllib.request
from airflow.operators.python import ShortCircuitOperator

def may_start():
    request = urllib.request.Request("ADDRESS", b"", {"Authorization": "Bearer " + os.environ["HEADWATER_TOKEN"]})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            return json.load(answer)["ok"]
    except OSError:
        return STARTS

check = ShortCircuitOperator(task_id="may_start", python_callable=may_start)
"""
_DBT = """
#!/bin/sh
# before `dbt build`: the run stops where the check says no
answer=$(curl -sS -m 2 -X POST -H "Authorization: Bearer $HEADWATER_TOKEN" ADDRESS) || exit CODE
printf '%s' "$answer" | grep -q '"ok": *true' && dbt build --fail-fast
"""
