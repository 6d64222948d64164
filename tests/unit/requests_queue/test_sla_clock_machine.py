"""The clock of a promise against a count second by second that shares no code with it (spec sla 15.2, issue)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.core.domain.calendars import parse_calendar
from requests_queue.domain.sla_clock import ClockEvent, ClockView, evaluate

SECOND = timedelta(seconds=1)
GRACE = 300
# Short days around both changes of the clocks in New York, so that a few hours of seconds cross many edges.
HOURS = {day: [["00:30", "02:15"], ["03:05", "04:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
SPEC = {
    "zone": "America/New_York",
    "weekly": HOURS,
    "exceptions": {"2027-03-15": [], "2026-11-02": [["01:00", "01:20"]]},
}
STARTS = (datetime(2027, 3, 14, 5, 40, tzinfo=UTC), datetime(2026, 11, 1, 4, 10, tzinfo=UTC))
OPEN = [(30 * 60, 135 * 60), (185 * 60, 240 * 60)]


def is_open(instant: datetime) -> bool:
    """The rule of the spec read literally: the local wall time lies in an interval of its local day."""
    here = instant.astimezone(ZoneInfo("America/New_York"))
    wall = here.hour * 3600 + here.minute * 60 + here.second
    if here.date().isoformat() == "2027-03-15":
        return False
    if here.date().isoformat() == "2026-11-02":
        return 3600 <= wall < 4800
    return any(begin <= wall < end for begin, end in OPEN)


class Clock(RuleBasedStateMachine):
    """Time passes in steps; pauses of two reasons, changes of the target and the stop happen in between."""

    @initialize(start=st.sampled_from(STARTS), promised=st.integers(60, 9000))
    def begin(self, start: datetime, promised: int) -> None:
        self.now = start
        self.counted, self.limit = 0, promised
        self.paused: set[str] = set()
        self.stopped: str | None = None
        self.events = [ClockEvent("start", start, start, {"target_seconds": promised, "calendar": 1})]

    @rule(seconds=st.integers(1, 5000))
    def pass_time(self, seconds: int) -> None:
        """After its end a clock counts no more, however late somebody looks."""
        for _ in range(seconds):
            if not self.paused and not self.stopped and is_open(self.now):
                self.counted += 1
            self.now += SECOND

    @precondition(lambda self: self.stopped is None)
    @rule(reason=st.sampled_from(["waiting_on_requester", "waiting_on_upstream"]))
    def pause_or_resume(self, reason: str) -> None:
        kind = "resume" if reason in self.paused else "pause"
        self.paused ^= {reason}
        self.events.append(ClockEvent(kind, self.now, self.now, {"reason": reason}))

    @precondition(lambda self: self.stopped is None and self.counted != self.limit)
    @rule(promised=st.integers(60, 12_000))
    def change_the_target(self, promised: int) -> None:
        data = {"target_seconds": promised, "grace_seconds": GRACE}
        self.events.append(ClockEvent("target_changed", self.now, self.now, data))
        if self.counted < self.limit:
            left = promised - self.counted
            self.limit = self.counted + (left if left > 0 else GRACE)

    @precondition(lambda self: self.stopped is None)
    @rule(kind=st.sampled_from(["stop", "cancel"]))
    def end(self, kind: str) -> None:
        self.stopped = kind
        self.events.append(ClockEvent(kind, self.now, self.now))

    def view(self) -> ClockView:
        return evaluate(self.events, {1: parse_calendar(SPEC)}, self.now)

    @invariant()
    def what_counts_is_what_was_counted(self) -> None:
        view = self.view()
        assert view.elapsed_seconds == self.counted
        assert view.is_breached is (self.counted > self.limit)

    @invariant()
    def the_state_follows_what_happened(self) -> None:
        late = self.counted > self.limit
        expected = {"cancel": "cancelled", "stop": "breached_closed" if late else "met"}.get(
            self.stopped or "", "paused" if self.paused else "running"
        )
        assert self.view().state == expected

    @invariant()
    def the_due_instant_is_where_the_count_arrives(self) -> None:
        """Walk on second by second, a day at most, as if nothing more happened."""
        if self.stopped or self.paused or self.counted >= self.limit or self.limit - self.counted > 1500:
            return
        instant, left = self.now, self.limit - self.counted
        for _ in range(30_000):
            if is_open(instant):
                left -= 1
                if not left:
                    assert self.view().due_at == instant + SECOND
                    return
            instant += SECOND


TestClock = Clock.TestCase
TestClock.settings = settings(
    max_examples=12, stateful_step_count=8, deadline=None, suppress_health_check=list(HealthCheck)
)
