"""How long a process waits for the database (spec security 10), and what may take longer."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import InterfaceError, OperationalError, connection, connections, transaction

from portal.core.limits import PARSE_SECONDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# A page that takes longer is no answer any more; whoever waits for it has gone, and would hold up others.
OF_A_PAGE = {"statement_timeout": "10s", "lock_timeout": "5s", "idle_in_transaction_session_timeout": "30s"}
# Of a job nobody waits for the answer; it is tried again, and no statement of it holds up the engine for ever.
OF_A_JOB = OF_A_PAGE | {"statement_timeout": "60s"}
# A statement that took too long, a lock that was not free in time, a transaction that did nothing for too long.
ENDED = frozenset({"57014", "55P03", "25P03"})
# It shuts down, starts, or takes nobody more in. A connection that broke or was never made has no code at all.
AWAY = frozenset({"57P01", "57P02", "57P03", "53300"})
STATEMENT, IDLE = "statement_timeout", "idle_in_transaction_session_timeout"


def limit_sessions(limits: Mapping[str, str]) -> None:
    """Each session of this process begins with these limits; called before its first connection."""
    options = connections.settings["default"].setdefault("OPTIONS", {})
    given = " ".join(f"-c {name}={value}" for name, value in limits.items())
    options["options"] = f"{options.get('options', '')} {given}".strip()


@contextmanager
def at_most(milliseconds: int) -> Iterator[None]:
    """The database gives up on any statement inside the block, one transaction, after so long: `OperationalError`."""
    with _set(**{STATEMENT: f"{milliseconds}ms"}):
        yield


@contextmanager
def at_length() -> Iterator[None]:
    """What may take ten minutes in any process: an import. The block is one transaction."""
    with _set(**{STATEMENT: f"{PARSE_SECONDS}s", IDLE: f"{PARSE_SECONDS}s"}):
        yield


def was_ended(error: BaseException | None) -> bool:
    """Whether the database ended a statement or transaction of ours because of its limits; nothing of it was kept."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "pgcode", "") in ENDED


def is_away(error: BaseException | None) -> bool:
    """Whether the database could not be spoken to; what was not committed is not kept."""
    code = getattr(getattr(error, "__cause__", None), "pgcode", None)
    return isinstance(error, InterfaceError) or (isinstance(error, OperationalError) and (not code or code in AWAY))


@contextmanager
def _set(**limits: str) -> Iterator[None]:
    """Within one transaction; what held before the block holds after it, unless the block failed and it all ends."""
    calls = ", ".join(["current_setting(%s), set_config(%s, %s, true)"] * len(limits))
    values = [part for name, value in limits.items() for part in (name, name, value)]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", values)
        before = dict(zip(limits, (cursor.fetchone() or ())[::2], strict=True))
        yield
        calls = ", ".join(["set_config(%s, %s, true)"] * len(before))
        cursor.execute(f"SELECT {calls}", [part for pair in before.items() for part in pair])
