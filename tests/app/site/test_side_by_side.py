"""This release on the schema of the next one, as it runs between `migrate` and the new image (spec operations 7).

The next release may only add: a table of its own, columns that may be empty, columns with a default of the database.
All of it stands in every table here while the services make one of each thing and the API is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import connection

from portal.site.queries.api_schema import scopes
from tests.conftest import as_owner
from tests.contract.cast import make_cast
from tests.contract.content import fill
from tests.contract.doors import body_of, doors
from tests.contract.furniture import furnish
from tests.contract.stations import furnish_running
from tests.contract.test_permission_matrix import A_WORKING_DAY

if TYPE_CHECKING:
    from tests.conftest import MovableClock

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' ORDER BY 1"
FAMILIES = {"accounts", "core", "engine", "oncall", "ownership", "requests"}


def expand() -> list[str]:
    """What `migrate` of a next release may do to every table."""
    with as_owner() as cursor:
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall()]
        for name in tables:
            quoted = connection.ops.quote_name(name)
            cursor.execute(
                f"ALTER TABLE {quoted} ADD COLUMN next_word text, ADD COLUMN next_count int NOT NULL DEFAULT 7"
            )
        cursor.execute("CREATE TABLE core_next (id bigserial PRIMARY KEY, word text NOT NULL)")
    return tables


@pytest.mark.slow
@pytest.mark.django_db
def test_this_release_works_on_the_schema_of_the_next(clock: MovableClock) -> None:
    clock.set(A_WORKING_DAY)
    assert {name.partition("_")[0] for name in expand()} >= FAMILIES
    cast = make_cast(sorted(scopes()), at=A_WORKING_DAY)
    furnish_running(cast)
    fill(cast, [0, 1], at=A_WORKING_DAY)
    furnish(cast, at=A_WORKING_DAY)
    client = cast.client("token")
    client.raise_request_exception = False
    statuses = {}
    for door in doors():
        if door.method == "GET" and door.is_api:
            answer = client.get(cast.url(door))
            body_of(answer)
            statuses[door.name] = answer.status_code
    assert {name: status for name, status in statuses.items() if status >= 500} == {}
    assert sum(status == 200 for status in statuses.values()) > 100
    assert b"next_word" not in body_of(client.get("/api/v1/people/"))
