"""Changing a table that others read: which plan, in which steps, and what must be true before each (spec ownership 14).

Headwater plans, checks, records and reminds; people run the statements. Two plans: the small one fills
`<t>_backfill` beside production and swaps names; the large one builds `<t>_v2`, moves every reference with its owner
and date, drops the old table only when none is left, and gives the new one the old name.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum


class PlanKind(StrEnum):
    SMALL = "backfill"
    LARGE = "migration"


class PlanState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    ROLLED_BACK = "rolled_back"
    ABANDONED = "abandoned"


class StepState(StrEnum):
    TODO = "todo"
    DOING = "doing"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


PLAN_MOVES: dict[PlanState, frozenset[PlanState]] = {
    PlanState.DRAFT: frozenset({PlanState.RUNNING, PlanState.ABANDONED}),
    PlanState.RUNNING: frozenset({PlanState.PAUSED, PlanState.DONE, PlanState.ROLLED_BACK, PlanState.ABANDONED}),
    PlanState.PAUSED: frozenset({PlanState.RUNNING, PlanState.ROLLED_BACK, PlanState.ABANDONED}),
    PlanState.DONE: frozenset(),
    PlanState.ROLLED_BACK: frozenset(),
    PlanState.ABANDONED: frozenset(),
}
LIVE = (PlanState.DRAFT, PlanState.RUNNING, PlanState.PAUSED)
PREFIX = {PlanKind.SMALL: "BKF", PlanKind.LARGE: "MIG"}
HOLD = timedelta(days=7)
ALIAS_DAYS = 90
IMPORT_NEWER_THAN = timedelta(hours=24)
NO_READ_FOR = timedelta(days=7)
READS_OF = timedelta(days=90)
SIDE_BY_SIDE_RUNS = 3


@dataclass(frozen=True)
class StepPlan:
    """One step: `guard` names what is looked at before it may be done, `undo` how far a rollback goes."""

    code: str
    title: str
    line: str
    needs_checks: bool = False
    is_swap: bool = False
    is_drop: bool = False
    waits_for_hold: bool = False
    needs_references: bool = False
    needs_names: bool = False
    needs_triggers: bool = False


SMALL_STEPS = (
    StepPlan("plan", "Plan", "Range, rows, and who reads it."),
    StepPlan("announce", "Announce", "Everybody below hears of it once, with all of theirs."),
    StepPlan("fill", "Fill beside production", "The new rows go into a table of their own; nobody reads it yet."),
    StepPlan("verify", "Verify", "Thresholds stand before the numbers.", needs_checks=True),
    StepPlan("swap", "Swap the names", "In one transaction where the engine can.", is_swap=True),
    StepPlan("trigger", "Run what is below", "In the order of the data.", needs_triggers=True),
    StepPlan("verify_below", "Verify below", "The reports that matter show what they should."),
    StepPlan("drop", "Drop the old rows", "After the hold, so that a swap back stays possible.", waits_for_hold=True),
    StepPlan("done", "Done", "One name is left."),
)
LARGE_STEPS = (
    StepPlan("plan", "Plan", "An end date, and an owner for every reference."),
    StepPlan("announce", "Announce with dates", "Everybody who must move hears by when."),
    StepPlan("build", "Build the second version", "A pipeline of its own fills it beside the first."),
    StepPlan("verify", "Run side by side", "At least three runs agree within the thresholds.", needs_checks=True),
    StepPlan("deprecate", "Close the first version", "New references to it fail the check of pull requests."),
    StepPlan("move", "Move the references", "One by one, each by its owner and date.", needs_references=True),
    StepPlan("drop", "Drop the first version", "Refused while anything still reads it.", is_drop=True),
    StepPlan("rename", "Give the second its name", "The plain name points at the new table.", is_swap=True),
    StepPlan("rename_back", "Drop the suffix", "Every reference goes back to the plain name.", needs_names=True),
    StepPlan("done", "Done", "No suffix survives; the old name answers for 90 days."),
)
STEPS = {PlanKind.SMALL: SMALL_STEPS, PlanKind.LARGE: LARGE_STEPS}
# From this step on a rollback is impossible, because what it would go back to is gone.
NO_WAY_BACK = {PlanKind.SMALL: "drop", PlanKind.LARGE: "drop"}


@dataclass(frozen=True)
class Choice:
    """The three questions of the chooser."""

    fits_one_window: bool
    meaning_changes: bool
    all_switch_at_once: bool


@dataclass(frozen=True)
class Check:
    """One measure of a verification: the threshold is set before, the value is written after."""

    code: str
    threshold: float
    value: float | None = None

    @property
    def passes(self) -> bool:
        """A value within the threshold; none yet does not pass."""
        return self.value is not None and self.value <= self.threshold


# Each is a distance from the ideal, so that all read alike: at most the threshold.
CHECK_WORDS = {
    "rows": "Rows differ by at most, in percent",
    "keys": "Keys that stand twice",
    "sums": "Sums differ by at most, in percent",
    "nulls": "Share of empty values differs by at most, in points",
    "sample": "Sampled rows that differ",
}
# The same beside a value that was found.
CHECK_FACTS = {
    "rows": "Rows differ, in percent",
    "keys": CHECK_WORDS["keys"],
    "sums": "Sums differ, in percent",
    "nulls": "Shares of empty values differ, in points",
    "sample": CHECK_WORDS["sample"],
}
DEFAULT_THRESHOLDS = {"rows": 0.1, "keys": 0.0, "sums": 0.1, "nulls": 0.5, "sample": 0.0}


def choose(choice: Choice) -> PlanKind:
    """All easy: the small plan; anything else: the large one."""
    is_easy = choice.fits_one_window and not choice.meaning_changes and choice.all_switch_at_once
    return PlanKind.SMALL if is_easy else PlanKind.LARGE


def step_plan(kind: PlanKind, code: str) -> StepPlan:
    """The step of this code; raises `KeyError` for another."""
    return {step.code: step for step in STEPS[kind]}[code]


def may_move(before: PlanState, after: PlanState) -> bool:
    """Whether a plan may go from one state to the other."""
    return after in PLAN_MOVES[before]


def open_step(states: list[StepState]) -> int | None:
    """The place of the step that may be worked on: the first that is not finished; None when all are."""
    finished = {StepState.DONE, StepState.SKIPPED}
    return next((place for place, state in enumerate(states) if state not in finished), None)


def may_roll_back(kind: PlanKind, done: set[str]) -> bool:
    """Small: until the old rows are dropped; large: until the first version is."""
    return NO_WAY_BACK[kind] not in done


def all_pass(checks: list[Check]) -> bool:
    """Every check has a value within its threshold; no checks at all prove nothing."""
    return bool(checks) and all(check.passes for check in checks)
