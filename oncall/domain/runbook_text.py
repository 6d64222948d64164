"""A runbook as plain text that people edit, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from oncall.domain.runbooks import TEXTS, read_issues
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from oncall.domain.runbooks import Issue

COMMAND, LOAN = " $ ", " (loan)"
NAMES = tuple(name for name in TEXTS if name != "issue")


def to_text(issues: Sequence[Issue]) -> str:
    """One block an issue."""
    return "\n\n".join(_block(issue) for issue in issues)


def from_text(text: str) -> tuple[Issue, ...]:
    """Checked issues of a text; raises `DomainError` naming the line that cannot be read."""
    issues: list[dict[str, Any]] = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words.startswith("#"):
            kind, _, issue = words.lstrip("# ").partition(":")
            issues.append({"failure_kind": kind.strip(), "issue": issue.strip(), "steps": []})
        elif words and not issues:
            raise DomainError("oncall.bad_runbook", f"Line {number}: begin with “# kind: what goes wrong”.", "text")
        elif words:
            _read_line(issues[-1], words, number)
    return read_issues(issues)


def _read_line(issue: dict[str, Any], words: str, number: int) -> None:
    if words.startswith("- "):
        step, _, command = words[2:].partition(COMMAND)
        is_loan = step.endswith(LOAN)
        text = step.removesuffix(LOAN).strip()
        issue["steps"].append({"text": text, "command": command.strip(), "is_loan": is_loan})
        return
    name, separator, value = words.partition(":")
    if not separator or name.strip() not in NAMES:
        message = f"Line {number}: a line is a step (“- …”) or one of {', '.join(NAMES)}."
        raise DomainError("oncall.bad_runbook", message, "text")
    issue[name.strip()] = value.strip()


def _block(issue: Issue) -> str:
    lines = [f"# {issue.failure_kind}: {issue.issue}"]
    lines += [f"{name}: {getattr(issue, name)}" for name in NAMES if getattr(issue, name)]
    for step in issue.steps:
        command = f"{COMMAND}{step.command}" if step.command else ""
        lines.append(f"- {step.text}{LOAN if step.is_loan else ''}{command}")
    return "\n".join(lines)
