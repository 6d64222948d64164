"""Nobody's shift moves within the notice period without their own yes, or a lead's told reason (spec oncall 5)."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from oncall.models import EditConsent, PlannedShift, Rota, RotaEdit, ShiftChange
from oncall.queries.resolving import resolve_oncall
from oncall.services.changes import accept_change, create_override, withdraw_change
from oncall.services.consents import answer_edit, ask_rota_version, overrule_edit, withdraw_edit
from oncall.services.laying import Stretch
from oncall.services.rotas import Applying, NewRota, RulesDraft, Seat, create_rota, publish_rota_version
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.models import Deadline, Notice
from tests.app.oncall.house import run_until
from tests.unit.oncall.test_rotations import utc
from tests.world import make_person

if TYPE_CHECKING:
    from datetime import datetime

    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
MADE, NOW = utc("2027-10-01 12:00"), utc("2027-10-05 12:00")
BEGINS = utc("2027-10-11 09:00")
ROTATION = {"kind": "weekly", "start": "2027-10-04", "handoffs": [{"dow": "mon", "time": "09:00"}]}


@pytest.fixture
def ann(world: World) -> Person:
    return make_person("ann", team=world.data_platform)


@pytest.fixture
def rota(world: World, ann: Person, clock: MovableClock) -> Rota:
    """Bob and Ann in turns, a week each: the week of 18 October is hers."""
    rules = RulesDraft([{"role": "primary", "planner": "turns"}], ROTATION, [Seat(world.bob), Seat(ann)])
    made = create_rota(actor=world.alice, rota=NewRota(world.data_platform, "data", "Data"), rules=rules, at=MADE)
    clock.set(NOW)
    return made


@pytest.fixture
def bob_alone(world: World) -> RulesDraft:
    draft = RulesDraft([{"role": "primary", "planner": "turns"}], ROTATION, [Seat(world.bob)])
    return replace(draft, starts_at=utc("2027-10-18 09:00"))


def holders() -> list[str]:
    rows = PlannedShift.objects.filter(during__startswith__gte=BEGINS).order_by("during").select_related("person")
    return [row.person.handle for row in rows[:3] if row.person is not None]


def told(handle: str) -> list[str]:
    rows = Notice.objects.filter(recipient__handle=handle, kind__in=("oncall.asked", "oncall.shift_changed"))
    return [row.context["line"] for row in rows.order_by("created_at")]


def mark(edit: RotaEdit, handle: str) -> str:
    return EditConsent.objects.get(edit=edit, person__handle=handle).diff_sha256


def ask(world: World, rota: Rota, rules: RulesDraft, at: datetime = NOW) -> RotaEdit:
    return ask_rota_version(actor=world.alice, rota=rota, rules=rules, reason="Ann moves on", at=at)


def test_the_last_yes_puts_the_rules_in_force_and_not_one_before(
    rota: Rota, world: World, ann: Person, bob_alone: RulesDraft
) -> None:
    assert holders() == ["bob", "ann", "bob"]
    edit = ask(world, rota, bob_alone)
    assert sorted(edit.consents.values_list("person__handle", flat=True)) == ["ann", "bob"]
    lost = "no longer primary, Mon 18 Oct 09:00 to Mon 25 Oct 09:00"
    assert told("ann") == [f"Alice Example asks for your yes: {lost}. Nothing moves before. Why: Ann moves on"]
    answer_edit(actor=world.bob, edit=edit, is_yes=True, diff_sha256=mark(edit, "bob"), at=NOW)
    assert (holders(), rota.versions.count()) == (["bob", "ann", "bob"], 1)
    done = answer_edit(actor=ann, edit=edit, is_yes=True, diff_sha256=mark(edit, "ann"), at=NOW)
    assert (done.state, holders()) == ("applied", ["bob", "bob", "bob"])
    newest = rota.versions.order_by("-number")[0]
    assert (newest.number, newest.created_by, newest.reason) == (2, world.alice, "Ann moves on")
    assert not Deadline.objects.filter(kind="oncall.consent_step", state="armed").exists()


def test_a_no_leaves_the_plan_as_it_was_and_the_asker_reads_why(
    rota: Rota, world: World, ann: Person, bob_alone: RulesDraft
) -> None:
    edit = ask(world, rota, bob_alone)
    said = answer_edit(actor=ann, edit=edit, is_yes=False, diff_sha256=mark(edit, "ann"), words="I like it", at=NOW)
    assert (said.state, holders(), rota.versions.count()) == ("declined", ["bob", "ann", "bob"], 1)
    assert "Ann Example said no to the change. I like it" in told("alice")
    with pytest.raises(Conflict, match="not asked any more"):
        answer_edit(actor=world.bob, edit=edit, is_yes=True, diff_sha256=mark(edit, "bob"), at=NOW)


def test_nobody_answers_for_another_and_only_to_what_they_were_shown(
    rota: Rota, world: World, ann: Person, bob_alone: RulesDraft
) -> None:
    edit = ask(world, rota, bob_alone)
    with pytest.raises(NotAllowed):
        answer_edit(actor=world.alice, edit=edit, is_yes=True, diff_sha256=mark(edit, "ann"), at=NOW)
    with pytest.raises(Conflict) as other:
        answer_edit(actor=ann, edit=edit, is_yes=True, diff_sha256="0" * 64, at=NOW)
    assert other.value.code == "oncall.diff_changed"
    assert set(edit.consents.values_list("answer", flat=True)) == {""}


def test_a_lead_puts_it_in_force_with_a_reason_that_everybody_reads(
    rota: Rota, world: World, ann: Person, bob_alone: RulesDraft
) -> None:
    edit = ask(world, rota, bob_alone)
    with pytest.raises(DomainError) as empty:
        overrule_edit(actor=world.alice, edit=edit, told_reason=" ", at=NOW)
    assert (empty.value.field, holders()) == ("told_reason", ["bob", "ann", "bob"])
    with pytest.raises(NotAllowed):
        overrule_edit(actor=world.bob, edit=edit, told_reason="I want it", at=NOW)
    done = overrule_edit(actor=world.alice, edit=edit, told_reason="Ann is ill", at=NOW)
    assert (done.state, done.told_reason, holders()) == ("applied", "Ann is ill", ["bob", "bob", "bob"])
    assert set(edit.consents.values_list("answer", flat=True)) == {"overruled"}
    assert any(line.endswith("Why: Ann is ill") for line in told("ann"))


def test_a_plan_that_moved_meanwhile_is_not_overwritten_by_old_answers(
    rota: Rota, world: World, ann: Person, bob_alone: RulesDraft
) -> None:
    edit = ask(world, rota, bob_alone)
    other = replace(bob_alone, seats=[Seat(ann)], starts_at=utc("2027-10-25 09:00"))
    publish_rota_version(actor=world.alice, rota=rota, rules=other, applying=Applying(told_reason="x"), at=NOW)
    edit.refresh_from_db()
    assert (edit.state, holders()) == ("moved", ["bob", "ann", "ann"])
    with pytest.raises(Conflict, match="not asked any more"):
        answer_edit(actor=ann, edit=edit, is_yes=True, diff_sha256=mark(edit, "ann"), at=NOW)


def test_the_silent_are_reminded_then_the_lead_hears_and_at_its_time_it_lapses(
    rota: Rota, world: World, ann: Person, bob_alone: RulesDraft, clock: MovableClock
) -> None:
    edit = ask(world, rota, bob_alone)
    answer_edit(actor=world.bob, edit=edit, is_yes=True, diff_sha256=mark(edit, "bob"), at=NOW)
    first = (len(told("ann")), len(told("bob")))
    run_until(clock, utc("2027-10-06 13:00"))
    assert (len(told("ann")) - first[0], len(told("bob")) - first[1]) == (1, 0)
    run_until(clock, utc("2027-10-08 13:00"))
    silent = "Ann Example did not answer. Say why it cannot wait, or take the change back."
    assert Notice.objects.filter(kind="oncall.lead_told", context__line=silent).count() == 1
    run_until(clock, utc("2027-10-18 10:00"))
    edit.refresh_from_db()
    assert (edit.state, rota.versions.count()) == ("lapsed", 1)


def test_one_edit_of_a_rota_waits_at_a_time_and_can_be_taken_back(
    rota: Rota, world: World, bob_alone: RulesDraft
) -> None:
    edit = ask(world, rota, bob_alone)
    with pytest.raises(Conflict) as second:
        ask(world, rota, bob_alone)
    assert (second.value.code, second.value.extra["edit"]) == ("oncall.edit_waiting", edit.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        RotaEdit.objects.create(rota=rota, kind="rules", draft={"x": 1}, moved_count=1, diff_sha256="0" * 64,
                                begins_at=BEGINS, asked_at=NOW)  # fmt: skip
    assert withdraw_edit(actor=world.alice, edit=edit, at=NOW).state == "withdrawn"
    assert ask(world, rota, bob_alone).state == "waiting"


def test_what_moves_nobody_soon_is_not_asked_about(rota: Rota, world: World, bob_alone: RulesDraft) -> None:
    later = replace(bob_alone, starts_at=utc("2027-11-15 09:00"))
    with pytest.raises(Conflict) as refused:
        ask(world, rota, later)
    assert (refused.value.code, RotaEdit.objects.count()) == ("oncall.nothing_to_ask", 0)


def asked(change: ShiftChange) -> RotaEdit:
    return RotaEdit.objects.get(change=change)


def week(first: str, last: str) -> Stretch:
    return Stretch("primary", utc(f"2027-10-{first} 09:00"), utc(f"2027-10-{last} 09:00"))


def test_an_override_asks_who_loses_a_shift_soon_and_who_gets_it(rota: Rota, world: World, ann: Person) -> None:
    made = create_override(actor=world.alice, rota=rota, stretch=week("18", "25"), person=world.bob, at=NOW)
    assert (made.state, sorted(asked(made).consents.values_list("person__handle", flat=True))) == (
        "proposed", ["ann", "bob"]
    )  # fmt: skip
    assert accept_change(actor=world.bob, change=made, at=NOW).state == "proposed"
    moment = utc("2027-10-20 12:00")
    assert [row.handle for row in resolve_oncall(rota=rota, at=moment).entries] == ["ann"]
    answer_edit(actor=ann, edit=asked(made), is_yes=True, diff_sha256=mark(asked(made), "ann"), at=NOW)
    assert [row.handle for row in resolve_oncall(rota=rota, at=moment).entries] == ["bob"]
    stands = ShiftChange.objects.get(state="active")
    assert sorted(stands.consented_by) == sorted([ann.pk, world.bob.pk])
    assert "Bob Example has it now: primary, Mon 18 Oct 09:00 to Mon 25 Oct 09:00." in told("ann")


def test_beyond_the_notice_period_only_the_new_holder_is_asked(rota: Rota, world: World) -> None:
    made = create_override(
        actor=world.alice, rota=rota, stretch=Stretch("primary", utc("2027-11-01 09:00"), utc("2027-11-08 09:00")),
        person=world.bob, at=NOW,
    )  # fmt: skip
    assert list(asked(made).consents.values_list("person__handle", flat=True)) == ["bob"]
    assert accept_change(actor=world.bob, change=made, at=NOW).state == "active"


def test_who_was_told_in_person_is_not_asked(rota: Rota, world: World) -> None:
    made = create_override(
        actor=world.alice, rota=rota, stretch=week("18", "25"), person=world.bob, told_in_person="by phone", at=NOW
    )  # fmt: skip
    assert (made.state, RotaEdit.objects.count()) == ("active", 0)


def test_an_override_taken_back_asks_nobody_any_more(rota: Rota, world: World, ann: Person) -> None:
    made = create_override(actor=world.alice, rota=rota, stretch=week("18", "25"), person=world.bob, at=NOW)
    withdraw_change(actor=world.alice, change=made, at=NOW)
    assert RotaEdit.objects.get().state == "withdrawn"
    assert "You are not asked any more: the change is taken back." in told("ann")


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_by_page_the_lead_asks_and_the_asked_answer(rota: Rota, world: World, ann: Person) -> None:
    lead = browser(world.alice)
    typed = {"members": "bob", "handoffs": "mon 09:00", "planner": "turns", "starts_on": "2027-10-18", "backups": ""}
    page = lead.post("/oncall/rotas/data/edit", typed)
    assert page.status_code == 200, page.context["form"].errors
    assert "Ask them first" in page.content.decode()
    seen = {"diff_sha256": page.context["diff"].sha256, "act": "ask", "told_reason": "Ann moves on"}
    asked = lead.post("/oncall/rotas/data/edit", typed | seen)
    edit = RotaEdit.objects.get()
    assert (asked.status_code, asked["Location"]) == (303, f"/oncall/edits/{edit.pk}")
    assert "Not answered yet: Ann Example, Bob Example." in lead.get("/oncall/rotas/data").content.decode()
    client = browser(ann)
    assert f"/oncall/edits/{edit.pk}" in client.get("/oncall/answers/").content.decode()
    html = client.get(f"/oncall/edits/{edit.pk}").content.decode()
    assert "You no longer have it; Bob Example does" in html
    assert "It cannot wait" not in html
    stale = client.post(f"/oncall/edits/{edit.pk}", {"act": "accept", "diff_sha256": "0" * 64})
    assert (stale.status_code, edit.consents.filter(answer="yes").count()) == (422, 0)
    sent = {"act": "accept", "diff_sha256": mark(edit, "ann")}
    assert client.post(f"/oncall/edits/{edit.pk}", sent).status_code == 303
    assert browser(world.bob).post(f"/oncall/edits/{edit.pk}", {"act": "accept", "diff_sha256": mark(edit, "bob")})
    assert holders() == ["bob", "bob", "bob"]
    assert "ann,yes" in lead.get("/oncall/edits/export.csv?state=applied").getvalue().decode()


def send(person: Person, url: str, body: dict[str, Any]) -> Any:
    return browser(person).post(url, json.dumps(body), content_type="application/json")


def test_by_api_as_well(rota: Rota, world: World, ann: Person) -> None:
    rules = {
        "roles": [{"role": "primary", "planner": "turns"}], "rotation": ROTATION, "members": [{"person": "bob"}],
        "effective_from": "2027-10-18T09:00:00Z",
    }  # fmt: skip
    asked = send(world.alice, "/api/v1/rotas/data/versions/ask", rules | {"reason": "Ann moves on"})
    assert asked.status_code == 201
    url = asked["Location"]
    rows = browser(ann).get("/api/v1/rota-edits/?waiting=true").json()["results"]
    assert [row["id"] for row in rows] == [asked.json()["id"]]
    marks = {row["person"]: row["diff_sha256"] for row in rows[0]["consents"]}
    assert send(ann, f"{url}decline", {"diff_sha256": marks["bob"]}).status_code == 409
    assert send(ann, f"{url}decline", {"diff_sha256": marks["ann"], "words": "No"}).json()["state"] == "declined"
    assert send(world.bob, f"{url}overrule", {"told_reason": "x"}).status_code == 403
    done = send(world.alice, f"{url}overrule", {"told_reason": "She is ill"})
    assert (done.status_code, done.json()["state"], holders()) == (200, "applied", ["bob", "bob", "bob"])
    verbs = AuditEntry.objects.filter(verb__startswith="oncall.edit_").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["oncall.edit_asked", "oncall.edit_answered", "oncall.edit_declined", "oncall.edit_applied"]
