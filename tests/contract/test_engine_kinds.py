"""Whatever a room registers with the engine can be fired, rendered and run: one code path for every kind."""

from __future__ import annotations

import inspect

import pytest

from portal.celery import app
from portal.core.registries import topic_registry
from portal.engine.domain.messages import PLACE
from portal.engine.domain.states import SEVERITIES
from portal.engine.registries import (
    DeadlineKind,
    NoticeKind,
    Periodic,
    deadline_kinds,
    event_handlers,
    job_kinds,
    notice_kinds,
    periodic_entries,
    subject_handlers,
)


def _tasks() -> set[str]:
    app.loader.import_default_modules()
    return set(app.tasks)


@pytest.mark.parametrize("entry", deadline_kinds.values(), ids=lambda entry: entry.kind)
def test_a_deadline_kind_fires_set_by_set_and_names_a_task_that_exists(entry: DeadlineKind) -> None:
    assert list(inspect.signature(entry.handler.fire).parameters) == ["deadlines", "at"]
    assert entry.catch_up in ("highest", "rebase", "expire", "collapse")
    assert not entry.worker_task or entry.worker_task in _tasks()


@pytest.mark.parametrize("entry", notice_kinds.values(), ids=lambda entry: entry.kind)
def test_the_words_of_a_notice_kind_need_only_its_own_context(entry: NoticeKind) -> None:
    assert set(PLACE.findall(entry.title + entry.text)) <= entry.context_keys
    assert entry.severity in SEVERITIES


@pytest.mark.parametrize("name", [name for name, _ in subject_handlers.items()])
def test_a_subject_answers_all_that_the_engine_asks(name: str) -> None:
    handler = subject_handlers.get(name)
    assert name == name.lower()
    for verb in ("lock", "acknowledge", "visible_to", "delivery_dead"):
        assert callable(getattr(handler, verb, None)), verb


@pytest.mark.parametrize("entry", periodic_entries.values(), ids=lambda entry: entry.name)
def test_periodic_work_has_one_rhythm_and_a_job_that_exists(entry: Periodic) -> None:
    assert bool(entry.every_seconds) != bool(entry.cron)
    assert job_kinds.get(entry.job_kind) is not None


def test_every_handled_topic_is_registered() -> None:
    assert {topic for topic, _ in event_handlers.values()} <= {topic.name for topic in topic_registry.values()}


def test_the_tasks_of_the_engine_are_known_to_celery() -> None:
    assert {"engine.tick", "engine.deliver", "engine.audit", "engine.run_job"} <= _tasks()
