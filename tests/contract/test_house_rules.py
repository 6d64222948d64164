"""Every Python file and template keeps the rules of the house; each rule is shown to bite."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

import pytest

from tests.contract import house_rules as rules

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[2]
FOLDERS = ["portal", "ownership", "oncall", "requests_queue", "tests", "bench", "deploy"]
FILES = sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if "migrations" not in path.parts)
FILES += [ROOT / "manage.py"]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
RULES = [
    rules.file_size,
    rules.function_size,
    rules.view_size,
    rules.task_size,
    rules.writes,
    rules.clock,
    rules.celery_timers,
    rules.safe_marks,
    rules.contracts,
    rules.broad_excepts,
    rules.model_lookups,
    rules.names,
    rules.postponed_annotations,
    rules.later,
]
LONG = "    x = 1\n"
SAMPLES = [
    (rules.file_size, "portal/x.py", "x = 1\n" * 401),
    (rules.function_size, "portal/x.py", "def long():\n" + LONG * 40),
    (rules.view_size, "oncall/web/x.py", "def page(request):\n" + LONG * 20),
    (rules.task_size, "oncall/tasks.py", "@shared_task(name='x')\ndef task(**_):\n" + LONG * 6),
    (rules.writes, "portal/site/web/x.py", "person.save()\n"),
    (rules.writes, "oncall/queries/x.py", "Shift.objects.create(n=1)\n"),
    (rules.writes, "oncall/tasks.py", "Shift.objects.bulk_create([])\n"),
    (rules.clock, "oncall/web/x.py", "at = timezone.now()\n"),
    (rules.clock, "oncall/models/x.py", "at = DateTimeField(default=django.utils.timezone.now)\n"),
    (rules.celery_timers, "oncall/services/x.py", "fire.apply_async(eta=at)\n"),
    (rules.celery_timers, "oncall/services/x.py", "fire.apply_async(countdown=5)\n"),
    (rules.celery_timers, "oncall/tasks.py", "self.retry()\n"),
    (rules.safe_marks, "portal/core/x.py", "from django.utils.safestring import mark_safe\n"),
    (rules.safe_marks, "portal/core/x.py", "html = mark_safe(text)\n"),
    (rules.contracts, "oncall/services/x.py", "def page_person():\n    pass\n"),
    (rules.contracts, "ownership/domain/x.py", "def closure():\n    pass\n"),
    (rules.broad_excepts, "oncall/web/x.py", "try:\n    x()\nexcept Exception:\n    pass\n"),
    (rules.broad_excepts, "oncall/web/x.py", "try:\n    x()\nexcept:\n    pass\n"),
    (rules.model_lookups, "oncall/services/x.py", "apps.get_model('ownership', 'Asset')\n"),
    (rules.names, "oncall/utils.py", ""),
    (rules.postponed_annotations, "oncall/x.py", "x = 1\n"),
    (rules.later, "oncall/x.py", "x = 1  # TODO: more\n"),
]
INNOCENT = [
    (rules.writes, "oncall/services/x.py", "person.save()\n"),
    (rules.writes, "tests/app/x.py", "Person.objects.create()\n"),
    (rules.clock, "oncall/web/x.py", "at = clock.now()\n"),
    (rules.contracts, "oncall/services/x.py", "def _page_person():\n    pass\n"),
    (rules.view_size, "oncall/web/x.py", "def page(request):\n" + LONG * 19),
    (rules.task_size, "oncall/tasks.py", "@shared_task(name='x')\ndef task(**_):\n" + LONG * 5),
]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_python_file_keeps_the_house_rules(path: Path) -> None:
    source = rules.Source(PurePosixPath(path.relative_to(ROOT).as_posix()), path.read_text(encoding="utf-8"))
    faults = [f"{rule.__name__}: {fault}" for rule in RULES for fault in rule(source)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_fits_a_screen_and_a_half(path: Path) -> None:
    assert list(rules.template_size(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(("rule", "path", "text"), SAMPLES)
def test_a_house_rule_bites(rule: Callable[[rules.Source], Iterator[str]], path: str, text: str) -> None:
    assert list(rule(rules.Source(PurePosixPath(path), text)))


@pytest.mark.parametrize(("rule", "path", "text"), INNOCENT)
def test_a_house_rule_spares_the_innocent(rule: Callable[[rules.Source], Iterator[str]], path: str, text: str) -> None:
    assert list(rule(rules.Source(PurePosixPath(path), text))) == []


def test_a_template_of_121_lines_is_refused() -> None:
    assert list(rules.template_size("x\n" * 121)) == ["121 lines; at most 120"]
