"""What a runbook says for each kind of failure, and the templates it begins with (spec oncall 9)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from oncall.domain.failure_kinds import FailureKind
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MOST_ISSUES, MOST_STEPS, LONGEST_TEXT = 30, 20, 2000
STALE_DAYS, FLAGGED_AFTER = 180, 3
TEXTS = ("issue", "impact", "detection", "symptom", "fallback", "no_fix")


@dataclass(frozen=True)
class Step:
    """One thing to do; `command` is copied, `is_loan` marks a stopgap that has to be paid back."""

    text: str
    command: str = ""
    is_loan: bool = False


@dataclass(frozen=True)
class Issue:
    """One way in which it breaks."""

    failure_kind: str
    issue: str
    impact: str = ""
    detection: str = ""
    symptom: str = ""
    steps: tuple[Step, ...] = field(default=())
    fallback: str = ""
    no_fix: str = ""


TEMPLATES: dict[FailureKind, Issue] = {
    FailureKind.SKEW_OOM: Issue(
        FailureKind.SKEW_OOM, "A skewed join runs out of memory", "The run fails; nothing downstream is refreshed.",
        "Exit 137, executor lost, Java heap space.", "One task runs for far longer than the others.",
        (
            Step("Turn on adaptive execution: upgrade to Spark 3 if the job is older, then set both switches.",
                 "--conf spark.sql.adaptive.enabled=true --conf spark.sql.adaptive.skewJoin.enabled=true"),
            Step("Raise the executors' memory. This is a loan: it comes back as a plan candidate in one quarter.",
                 "--conf spark.executor.memory=16g --conf spark.executor.memoryOverhead=4g", is_loan=True),
            Step("Salt the key that is skewed, on both sides of the join."),
        ),
        "Yesterday's table stays in place.", "The next run fails as well; the data grows older each day.",
    ),
    FailureKind.MISSING_DATA: Issue(
        FailureKind.MISSING_DATA, "Data from upstream is missing", "The run would publish too few rows.",
        "The pre-check failed.", "A partition is absent, or far smaller than usual.",
        (
            Step("Run the pre-check again: it may have landed."),
            Step("Find the owner upstream and send the ticket: unblock now, fix for good."),
            Step("Put the agreed fallback in place and tell downstream."),
            Step("When the rows are complete, run again from the first step that reads them."),
        ),
        "What the agreement says is shown meanwhile.", "Downstream reads old data until upstream delivers.",
    ),
    FailureKind.SCHEMA_CHANGE: Issue(
        FailureKind.SCHEMA_CHANGE, "A column upstream changed or vanished",
        "The run fails, or fills a column with nulls.",
        "The schema check or the contract failed.", "Column not found, type mismatch.",
        (
            Step("See what changed upstream in the last two days."),
            Step("Send the ticket with the column's name: take it back now, announce it next time."),
            Step("If the change is right, adapt the reading step and its test."),
        ),
        "Yesterday's table stays in place.", "Every reader of the column breaks in turn.",
    ),
    FailureKind.LATE: Issue(
        FailureKind.LATE, "It is not there by its hour", "Readers see yesterday's figures.",
        "The expectation was missed.",
        "No run has finished, or the newest record is too old.",
        (
            Step("See whether the run waits, runs or never began."),
            Step("If it runs: tell downstream the hour it will end."),
            Step("If it never began: start it, and find out what should have."),
        ),
        "Yesterday's table stays in place.", "The next run starts late as well.",
    ),
    FailureKind.QUALITY: Issue(
        FailureKind.QUALITY, "A test of the data failed", "Wrong figures would reach readers.",
        "The test's own message.",
        "Duplicates, nulls, a total that does not fit.",
        (
            Step("Read the failing rows before anything else."),
            Step("Keep the bad batch from readers: leave the former table in place."),
            Step("Mend the rows or the rule, then run the test again."),
        ),
        "The last table that passed its tests.", "Readers act on wrong figures.",
    ),
}  # fmt: skip


def read_issues(given: Sequence[Mapping[str, Any]]) -> tuple[Issue, ...]:
    """Checked issues from their JSON form; raises `DomainError` naming the issue and field at fault."""
    if not 1 <= len(given) <= MOST_ISSUES:
        raise DomainError("oncall.bad_runbook", f"A runbook has 1 to {MOST_ISSUES} issues.", "issues")
    return tuple(_issue(each, number) for number, each in enumerate(given, 1))


def to_json(issues: Sequence[Issue]) -> list[dict[str, Any]]:
    """The issues as they are stored."""
    return [asdict(each) | {"steps": [asdict(step) for step in each.steps]} for each in issues]


def issue_for(issues: Sequence[Issue], failure_kind: str) -> int | None:
    """The index of the first issue of this kind; None if the runbook has none."""
    return next((n for n, each in enumerate(issues) if each.failure_kind == failure_kind), None)


def _issue(given: Mapping[str, Any], number: int) -> Issue:
    kind = given.get("failure_kind")
    if kind not in list(FailureKind):
        raise DomainError("oncall.bad_runbook", f"Issue {number}: which kind of failure is it?", "issues")
    texts = {name: _text(given.get(name, ""), f"Issue {number}: {name}") for name in TEXTS}
    if not texts["issue"]:
        raise DomainError("oncall.bad_runbook", f"Issue {number}: say what goes wrong.", "issues")
    steps = given.get("steps") or []
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise DomainError("oncall.bad_runbook", f"Issue {number}: at most {MOST_STEPS} steps.", "issues")
    return Issue(str(kind), steps=tuple(_step(each, number) for each in steps), **texts)


def _step(given: Any, number: int) -> Step:
    facts = given if isinstance(given, dict) else {"text": given}
    text = _text(facts.get("text", ""), f"Issue {number}: a step")
    if not text:
        raise DomainError("oncall.bad_runbook", f"Issue {number}: a step says what to do.", "issues")
    return Step(text, _text(facts.get("command", ""), f"Issue {number}: a command"), facts.get("is_loan") is True)


def _text(given: Any, where: str) -> str:
    text = str(given).strip()
    if len(text) > LONGEST_TEXT:
        raise DomainError("oncall.bad_runbook", f"{where} has at most {LONGEST_TEXT:,} characters.", "issues")
    return text
