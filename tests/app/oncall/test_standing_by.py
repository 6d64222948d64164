"""Who stands behind the members of a rota: obeyed by the one resolver, so by every door (spec oncall 5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from oncall.domain.escalation import Target
from oncall.models import EffectiveShift, Incident, Rota
from oncall.queries.resolving import resolve_oncall
from oncall.queries.targets import Duty
from oncall.queries.working_out import facts_between
from oncall.services.rotas import NewRota, RulesDraft, Seat, create_rota
from oncall.services.serving import materialise_rota
from portal.accounts.models import Absence, Person
from portal.accounts.services.absences import Away, check_absence, enter_absence
from portal.core.errors import Conflict
from tests.contract.doors import questions_of
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADE, NOW, NIGHT = utc("2027-10-01 12:00"), utc("2027-10-05 12:00"), utc("2027-10-06 03:00")
WEEKLY = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}
DAILY = {"kind": "daily", "start": "2027-10-04", "time": "09:00"}
BEHIND = [{"kind": "rota", "rota": "checkout"}, {"kind": "lead"}]


def rules(people: Sequence[Person], rotation: dict[str, Any], cascade: Sequence[Any] = ()) -> RulesDraft:
    roles = [{"role": "primary", "planner": "turns"}]
    return RulesDraft(
        roles, rotation, [Seat(each) for each in people], cascade=cascade, starts_at=utc("2027-10-04 09:00")
    )


@pytest.fixture
def rotas(world: World, clock: MovableClock) -> tuple[Rota, Rota]:
    """Ann alone all the week; behind her Carol and Ben by turns of a day, then Alice, who leads the team."""
    ben = make_person("ben", team=world.checkout)
    ann = make_person("ann", team=world.data_platform)
    made = []
    for slug, drafted in (("checkout", rules([world.carol, ben], DAILY)), ("data", rules([ann], WEEKLY, BEHIND))):
        new = NewRota(world.data_platform, slug, slug.title())
        made.append(create_rota(actor=world.alice, rota=new, rules=drafted, at=MADE))
    clock.set(NOW)
    return made[1], made[0]


def away(handle: str, first: int, last: int) -> Absence:
    days = Away(date(2027, 10, first), date(2027, 10, last))
    return enter_absence(actor=None, person=Person.objects.get(handle=handle), away=days, at=NOW)


def held(rota: Rota) -> list[tuple[str, str, str]]:
    """Holder, first instant and why, from Tuesday noon to Friday noon."""
    rows, people = facts_between(rota, NOW, utc("2027-10-08 12:00"))
    return [
        (people[row.person].handle if row.person else "nobody", f"{row.start:%a %H:%M}", row.reason_code)
        for row in rows
    ]  # fmt: skip


def test_the_other_rotas_primary_serves_and_changes_hands_with_it(rotas: tuple[Rota, Rota]) -> None:
    away("ann", 6, 7)
    assert held(rotas[0]) == [
        ("ann", "Tue 12:00", ""), ("ben", "Wed 00:00", "cascade_list"), ("carol", "Wed 09:00", "cascade_list"),
        ("ben", "Thu 09:00", "cascade_list"), ("ann", "Fri 00:00", ""),
    ]  # fmt: skip


def test_with_nobody_there_the_lead_serves_and_with_the_lead_away_it_is_a_gap(rotas: tuple[Rota, Rota]) -> None:
    away("ann", 6, 7)
    away("ben", 6, 6)
    away("carol", 6, 6)
    away("alice", 6, 6)
    assert held(rotas[0]) == [
        ("ann", "Tue 12:00", ""), ("nobody", "Wed 00:00", "nobody"), ("carol", "Thu 00:00", "cascade_list"),
        ("ben", "Thu 09:00", "cascade_list"), ("ann", "Fri 00:00", ""),
    ]  # fmt: skip
    Absence.objects.filter(person__handle="alice").update(cancelled_at=NOW)
    assert held(rotas[0])[1] == ("alice", "Wed 00:00", "cascade_list")


def test_two_rotas_may_stand_behind_each_other(rotas: tuple[Rota, Rota], world: World) -> None:
    behind = [{"kind": "rota", "rota": "data"}]
    bob = NewRota(world.data_platform, "third", "Third")
    third = create_rota(actor=world.alice, rota=bob, rules=rules([world.bob], WEEKLY, behind), at=MADE)
    away("bob", 6, 6)
    assert held(third)[1] == ("ann", "Wed 00:00", "cascade_list")
    away("ann", 6, 6)
    # Whoever serves the other rota only because its own list says so is not asked for a second one.
    assert held(third)[1] == ("nobody", "Wed 00:00", "nobody")


def test_page_api_and_pager_name_the_one_behind(rotas: tuple[Rota, Rota], world: World, clock: MovableClock) -> None:
    away("ann", 6, 7)
    clock.set(NIGHT)
    data = rotas[0]
    client = Client()
    client.force_login(world.alice)
    now = client.get("/api/v1/oncall/now?rota=data").json()["results"][0]["entries"][0]
    assert (now["person"], now["reason_code"], now["provisional"]) == ("ben", "cascade_list", True)
    shifts = client.get("/api/v1/rotas/data/shifts").json()
    assert (shifts[0]["person"], shifts[0]["end"]) == ("ben", "2027-10-06T09:00:00Z")
    assert "Ben Example" in client.get("/oncall/").content.decode()
    page = client.get("/oncall/rotas/data").content.decode()
    assert "When no member is free: the primary of Checkout, then a lead of Data Platform." in page
    incident = Incident(rota=data, team=world.data_platform)
    duty = Duty(incident, NIGHT, resolve_oncall(rota=data, at=NIGHT))
    assert [each.name for each in duty.meant([Target("primary")], [])] == ["Ben Example"]


def test_the_next_in_line_behind_a_sole_member_is_the_list(rotas: tuple[Rota, Rota], world: World) -> None:
    ben = Person.objects.get(handle="ben")
    answer = resolve_oncall(rota=rotas[0], at=NOW)
    duty = Duty(Incident(rota=rotas[0], team=world.data_platform), NOW, answer)
    assert [each.name for each in duty.meant([Target("next_in_cascade")], [])] == ["Ben Example"]
    assert [each.name for each in duty.meant([Target("next_in_cascade")], [ben.pk])] == ["Alice Example"]


def test_what_they_served_is_written_as_theirs(rotas: tuple[Rota, Rota], clock: MovableClock) -> None:
    away("ann", 6, 6)
    clock.set(utc("2027-10-07 00:00"))
    materialise_rota(rota=rotas[0], until=utc("2027-10-07 00:00"))
    rows = EffectiveShift.objects.filter(rota=rotas[0]).order_by("during").select_related("person")
    assert [row.person.handle for row in rows if row.person] == ["ann", "ben", "carol"]


def test_who_has_somebody_behind_may_be_away(rotas: tuple[Rota, Rota], world: World) -> None:
    ann, days = Person.objects.get(handle="ann"), Away(date(2027, 10, 6), date(2027, 10, 6))
    assert [clash.severity for clash in check_absence(actor=ann, person=ann, away=days, at=NOW)] == ["warn"]
    for handle in ("ben", "carol", "alice"):
        away(handle, 6, 6)
    assert [clash.severity for clash in check_absence(actor=ann, person=ann, away=days, at=NOW)] == ["bad"]
    with pytest.raises(Conflict, match="would be uncovered"):
        enter_absence(actor=ann, person=ann, away=days, at=NOW)


def test_only_a_missing_holder_costs_reads_for_the_list(rotas: tuple[Rota, Rota]) -> None:
    with CaptureQueriesContext(connection) as calm:
        facts_between(rotas[0], NOW, utc("2027-10-08 12:00"))
    assert len(calm) == 3
    away("ann", 6, 7)
    with CaptureQueriesContext(connection) as troubled:
        facts_between(rotas[0], NOW, utc("2027-10-08 12:00"))
    assert len(troubled) == 9


@pytest.mark.parametrize(
    ("cascade", "words"),
    [
        ([{"kind": "rota", "rota": "nowhere"}], "There is no rota 'nowhere'."),
        ([{"kind": "rota", "rota": "data"}], "A rota does not stand behind itself."),
        ([{"kind": "rota"}], "Say which rota stands behind, by its address."),
        ([{"kind": "lead"}, {"kind": "lead"}], "Each stands behind the members once."),
    ],
)
def test_a_list_that_cannot_serve_is_refused(
    rotas: tuple[Rota, Rota], world: World, cascade: list[dict[str, str]], words: str
) -> None:
    body = {"roles": [{"role": "primary"}], "rotation": WEEKLY, "members": [{"person": "ann"}], "cascade": cascade}
    client = Client()
    client.force_login(world.alice)
    answer = client.post("/api/v1/rotas/data/versions/preview", body, content_type="application/json")
    assert (answer.status_code, answer.json()["field"], answer.json()["detail"]) == (422, "cascade", words)


def test_the_form_sets_the_list_and_keeps_what_it_has_no_words_for(rotas: tuple[Rota, Rota], world: World) -> None:
    client = Client()
    client.force_login(world.alice)
    address = "/oncall/rotas/checkout/edit"
    initial = client.get(address).context["form"].initial
    assert (initial["members"], initial["hours"], initial["handoffs"]) == ("carol, ben", "always", "")
    form = {"members": "carol, ben", "handoffs": "", "hours": "always", "planner": "turns", "backups": "data",
            "lead_last": "on", "starts_on": "2027-10-20"}  # fmt: skip
    mark = client.post(address, form).context["diff"].sha256
    assert client.post(address, form | {"diff_sha256": mark}).status_code == 303
    rows = client.get("/api/v1/rotas/checkout/versions").json()
    assert [row["number"] for row in rows] == [2, 1]
    assert rows[0]["cascade"] == [{"kind": "rota", "rota": "data"}, {"kind": "lead", "rota": ""}]
    assert (rows[0]["rotation"], [seat["person"] for seat in rows[0]["members"]]) == (DAILY, ["carol", "ben"])


def test_the_rotas_page_reads_the_list_behind_within_its_budget(rotas: tuple[Rota, Rota], world: World) -> None:
    away("ann", 6, 7)
    client = Client()
    client.force_login(world.alice)
    client.get("/oncall/rotas/data")
    with CaptureQueriesContext(connection) as asked:
        page = client.get("/oncall/rotas/data").content.decode()
    assert "When no member is free: the primary of Checkout, then a lead of Data Platform." in page
    assert questions_of(asked) - 1 <= 15  # one asks who is signed in
