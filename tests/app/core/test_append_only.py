"""History is never rewritten: the database refuses, whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DatabaseError, connection, transaction

from portal.core.models import AuditEntry, BusinessCalendar
from portal.core.registries import append_only_registry
from portal.core.services.audit import record_audit
from tests.conftest import as_owner

START = datetime(2026, 11, 24, 9, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def entry() -> AuditEntry:
    subject = BusinessCalendar.objects.create(name="Madrid")
    return record_audit(actor=None, verb="core.calendar_published", subject=subject, after={"n": 1}, at=START)


@pytest.mark.parametrize("statement", ["UPDATE core_auditentry SET verb = 'x'", "DELETE FROM core_auditentry"])
def test_the_application_cannot_rewrite_the_audit(entry: AuditEntry, statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_even_the_owner_of_the_table_cannot_rewrite_the_audit(entry: AuditEntry) -> None:
    with (
        as_owner() as cursor,
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
    ):
        cursor.execute("UPDATE core_auditentry SET verb = 'x'")


def test_every_append_only_table_refuses_the_application() -> None:
    with connection.cursor() as cursor:
        for table in append_only_registry.values():
            cursor.execute("SELECT has_table_privilege(%s, 'UPDATE, DELETE, TRUNCATE')", [table])
            assert cursor.fetchone() == (False,), table


def test_an_audit_row_says_what_changed_and_by_which_door(entry: AuditEntry) -> None:
    entry.refresh_from_db()
    assert (entry.object_type, entry.object_label, entry.after, entry.via) == (
        "core.businesscalendar", "Madrid", {"n": 1}, "command",
    )  # fmt: skip
