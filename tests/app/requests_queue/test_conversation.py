"""What people say and send around a request: mentions, files, questions by name, links, parts, merges, ways back."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from requests_queue.domain.attachments import checked_type, clean_name
from requests_queue.domain.mentions import mentioned
from requests_queue.models import (
    Attachment,
    DataRequest,
    RequestBoundaryFinding,
    RequestLink,
    SlaClock,
    Supporter,
    UrgencyToken,
    Watcher,
)
from requests_queue.panels import needs
from requests_queue.queries.linking import related_to
from requests_queue.services.assigning import assign_request
from requests_queue.services.attachments import attach_file, path_of
from requests_queue.services.bulk import assign_many, undo_assign_many
from requests_queue.services.concluding import answer_request, decline_request
from requests_queue.services.linking import Part, ask_again, link_requests, split_request
from requests_queue.services.merging import merge_requests, undo_merge
from requests_queue.services.privacy import make_private
from requests_queue.services.talking import post_message
from requests_queue.services.tokens import judge_not_urgent
from requests_queue.services.working import appeal_request, ask_requester, reopen_request, resolve_request
from tests.app.requests_queue.desk import TUESDAY, accepted, filed, started
from tests.world import make_person

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40


def browser(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def private(world: World, request: DataRequest) -> DataRequest:
    return make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)


def test_a_mention_tells_and_adds_a_watcher(world: World) -> None:
    request = filed(world)
    said = post_message(actor=world.bob, request=request, body="@carol and @checkout, look; not `@dave`", at=TUESDAY)
    assert said.unseen == ()
    assert [row.recipient for row in Notice.objects.filter(kind="requests.mentioned")] == [world.carol]
    assert Watcher.objects.filter(request=request, person=world.carol).exists()
    assert not Watcher.objects.filter(request=request, person=world.dave).exists()


def test_a_mention_of_somebody_without_access_sends_nothing_and_the_author_is_told(world: World) -> None:
    request = private(world, filed(world))
    before = Notice.objects.count()
    said = post_message(actor=world.alice, request=request, body="@carol what do you think", at=TUESDAY)
    assert said.unseen == ("Carol Example",)
    assert not Notice.objects.filter(recipient=world.carol).exists()
    assert Notice.objects.count() == before + 1
    assert not Watcher.objects.filter(person=world.carol).exists()


@pytest.mark.parametrize(
    ("body", "names"),
    [("@Bob, @bob!", ["bob"]), ("mail a@b.com and x@y", []), ("```\n@carol\n```", []), ("(@a.b-c)", ["a.b-c"]),
     (" ".join(f"@p{n}" for n in range(30)), [f"p{n}" for n in range(20)])],
)  # fmt: skip
def test_names_that_are_called(body: str, names: list[str]) -> None:
    assert mentioned(body) == names


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [("a.png", PNG, "image/png"), ("a.csv", b"x,y\n1,2", "text/csv"), ("a.JSON", b' {"a": 1}', "application/json"),
     ("a.txt", "größer".encode()[:3], "text/plain"), ("a.pdf", b"%PDF-1.7", "application/pdf"),
     ("a.ics", b"BEGIN:VCALENDAR\r\n", "text/calendar")],
)  # fmt: skip
def test_suffix_and_bytes_that_agree_are_taken(name: str, head: bytes, kind: str) -> None:
    assert checked_type(name, head).media_type == kind


@pytest.mark.parametrize(
    ("name", "head"),
    [("a.png", b"<html>"), ("a.svg", b"<svg/>"), ("a.html", b"<p>"), ("a.txt", b"<script>alert(1)</script>"),
     ("a.csv", b"\xff\xfe\x00"), ("a.pdf", PNG), ("a", b"text"), ("a.exe", b"MZ"), ("a.json", b"<b>"),
     ("a.txt", b"a\x00b")],
)  # fmt: skip
def test_what_lies_about_its_kind_is_refused(name: str, head: bytes) -> None:
    with pytest.raises(DomainError) as refusal:
        checked_type(name, head)
    assert refusal.value.code == "requests.attachment_refused"


def test_names_of_files_lose_paths_and_hidden_characters() -> None:
    assert clean_name("../../etc/pass\u202ewd\r\nX: y.txt") == "passwdX: y.txt"
    assert clean_name("") == "file"
    assert len(clean_name("x" * 300 + ".png")) == 120


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.BASE_DIR = tmp_path
    return tmp_path


def attached(world: World, request: DataRequest) -> Attachment:
    file = io.BytesIO(PNG)
    return attach_file(actor=world.bob, request=request, name="shot.png", file=file, size=len(PNG), at=TUESDAY)


def test_a_file_is_given_out_as_a_download_in_a_sandbox(world: World, folder: Path) -> None:
    request = filed(world)
    bob = browser(world.bob)
    sent = SimpleUploadedFile("../shot.png", PNG, "text/html")
    assert bob.post(f"/requests/{request.number}/files", {"file": sent}).status_code == 303
    made = Attachment.objects.get()
    answer = browser(world.carol).get(f"/requests/files/{made.key}")
    assert b"".join(answer) == PNG
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Content-Disposition"] == 'attachment; filename="shot.png"'
    assert folder in path_of(made.key).parents


def test_a_refused_file_leaves_nothing_behind(world: World, folder: Path) -> None:
    request = filed(world)
    page = browser(world.bob).post(
        f"/requests/{request.number}/files", {"file": SimpleUploadedFile("a.png", b"<html>")}
    )
    assert (page.status_code, Attachment.objects.count()) == (422, 0)
    assert not (folder / ".headwater").exists()


def test_a_file_of_a_private_request_is_404_by_its_address(world: World, folder: Path) -> None:
    made = attached(world, filed(world))
    private(world, made.request)
    assert browser(world.carol).get(f"/requests/files/{made.key}").status_code == 404
    assert b"".join(browser(world.alice).get(f"/requests/files/{made.key}")) == PNG


def test_who_is_asked_by_name_finds_it_in_their_needs_until_they_write(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = filed(world)
    post_message(actor=world.alice, request=request, body="Which export is it?", asked_of=world.carol, at=TUESDAY)
    assert [need.verb for need in needs(world.carol, TUESDAY)] == ["Answer"]
    assert request.clocks.get(kind="resolution").state == "running"
    clock.set(TUESDAY + DAY + timedelta(seconds=1))
    fire_batch(by="test")
    assert Notice.objects.filter(kind="requests.asked_of", recipient=world.carol).count() == 2
    post_message(actor=world.carol, request=request, body="The web one", at=TUESDAY + DAY)
    assert needs(world.carol, TUESDAY) == []


def test_a_requester_who_does_not_reply_is_reminded_twice_and_then_it_ends(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = started(world)
    ask_requester(actor=world.alice, request=request, question="Which month?", at=TUESDAY)
    steps = list(Deadline.objects.filter(kind="requests.no_reply", state="armed").order_by("step"))
    assert [row.due_at - TUESDAY for row in steps] == [2 * DAY, 7 * DAY, 14 * DAY]
    for days in (2, 7, 14):
        clock.set(TUESDAY + days * DAY + timedelta(seconds=1))
        fire_batch(by="test")
    request.refresh_from_db()
    assert (request.state, Notice.objects.filter(kind="requests.reply_wanted").count()) == ("resolved", 2)
    reopened = reopen_request(actor=world.bob, request=request, reason="new_question", at=TUESDAY + 40 * DAY)
    assert reopened.state == "in_progress"


def test_what_is_resolved_closes_after_a_week(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    request = started(world)
    resolve_request(actor=world.alice, request=request, result="Done", at=TUESDAY)
    clock.set(TUESDAY + 7 * DAY + timedelta(seconds=1))
    fire_batch(by="test")
    assert DataRequest.objects.get().state == "closed"


def test_after_seven_days_a_new_request_follows_the_old_one_up(world: World) -> None:
    request = started(world)
    resolve_request(actor=world.alice, request=request, result="Done", at=TUESDAY)
    with pytest.raises(Conflict) as refusal:
        reopen_request(actor=world.bob, request=request, reason="wrong", at=TUESDAY + 7 * DAY + timedelta(minutes=1))
    assert refusal.value.code == "requests.reopen_too_late"
    again = ask_again(actor=world.bob, request=request, note="It is back", at=TUESDAY + 8 * DAY)
    assert [(one.words, one.request) for one in related_to(again, world.bob)] == [("follows up", request)]


def test_links_show_what_the_viewer_may_see(world: World) -> None:
    one, two = filed(world), filed(world)
    link_requests(actor=world.bob, request=one, target=two, kind="blocks", at=TUESDAY)
    assert [each.words for each in related_to(two, world.carol)] == ["is blocked by"]
    private(world, one)
    assert related_to(two, world.carol) == []
    with pytest.raises(DomainError, match="no such request"):
        link_requests(actor=world.bob, request=two, target=DataRequest.objects.get(pk=one.pk), kind="blocks",
                      at=TUESDAY)  # fmt: skip
    assert RequestLink.objects.count() == 1


def test_parts_have_clocks_of_their_own_and_privacy_of_the_parent(world: World) -> None:
    parent = private(world, filed(world))
    parts = [Part("Rebuild October", "backfill"), Part("Why at all", "question")]
    children = split_request(actor=world.alice, request=parent, parts=parts, at=TUESDAY + HOUR)
    assert [child.kind for child in children] == ["backfill", "question"]
    assert {child.is_private for child in children} == {True}
    assert {member.person for member in children[0].members.all()} == {world.alice, world.bob}
    assert {clock.start_at for clock in SlaClock.objects.filter(request__in=children)} == {TUESDAY + HOUR}
    with pytest.raises(DomainError):
        split_request(actor=world.alice, request=parent, parts=[], at=TUESDAY)


def test_merge_and_undo_restore_state_watchers_reservation_and_token(world: World) -> None:
    older = filed(world)
    younger = accepted(world, use_token=True)
    merge_requests(actor=world.alice, request=younger, survivor=older, at=TUESDAY + HOUR)
    assert (younger.entries.count(), UrgencyToken.objects.get().return_reason) == (2, "merged")
    undo_merge(actor=world.alice, request=younger, at=TUESDAY + 2 * HOUR)
    younger.refresh_from_db()
    assert (younger.state, younger.merged_into, younger.assignee) == ("accepted", None, world.alice)
    assert sum(entry.d_reserved for entry in younger.entries.all()) == 30
    assert (Supporter.objects.count(), UrgencyToken.objects.get().returned_at) == (0, None)
    cycle = younger.clocks.get(kind="resolution", cycle=2)
    assert (cycle.state, cycle.start_at) == ("running", TUESDAY + 2 * HOUR)


def test_a_merge_cannot_be_taken_back_after_a_week(world: World) -> None:
    older, younger = filed(world), filed(world)
    merge_requests(actor=world.alice, request=younger, survivor=older, at=TUESDAY)
    with pytest.raises(Conflict):
        undo_merge(actor=world.alice, request=younger, at=TUESDAY + 7 * DAY + HOUR)


def test_a_chain_of_merges_is_followed_and_no_merge_crosses_its_rules(world: World) -> None:
    first, second, third = filed(world), filed(world), filed(world)
    merge_requests(actor=world.alice, request=second, survivor=first, at=TUESDAY)
    merge_requests(actor=world.alice, request=third, survivor=DataRequest.objects.get(pk=second.pk), at=TUESDAY)
    assert DataRequest.objects.get(pk=third.pk).merged_into == first
    fourth, secret = filed(world), private(world, filed(world))
    for survivor in (fourth, secret, filed(world)):
        with pytest.raises(DomainError) as refusal:
            merge_requests(actor=world.alice, request=fourth, survivor=survivor, at=TUESDAY)
        assert refusal.value.code == "requests.merge_refused"


def test_a_declined_request_is_looked_at_again_once(world: World) -> None:
    request = filed(world)
    for reason in ("Too large", "Still too large"):
        decline_request(actor=world.alice, request=request, reason=reason, alternative="Use the mart", at=TUESDAY)
        if reason == "Too large":
            appeal_request(actor=world.alice, request=request, reason="It is for the board", at=TUESDAY + HOUR)
            assert request.clocks.filter(kind="decision", state="running").count() == 1
    with pytest.raises(Conflict) as refusal:
        appeal_request(actor=world.alice, request=request, reason="Please", at=TUESDAY)
    assert refusal.value.code == "requests.appealed_before"
    with pytest.raises(NotAllowed):
        appeal_request(actor=world.carol, request=request, reason="Please", at=TUESDAY)


def test_an_answer_that_did_not_answer_goes_back_to_the_desk_at_half_the_time(world: World) -> None:
    request = filed(world)
    answer_request(actor=world.alice, request=request, body="Refunds", at=TUESDAY)
    reopen_request(actor=world.bob, request=request, reason="not_solved", at=TUESDAY + HOUR)
    cycle = request.clocks.get(kind="resolution", cycle=2)
    assert (DataRequest.objects.get().state, cycle.target_seconds) == ("triage", 16_200)


def test_what_is_found_not_urgent_keeps_ordinary_promises_and_returns_its_token(world: World) -> None:
    request = filed(world, use_token=True)
    assert request.clocks.get(kind="resolution").target_seconds == 4 * 3600
    judge_not_urgent(actor=world.alice, request=request, reason="the meeting is next month", at=TUESDAY + HOUR)
    clock = request.clocks.get(kind="resolution")
    assert (clock.allowance_seconds, UrgencyToken.objects.get().returned_at) == (9 * 3600, TUESDAY + HOUR)


def test_bulk_assignment_is_taken_back_for_ten_minutes(world: World) -> None:
    erin = make_person("erin", team=world.data_platform)
    one, two = filed(world), filed(world)
    assign_request(actor=world.alice, request=two, assignee=world.alice, at=TUESDAY)
    group = assign_many(actor=world.alice, numbers=[one.number, two.number], assignee=erin, at=TUESDAY)
    assert set(DataRequest.objects.values_list("assignee", flat=True)) == {erin.pk}
    with pytest.raises(Conflict):
        undo_assign_many(actor=world.alice, group=group, at=TUESDAY + timedelta(minutes=11))
    assert undo_assign_many(actor=world.alice, group=group, at=TUESDAY + timedelta(minutes=9)) == 2
    assert list(DataRequest.objects.order_by("pk").values_list("assignee", flat=True)) == [None, world.alice.pk]


def test_filters_survive_a_bulk_act(world: World) -> None:
    request = filed(world)
    alice = browser(world.alice)
    sent = {"act": "assign", "assignee": "@alice", "numbers": [request.number], "query": "state=open"}
    answer = alice.post("/requests/bulk", sent)
    assert answer["Location"].startswith("/requests/?state=open&undo=")
    assert DataRequest.objects.get().assignee == world.alice


def test_the_boundary_finding_and_the_sentence_against_it_are_kept(world: World) -> None:
    filed(world, overruled_because="Analytics is on holiday")
    found = RequestBoundaryFinding.objects.get()
    assert found.overruled_because == "Analytics is on holiday"
    assert found.sentence
