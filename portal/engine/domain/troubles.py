"""What keeps alerts from going out on time, in words that say what to do."""

from __future__ import annotations

UNREACHABLE = "database_unreachable"
TROUBLES = {
    "tick_age": "Nothing looks at the deadlines. Start the engine: alerts go out late, none is lost.",
    "deadlines_overdue": "Deadlines are due and not yet fired. Start another engine or worker.",
    "deliveries_overdue": "Messages wait to be sent. The status page says which way is slow.",
    "unrouted": "Somebody should be paged and has no way to be reached. Add a contact method.",
    "canary_age": "The test message of each minute has not arrived. Check web and engine.",
    "paused": "The engine is paused by an admin. Nothing is sent until it is resumed.",
    UNREACHABLE: "The database does not answer. Nothing is sent until it does; nothing is lost.",
}
# What is late because the machine was off, until the engine beside has had its first look.
AFTER_A_REST = frozenset({"tick_age", "deadlines_overdue", "deliveries_overdue", "canary_age"})
