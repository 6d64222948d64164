"""Structured logs on standard output: JSON in production, readable lines in development (spec operations 5).

A processor masks secrets by key and by pattern, whatever a caller hands in (spec security 11).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import structlog

from portal.core import context

if TYPE_CHECKING:
    from collections.abc import MutableMapping

    from structlog.typing import Processor


MASK = "[redacted]"
SECRET_KEYS = re.compile(r"password|token|secret|authorization|cookie|address|body|csrf", re.IGNORECASE)
SECRET_TEXT = re.compile(
    r"hwt_[\w-]+|whsec_[\w+/=-]+|(?i:bearer)\s+\S+|(?<=/a/)[\w.:-]+|(?<=/ical/)[\w.-]+|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
)
LOUD_LIBRARIES = ("django.request", "django.security")


def masked(value: Any) -> Any:
    """The value without secrets; containers are masked inside."""
    if isinstance(value, str):
        return SECRET_TEXT.sub(MASK, value)
    if isinstance(value, dict):
        return {key: MASK if SECRET_KEYS.search(str(key)) else masked(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [masked(inner) for inner in value]
    return value


def mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: masks every field of an event."""
    for key, value in event.items():
        event[key] = MASK if SECRET_KEYS.search(key) else masked(value)
    return event


def add_context(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: the request or job this line belongs to."""
    current = context.current()
    if current.request_id:
        event.setdefault("request_id", current.request_id)
    event.setdefault("via", current.via)
    return event


def one_line(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: a text cannot forge a second line."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception":
            event[key] = value.replace("\r", "\\r").replace("\n", "\\n")
    return event


SHARED: list[Processor] = [
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", key="ts"),
    add_context,
    structlog.processors.format_exc_info,
    mask,
    one_line,
]


def configure(*, is_json: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return Django's LOGGING, so that libraries' lines take the same way."""
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if is_json
        else structlog.dev.ConsoleRenderer(colors=False, timestamp_key="ts")
    )
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout", "formatter": "line"}},
        "root": {"handlers": ["stdout"], "level": level},
        "loggers": {name: {"level": "ERROR"} for name in LOUD_LIBRARIES}
        | {"django": {"handlers": [], "level": "WARNING", "propagate": True}},
    }
