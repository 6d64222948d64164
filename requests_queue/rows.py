"""A request as a line of a list, for pages and for blocks on other rooms' pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from portal.core.web.presentation import Badge, Row, When, left_class, when
from requests_queue.domain.kinds import kind_of
from requests_queue.domain.states import GROUPS, State

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from requests_queue.models import DataRequest

DOTS = {"text-bad": "bad", "text-warn": "warn", "muted": "ok"}
ABOUT = 2
COLOURS = {"open": "info", "waiting": "warn", "closed": "gray"}


def state_badge(state: str) -> Badge:
    group = next(name for name, states in GROUPS.items() if state in states)
    return Badge(state.replace("_", " ").capitalize(), COLOURS[group])


def request_row(request: DataRequest, zone: str, at: datetime) -> Row:
    """A request as a line of a list."""
    facts: list[str | When] = [kind_of(request.kind).label, request.team.name]
    facts.append(request.assignee.name if request.assignee else "nobody has it yet")
    facts += _about(request)
    side, css, dot = ("", "muted", "gray")
    if request.state == State.WAITING_ON_REQUESTER:
        side = "waits for the reply"
    elif request.state == State.DEFERRED:
        side = "waits for the plan"
    elif request.is_open and not getattr(request, "has_running_clock", True):
        side = "waiting"
    elif request.is_open:
        seconds = (request.due_at - at).total_seconds()
        side = f"{'late since' if seconds < 0 else 'by'} {when(request.due_at, zone, at).text}"
        css = left_class(seconds)
        dot = DOTS[css]
    return Row(
        dot=dot, title=request.title, url=request.get_absolute_url(), number=request.number,
        badges=[state_badge(request.state), *([Badge("Private", "line", "lock")] if request.is_private else [])],
        facts=facts, side=side, side_css=css,
    )  # fmt: skip


def _about(request: DataRequest) -> list[str]:
    """The names of the first two assets; a list that asks no more of them brings them along."""
    known: list[str] | None = getattr(request, "about_names", None)
    return [link.asset.name for link in list(request.assets.all())[:ABOUT]] if known is None else known


def request_rows(requests: Iterable[DataRequest], zone: str, at: datetime) -> list[Row]:
    """Many of them."""
    return [request_row(request, zone, at) for request in requests]
