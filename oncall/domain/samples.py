"""What each kind of sender sends, to copy and to try: bodies that our own readers take (spec oncall 7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

KEY = "$HEADWATER_KEY"


@dataclass(frozen=True)
class Sample:
    """A body with what it says."""

    title: str
    body: dict[str, Any]


def samples_of(kind: str, asset: str) -> tuple[Sample, Sample]:
    """A firing and a resolved body of this kind about the asset; raises `KeyError` for another kind."""
    return _SAMPLES[kind](asset)


def snippet_of(kind: str, address: str) -> str:
    """How the sender is set up, with the key as a variable of the environment; raises `KeyError`."""
    return _SNIPPETS[kind].replace("ADDRESS", address).strip("\n")


def _alertmanager(asset: str) -> tuple[Sample, Sample]:
    labels = {"alertname": "DataLate", "severity": "critical", "asset": asset}
    alert = {
        "status": "firing", "labels": labels, "annotations": {"summary": f"{asset} is late"},
        "startsAt": "2027-02-03T02:05:00Z", "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "https://prometheus.example/graph", "fingerprint": "f1a9c2d3e4b50617",
    }  # fmt: skip
    over = alert | {"status": "resolved", "endsAt": "2027-02-03T03:05:00Z"}
    message = {"version": "4", "groupKey": '{}:{alertname="DataLate"}', "receiver": "headwater"}
    return (
        Sample("An alert fires", message | {"status": "firing", "alerts": [alert]}),
        Sample("It is over", message | {"status": "resolved", "alerts": [over]}),
    )


def _pagerduty(asset: str) -> tuple[Sample, Sample]:
    payload = {"summary": f"{asset} failed", "source": "scheduler", "severity": "critical", "component": asset}
    message = {"routing_key": KEY, "dedup_key": f"{asset}/daily"}
    return (
        Sample("An event triggers", message | {"event_action": "trigger", "payload": payload}),
        Sample("It is over", message | {"event_action": "resolve"}),
    )


def _airflow(asset: str) -> tuple[Sample, Sample]:
    run = {
        "dag_id": asset, "task_id": "load", "run_id": "scheduled__2027-02-03", "logical_date": "2027-02-03T00:00:00Z",
        "try_number": 2, "log_url": "https://airflow.example/log", "asset": asset,
    }  # fmt: skip
    return (
        Sample("A task fails", run | {"state": "failed", "exception": "Exit 137: the executor was lost"}),
        Sample("It succeeds", run | {"state": "success"}),
    )


def _generic(asset: str) -> tuple[Sample, Sample]:
    message = {"dedup_key": f"{asset}:daily", "asset": asset}
    return (
        Sample("Something fails", message | {"status": "firing", "title": f"{asset} failed", "detail": "No rows."}),
        Sample("It is over", message | {"status": "resolved"}),
    )


_SAMPLES = {"alertmanager": _alertmanager, "pagerduty": _pagerduty, "airflow": _airflow, "generic": _generic}
_SNIPPETS = {
    "alertmanager": """
receivers:
  - name: headwater
    webhook_configs:
      - url: ADDRESS
        http_config:
          authorization:
            type: Bearer
            credentials_file: /etc/alertmanager/headwater.key
""",
    "pagerduty": """
curl -sS ADDRESS \\
  -H 'Content-Type: application/json' \\
  -d '{"routing_key": "'"$HEADWATER_KEY"'", "event_action": "trigger",
       "payload": {"summary": "It failed", "source": "scheduler", "severity": "critical"}}'
""",
    "airflow": """
import json, os, urllib.request

def tell_headwater(context):
    ti = context["ti"]
    body = {
        "dag_id": ti.dag_id, "task_id": ti.task_id, "run_id": context["run_id"],
        "logical_date": str(context["logical_date"]), "try_number": ti.try_number,
        "state": str(ti.state), "log_url": ti.log_url, "exception": str(context.get("exception") or ""),
    }
    request = urllib.request.Request("ADDRESS", json.dumps(body).encode(), {
        "Authorization": "Bearer " + os.environ["HEADWATER_KEY"], "Content-Type": "application/json",
    })
    urllib.request.urlopen(request, timeout=5).close()

default_args = {"on_failure_callback": tell_headwater, "on_success_callback": tell_headwater}
""",
    "generic": """
id=msg_$(date +%s%N); ts=$(date +%s)
body='{"dedup_key": "orders:daily", "status": "firing", "title": "orders failed", "asset": "orders"}'
key=$(printf %s "${HEADWATER_KEY#whsec_}" | base64 -d | od -An -tx1 | tr -d ' \\n')
sig=$(printf %s "$id.$ts.$body" | openssl dgst -sha256 -mac HMAC -macopt hexkey:$key -binary | base64)
curl -sS ADDRESS -H 'Content-Type: application/json' -H "webhook-id: $id" \\
  -H "webhook-timestamp: $ts" -H "webhook-signature: v1,$sig" -d "$body"
""",
}
