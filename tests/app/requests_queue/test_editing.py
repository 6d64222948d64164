"""Messages said otherwise, or taken back (spec requests 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core.errors import Conflict, NotAllowed
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from requests_queue.models import MessageRevision
from requests_queue.services.concluding import decline_request
from requests_queue.services.editing import delete_message, edit_message
from requests_queue.services.talking import post_message
from requests_queue.services.triage import claim_for_triage
from tests.app.requests_queue.desk import TUESDAY, filed

if TYPE_CHECKING:
    from requests_queue.models import RequestMessage
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
LAST = TUESDAY + timedelta(minutes=15)


def said(world: World, body: str = "It fell on Monday", **facts: Any) -> RequestMessage:
    return post_message(actor=world.alice, request=filed(world), body=body, at=TUESDAY, **facts).message


def test_for_fifteen_minutes_it_can_be_said_otherwise_and_what_it_said_is_kept(world: World) -> None:
    message = said(world)
    clocks = list(message.request.clocks.values_list("kind", "state", "stopped_at"))
    edit_message(actor=world.alice, message=message, body="It fell on Tuesday; ask @carol", at=LAST)
    message.refresh_from_db()
    assert (message.body, message.edited_at) == ("It fell on Tuesday; ask @carol", LAST)
    assert list(message.revisions.values_list("n", "body", "by")) == [(1, "It fell on Monday", world.alice.pk)]
    assert list(message.request.clocks.values_list("kind", "state", "stopped_at")) == clocks
    assert Notice.objects.filter(recipient=world.carol, kind="requests.mentioned").count() == 1


def test_the_same_words_change_nothing(world: World) -> None:
    message = said(world)
    before = AuditEntry.objects.count()
    edit_message(actor=world.alice, message=message, body="It fell on Monday", at=LAST)
    assert (MessageRevision.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_later_and_for_others_it_stands(world: World) -> None:
    message = said(world)
    late = LAST + timedelta(seconds=1)
    for actor, at, error in ((world.alice, late, Conflict), (world.bob, TUESDAY, NotAllowed)):
        with pytest.raises(error):
            edit_message(actor=actor, message=message, body="Something else", at=at)
    with pytest.raises(NotAllowed):
        delete_message(actor=world.bob, message=message, at=TUESDAY)
    message.refresh_from_db()
    assert (message.body, message.deleted_at) == ("It fell on Monday", None)


def test_a_letter_stands_as_it_was_sent(world: World) -> None:
    request = filed(world)
    claim_for_triage(actor=world.alice, request=request, at=TUESDAY)
    decline_request(actor=world.alice, request=request, reason="Too large", alternative="The board", at=TUESDAY)
    with pytest.raises(Conflict) as refusal:
        edit_message(actor=world.alice, message=request.messages.get(), body="Softer", at=TUESDAY)
    assert refusal.value.code == "requests.letter_stands"


def test_a_revision_is_never_rewritten(world: World) -> None:
    edit_message(actor=world.alice, message=said(world), body="It fell on Tuesday", at=TUESDAY)
    with pytest.raises(Exception, match="permission denied"):
        MessageRevision.objects.update(body="Nothing")


def test_what_was_deleted_leaves_a_stone_and_its_words_are_on_no_page(world: World, clock: MovableClock) -> None:
    message = said(world, "The secret word is zeppelin")
    late = TUESDAY + timedelta(days=1)
    for _ in range(2):
        delete_message(actor=world.alice, message=message, at=late)
    assert message.revisions.get().body == "The secret word is zeppelin"
    clock.set(late)
    for person in (world.alice, world.bob):
        client = Client()
        client.force_login(person)
        page = client.get(message.request.get_absolute_url()).content.decode()
        assert "Alice Example deleted a message" in page
        one = client.get(f"{message.request.get_absolute_url()}/messages/{message.pk}").content.decode()
        assert "zeppelin" not in page + one


def test_the_page_edits_and_shows_what_it_said_before(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    message = said(world)
    url = f"{message.request.get_absolute_url()}/messages/{message.pk}"
    alice, bob = Client(), Client()
    alice.force_login(world.alice)
    bob.force_login(world.bob)
    assert f'href="{url}"' in alice.get(message.request.get_absolute_url()).content.decode()
    assert f'href="{url}"' not in bob.get(message.request.get_absolute_url()).content.decode()
    assert alice.post(url, {"act": "edit", "text": " "}).status_code == 422
    assert alice.post(url, {"act": "edit", "text": "It fell on Tuesday"}).status_code == 303
    assert "Only who wrote a message" in bob.post(url, {"act": "delete"}).content.decode()
    page = bob.get(url).content.decode()
    assert "What it said before" in page
    assert "It fell on Monday" in page


def test_an_internal_note_is_nobody_elses_to_find(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    note = said(world, is_public=False)
    bob = Client()
    bob.force_login(world.bob)
    assert bob.get(f"{note.request.get_absolute_url()}/messages/{note.pk}").status_code == 404


def test_the_api_edits_and_deletes(world: World, clock: MovableClock) -> None:
    clock.set(TUESDAY)
    message = said(world)
    client = APIClient()
    client.force_authenticate(world.alice)
    url = f"/api/v1/requests/{message.request.number}/messages/{message.pk}/"
    made = client.patch(url, {"body": "It fell on Tuesday"}, format="json")
    assert (made.status_code, made.json()["body"]) == (200, "It fell on Tuesday")
    assert made.json()["edited_at"].startswith("2026-11-24T10:00:00")
    assert client.delete(url).status_code == 204
    gone = client.patch(url, {"body": "Again"}, format="json")
    assert (gone.status_code, gone.json()["code"]) == (409, "requests.message_gone")
