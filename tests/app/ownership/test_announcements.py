"""A change is told once to each person it touches, and their answers count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

from ownership.models import Announcement, AnnouncementRecipient, Asset
from ownership.queries.announcements import open_objections, told_of
from ownership.queries.impact import impact_of
from ownership.services.announcing import (
    REMINDER_KIND,
    AnnouncementDraft,
    announce_change,
    answer_announcement,
    reply_to_objection,
)
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.services.absences import Away, enter_absence
from portal.core.errors import Conflict, DomainError, NotAllowed
from portal.engine.models import Deadline, EngineEvent, Notice
from portal.engine.services.acknowledging import acknowledge_notice
from portal.engine.services.firing import fire_batch
from tests.app.ownership.graphs import make_graph
from tests.world import World, make_person

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock

pytestmark = pytest.mark.django_db
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def hold(person: Person, *assets: Asset, rank: int = 1, at: datetime = AT) -> None:
    for asset in assets:
        propose_owner(actor=person, asset=asset, nomination=Nomination(person=person, rank=rank), at=at)


def announce(actor: Person, asset: Asset, **more: Any) -> Announcement:
    draft = AnnouncementDraft(asset=asset, change=more.pop("change", "breaking"), text="id becomes text", **more)
    return announce_change(actor=actor, draft=draft, at=more.get("at", AT))


@pytest.fixture
def chain(world: World, clock: MovableClock) -> dict[str, Asset]:
    """A feeds b and c, b feeds d; bob has b and d, carol has c, alice a."""
    clock.set(AT)
    assets = make_graph([("a", "b"), ("a", "c"), ("b", "d")], at=AT)
    hold(world.alice, assets["a"])
    hold(world.bob, assets["b"], assets["d"])
    hold(world.carol, assets["c"])
    return assets


def test_thirty_assets_of_one_owner_are_one_notice(world: World, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("top", f"m{n:02}") for n in range(30)], at=AT)
    hold(world.alice, assets["top"])
    hold(world.bob, *[asset for name, asset in assets.items() if name != "top"])
    announce(world.alice, assets["top"])
    notice = Notice.objects.get(kind="ownership.announced")
    assert notice.recipient_id == world.bob.pk
    assert notice.context["mine"] == "m00, m01, m02 and 27 more"
    assert AnnouncementRecipient.objects.get().touched.count() == 30


def test_impact_names_each_person_once_tier_one_first(chain: dict[str, Asset], world: World) -> None:
    Asset.objects.filter(slug="c").update(tier=1)
    found = impact_of(chain["a"], "schema", AT)
    assert [(each.person.handle, len(each.touched)) for each in found.people] == [("carol", 1), ("bob", 2)]
    assert [(distance, len(rows)) for distance, rows in found.layers] == [(1, 2), (2, 1)]
    assert (found.tier_one, found.teams) == (1, ("Analytics", "Checkout"))
    with pytest.raises(DomainError, match="The change is one of"):
        impact_of(chain["a"], "whim", AT)


def test_who_is_away_is_not_asked_but_their_lead(chain: dict[str, Asset], world: World) -> None:
    lead = make_person("lena", team=world.checkout, discipline="SE", role="lead")
    away = Away(first_on=AT.date(), last_on=AT.date())
    enter_absence(actor=world.carol, person=world.carol, away=away, at=AT - 2 * DAY)
    found = impact_of(chain["a"], "delay", AT)
    assert {each.person.handle for each in found.people} == {"bob", lead.handle}


def test_an_answer_is_the_persons_own_and_may_be_changed(chain: dict[str, Asset], world: World) -> None:
    row = announce(world.alice, chain["a"])
    with pytest.raises(NotAllowed):
        answer_announcement(actor=world.dave, announcement=row, objection="", at=AT)
    answer_announcement(actor=world.bob, announcement=row, objection="Not this week", at=AT)
    assert [each.person_id for each in open_objections([row.pk])] == [world.bob.pk]
    assert Notice.objects.get(kind="ownership.announcement_objection").recipient_id == world.alice.pk
    answer_announcement(actor=world.bob, announcement=row, objection="", at=AT + DAY)
    states = dict(row.recipients.values_list("person__handle", "state"))
    assert (states, open_objections([row.pk])) == ({"bob": "acknowledged", "carol": "pending"}, [])


def test_an_objection_ends_with_the_authors_answer(chain: dict[str, Asset], world: World) -> None:
    row = announce(world.alice, chain["a"])
    objector = answer_announcement(actor=world.carol, announcement=row, objection="Wait", at=AT)
    with pytest.raises(NotAllowed):
        reply_to_objection(actor=world.bob, recipient=objector, text="We do", at=AT)
    reply_to_objection(actor=world.alice, recipient=objector, text="We wait until Friday", at=AT)
    assert open_objections([row.pk]) == []
    assert Notice.objects.get(kind="ownership.objection_reply").recipient_id == world.carol.pk
    with pytest.raises(Conflict):
        reply_to_objection(actor=world.alice, recipient=objector, text="Again", at=AT)


def test_acknowledging_the_notice_is_reading_it_for_oneself_alone(chain: dict[str, Asset], world: World) -> None:
    row = announce(world.alice, chain["a"])
    notice = Notice.objects.get(kind="ownership.announced", recipient=world.bob)
    acknowledge_notice(actor=world.bob, notice_id=notice.pk, via="web", at=AT)
    assert dict(row.recipients.values_list("person__handle", "state")) == {"bob": "acknowledged", "carol": "pending"}
    assert Notice.objects.get(kind="ownership.announced", recipient=world.carol).state == "open"


def test_the_silent_are_reminded_at_half_time_and_named_to_the_author_at_the_end(
    chain: dict[str, Asset], world: World, clock: MovableClock
) -> None:
    hold(world.dave, chain["c"], rank=2)
    row = announce(world.alice, chain["a"], ack_due_at=AT + 4 * DAY)
    due = Deadline.objects.filter(kind=REMINDER_KIND, state="armed").order_by("step").values_list("due_at", flat=True)
    assert list(due) == [AT + 2 * DAY, AT + 4 * DAY]
    answer_announcement(actor=world.bob, announcement=row, objection="", at=AT)
    clock.set(AT + 2 * DAY)
    fire_batch(by="test")
    reminded = Notice.objects.filter(kind="ownership.announcement_reminder").values_list("recipient__handle", flat=True)
    assert list(reminded) == ["carol"]
    clock.set(AT + 4 * DAY)
    fire_batch(by="test")
    silent = Notice.objects.get(kind="ownership.announcement_silent")
    assert (silent.recipient_id, silent.context["names"]) == (world.alice.pk, world.carol.name)
    told, _ = told_of(row)
    assert [each.backups for each in told if each.row.state == "pending"] == [(world.dave.name,)]


def test_restated_figures_are_told_to_other_rooms_when_they_take_effect(
    chain: dict[str, Asset], world: World, clock: MovableClock
) -> None:
    row = announce(world.alice, chain["a"], change="restate", happens_at=AT + DAY)
    events = EngineEvent.objects.filter(topic="ownership.restated")
    fire_batch(by="test")
    assert events.count() == 0
    clock.set(AT + DAY)
    fire_batch(by="test")
    told = {"asset": chain["a"].pk, "announcement": row.pk, "at": (AT + DAY).isoformat()}
    assert list(events.values_list("subject_id", "payload")) == [(chain["a"].pk, told)]


def test_a_newer_announcement_of_the_same_change_takes_the_place_of_the_old_one(
    chain: dict[str, Asset], world: World
) -> None:
    old = announce(world.alice, chain["a"])
    answer_announcement(actor=world.bob, announcement=old, objection="", at=AT)
    new = announce(world.alice, chain["a"])
    old.refresh_from_db()
    assert old.superseded_by_id == new.pk
    assert dict(old.recipients.values_list("person__handle", "state")) == {"bob": "acknowledged", "carol": "superseded"}
    assert Deadline.objects.filter(state="armed", subject_id=old.pk, kind=REMINDER_KIND).count() == 0
    with pytest.raises(Conflict):
        answer_announcement(actor=world.carol, announcement=old, objection="", at=AT)


def test_more_than_ten_people_are_shown_by_name_before_anything_is_sent(world: World, clock: MovableClock) -> None:
    clock.set(AT)
    assets = make_graph([("top", f"m{n}") for n in range(11)], at=AT)
    hold(world.alice, assets["top"])
    for n in range(11):
        hold(make_person(f"reader-{n}"), assets[f"m{n}"])
    with pytest.raises(Conflict) as refused:
        announce(world.alice, assets["top"])
    assert len(refused.value.extra["people"]) == 11  # type: ignore[arg-type] # a list of names
    assert (Announcement.objects.count(), Notice.objects.filter(kind="ownership.announced").count()) == (0, 0)
    announce(world.alice, assets["top"], names_seen=True)
    assert AnnouncementRecipient.objects.count() == 11


def test_only_who_answers_for_the_asset_announces(chain: dict[str, Asset], world: World) -> None:
    with pytest.raises(NotAllowed):
        announce(world.dave, chain["a"])
    with pytest.raises(DomainError, match="within the next 90 days"):
        announce(world.alice, chain["a"], ack_due_at=AT - DAY)
    assert Announcement.objects.count() == 0


def test_the_page_asks_objects_and_shows_who_is_silent(chain: dict[str, Asset], world: World) -> None:
    author, reader = Client(), Client()
    author.force_login(world.alice)
    reader.force_login(world.bob)
    form = {"change": "schema", "text": "id becomes text", "depth": "3", "ack_due_at": "2026-03-05T10:00"}
    answer = author.post("/assets/a/announce", form)
    row = Announcement.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, f"/announcements/{row.pk}")
    assert row.ack_due_at == datetime(2026, 3, 5, 10, tzinfo=UTC)
    assert "Your answer" in reader.get(f"/announcements/{row.pk}").content.decode()
    assert reader.post(f"/announcements/{row.pk}/answer", {"objection": "Too early"}).status_code == 303
    page = author.get(f"/announcements/{row.pk}").content.decode()
    assert "1 of 2 have answered, 1 objects" in page
    assert "Too early" in page
    assert author.post(f"/announcements/{row.pk}/answer", {}).status_code == 403
    listed = reader.get("/announcements/?waiting=anybody")
    assert [each.title for each in listed.context["rows"]] == ["a"]
    assert reader.get("/announcements/?waiting=me").context["rows"] == []
    assert b"".join(reader.get("/announcements/export.csv")).count(b"\r\n") == 2


def test_the_api_gives_impact_and_takes_announcements(chain: dict[str, Asset], world: World) -> None:
    client = Client()
    client.force_login(world.alice)
    body = client.get("/api/v1/assets/a/impact?change=schema&depth=2").json()
    assert body["counts"] == {"assets": 3, "tier_1": 0, "people": 2, "teams": 2, "nobody": 0}
    assert client.get("/api/v1/assets/a/impact?change=whim").status_code == 422
    given = {"asset": "a", "change": "delay", "text": "Late by an hour"}
    made = client.post("/api/v1/announcements/", given, content_type="application/json")
    assert (made.status_code, made.json()["pending"]) == (201, 2)
    told = client.get(f"/api/v1/announcements/{made.json()['id']}/recipients").json()
    assert [(each["person"], each["assets"]) for each in told["recipients"]] == [("bob", ["b", "d"]), ("carol", ["c"])]
