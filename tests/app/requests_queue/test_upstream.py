"""What is another team's job goes to its desk, and our request waits for it (spec requests 3.3, 4)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from oncall.handlers.upkeep import TicketClocks
from oncall.models import UpstreamTicket
from oncall.services.tickets import advance_ticket
from oncall.web.tickets import guest_url
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.owning import Nomination, propose_owner
from portal.core.errors import DomainError, NotAllowed
from portal.engine.domain.drafts import DueDeadline
from portal.engine.domain.subjects import subject_of
from portal.engine.models import Notice
from portal.engine.services.draining import drain_events
from portal.site.queries.changes import visible_changes
from portal.site.queries.events import public_acts
from requests_queue.models import DataRequest, ExemptKind, RequestUpstream
from requests_queue.services.filing import Filing
from requests_queue.services.privacy import make_private
from requests_queue.services.upstream import file_upstream, wait_for_team
from tests.app.ownership.test_check_boundary import joined
from tests.app.requests_queue.desk import TUESDAY, accepted, started
from tests.world import make_admin

if TYPE_CHECKING:
    from ownership.models import Asset
    from requests_queue.services.upstream import Handed
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
TITLE = "Log the browser with each click"


@pytest.fixture
def clicks(world: World, clock: MovableClock) -> Asset:
    """A logging event beside an asset of Checkout: the pattern expects Checkout to emit it, not Data Platform."""
    clock.set(TUESDAY)
    made = []
    for kind, name, owner in (("logging_event", "web.clicks", world.alice), ("export", "signups", world.carol)):
        made.append(create_asset(actor=world.alice, draft=AssetDraft(kind=kind, name=name), at=TUESDAY))
        propose_owner(actor=owner, asset=made[-1], nomination=Nomination(person=owner), at=TUESDAY)
    joined(made[1], made[0], clock)
    return made[0]


def handed(world: World, asset: Asset, *, keeps: bool = True, **facts: Any) -> Handed:
    filing = Filing("change", TITLE, world.data_platform, body="For a retention cut.", assets=[asset], **facts)
    return file_upstream(actor=world.bob, filing=filing, team_slug="checkout", keeps=keeps, at=TUESDAY)


def closed(ticket: UpstreamTicket, at: Any = TUESDAY, state: str = "fixed") -> None:
    advance_ticket(actor=None, ticket=ticket, state=state, cause="The field is sent.", said_by="Carol", at=at)
    while drain_events():
        pass


def test_the_desk_upstream_is_asked_and_nothing_is_filed_here(world: World, clicks: Asset) -> None:
    made = handed(world, clicks, keeps=False)
    assert (made.ticket.team, made.ticket.title, made.ticket.problem) == (world.checkout, TITLE, "request")
    assert made.ticket.evidence == {
        "why you": "web.clicks: too far upstream. Ask the emitting team to take it.", "wanted": "For a retention cut.",
    }  # fmt: skip
    assert (made.request, DataRequest.objects.count()) == (None, 0)
    assert made.ticket.asking_team == world.analytics


def test_a_request_that_is_kept_waits_and_promises_nothing_the_desk_cannot_hold(world: World, clicks: Asset) -> None:
    request = handed(world, clicks).request
    assert request is not None
    request.refresh_from_db()
    assert (request.state, request.upstream.get().ticket.number[:3]) == ("waiting_on_upstream", "UP-")
    assert dict(request.clocks.values_list("kind", "state")) == {
        "first_response": "cancelled", "decision": "cancelled", "resolution": "paused",
    }  # fmt: skip


def test_when_they_have_answered_it_stands_at_our_desk_with_new_promises(world: World, clicks: Asset) -> None:
    made = handed(world, clicks)
    request = made.request
    assert request is not None
    closed(made.ticket)
    request.refresh_from_db()
    assert request.state == "triage"
    running = request.clocks.filter(state="running").values_list("kind", "cycle").order_by("kind")
    assert list(running) == [("decision", 2), ("first_response", 2), ("resolution", 1)]
    said = request.messages.get()
    assert (said.author, said.body) == (None, f"Checkout says of {made.ticket.number}: fixed. The field is sent.")
    events = request.events.count()
    closed(made.ticket)
    assert request.events.count() == events


def test_the_bow_to_another_team_needs_what_the_check_says(world: World, clicks: Asset) -> None:
    filing = Filing("change", TITLE, world.data_platform, assets=[clicks])
    for slug, given in (("marketing", filing), ("checkout", Filing("extract", TITLE, world.data_platform))):
        with pytest.raises(DomainError) as refusal:
            file_upstream(actor=world.bob, filing=given, team_slug=slug, keeps=True, at=TUESDAY)
        assert refusal.value.code == "requests.not_upstream"
    kind = ExemptKind.objects.filter(is_private=True).order_by("pk")[0]
    with pytest.raises(DomainError) as private:
        handed(world, clicks, exemption=kind, people=[world.alice])
    assert private.value.code == "requests.private_upstream"
    assert (UpstreamTicket.objects.count(), DataRequest.objects.count()) == (0, 0)


def test_work_in_hand_waits_for_a_ticket_and_goes_on_when_it_ends(world: World) -> None:
    request = started(world)
    with pytest.raises(NotAllowed):
        wait_for_team(actor=world.bob, request=request, team=world.checkout, reason="Send the field.", at=TUESDAY)
    wait_for_team(actor=world.alice, request=request, team=world.checkout, reason="Send the field.", at=TUESDAY)
    ticket = RequestUpstream.objects.get(request=request).ticket
    assert ticket.evidence == {"request": request.number, "seen": "Send the field."}
    assert request.messages.get().body == "Send the field."
    later = TUESDAY + timedelta(hours=3)
    closed(ticket, later, "declined")
    request.refresh_from_db()
    assert request.state == "in_progress"
    resolution = request.clocks.get(kind="resolution")
    assert (resolution.state, resolution.elapsed_seconds) == ("running", 0)
    line = f"Checkout says of {ticket.number}: declined"
    assert Notice.objects.filter(recipient=world.bob, context__line=line).count() == 1


def test_of_two_tickets_the_last_one_lets_it_go_on(world: World, clicks: Asset) -> None:
    made = handed(world, clicks)
    other = handed(world, clicks, keeps=False).ticket
    assert made.request is not None
    RequestUpstream.objects.create(request=made.request, ticket=other, at=TUESDAY)
    closed(made.ticket)
    made.request.refresh_from_db()
    assert made.request.state == "waiting_on_upstream"
    closed(other)
    made.request.refresh_from_db()
    assert made.request.state == "triage"


def test_the_form_offers_the_other_desk_and_one_press_files_there(world: World, clicks: Asset) -> None:
    bob = Client()
    bob.force_login(world.bob)
    form = {"title": TITLE, "kind": "change", "team": "data-platform", "assets": clicks.slug}
    assert "File with Checkout instead" in bob.get("/requests/expected", form).content.decode()
    answer = bob.post("/requests/new", form | {"upstream": "checkout", "keeps": "on"})
    request = DataRequest.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, request.get_absolute_url())
    ticket = UpstreamTicket.objects.get()
    page = bob.get(request.get_absolute_url()).content.decode()
    assert f'href="{ticket.get_absolute_url()}"' in page
    answer = bob.post("/requests/new", form | {"upstream": "checkout"})
    assert answer["Location"] == UpstreamTicket.objects.latest("pk").get_absolute_url()


def test_the_api_does_the_same(world: World, clicks: Asset) -> None:
    client = APIClient()
    client.force_authenticate(world.bob)
    body = {"kind": "change", "title": TITLE, "team": "data-platform", "assets": [clicks.slug], "upstream": "checkout"}
    made = client.post("/api/v1/requests/file-upstream/", body | {"keeps": True}, format="json")
    request, ticket = DataRequest.objects.get(), UpstreamTicket.objects.get()
    assert (made.status_code, made.json()) == (
        201, {"ticket": ticket.number, "team": "checkout", "request": request.number},
    )  # fmt: skip
    client.force_authenticate(world.alice)
    taken = accepted(world)
    answer = client.post(f"/api/v1/requests/{taken.number}/wait-upstream/",
                         {"text": "Send it", "upstream": "checkout"}, format="json")  # fmt: skip
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting_on_upstream")
    wrong = client.post(f"/api/v1/requests/{taken.number}/wait-upstream/", {"text": "x", "upstream": "ghosts"},
                        format="json")  # fmt: skip
    assert (wrong.status_code, wrong.json()["code"]) == (422, "requests.unknown_team")


def test_a_ticket_is_nobodys_to_read_once_its_request_is_private(world: World, clicks: Asset) -> None:
    made = handed(world, clicks)
    ticket, request = made.ticket, made.request
    assert request is not None
    client, api, root = Client(), APIClient(), make_admin()
    link = urlsplit(guest_url(ticket)).path
    client.force_login(world.carol)
    api.force_authenticate(world.carol)

    def seen() -> list[object]:
        answers: list[Any] = [client.get(f"/upstream/{ticket.number}"), client.get("/upstream/"), Client().get(link)]
        answers += [api.get("/api/v1/upstream/"), api.get(f"/api/v1/upstream/{ticket.number}/")]
        told = Notice.objects.filter(subject_type="oncall.upstreamticket").values_list("is_private", "context")
        words = [TITLE in answer.content.decode() for answer in answers] + [TITLE in str(told)]
        acts = [TITLE in row.object_label for row in public_acts(["oncall.ticket_opened"])]
        return [*words, acts, visible_changes(root).filter(object_type="oncall.upstreamticket").exists()]

    assert seen() == [True, True, True, True, True, True, [True], True]
    make_private(actor=world.bob, request=request, people=[world.alice], reason="legal matter", at=TUESDAY)
    assert seen() == [False, False, False, False, False, False, [], False]
    assert report(ticket) == "nothing"


def report(ticket: UpstreamTicket) -> str:
    """What the clock of a ticket does when it runs out."""
    due = DueDeadline(1, "oncall.ticket_unblock", subject_of(ticket), 0, TUESDAY, {})
    return TicketClocks("unblock").fire([due], at=TUESDAY)[1].outcome
