"""By which door the current work came in; audit rows carry it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Found = TypeVar("Found")


@dataclass(frozen=True)
class Context:
    """`via` is web, api, task, import, link, command or engine; `facts` holds what a reading request looked up once.

    `sees_private` is false for a token without the scope that opens compartments to their members.
    """

    via: str = "command"
    request_id: str = ""
    token_id: int | None = None
    sees_private: bool = True
    address: str | None = None
    on_behalf_of: int | None = None
    facts: dict[str, Any] | None = None
    group: UUID | None = None


_UNKNOWN_DOOR = Context()
_current: ContextVar[Context] = ContextVar("headwater_context", default=_UNKNOWN_DOOR)


def current() -> Context:
    return _current.get()


@contextmanager
def one_act() -> Iterator[UUID]:
    """What is audited inside, as a block or under a decorated function, is one group: taken back in one go."""
    group = uuid4()
    with use(replace(_current.get(), group=group)):
        yield group


@contextmanager
def use(context: Context) -> Iterator[Context]:
    """Work inside the block carries this context."""
    token = _current.set(context)
    try:
        yield context
    finally:
        _current.reset(token)


def note(**facts: Any) -> Context:
    """Add what is known only now, such as the token that knocked; holds to the end of the enclosing `use`."""
    known = replace(_current.get(), **facts)
    if _current.get() is not _UNKNOWN_DOOR:
        _current.set(known)
    return known


def once(name: str, find: Callable[[], Found]) -> Found:
    """What `find` answers, asked at most once in a request that only reads; anywhere else asked each time."""
    facts = _current.get().facts
    if facts is None:
        return find()
    if name not in facts:
        facts[name] = find()
    found: Found = facts[name]
    return found
