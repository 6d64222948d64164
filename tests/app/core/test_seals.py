"""Rewritten history is found and named, even when a superuser wrote it (spec security 5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from portal.accounts.models import FallbackRecipient
from portal.core.models import AuditEntry, AuditSeal, BusinessCalendar
from portal.core.queries.seals import newest_seal, verify_seals
from portal.core.services.audit import record_audit
from portal.core.services.seals import seal_history
from portal.engine.models import Notice
from portal.engine.services.sealing import run_sealing
from tests.conftest import as_owner

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
AUDIT = "core_auditentry"
pytestmark = pytest.mark.django_db


def write(at: datetime, n: int = 1) -> AuditEntry:
    subject = BusinessCalendar.objects.get_or_create(name="Madrid")[0]
    return record_audit(actor=None, verb="core.calendar_published", subject=subject, after={"n": n}, at=at)


@pytest.fixture
def days() -> list[AuditEntry]:
    """Three days of two rows, each sealed in the night after it."""
    entries = []
    for number in range(3):
        at = MONDAY + timedelta(days=number)
        entries += [write(at, 1), write(at, 2)]
        seal_history(at=at.replace(hour=1, minute=10) + timedelta(days=1))
    return entries


def rewrite(statement: str) -> None:
    """As only somebody above all roles can: with the trigger switched off."""
    with as_owner() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE core_auditentry DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE core_auditseal DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("ALTER TABLE core_auditentry ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE core_auditseal ENABLE TRIGGER USER")


def told() -> tuple[str, int]:
    out, code = StringIO(), 0
    try:
        call_command("audit_verify", stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return out.getvalue(), code


def test_each_night_seals_the_day_once(days: list[AuditEntry]) -> None:
    seals = list(AuditSeal.objects.filter(table_name=AUDIT).order_by("day"))
    assert [(f"{seal.day}", seal.last_id) for seal in seals] == [
        ("2026-11-23", days[1].pk), ("2026-11-24", days[3].pk), ("2026-11-25", days[5].pk),
    ]  # fmt: skip
    assert [seal.rows for seal in seals[1:]] == [2, 2]
    assert seal_history(at=MONDAY.replace(hour=5) + timedelta(days=3)) == []


def test_a_day_is_not_sealed_before_an_hour_has_passed() -> None:
    write(MONDAY)
    seal_history(at=MONDAY.replace(hour=0, minute=59) + timedelta(days=1))
    newest = newest_seal()
    assert newest is not None
    assert f"{newest.day}" == "2026-11-22"


def test_untouched_history_verifies(days: list[AuditEntry]) -> None:
    write(MONDAY + timedelta(days=3))
    found = verify_seals(AUDIT)
    assert (found.breach, found.seals, found.unsealed) == (None, 3, 1)
    text, code = told()
    assert code == 0
    assert "REWRITTEN" not in text


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE core_auditentry SET reason = 'planted' WHERE id = {id}", "changed"),
        ("UPDATE core_auditentry SET at = at - interval '1 second' WHERE id = {id}", "changed"),
        ("""UPDATE core_auditentry SET after = '{{"n": 7}}' WHERE id = {id}""", "changed"),
        ("DELETE FROM core_auditentry WHERE id = {id}", "missing"),
    ],
)
def test_a_planted_change_is_named_with_its_day_and_row(days: list[AuditEntry], statement: str, what: str) -> None:
    rewrite(statement.format(id=days[3].pk))
    text, code = told()
    assert code == 1
    assert f"REWRITTEN core_auditentry: row {days[3].pk}, sealed on 2026-11-24, is {what}" in text


def test_a_seal_that_was_made_anew_does_not_stand_on_the_one_before(days: list[AuditEntry]) -> None:
    rewrite("UPDATE core_auditseal SET sha256 = repeat('a', 64) WHERE day = '2026-11-24'")
    assert "is not the digest of its rows" in told()[0]


def test_the_seal_noted_outside_finds_a_chain_made_anew(days: list[AuditEntry]) -> None:
    call_command("audit_verify", seal=newest_seal().sha256, stdout=StringIO())  # type: ignore[union-attr] # there is one
    with pytest.raises(SystemExit):
        call_command("audit_verify", seal="b" * 64, stdout=StringIO())


@pytest.mark.parametrize("statement", ["UPDATE core_auditseal SET rows = 0", "DELETE FROM core_auditseal"])
def test_the_application_cannot_rewrite_a_seal(days: list[AuditEntry], statement: str) -> None:
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_the_nightly_job_alarms_of_a_rewritten_row(clock: MovableClock, days: list[AuditEntry], admin: Person) -> None:
    FallbackRecipient.objects.create(position=1, person=admin)
    clock.set(MONDAY.replace(hour=2) + timedelta(days=3))
    assert run_sealing({}, None) == {"seals": 0, "breaches": 0}
    rewrite("DELETE FROM core_auditentry WHERE id = {id}".replace("{id}", str(days[4].pk)))
    assert run_sealing({}, None)["breaches"] == 1
    alarm = Notice.objects.get(kind="engine.alarm", context__code="history_rewritten")
    assert f"row {days[4].pk}, sealed on 2026-11-25, is missing" in alarm.context["text"]
