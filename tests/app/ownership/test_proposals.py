"""Guessed owners wait for a yes: by key, one card after the other, or many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ownership.models import Asset, Ownership
from ownership.queries.owners import current_owners
from ownership.services.owning import end_ownership
from portal.core.models import AuditEntry
from portal.engine.models import Notice
from tests.app.ownership.importing import applied_file
from tests.app.ownership.manifests import applied, manifest, node
from tests.world import make_person

if TYPE_CHECKING:
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
FORTY = 40


@pytest.fixture
def guessed(world: World, clock: MovableClock) -> list[int]:
    """Forty models whose files alice reviews, and one that bob reviews; ids of alice's proposals."""
    nodes = [node(f"model.shop.m{n}", original_file_path=f"models/m{n}.sql") for n in range(FORTY)]
    other = node("model.shop.of_bob", original_file_path="models/bob/of_bob.sql")
    applied(manifest(*nodes, other), clock.now())
    applied_file("codeowners", "/models/ alice@example.com\n/models/bob/ bob@example.com\n", clock.now())
    rows = Ownership.objects.filter(state="proposed", person=world.alice).order_by("pk")
    return list(rows.values_list("pk", flat=True))


@pytest.fixture
def browser(world: World) -> Client:
    client = Client()
    client.force_login(world.alice)
    return client


@pytest.fixture
def api(world: World) -> APIClient:
    client = APIClient()
    client.force_authenticate(world.alice)
    return client


def owner_of(slug: str) -> str | None:
    pk = Asset.objects.get(slug=slug).pk
    primary = current_owners([pk])[pk].primary
    return primary.party.slug if primary else None


def test_forty_guesses_are_confirmed_one_key_each(guessed: list[int], browser: Client) -> None:
    for _ in range(FORTY):
        card = browser.get("/proposals/").context["card"]
        answer = browser.post("/proposals/", {"decision": "accept", "proposal": card.id})
        assert (answer.status_code, answer["Location"]) == (303, "/proposals/")
    assert browser.get("/proposals/").context["is_own"] is False
    assert {owner_of(f"m{n}") for n in range(FORTY)} == {"alice"}
    assert owner_of("of_bob") is None


def test_a_card_says_why_and_has_its_keys(guessed: list[int], browser: Client) -> None:
    page = browser.get("/proposals/")
    card = page.context["card"]
    assert (card.asset, card.party, card.duty) == ("m0", "Alice Example", "technical owner")
    assert card.why.startswith("codeowners:")
    assert card.why.endswith("% sure")
    body = page.content.decode()
    assert [f'data-key="{key}"' in body for key in "ynj"] == [True, True, True]


def test_later_goes_on_behind_the_card_and_keeps_the_place(guessed: list[int], browser: Client) -> None:
    skipped = browser.get("/proposals/").context["skip_url"]
    page = browser.get(f"/proposals/{skipped}")
    assert (page.context["card"].asset, page.context["start_url"]) == ("m1", "/proposals/")
    assert browser.get(f"/proposals/{page.context['back_url']}").context["card"].asset == "m0"
    answer = browser.post(f"/proposals/{skipped}", {"decision": "accept", "proposal": page.context["card"].id})
    assert answer["Location"] == f"/proposals/{skipped}"
    assert browser.get("/proposals/").context["card"].asset == "m0"


def test_a_no_settles_it_and_is_not_asked_again(guessed: list[int], browser: Client, clock: MovableClock) -> None:
    browser.post("/proposals/", {"decision": "decline", "proposal": guessed[0]})
    assert Ownership.objects.get(pk=guessed[0]).state == "declined"
    clock.advance(days=1)
    applied_file("codeowners", "# again\n/models/ alice@example.com\n", clock.now())
    assert not Ownership.objects.filter(asset__slug="m0", state="proposed").exists()


def test_the_ticked_are_confirmed_together_or_not_at_all(guessed: list[int], browser: Client, world: World) -> None:
    of_bob = Ownership.objects.get(state="proposed", person=world.bob).pk
    before = AuditEntry.objects.count()
    refused = browser.post("/proposals/", {"decision": "many", "chosen": [guessed[0], of_bob]})
    assert (refused.status_code, AuditEntry.objects.count(), owner_of("m0")) == (403, before, None)
    answer = browser.post("/proposals/", {"decision": "many", "chosen": guessed[:3]})
    assert (answer.status_code, owner_of("m0"), owner_of("m2"), owner_of("m3")) == (303, "alice", "alice", None)


@pytest.mark.parametrize(
    "given", [{"decision": "many"}, {"decision": "accept"}, {"decision": "x"}, {"decision": "many", "chosen": "no"}]
)
def test_a_form_that_says_nothing_is_refused(given: dict[str, str], guessed: list[int], browser: Client) -> None:
    assert browser.post("/proposals/", given).status_code == 422
    assert Ownership.objects.filter(state="accepted").count() == 0


def test_two_who_disagree_stand_side_by_side(guessed: list[int], browser: Client, clock: MovableClock) -> None:
    applied_file("codeowners", "/models/ alice@example.com bob@example.com\n", clock.now())
    assert browser.get("/proposals/").context["card"].others == "also proposed: Bob Example"


def test_whom_nobody_asks_only_reads(guessed: list[int]) -> None:
    reader = Client()
    reader.force_login(make_person("erin"))
    page = reader.get("/proposals/")
    assert (page.context["card"], page.context["left"], len(page.context["rows"])) == (None, 0, FORTY + 1)


def test_the_api_lists_filters_and_accepts_many(guessed: list[int], api: APIClient) -> None:
    rows = api.get("/api/v1/proposals?mine=true&kind=dataset").json()["results"]
    assert {row["person"] for row in rows} == {"alice"}
    assert (rows[0]["state"], rows[0]["asset"], rows[0]["from_source"].partition(":")[0]) == (
        "proposed",
        "m39",
        "codeowners",
    )
    answer = api.post("/api/v1/proposals/accept", {"ids": guessed[:2]}, format="json")
    assert (answer.status_code, sorted(answer.json()["accepted"])) == (200, guessed[:2])
    again = api.post("/api/v1/proposals/accept", {"ids": guessed[:3]}, format="json")
    assert (again.status_code, again.json()["code"], owner_of("m2")) == (409, "ownership.already_answered", None)


def test_the_export_has_what_the_list_has(guessed: list[int], browser: Client) -> None:
    lines = browser.get("/proposals/export.csv?mine=true").getvalue().decode().splitlines()
    assert len(lines) == FORTY + 1
    assert lines[0].lstrip("\ufeff").startswith("asset,party,duty,rank,source")


def test_a_guess_about_somebody_else_is_sent_to_them_once(
    guessed: list[int], browser: Client, world: World, clock: MovableClock
) -> None:
    browser.post("/proposals/", {"decision": "many", "chosen": guessed})
    card = browser.get("/proposals/").context["card"]
    assert (card.party, browser.get("/proposals/").context["is_own"]) == ("Bob Example", False)
    assert browser.post("/proposals/", {"decision": "send", "proposal": card.id}).status_code == 303
    told = Notice.objects.get(kind="ownership.proposed")
    assert (told.recipient, told.context["by"], owner_of("of_bob")) == (world.bob, "Alice Example", None)
    assert browser.get("/proposals/").context["card"] is None
    assert browser.post("/proposals/", {"decision": "send", "proposal": card.id}).status_code == 422
    assert Notice.objects.filter(kind="ownership.proposed").count() == 1


def test_a_lead_drops_a_wrong_guess_and_nobody_else_does(guessed: list[int], browser: Client, world: World) -> None:
    of_bob = Ownership.objects.get(state="proposed", person=world.bob)
    outsider = Client()
    outsider.force_login(world.dave)
    assert outsider.post("/proposals/", {"decision": "drop", "proposal": of_bob.pk}).status_code == 403
    of_bob.refresh_from_db()
    assert of_bob.state == "proposed"
    browser.post("/proposals/", {"decision": "drop", "proposal": of_bob.pk})
    of_bob.refresh_from_db()
    assert of_bob.state == "declined"


def test_the_last_yes_is_taken_back(guessed: list[int], browser: Client) -> None:
    browser.post("/proposals/", {"decision": "accept", "proposal": guessed[0]})
    browser.post("/proposals/", {"decision": "accept", "proposal": guessed[1]})
    assert browser.get("/proposals/").context["last"].object_label == "m1"
    browser.post("/proposals/", {"decision": "undo"})
    assert (owner_of("m0"), owner_of("m1")) == ("alice", None)
    browser.post("/proposals/", {"decision": "undo"})
    row = Ownership.objects.get(pk=guessed[0])
    assert (owner_of("m0"), row.state, row.confirmed_at) == (None, "proposed", None)
    assert Ownership.objects.filter(pk=row.pk, valid=None).exists()
    assert browser.post("/proposals/", {"decision": "undo"}).status_code == 422


def test_a_yes_to_many_is_taken_back_whole_and_a_no_as_well(
    guessed: list[int], browser: Client, clock: MovableClock
) -> None:
    browser.post("/proposals/", {"decision": "decline", "proposal": guessed[0]})
    clock.advance(seconds=5)
    browser.post("/proposals/", {"decision": "many", "chosen": guessed[1:4]})
    browser.post("/proposals/", {"decision": "undo"})
    assert Ownership.objects.filter(pk__in=guessed, state="proposed").count() == FORTY - 1
    browser.post("/proposals/", {"decision": "undo"})
    assert Ownership.objects.filter(pk__in=guessed, state="proposed").count() == FORTY


def test_after_an_hour_or_a_change_it_is_history(
    guessed: list[int], browser: Client, world: World, clock: MovableClock
) -> None:
    browser.post("/proposals/", {"decision": "accept", "proposal": guessed[0]})
    end_ownership(actor=world.alice, row=Ownership.objects.get(pk=guessed[0]), reason="moved", at=clock.now())
    assert browser.post("/proposals/", {"decision": "undo"}).status_code == 422
    clock.advance(hours=2)
    assert browser.get("/proposals/").context["last"] is None


def test_the_api_sends_and_takes_back(guessed: list[int], api: APIClient, world: World) -> None:
    of_bob = Ownership.objects.get(state="proposed", person=world.bob).pk
    sent = api.post(f"/api/v1/proposals/{of_bob}/send", {}, format="json")
    assert (sent.status_code, sent.json()["asked_at"] is not None) == (200, True)
    assert api.post(f"/api/v1/proposals/{of_bob}/send", {}, format="json").status_code == 409
    api.post("/api/v1/proposals/accept", {"ids": guessed[:2]}, format="json")
    back = api.post("/api/v1/proposals/undo", {}, format="json")
    assert (back.status_code, back.json(), owner_of("m0")) == (200, {"undone": guessed[:2]}, None)
