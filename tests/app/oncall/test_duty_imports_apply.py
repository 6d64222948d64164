"""Opsgenie, Grafana OnCall and iCalendar through the one import: applied, answering, applied again unchanged."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest

from oncall.models import PlannedShift, Rota, ShiftChange
from oncall.queries.resolving import resolve_oncall
from portal.core.services.imports import FileToImport, apply_import, plan_import
from tests.app.oncall.golden import names
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db
AT = utc("2027-01-04 05:00")
MAILS = {who: f"{who}@example.com" for who in ("ines", "jonas", "kofi")}
OPSGENIE = json.dumps({
    "schedules": [{"id": "S", "name": "Data", "timezone": "Europe/Madrid", "rotations": [{
        "id": "R", "type": "weekly", "length": 1, "startDate": "2027-01-04T09:00:00+01:00",
        "participants": [{"type": "user", "username": MAILS["ines"]}, {"type": "user", "username": MAILS["jonas"]}],
    }]}],
    "forwardingRules": [{
        "id": "F", "fromUser": {"username": MAILS["ines"]}, "toUser": {"username": MAILS["kofi"]},
        "startDate": "2027-01-06T00:00:00Z", "endDate": "2027-01-07T00:00:00Z",
    }],
}).encode()  # fmt: skip
GRAFANA = json.dumps({
    "schedules": [{"id": "G", "name": "Data", "time_zone": "Europe/Madrid", "shifts": ["1", "3"]}],
    "on_call_shifts": [
        {"id": "1", "type": "rolling_users", "level": 0, "frequency": "weekly", "interval": 1, "duration": 604800,
         "start": "2027-01-04T09:00:00", "rolling_users": [[MAILS["ines"]], [MAILS["jonas"]]]},
        {"id": "3", "type": "override", "start": "2027-01-06T01:00:00", "duration": 86400, "users": [MAILS["kofi"]]},
    ],
}).encode()  # fmt: skip


def _event(uid: str, who: str, start: str, end: str) -> str:
    return f"BEGIN:VEVENT\r\nUID:{uid}\r\nSUMMARY:{MAILS[who]}\r\nDTSTART:{start}\r\nDTEND:{end}\r\nEND:VEVENT\r\n"


CALENDAR = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nX-WR-CALNAME:Data\r\n"
    + _event("1", "ines", "20270104T080000Z", "20270111T080000Z")
    + _event("2", "jonas", "20270111T080000Z", "20270118T080000Z")
    + _event("3", "kofi", "20270106T000000Z", "20270107T000000Z")
    + "END:VCALENDAR\r\n"
).encode()
FILES = {"opsgenie": OPSGENIE, "grafana_oncall": GRAFANA, "duty_ical": CALENDAR}


def taken_in(world: World, kind: str, more: bytes = b"") -> dict[str, Any]:
    """Planned and applied; `more` makes other bytes of the same schedule."""
    name = "pager.ics" if kind == "duty_ical" else "schedules.json"
    run = plan_import(actor=world.alice, given=FileToImport(kind, io.BytesIO(FILES[kind] + more), name), at=AT)
    assert run.state == "planned", list(run.issues.values_list("code", flat=True))
    apply_import(actor=world.alice, run=run, at=AT)
    plan: dict[str, Any] = run.plan
    return plan


@pytest.fixture
def cast(world: World) -> World:
    for handle in MAILS:
        make_person(handle, team=world.data_platform)
    return world


@pytest.mark.parametrize("kind", FILES)
def test_its_people_answer_at_their_hours_and_the_one_who_stands_in_on_that_day(cast: World, kind: str) -> None:
    assert taken_in(cast, kind)["unsettled"] == []
    rota = Rota.objects.get(source=kind)
    assert rota.team == cast.data_platform
    held = [
        names(resolve_oncall(rota=rota, at=utc(f"2027-01-{moment}")))["primary"]
        for moment in ("05 12:00", "06 12:00", "07 12:00", "11 07:59", "11 08:01", "17 12:00")
    ]
    assert held == ["ines", "kofi", "ines", "ines", "jonas", "jonas"]


@pytest.mark.parametrize("kind", FILES)
def test_the_same_schedule_again_changes_no_row(cast: World, kind: str) -> None:
    taken_in(cast, kind)
    before = [list(model.objects.order_by("pk").values()) for model in (Rota, PlannedShift, ShiftChange)]
    assert taken_in(cast, kind, b"\r\n")["changes"] == 0
    assert [list(model.objects.order_by("pk").values()) for model in (Rota, PlannedShift, ShiftChange)] == before


@pytest.mark.parametrize("kind", FILES)
def test_who_leads_no_team_imports_nothing(cast: World, kind: str) -> None:
    given = FileToImport(kind, io.BytesIO(FILES[kind]), "schedules")
    with pytest.raises(Exception, match="lead"):
        plan_import(actor=cast.bob, given=given, at=AT)
    assert (Rota.objects.count(), PlannedShift.objects.count()) == (0, 0)
