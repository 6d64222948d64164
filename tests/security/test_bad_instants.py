"""Offsets and zones that are none are refused with their place, wherever an instant is typed; none is a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.db import DataError, connection, transaction
from django.http import HttpResponse

from portal.core import clock
from portal.core.api.problems import exception_handler
from portal.core.middleware import DomainErrorMiddleware
from portal.site.queries.api_schema import scopes
from tests.contract.cast import Cast, make_cast

if TYPE_CHECKING:
    from django.test import RequestFactory

pytestmark = pytest.mark.django_db
FAR = "3939-10-29T16:45:50-16:42"  # an offset that ISO 8601 can write and no place on earth has
NO_ZONE = "=1+x41x"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast(sorted(scopes()), at=clock.now())


@pytest.mark.parametrize(
    "address",
    ["owners/?asset=matrix.orders&at=", "requests/?updated_since=", "sla/clocks/?breaching_before=", "deputies/?at=",
     "boundaries/?at="],
)  # fmt: skip
@pytest.mark.parametrize("instant", [FAR, "1999-12-31T23:59:59Z", "0001-01-01T00:00:00+01:00"])
def test_an_instant_that_no_calendar_of_ours_has_is_a_bad_filter(cast: Cast, address: str, instant: str) -> None:
    answer = cast.client("token").get(f"/api/v1/{address}{instant.replace('+', '%2B')}")
    assert (answer.status_code, answer.json()["code"]) == (400, "core.bad_filter")


def test_what_only_the_database_refuses_is_no_fault_of_ours(rf: RequestFactory) -> None:
    """A form takes such an offset too; the service has left its transaction by the time that it is told."""
    with connection.cursor() as cursor, pytest.raises(DataError) as caught, transaction.atomic():
        cursor.execute("SELECT %s::timestamptz", [FAR])
    page = DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(rf.get("/"), caught.value)
    made = exception_handler(caught.value, {})
    assert page is not None
    assert made is not None
    assert (page.status_code, b"15:59 hours" in page.content) == (400, True)
    assert (made.status_code, made.data["code"]) == (400, "core.unparsable")


def test_a_zone_that_is_none_is_refused_at_its_field(cast: Cast) -> None:
    form = {"name": "Third", "slug": "third", "team": "matrix-orders", "kind": "pipeline", "zone": NO_ZONE,
            "members": "matrix-lead, matrix-member", "handoffs": "tue 09:00", "planner": "turns",
            "starts_on": "2030-01-08"}  # fmt: skip
    answer = cast.client("lead").post("/oncall/rotas/new", form)
    assert (answer.status_code, answer.context["form"].errors["zone"]) == (
        422, ["An IANA zone such as Europe/Madrid."],
    )  # fmt: skip
