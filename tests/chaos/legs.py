"""The legs of the fault suite (spec engine 15)."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.chaos.checker import Report, after_ack, check, planned
from tests.chaos.controls import Controls
from tests.chaos.driving import LIVE, SHORT, Size, arm, settle
from tests.chaos.more_legs import f5, f6, f10
from tests.chaos.processes import kill

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.chaos.world import World

SELF_KILL = (
    "t1.before_commit:0.03,t1.after_commit:0.03,t2.after_commit:0.03,send.after_provider:0.03,t3.before_commit:0.03"
)
FAILPOINTS = (
    "t1.after_lock", "t1.before_commit", "t1.after_commit", "hint.after_publish", "t2.before_commit", "t2.after_commit",
    "send.after_provider", "t3.before_commit", "t3.after_commit", "t5.before_commit", "t6.before_commit",
    "job.after_claim", "job.before_mark",
)  # fmt: skip
LAG_P99_WITHOUT_REDIS = 15.0
ARMED = "SELECT count(*) FROM engine_deadline WHERE state = 'armed' AND kind = 'chaos.step'"
BURST_SECONDS = 60.0
CLAIM_SECONDS = 8.0  # whoever may still claim has done so


def f1(world: World, size: Size, seed: int) -> list[Report]:
    """Every failpoint kills the engine process once; the next start has the next one."""
    report = Report("F1", seed)
    for turn in range(size.rounds):
        points = [f"{name}:1" for name in FAILPOINTS]
        random.Random(seed + turn).shuffle(points)  # noqa: S311 (a seed makes a run repeatable)
        engine = world.engine(failpoints=[*points, ""])
        first, until = 1 + turn * 10_000, time.monotonic() + 90
        while engine.failpoints and time.monotonic() < until:
            arm(world, first, 4, delay=0.5, spread=1)
            first += 4
        settle(world)
        report.self_kills += engine.deaths
        report.note += f"{len(FAILPOINTS) - len(engine.failpoints)} of {len(FAILPOINTS)} reached; "
        world.drop("engine1")
    return [check(world, report, planned(world))]


def f2(world: World, size: Size, seed: int) -> list[Report]:
    """Random SIGKILLs to engine, workers, their children and beat, while they also kill themselves; with controls."""
    chance = random.Random(seed)  # noqa: S311
    report, control = Report("F2", seed), Report("F12", seed)
    world.engine(HEADWATER_FAILPOINTS=SELF_KILL)
    world.worker(HEADWATER_FAILPOINTS=SELF_KILL)
    world.beat()
    controls = Controls(world, size.controls)
    arm(world, 1, size.pages, delay=size.start, spread=size.seconds)
    controls.start(delay=2, spread=size.seconds)
    until = time.monotonic() + size.seconds + size.start
    while world.faults < size.faults or time.monotonic() < until:
        _strike(world, chance, controls)
        time.sleep(chance.uniform(*size.pause))
    for program in world.programs.values():
        program.env["HEADWATER_FAILPOINTS"] = ""
    settle(world)
    report.self_kills = sum(program.deaths for program in world.programs.values())
    check(world, report, planned(world))
    control.pages, control.outer_faults = 2 * size.controls, world.faults
    control.control_lost, control.control_loop_lost = controls.lost()
    return [report, control]


def _strike(world: World, chance: random.Random, controls: Controls) -> None:
    """Mostly a worker's child (a fresh one is forked at once), sometimes a whole program."""
    luck = chance.random()
    if luck < 0.55:
        children = world.programs["worker1"].children()
        if children:
            world.hit(chance.choice(children))
        return
    names = ["engine1", "engine1", "worker1", "beat", controls.celery, controls.loop, controls.loop]
    program = world.programs[chance.choice(names)]
    if program.process is not None and program.process.poll() is None:
        if program.name in ("worker1", controls.celery):
            for child in program.children():
                kill(child)
        world.hit(program.process.pid)


def f3(world: World, size: Size, seed: int) -> list[Report]:
    """Redis emptied, restarted empty, away, and frozen: nothing is lost, pages are at most late."""
    report = Report("F3", seed)
    world.engine()
    world.worker()
    world.beat()
    pages = max(25, size.pages // 4)
    time.sleep(5)
    for turn, fault in enumerate((_empty, _restart, _away, _freeze)):
        arm(world, 1 + turn * 10_000, pages, delay=1, spread=8)
        time.sleep(2)
        fault(world, 6.0 if size is SHORT else 20.0)
        world.faults += 1
    settle(world)
    check(world, report, planned(world))
    report.note = "" if report.lag_p99 <= LAG_P99_WITHOUT_REDIS else "p99 over 15 s"
    return [report]


def _empty(world: World, seconds: float) -> None:
    del seconds
    valkey = world.programs["valkey"]
    subprocess.run(
        [sys.executable, "-c", f"import redis; redis.Redis(port={world.valkey_port}).flushall()"],
        check=True,
        timeout=20,
    )
    del valkey
    time.sleep(2)


def _restart(world: World, seconds: float) -> None:
    del seconds
    process = world.programs["valkey"].process
    if process is not None:
        kill(process.pid)
    time.sleep(2)


def _away(world: World, seconds: float) -> None:
    world.drop("valkey")
    time.sleep(seconds)
    world.valkey()


def _freeze(world: World, seconds: float) -> None:
    process = world.programs["valkey"].process
    if process is not None:
        kill(process.pid, signal.SIGSTOP)
        time.sleep(seconds)
        kill(process.pid, signal.SIGCONT)


def f4(world: World, size: Size, seed: int) -> list[Report]:
    """PostgreSQL killed with SIGKILL under load and started again at once."""
    report = Report("F4", seed)
    world.engine()
    world.worker()
    world.beat()
    pages = max(100, size.pages // 4)
    time.sleep(4)
    arm(world, 1, pages, delay=1, spread=6.0 * size.rounds)
    for _ in range(size.rounds):
        time.sleep(3)
        world.crash_postgres()
        time.sleep(3)
    settle(world)
    return [check(world, report, planned(world))]


def f7(world: World, size: Size, seed: int) -> list[Report]:
    """Everything due at one moment."""
    report = Report("F7", seed)
    arm(world, 1, size.burst, delay=12, spread=0.001)
    world.engine()
    world.worker()
    world.beat()
    settle(world, 180)
    check(world, report, planned(world))
    if report.lag_max > BURST_SECONDS:
        report.note = "slower than 60 s"
    return [report]


def f11(world: World, size: Size, seed: int) -> list[Report]:
    """Acknowledging in a race with the step that pages: nothing is claimed after the commit, nothing deadlocks."""
    report = Report("F11", seed)
    world.engine()
    world.worker()
    time.sleep(size.start)
    acker = world.begin("tests.chaos.acker", 1, size.races, seed)
    arm(world, 1, size.races, delay=3 * size.start, spread=size.races / 15, more="ladder")
    answer = json.loads(acker.outcome(300).splitlines()[-1])
    until = time.monotonic() + CLAIM_SECONDS
    while time.monotonic() < until and world.query(f"SELECT ({LIVE}) + ({ARMED})")[0][0]:
        time.sleep(0.3)
    report.pages, report.after_ack = size.races, after_ack(world)
    report.outer_faults = size.races
    report.posts = len(world.posts())
    report.lost = len(answer["errors"]) + answer["armed"]
    report.note = "; ".join(sorted(set(answer["errors"])))[:300]
    return [report]


def f8(world: World, size: Size, seed: int) -> list[Report]:
    """Workers without any engine process deliver; so do five beats and three engines at once, and double nothing."""
    report = Report("F8", seed)
    world.worker()
    world.beat()
    arm(world, 1, size.pages // 4, delay=8, spread=4)
    settle(world)
    report.note = f"by workers alone: {len(world.posts())} of {size.pages // 4}"
    for number in range(2, 6):
        world.beat(number)
    for number in range(1, 4):
        world.engine(number)
    arm(world, 10_000, size.pages, delay=10, spread=4)
    settle(world)
    check(world, report, planned(world))
    report.doubled_bound = 0
    return [report]


LEGS: dict[str, Callable[[World, Size, int], list[Report]]] = {
    "F1": f1, "F2": f2, "F3": f3, "F4": f4, "F5": f5, "F6": f6, "F7": f7, "F8": f8, "F10": f10, "F11": f11,
}  # fmt: skip
SHORT_LEGS = ("F1", "F2", "F11")
