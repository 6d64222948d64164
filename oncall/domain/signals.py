"""What senders say, in one shape: a parser for each kind of integration (spec oncall 7)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FIRING, RESOLVED, ACKNOWLEDGED = "firing", "resolved", "acknowledged"
KEY_LENGTH, TITLE_LENGTH, DETAIL_LENGTH = 255, 300, 2000
MOST_ALERTS = 200
ASSET_LABELS = ("asset", "dataset", "table", "model", "pipeline", "dag_id", "job")
SEVERITIES = ("critical", "error", "warning", "info")


@dataclass(frozen=True)
class Signal:
    """One statement about one thing. `names` are what the asset may be called, the most telling first."""

    dedup_key: str
    status: str
    title: str
    detail: str = ""
    names: tuple[str, ...] = ()
    run: str = ""
    url: str = ""
    at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def parse(kind: str, body: Any, mapping: Mapping[str, Any]) -> list[Signal]:
    """The signals of a body; raises `DomainError` `oncall.bad_signal` with the field at fault."""
    if not isinstance(body, dict):
        raise _bad("body", "an object is expected")
    return PARSERS[kind](body, mapping)


def _alertmanager(body: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[Signal]:
    """Webhook version 4: each alert of the group by its fingerprint."""
    if str(body.get("version", "4")) != "4":
        raise _bad("version", "only webhook version 4 is read")
    alerts = body.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise _bad("alerts", "a list with at least one alert is expected")
    if len(alerts) > MOST_ALERTS:
        raise _bad("alerts", f"at most {MOST_ALERTS} alerts belong to one message")
    return [_of_alertmanager(alert, mapping) for alert in alerts]


def _of_alertmanager(alert: Any, mapping: Mapping[str, Any]) -> Signal:
    if not isinstance(alert, dict):
        raise _bad("alerts", "each alert is an object")
    labels, notes = _texts(alert.get("labels")), _texts(alert.get("annotations"))
    status = alert.get("status")
    if status not in (FIRING, RESOLVED):
        raise _bad("alerts.status", "firing or resolved is expected")
    key = str(alert.get("fingerprint") or _hash(labels))
    title = notes.get("summary") or labels.get("alertname") or key
    when = alert.get("endsAt") if status == RESOLVED else alert.get("startsAt")
    return Signal(
        _key(key), status, _cut(title, TITLE_LENGTH), _cut(notes.get("description", ""), DETAIL_LENGTH),
        _names(labels, mapping), url=_link(alert.get("generatorURL")), at=_instant(when), facts={"labels": labels},
    )  # fmt: skip


def _pagerduty(body: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[Signal]:
    """Events v2: trigger, acknowledge, resolve; a trigger without key gets one."""
    action = body.get("event_action")
    statuses = {"trigger": FIRING, "resolve": RESOLVED, "acknowledge": ACKNOWLEDGED}
    if action not in statuses:
        raise _bad("event_action", "trigger, acknowledge or resolve is expected")
    payload = body.get("payload") or {}
    if not isinstance(payload, dict):
        raise _bad("payload", "an object is expected")
    key = str(body.get("dedup_key") or "")
    if action != "trigger" and not key:
        raise _bad("dedup_key", "it is needed to acknowledge or resolve")
    summary = str(payload.get("summary") or "")
    if action == "trigger" and not (summary and payload.get("source")):
        raise _bad("payload.summary" if not summary else "payload.source", "it is needed to trigger")
    if action == "trigger" and payload.get("severity") not in SEVERITIES:
        raise _bad("payload.severity", f"one of {', '.join(SEVERITIES)} is expected")
    facts = {str(name): payload.get(name) for name in ("source", "component", "group", "class") if payload.get(name)}
    details = payload.get("custom_details")
    details = details if isinstance(details, dict) else {}
    names = _names(_texts(facts | details), mapping, ("asset", "component", "source", "group"))
    detail = json.dumps(details, sort_keys=True)[:DETAIL_LENGTH] if details else ""
    return [
        Signal(
            _key(key or _hash(body)), statuses[action], _cut(summary or key, TITLE_LENGTH), detail, names,
            url=_link(body.get("client_url")), at=_instant(payload.get("timestamp")), facts=facts,
        )
    ]  # fmt: skip


def _airflow(body: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[Signal]:
    """The failure callback of our snippet: one task of one logical date."""
    dag, task = str(body.get("dag_id") or ""), str(body.get("task_id") or "")
    if not dag:
        raise _bad("dag_id", "it is needed")
    logical = str(body.get("logical_date") or body.get("execution_date") or "")
    state = str(body.get("state") or "failed")
    status = RESOLVED if state in ("success", "resolved") else FIRING
    title = f"{dag}.{task} failed" if task else f"{dag} failed"
    detail = str(body.get("exception") or "")
    names = _names({"dag_id": dag, "asset": str(body.get("asset") or "")}, mapping, ("asset", "dag_id"))
    return [
        Signal(
            _key(f"{dag}:{task}:{logical}"), status, _cut(title, TITLE_LENGTH), _cut(detail, DETAIL_LENGTH),
            (*names, *((f"{dag}.{task}",) if task else ())), run=f"airflow:{dag}:{body.get('run_id') or logical}"[:200],
            url=_link(body.get("log_url")), at=_instant(body.get("at")),
            facts={"try": body.get("try_number"), "logical_date": logical},
        )
    ]  # fmt: skip


def _generic(body: Mapping[str, Any], mapping: Mapping[str, Any]) -> list[Signal]:
    """Fields by dotted paths of `mapping`; the key is required."""
    paths = {"dedup_key": "dedup_key", "status": "status", "title": "title", "detail": "detail", "asset": "asset",
             "url": "url", "at": "at", "run": "run"} | {str(name): str(path) for name, path in mapping.items()
                                                       if isinstance(path, str)}  # fmt: skip
    found = {name: _at_path(body, path) for name, path in paths.items()}
    if found["dedup_key"] in (None, ""):
        raise _bad(paths["dedup_key"], "the key is needed")
    word = str(found["status"] or FIRING).lower()
    status = RESOLVED if word in ("resolved", "ok", "success", "closed", "normal") else FIRING
    title = str(found["title"] or found["dedup_key"])
    renamed = mapping.get("assets") if isinstance(mapping.get("assets"), dict) else {}
    names = (str((renamed or {}).get(str(found["asset"]), found["asset"])),) if found["asset"] else ()
    return [
        Signal(
            _key(str(found["dedup_key"])), status, _cut(title, TITLE_LENGTH),
            _cut(str(found["detail"] or ""), DETAIL_LENGTH), names, run=str(found["run"] or "")[:200],
            url=_link(found["url"]), at=_instant(found["at"]),
        )
    ]  # fmt: skip


PARSERS: dict[str, Callable[[Mapping[str, Any], Mapping[str, Any]], list[Signal]]] = {
    "alertmanager": _alertmanager, "pagerduty": _pagerduty, "airflow": _airflow, "generic": _generic,
}  # fmt: skip


def _names(
    labels: Mapping[str, str], mapping: Mapping[str, Any], order: tuple[str, ...] = ASSET_LABELS
) -> tuple[str, ...]:
    """What the asset may be called: the label the mapping names, then the usual ones; `assets` renames a value."""
    label = mapping.get("asset_label")
    wanted = [str(label), *order] if label else list(order)
    renamed = mapping.get("assets") if isinstance(mapping.get("assets"), dict) else {}
    found = [labels[name] for name in wanted if labels.get(name)]
    return tuple(dict.fromkeys(str((renamed or {}).get(name, name)) for name in found))


def _at_path(body: Any, path: str) -> Any:
    for part in path.removeprefix("$.").split("."):
        if isinstance(body, list) and part.isdecimal() and int(part) < len(body):
            body = body[int(part)]
        elif isinstance(body, dict):
            body = body.get(part)
        else:
            return None
    return body if isinstance(body, str | int | float) else None


def _texts(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {}
    return {str(name)[:100]: str(value)[:500] for name, value in list(given.items())[:100]}


def _instant(given: Any) -> datetime | None:
    """An instant with a zone; the zero time of Go and what cannot be read are none."""
    try:
        found = datetime.fromisoformat(str(given))
    except ValueError:
        return None
    year = 2000
    return found.astimezone(UTC) if found.tzinfo is not None and found.year >= year else None


def _link(given: Any) -> str:
    text = str(given or "")[:1000]
    return text if text.startswith(("https://", "http://")) else ""


def _key(text: str) -> str:
    return text if len(text) <= KEY_LENGTH else hashlib.sha256(text.encode()).hexdigest()


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:32]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def _bad(field_name: str, message: str) -> DomainError:
    return DomainError("oncall.bad_signal", f"{field_name}: {message}.", field_name)
