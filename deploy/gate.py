"""Everything that must hold before a change lands: `make test`.

The static checks run two at a time beside pytest, and all of them run. The closing line is pytest's.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
TYPED = ["portal", "ownership", "oncall", "requests_queue", "tests", "bench", "deploy"]
HOUSE_RULES = "tests/contract/test_house_rules.py"
# A complete installation on paper: `check --deploy` judges the settings, it connects to nothing.
PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "portal.settings.production",
    "HEADWATER_ENV": "production",
    "HEADWATER_SECRET_KEY": "kT7vQm2xRz9pLw4nYc6bHs8dJf3gAe5uXi1oVqMrWtZy0PkBq2Zx8",
    "HEADWATER_DATA_KEYS": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "DATABASE_URL": "postgresql://headwater_app:x@db.internal/headwater?sslmode=verify-full",
    "HEADWATER_WATCH_DATABASE_URL": "postgresql://headwater_watch:x@db.internal/headwater?sslmode=verify-full",
    "REDIS_URL": "redis://valkey.internal:6379/0",
    "HEADWATER_BASE_URL": "https://headwater.internal",
    "HEADWATER_ALLOWED_HOSTS": "headwater.internal",
    "HEADWATER_SMTP_URL": "smtp://mail.internal:25",
    "HEADWATER_MAIL_FROM": "Headwater <headwater@internal>",
    "HEADWATER_WATCHDOG_WEBHOOK_URL": "https://alarms.internal/headwater",
}

# What `make test-full` asks more of; a run of your own may ask for other numbers.
FULL = {"HYPOTHESIS_PROFILE": "full", "SCHEMA_CASES": "20000", "SCHEMA_ROLES": "token lead analyst admin"}


@dataclass(frozen=True)
class Step:
    """One static check; a command that must end with 0."""

    name: str
    command: list[str]
    environ: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    name: str
    seconds: float
    output: str
    failed: bool


def steps() -> list[Step]:
    """The static checks, the slowest first so that two at a time end soonest."""
    manage = [str(BIN / "python"), "manage.py"]
    development = {"DJANGO_SETTINGS_MODULE": "portal.settings.development", "DATABASE_URL": ""}
    templates = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "templates").rglob("*.html"))]
    return [
        Step("mypy --strict", [str(BIN / "mypy"), *(name for name in TYPED if (ROOT / name).exists())]),
        Step("ruff check", [str(BIN / "ruff"), "check", "."]),
        Step("ruff format", [str(BIN / "ruff"), "format", "--check", "."]),
        Step("import contracts", [str(BIN / "lint-imports")]),
        Step("djlint", [str(BIN / "djlint"), "--lint", "--quiet", "templates"]),
        Step("djade", [str(BIN / "djade"), "--check", "--target-version", "5.2", *templates]),
        Step("check --deploy", [*manage, "check", "--deploy", "--fail-level", "WARNING"], PRODUCTION),
        Step("makemigrations --check", [*manage, "makemigrations", "--check", "--dry-run"], development),
        Step(
            "house rules",
            [str(BIN / "python"), "-m", "pytest", "-p", "no:django", "-p", "no:xdist", "--no-header",
             "--noconftest", "-o", "addopts=", "-o", "filterwarnings=", "-q", HOUSE_RULES],
        ),
    ]  # fmt: skip


def compiled_once() -> dict[str, str]:
    """The environment, in which our modules are compiled once, not by each of some hundred processes."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run_step(step: Step) -> Outcome:
    own = ("HEADWATER_", "DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")
    clean = {name: value for name, value in compiled_once().items() if not name.startswith(own)}
    started = time.monotonic()
    done = subprocess.run(
        step.command, cwd=ROOT, env=clean | step.environ, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    return Outcome(step.name, time.monotonic() - started, done.stdout, done.returncode != 0)


def static_checks() -> list[str]:
    """Run them all, print each with its time, and return the names of those that failed."""
    failed = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for future in as_completed([pool.submit(run_step, step) for step in steps()]):
            outcome = future.result()
            print(f"{'FAILED' if outcome.failed else 'ok':<7}{outcome.name:<26}{outcome.seconds:6.1f} s", flush=True)
            if outcome.failed:
                failed.append(outcome.name)
                print(outcome.output.rstrip(), flush=True)
    return failed


def run_tests(arguments: list[str], *, full: bool, checks: Future[list[str]]) -> int:
    """Run pytest and print its output; its last line comes after the names of the failed checks. 0 if all is well."""
    chosen = [] if full else ["-m", "not slow"]
    command = [
        str(BIN / "python"),
        "-m",
        "pytest",
        "-n",
        "3",
        "--dist",
        "loadfile",
        "--no-loadscope-reorder",
        "--durations",
        "10",
        "--ignore",
        HOUSE_RULES,  # a static check
        *chosen,
    ]
    environ = compiled_once() | (FULL if full else {})
    with subprocess.Popen(
        [*command, *arguments], cwd=ROOT, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as tests:
        last = ""
        for line in tests.stdout or []:
            if last:
                print(last, end="", flush=True)
            last = line
    failed = checks.result()
    if failed:
        print("failed beside the tests:", ", ".join(failed))
    print(last, end="", flush=True)
    return tests.returncode or bool(failed)


def main() -> None:
    own, _, arguments = " ".join(sys.argv[1:]).partition("-- ")
    with ThreadPoolExecutor(max_workers=1) as beside:
        checks = beside.submit(static_checks)
        sys.exit(run_tests(arguments.split(), full="--full" in own, checks=checks))


if __name__ == "__main__":
    main()
