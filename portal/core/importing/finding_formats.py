"""Findings as the systems that show them want them: text, JSON, GitHub, GitLab, SARIF."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from portal.core.importing.checks import Finding

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
GITLAB_SEVERITY = {"error": "major", "warning": "minor"}


def as_text(findings: Sequence[Finding]) -> str:
    """One line a finding, and how many there are."""
    lines = [
        f"{finding.level} {finding.code} {finding.record or finding.path}: {_words(finding)}" for finding in findings
    ]
    return "\n".join([*lines, f"{len(findings)} findings"])


def as_json(findings: Sequence[Finding]) -> str:
    """The findings as a list of objects."""
    return json.dumps({"findings": [_plain(finding) for finding in findings]}, indent=2)


def as_github(findings: Sequence[Finding]) -> str:
    """Workflow commands, which GitHub shows beside the lines of the change."""
    return "\n".join(
        f"::{finding.level} file={_escaped(finding.path)},title={finding.code}::{_escaped(_words(finding))}"
        for finding in findings
    )


def as_gitlab(findings: Sequence[Finding]) -> str:
    """A code quality report."""
    return json.dumps(
        [
            {
                "check_name": finding.code,
                "description": _words(finding),
                "fingerprint": hashlib.sha256(
                    f"{finding.code} {finding.record} {finding.sentence}".encode()
                ).hexdigest(),
                "severity": GITLAB_SEVERITY[finding.level],
                "location": {"path": finding.path or finding.record or ".", "lines": {"begin": 1}},
            }
            for finding in findings
        ],
        indent=2,
    )


def as_sarif(findings: Sequence[Finding]) -> str:
    """SARIF 2.1.0, one run."""
    rules = sorted({finding.code for finding in findings})
    results: list[dict[str, Any]] = [
        {
            "ruleId": finding.code,
            "level": finding.level,
            "message": {"text": _words(finding)},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": finding.path or finding.record or "."}}}],
        }
        for finding in findings
    ]
    driver = {"name": "headwater", "rules": [{"id": rule} for rule in rules]}
    return json.dumps(
        {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]},
        indent=2,
    )


FORMATS: dict[str, Callable[[Sequence[Finding]], str]] = {
    "text": as_text, "json": as_json, "github": as_github, "gitlab": as_gitlab, "sarif": as_sarif,
}  # fmt: skip


def _words(finding: Finding) -> str:
    return f"{finding.sentence} Ask {', '.join(finding.ask)}." if finding.ask else finding.sentence


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code, "level": finding.level, "path": finding.path, "unique_id": finding.record,
        "sentence": finding.sentence, "ask": list(finding.ask),
    }  # fmt: skip


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A").replace(":", "%3A").replace(",", "%2C")
