"""Policies and calendars as somebody edits them, the dry run, and attainment."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.core.models import CalendarVersion
from requests_queue.domain.hours import exceptions_text, parse_exceptions
from requests_queue.domain.ladder import DEFAULT_LADDER
from requests_queue.domain.spans import ladder_text, parse_ladder, parse_span, span_words
from requests_queue.models import ClockEvent, PolicyMatch, SlaClock, SlaPolicy, SlaPolicyVersion
from requests_queue.queries.attainment import Attainment, attainment
from requests_queue.services.clocks import excuse_breach
from requests_queue.services.concluding import answer_request
from requests_queue.services.promising import (
    PolicyDraft,
    add_match,
    apply_policy_to_running,
    publish_policy_version,
    remove_match,
)
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.world import make_admin

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
TARGETS = {kind: {"normal": 4 * 3600, "urgent": 3600} for kind in
           ("first_response", "decision", "resolution", "next_update")}  # fmt: skip
DRAFT = PolicyDraft(TARGETS, DEFAULT_LADDER)


def policy() -> SlaPolicy:
    return SlaPolicy.objects.get(name="Questions and access")


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(
    ("text", "seconds"), [("30 min", 1800), ("9 h", 32_400), ("1.5 days", 48_600), ("2 d", 64_800), ("0.25h", 900)]
)
def test_lengths_are_read_as_people_write_them(text: str, seconds: int) -> None:
    assert parse_span(text, 32_400, "grace") == seconds
    assert parse_span(span_words(seconds), 86_400, "grace") == seconds


def test_a_ladder_and_exceptions_survive_being_written_and_read() -> None:
    assert parse_ladder(ladder_text(list(DEFAULT_LADDER))) == list(DEFAULT_LADDER)
    text = "2026-12-24 09:00-12:00 Half day\n2026-12-25 * Christmas\n2026-12-31"
    assert exceptions_text(parse_exceptions(text)) == text


def test_a_new_version_holds_for_new_requests_and_equal_content_makes_none(world: World) -> None:
    admin, before = make_admin(), filed(world)
    version = publish_policy_version(actor=admin, policy=policy(), draft=DRAFT, at=TUESDAY)
    assert (version.n, publish_policy_version(actor=admin, policy=policy(), draft=DRAFT, at=TUESDAY).n) == (2, 2)
    after = filed(world)
    targets = [one.clocks.get(kind="resolution").target_seconds for one in (before, after)]
    assert targets == [9 * 3600, 4 * 3600]


def test_applied_to_running_promises_it_keeps_what_was_counted_and_what_was_broken(world: World) -> None:
    admin, request = make_admin(), filed(world)
    version = publish_policy_version(actor=admin, policy=policy(), draft=DRAFT, at=TUESDAY)
    later = TUESDAY + 5 * HOUR  # the first reply was due after two hours and is late
    assert apply_policy_to_running(actor=admin, version=version, at=later) == 3
    clocks = {clock.kind: clock for clock in request.clocks.all()}
    assert clocks["first_response"].due_at == TUESDAY + 2 * HOUR
    assert clocks["resolution"].due_at == later + HOUR  # five hours are counted, an hour of grace is left
    assert ClockEvent.objects.filter(kind="target_changed").count() == 3


def test_the_catch_all_stays_and_ranks_are_single(world: World) -> None:
    admin = make_admin()
    with pytest.raises(Conflict) as refusal:
        remove_match(actor=admin, match=PolicyMatch.objects.get(rank=1000), at=TUESDAY)
    assert refusal.value.code == "sla.no_catch_all"
    rule: dict[str, Any] = {"policy": policy(), "kind": "metric", "team": None, "urgency": None, "size": None}
    with pytest.raises(Conflict):
        add_match(actor=admin, rank=10, at=TUESDAY, **rule)
    add_match(actor=admin, rank=15, at=TUESDAY, **rule)
    assert filed(world, kind="metric").clocks.get(kind="resolution").target_seconds == 9 * 3600


@pytest.mark.parametrize(
    ("change", "code"),
    [({"ladder": []}, "sla.bad_ladder"), ({"ladder": [{"percent": 80, "audience": ["nobody"]}]}, "sla.bad_ladder"),
     ({"ladder": [{"percent": 80, "audience": ["lead"]}, {"percent": 50, "audience": ["lead"]}]}, "sla.bad_ladder"),
     ({"targets": {}}, "sla.bad_target"), ({"grace_seconds": 5}, "sla.bad_policy")],
)  # fmt: skip
def test_a_wrong_version_is_refused_and_leaves_none(world: World, change: dict[str, Any], code: str) -> None:
    facts: dict[str, Any] = {"targets": TARGETS, "ladder": DEFAULT_LADDER} | change
    with pytest.raises(DomainError) as refusal:
        publish_policy_version(actor=make_admin(), policy=policy(), draft=PolicyDraft(**facts), at=TUESDAY)
    assert (refusal.value.code, SlaPolicyVersion.objects.filter(policy=policy()).count()) == (code, 1)


def test_policies_are_edited_by_administrators_and_by_leads_of_their_teams_alone(world: World) -> None:
    with pytest.raises(NotAllowed):
        publish_policy_version(actor=world.alice, policy=policy(), draft=DRAFT, at=TUESDAY)
    PolicyMatch.objects.filter(policy=policy()).update(team=world.data_platform)
    assert publish_policy_version(actor=world.alice, policy=policy(), draft=DRAFT, at=TUESDAY).n == 2


def test_the_page_previews_the_last_quarter_and_stores_nothing(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    filed(world)
    clock.set(TUESDAY + 5 * HOUR)
    admin = browser(make_admin())
    url = f"/sla/policies/{policy().pk}"
    form = {name: str(value) for name, value in admin.get(url).context["form"].initial.items()}
    page = admin.post(url, form | {"act": "preview", "resolution_normal": "4 h", "pause_upstream": "on"})
    assert page.status_code == 200
    assert ("Result", 1, 0, 1, 1, 1, 4) in page.context["effects"]  # five hours are 125 % of four
    assert (SlaPolicyVersion.objects.filter(policy=policy()).count(), ClockEvent.objects.count()) == (1, 3)
    assert admin.post(url, form | {"act": "publish", "resolution_normal": "4 h"}).status_code == 303
    assert policy().versions.latest("n").targets["resolution"]["normal"] == 4 * 3600


def test_a_calendar_is_previewed_and_published_with_ticked_holidays(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    filed(world)
    admin = browser(make_admin())
    url = f"/sla/calendars/{world.data_platform.calendar_id}"
    assert "New Year" in admin.get(f"{url}?country=US").content.decode()
    form = {name: str(value) for name, value in admin.get(url).context["form"].initial.items() if value}
    form |= {"holidays": "2026-11-25 Eve"}
    page = admin.post(url, form | {"act": "preview"})
    assert [row[4] for row in page.context["effects"]] == [1, 0, 1]  # decision and result were due on that day
    before = CalendarVersion.objects.count()
    assert admin.post(url, form | {"act": "publish"}).status_code == 303
    newest = CalendarVersion.objects.filter(calendar=world.data_platform.calendar_id).latest("n")
    assert CalendarVersion.objects.count() == before + 1
    assert newest.exceptions["2026-11-25"] == {"intervals": [], "name": "Eve", "is_public_holiday": True}
    assert browser(world.carol).post(url, form | {"act": "publish"}).status_code == 403


def test_the_figures_of_the_example() -> None:
    cell = Attainment(("resolution",), met=34, premature=2, breached=6, excused=1)
    found = [cell.raw, cell.without_excused, cell.adjusted]
    assert [round(share or 0, 3) for share in found] == [0.85, 0.872, 0.8]
    assert (cell.words(), Attainment((), met=7, breached=2).words()) == ("85.0 %", "7 of 9")


def test_excusing_changes_the_excused_figure_alone(world: World) -> None:
    kept, late = filed(world), filed(world)
    answer_request(actor=world.alice, request=kept, body="Yes", at=TUESDAY + HOUR)
    answer_request(actor=world.alice, request=late, body="Sorry", at=TUESDAY + 3 * HOUR)
    end = TUESDAY + 9 * HOUR

    def first_reply() -> tuple[float | None, float | None]:
        cell = next(one for one in attainment(start=TUESDAY - HOUR, end=end, at=end) if one.key == ("first_response",))
        return cell.raw, cell.without_excused

    before = first_reply()
    clock = late.clocks.get(kind="first_response")
    excuse_breach(actor=world.alice, clock=clock, reason="the office had no power all day", at=end)
    assert (before, first_reply()) == ((0.5, 0.5), (0.5, 1.0))


def test_the_api_groups_and_never_by_person(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY + 5 * HOUR)
    request = filed(world)
    answer_request(actor=world.alice, request=request, body="Yes", at=TUESDAY + HOUR)
    bob = APIClient()
    bob.force_authenticate(world.bob)
    told = bob.get("/api/v1/sla/attainment/?group_by=team,clock").json()["results"]
    assert {(cell["by"]["team"], cell["by"]["clock"], cell["met"]) for cell in told} == {
        ("data-platform", kind, 1) for kind in ("first_response", "decision", "resolution")
    }
    assert bob.get("/api/v1/sla/attainment/?group_by=assignee").status_code == 400
    body = {"targets": TARGETS, "ladder": list(DEFAULT_LADDER), "start": "2026-11-01", "end": "2026-12-01"}
    answer = bob.post(f"/api/v1/sla/policies/{policy().pk}/dry-run/", body, format="json")
    assert [row["cycles"] for row in answer.json()["effects"]] == [1, 1, 1]
    assert SlaClock.objects.count() == 3
