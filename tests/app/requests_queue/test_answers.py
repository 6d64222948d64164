"""Entries, versions, wordings and merges (spec faq 2, 3, 8, 14)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection

from portal.core.errors import Conflict, DomainError, NotAllowed, NotVisible
from portal.core.models import AuditEntry
from portal.engine.models import Deadline
from requests_queue.models import FaqAnswer, FaqEntry, FaqPhrase, FaqPosting, FaqTerm
from requests_queue.services.answer_merging import merge_entries
from requests_queue.services.answers import (
    AnswerDraft,
    EntryChange,
    edit_entry,
    publish_answer,
    restore_entry,
    retire_entry,
)
from requests_queue.services.checking import verify_answer
from requests_queue.services.concluding import answer_request
from requests_queue.services.one_step import answer_from_request
from requests_queue.services.privacy import make_private
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.wordings import add_alias, remove_alias
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.library import SQL, published, shop_assets, written

if TYPE_CHECKING:
    from tests.world import World

pytestmark = pytest.mark.django_db
GMV = "Why is net GMV lower than in finance?"


def counted() -> dict[str, int]:
    """Df as it should be: counted from the postings of public phrases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT term, count(*) FROM requests_queue_faqposting AS posting"
            " JOIN requests_queue_faqphrase AS phrase ON phrase.id = posting.phrase_id AND phrase.is_public GROUP BY 1"
        )
        return dict(cursor.fetchall())


def stored() -> dict[str, int]:
    return dict(FaqTerm.objects.filter(df__gt=0).values_list("term", "df"))


def test_a_first_version_publishes_and_a_check_holds_by_tier(world: World) -> None:
    entry = published(world, GMV, tier=2)
    assert (entry.state, entry.slug, entry.owner) == ("published", "why-is-net-gmv-lower-than-in-finance", world.alice)
    assert entry.current is not None
    assert entry.current.verified_until == TUESDAY + timedelta(days=90)
    steps = Deadline.objects.filter(kind="requests.answer_expiry", state="armed").order_by("step")
    assert [(row.step, row.due_at) for row in steps] == [
        (1, TUESDAY + timedelta(days=76)), (2, TUESDAY + timedelta(days=87)), (3, TUESDAY + timedelta(days=90)),
    ]  # fmt: skip


def test_the_tables_of_its_sql_are_what_it_rests_on(world: World) -> None:
    assets = shop_assets(world)
    entry = published(world, GMV, answer={"sql": SQL})
    assert entry.current is not None
    rests = entry.current.dependencies.get()
    assert (rests.asset, rests.columns, rests.via) == (assets["fct_orders"], ["total"], "sql")


def test_the_owner_is_that_of_the_first_asset_else_a_lead(world: World) -> None:
    assets = shop_assets(world)
    entry = written(world, GMV)
    publish_answer(actor=world.alice, entry=entry, answer=AnswerDraft("-", assets=[assets["revenue"]]), at=TUESDAY)
    entry.refresh_from_db()
    assert (entry.owner, entry.owner_follows) == (world.alice, True)


def test_names_that_stand_for_no_asset_must_be_acknowledged(world: World) -> None:
    entry = written(world, GMV)
    with pytest.raises(DomainError) as refusal:
        publish_answer(actor=world.alice, entry=entry, answer=AnswerDraft("-", sql="SELECT 1 FROM ghost"), at=TUESDAY)
    assert refusal.value.code == "faq.unresolved_sql"
    assert FaqAnswer.objects.count() == 0
    said = AnswerDraft("-", sql="SELECT 1 FROM ghost", acknowledged=["ghost"])
    assert publish_answer(actor=world.alice, entry=entry, answer=said, at=TUESDAY).unresolved == ["ghost"]


def test_only_the_team_writes(world: World) -> None:
    entry = published(world, GMV)
    before = AuditEntry.objects.count()
    with pytest.raises(NotAllowed):
        publish_answer(actor=world.bob, entry=entry, answer=AnswerDraft("Mine"), at=TUESDAY)
    assert (entry.answers.count(), AuditEntry.objects.count()) == (1, before)


def test_a_new_version_waits_while_the_checked_one_is_shown(world: World) -> None:
    entry = published(world, GMV)
    newer = publish_answer(actor=world.alice, entry=entry, answer=AnswerDraft("Another reason."), at=TUESDAY)
    entry.refresh_from_db()
    assert entry.current is not None
    assert entry.current.n == 1
    verify_answer(actor=world.alice, answer=newer, at=TUESDAY)
    entry.refresh_from_db()
    assert entry.current == newer


def test_the_text_of_a_version_is_never_changed(world: World) -> None:
    entry = published(world, GMV)
    assert entry.current is not None
    entry.current.body = "Something else"
    with pytest.raises(Exception, match="Cannot update rows"):
        entry.current.save(update_fields=["body"])


def test_the_author_alone_does_not_check_tier_1(world: World) -> None:
    entry = published(world, GMV, tier=1, checked=False)
    assert entry.current is not None
    with pytest.raises(NotAllowed) as refusal:
        verify_answer(actor=world.alice, answer=entry.current, at=TUESDAY)
    assert refusal.value.code == "faq.verify_self"
    edit_entry(actor=world.alice, entry=entry, change=EntryChange(verifier=world.bob), at=TUESDAY)
    assert verify_answer(actor=world.bob, answer=entry.current, at=TUESDAY).verified_by == world.bob


def test_a_draft_is_seen_by_its_team_alone(world: World) -> None:
    entry = written(world, GMV)
    with pytest.raises(NotVisible):
        add_alias(actor=world.dave, entry=entry, text="Another wording", at=TUESDAY)


def test_an_alias_must_differ_and_can_be_forgotten(world: World) -> None:
    entry = published(world, GMV)
    with pytest.raises(DomainError) as refusal:
        add_alias(actor=world.alice, entry=entry, text="why is NET gmv lower than in finance", at=TUESDAY)
    assert refusal.value.code == "faq.duplicate"
    alias = add_alias(actor=world.alice, entry=entry, text="Finance shows more revenue than we do", at=TUESDAY)
    assert (alias.is_public, alias.len) == (True, 7)
    assert remove_alias(actor=world.alice, entry=entry, phrase=alias, at=TUESDAY) == alias.text
    assert stored() == counted()


def test_another_question_keeps_the_old_one_as_a_wording(world: World) -> None:
    entry = published(world, GMV)
    edit_entry(actor=world.alice, entry=entry, change=EntryChange(question="Which GMV is right?"), at=TUESDAY)
    wordings = dict(entry.phrases.values_list("text", "is_canonical"))
    assert wordings == {"Which GMV is right?": True, GMV: False}


def test_a_merge_keeps_every_wording_and_leads_the_old_address_on(world: World) -> None:
    survivor, other = published(world, GMV), published(world, "Why do finance and the dashboard differ?")
    add_alias(actor=world.alice, entry=other, text="Finance shows more than we do", at=TUESDAY)
    merge_entries(actor=world.alice, survivor=survivor, merged=other, at=TUESDAY)
    other.refresh_from_db()
    assert (other.state, other.merged_into) == ("archived", survivor)
    assert set(survivor.phrases.values_list("text", "is_canonical")) == {
        (GMV, True), ("Why do finance and the dashboard differ?", False), ("Finance shows more than we do", False),
    }  # fmt: skip
    assert stored() == counted()


def test_an_answer_is_not_merged_into_itself_nor_for_other_readers(world: World) -> None:
    entry, narrow = published(world, GMV), published(world, "What is our margin?", visibility="team")
    for survivor, merged in ((entry, entry), (entry, narrow)):
        with pytest.raises(DomainError):
            merge_entries(actor=world.alice, survivor=survivor, merged=merged, at=TUESDAY)
    assert FaqEntry.objects.filter(state="published").count() == 2


def test_what_was_put_away_is_found_by_nothing_and_comes_back(world: World) -> None:
    entry = published(world, GMV)
    retire_entry(actor=world.alice, entry=entry, at=TUESDAY)
    assert stored() == {}
    with pytest.raises(Conflict):
        add_alias(actor=world.alice, entry=entry, text="Another one here", at=TUESDAY)
    restore_entry(actor=world.alice, entry=entry, at=TUESDAY)
    assert stored() == counted() != {}


def test_an_answered_request_becomes_an_answer_in_one_step(world: World) -> None:
    request = filed(world)
    claim_for_triage(actor=world.alice, request=request, at=TUESDAY)
    answer_request(actor=world.alice, request=request, body="Refunds are booked by order date.", at=TUESDAY)
    request.refresh_from_db()
    entry = answer_from_request(actor=world.alice, request=request, at=TUESDAY)
    assert entry.current is not None
    assert (entry.state, entry.current.body) == ("published", "Refunds are booked by order date.")
    assert entry.phrases.get(is_canonical=True).text == request.title


def test_one_from_a_private_request_starts_empty_for_its_members_alone(world: World) -> None:
    request = filed(world)
    claim_for_triage(actor=world.alice, request=request, at=TUESDAY)
    answer_request(actor=world.alice, request=request, body="The suspect is Zed.", at=TUESDAY)
    request.refresh_from_db()
    hidden = make_private(actor=world.alice, request=request, people=[], reason="law enforcement", at=TUESDAY)
    with pytest.raises(NotVisible):
        answer_from_request(actor=world.dave, request=hidden, question="How do we look up a suspect?", at=TUESDAY)
    entry = answer_from_request(actor=world.alice, request=hidden, question="How is it looked up?", at=TUESDAY)
    assert (entry.state, entry.visibility, entry.current) == ("draft", "members", None)
    assert [phrase.text for phrase in entry.phrases.all()] == ["How is it looked up?"]


def test_postings_rebuilt_from_the_phrases_equal_the_stored_ones(world: World) -> None:
    entry = published(world, GMV)
    add_alias(actor=world.alice, entry=entry, text="GMV, GMV and again: the café's GMV", at=TUESDAY)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT phrase.id, lexeme, cardinality(positions) FROM requests_queue_faqphrase AS phrase,"
            " unnest(faq_vector(phrase.text))"
        )
        rebuilt = set(cursor.fetchall())
    assert set(FaqPosting.objects.values_list("phrase_id", "term", "tf")) == rebuilt
    assert {phrase.len for phrase in FaqPhrase.objects.all()} == {8}


@pytest.mark.django_db(transaction=True)
def test_twenty_writers_at_once_keep_the_counts_exact(world: World) -> None:
    entries = [published(world, f"Question number {n} about orders", checked=False) for n in range(5)]

    def write(n: int) -> None:
        add_alias(actor=world.alice, entry=entries[n % 5], text=f"orders about question number {n} again", at=TUESDAY)
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(20)))
    assert stored() == counted()
    assert stored()["order"] == 25
