"""Clocks that jump, providers that misbehave, restarts under load (spec engine 15: F5, F6, F10)."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.chaos.checker import Report, check, lags_of, planned
from tests.chaos.driving import arm, settle

if TYPE_CHECKING:
    from tests.chaos.driving import Size
    from tests.chaos.world import World

JUMP, NIGHT = 600, 8 * 3600
# `held_until` is set 5 s after the jump was seen; who had taken a batch before may end it in the first second.
HELD = """
SELECT count(*) FROM engine_deadline d, engine_control c
WHERE d.kind = 'chaos.step' AND d.fired_at > c.held_until - interval '4 s' AND d.fired_at < c.held_until
"""
# What the sends to the misbehaving far end came to.
OUTCOMES = """
SELECT array_agg(DISTINCT a.outcome) FROM engine_attempt a JOIN engine_delivery d ON d.id = a.delivery_id
JOIN engine_notice n ON n.id = d.notice_id
WHERE a.phase = 'result' AND n.subject_type = 'chaos.page' AND n.subject_id BETWEEN %s AND %s
"""
UNSENT = """
SELECT count(*) FROM engine_delivery d JOIN engine_notice n ON n.id = d.notice_id
WHERE d.state IN ('queued', 'sending') AND d.channel IN ('webhook', 'email') AND n.endpoint_ref <> 'chaos:tls'
"""
# (mode of the far end, where the pages go, what each send must come to)
MISDEEDS = (
    ("mute", "bad", "ambiguous"), ("500", "bad", "temporary"), ("tls", "tls", "temporary"),
    ("half closed", "bad", "ambiguous"), ("answer lost", "bad", "ambiguous"), ("550", "mail", "permanent"),
    ("421", "mail", "temporary"), ("450", "mail", "temporary"), ("slow data", "mail", "ambiguous"),
)  # fmt: skip
OTHERS_P99 = 5.0
LADDER = """
SELECT count(*) FROM (
    SELECT subject_id FROM engine_deadline WHERE kind = 'chaos.step' AND subject_id >= %s GROUP BY 1
    HAVING array_agg(step ORDER BY fired_at, step) <> ARRAY[0, 1] OR NOT bool_and(state = 'fired')) wrong
"""


def f5(world: World, size: Size, seed: int) -> list[Report]:
    """Half the hosts an hour wrong, and the database's clock ten minutes forward and back.

    Backward makes things late, never early, and ends a hold that would last ten minutes otherwise.
    """
    report, pages = Report("F5", seed), max(50, size.pages // 6)
    world.engine(1, HEADWATER_TEST_CLOCK_SKEW="3600")
    world.engine(2)
    world.worker(1, HEADWATER_TEST_CLOCK_SKEW="-3600")
    world.beat()
    time.sleep(size.start)
    arm(world, 1, pages, delay=2, spread=10)
    arm(world, 10_000, pages, delay=JUMP + 4, spread=10)
    time.sleep(8)
    world.shift(JUMP)
    settle(world)
    alarms = sum(world.said(name).count("alarm=clock_jump") for name in ("engine1", "engine2", "worker1"))
    in_hold = world.query(HELD)[0][0]
    world.shift(0)
    arm(world, 20_000, pages, delay=2, spread=4)
    settle(world)
    world.faults = 4
    check(world, report, planned(world))
    report.note = f"{alarms} alarms of the jump, {in_hold} fired while held"
    report.promises = ["no alarm"] * (not alarms) + ["fired while held"] * bool(in_hold)
    return [report]


def f6(world: World, size: Size, seed: int) -> list[Report]:
    """Each misdeed of a web and of a mail provider, while others are paged as ever; nothing is lost after recovery."""
    report = Report("F6", seed)
    world.far_end()
    world.engine()
    world.worker()
    world.beat()
    time.sleep(size.start)
    for number, (mode, to, outcome) in enumerate(MISDEEDS, start=1):
        world.far_mode(mode)
        first = number * 10_000
        arm(world, first + 1, 8, delay=1, spread=2, more=f"to={to}")
        arm(world, first + 1001, 40, delay=1, spread=5)
        time.sleep(7)
        found = world.query(OUTCOMES, [first + 1, first + 1000])[0][0]
        report.note += f"{mode}: {', '.join(found or ['nothing'])}; "
        report.promises += [] if found == [outcome] else [f"{mode} came to {found}"]
        world.faults += 1
    world.far_mode("ok")
    until = time.monotonic() + 120
    while time.monotonic() < until and world.query(UNSENT)[0][0]:
        time.sleep(0.5)
    expected = {page: due for page, due in planned(world).items() if page.endswith((":web", ":bad"))}
    check(world, report, expected)
    others = lags_of(world, {page: due for page, due in expected.items() if page.endswith(":web")})
    report.promises += [] if others.p99 <= OTHERS_P99 else [f"others waited {others.p99} s"]
    mails = {post["page"] for post in world.posts() if post["path"] == "/mail"}
    wanted = 8 * sum(to == "mail" and outcome != "permanent" for _, to, outcome in MISDEEDS)
    report.promises += [] if len(mails) == wanted else [f"{len(mails)} of {wanted} mails"]
    report.note += f"others p99 {others.p99} s"
    return [report]


def f10(world: World, size: Size, seed: int) -> list[Report]:
    """A rolling restart under load, then a night of eight hours in which nobody ticks."""
    report = Report("F10", seed)
    names = ["engine1", "worker1", "beat", "engine2", "worker2"]
    for number in (1, 2):
        world.engine(number)
        world.worker(number)
    world.beat()
    arm(world, 1, size.pages, delay=size.start, spread=20)
    for number in range(10):
        time.sleep(2)
        world.stop_softly(names[number % len(names)])
    settle(world)
    for name in names:
        world.drop(name)
    arm(world, 10_000, 100, delay=1, spread=NIGHT - 60, more="ladder")
    world.shift(NIGHT)
    world.engine()
    world.worker()
    settle(world)
    check(world, report, planned(world))
    wrong = world.query(LADDER, [10_000])[0][0]
    report.note = f"{world.faults} restarts, {wrong} of 100 ladders wrong after {NIGHT // 3600} h"
    report.promises = ["ladder"] * bool(wrong)
    world.shift(0)
    return [report]
