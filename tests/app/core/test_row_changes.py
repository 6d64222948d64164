"""Every change of a watched table leaves a row, however it was made."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection

from portal.core.models import RowChange

pytestmark = pytest.mark.django_db
Person = get_user_model()


def changes() -> list[tuple[str, str, str, list[str]]]:
    return list(RowChange.objects.order_by("pk").values_list("table_name", "operation", "row_key", "columns"))


def test_a_bulk_update_names_the_changed_columns(bob: Any) -> None:
    before = len(changes())
    Person.objects.filter(pk=bob.pk).update(name="Robert")
    assert changes()[before:] == [("accounts_person", "UPDATE", str(bob.pk), ["name"])]


def test_raw_sql_is_seen_too(bob: Any) -> None:
    before = len(changes())
    with connection.cursor() as cursor:
        cursor.execute("UPDATE accounts_person SET name = 'Robert' WHERE id = %s", [bob.pk])
    assert changes()[before:] == [("accounts_person", "UPDATE", str(bob.pk), ["name"])]


def test_an_update_that_changes_nothing_leaves_nothing(bob: Any) -> None:
    before = len(changes())
    Person.objects.filter(pk=bob.pk).update(name=bob.name)
    assert changes()[before:] == []


def test_the_change_and_its_audit_entry_share_a_transaction_number(bob: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        number = cursor.fetchone()[0]
    Person.objects.filter(pk=bob.pk).update(name="Robert")
    assert RowChange.objects.latest("pk").transaction_number == number
