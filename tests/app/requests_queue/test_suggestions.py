"""What is suggested, to whom, and what is counted afterwards (spec faq 5, 6, 7, 14)."""

from __future__ import annotations

import json
import math
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.core.errors import DomainError, NotVisible
from portal.engine.services.firing import fire_batch
from requests_queue.answer_policies import findable_entries
from requests_queue.domain.answering import Stale
from requests_queue.models import DataRequest, FaqEvent, FaqPhrase, FaqPosting
from requests_queue.queries.answer_figures import answer_figures
from requests_queue.queries.embedding import MiniLm, embedder, forget_model, missing_packages
from requests_queue.queries.scoring import Question, score
from requests_queue.queries.suggest import judged_entries, suggest
from requests_queue.services.asks import read_ask, record_event, sign_ask
from requests_queue.services.checking import mark_stale
from requests_queue.services.phrases import embed_phrases
from requests_queue.services.privacy import make_private
from requests_queue.services.wordings import add_alias
from requests_queue.web.suggesting import panel_of
from tests.app.requests_queue.desk import TUESDAY, filed
from tests.app.requests_queue.library import published, shop_assets

if TYPE_CHECKING:
    from collections.abc import Iterator

    from portal.accounts.models import Person
    from requests_queue.models import FaqEntry
    from requests_queue.services.asks import Ask
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db
TOKEN_IDS = Path(__file__).parents[2] / "data" / "answers" / "token_ids.json"
GMV = "Why is net GMV lower than in the finance report?"
LIBRARY = (
    GMV, "How many orders were placed yesterday?", "Which customers churned last month?", "Where is the revenue board?",
    "Who may see personal data of customers?", "When does the daily load of orders end?", "What is an active account?",
)  # fmt: skip


@pytest.fixture
def by_meaning(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The model switched on; skipped where its packages are not installed."""
    if missing_packages():
        pytest.skip(f"not installed: {', '.join(missing_packages())} (requirements-semantic.txt)")
    monkeypatch.setattr(settings, "ENV", replace(settings.ENV, semantic=True))
    forget_model()
    yield
    forget_model()


@pytest.fixture
def library(world: World) -> dict[str, FaqEntry]:
    return {question: published(world, question) for question in LIBRARY}


def asked(person: Person, text: str, **facts: Any) -> Ask:
    found = suggest(viewer=person, text=text, at=TUESDAY, **facts)
    return read_ask(sign_ask(found, viewer=person), viewer=person)


def terms(text: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lexeme, cardinality(positions) FROM unnest(faq_vector(%s))", [text])
        return [term for term, times in cursor.fetchall() for _ in range(times)]


def bm25_of(text: str) -> dict[int, float]:
    """The formula of spec faq 5 in Python, over the same lexemes."""
    bags = {phrase.pk: Counter(terms(phrase.text)) for phrase in FaqPhrase.objects.filter(is_public=True)}
    n, average = len(bags), sum(sum(bag.values()) for bag in bags.values()) / len(bags)
    df = Counter(term for bag in bags.values() for term in bag)
    asked_for = terms(text)
    idf = {term: math.log(1 + (n - df[term] + 0.5) / (df[term] + 0.5)) for term in set(asked_for)}
    ideal = sum(idf[term] for term in asked_for)
    return {
        pk: min(1.5, sum(
            idf[term] * bag[term] * 2.2 / (bag[term] + 1.2 * (0.25 + 0.75 * sum(bag.values()) / average))
            for term in asked_for
        ) / ideal)
        for pk, bag in bags.items()
    }  # fmt: skip


def test_the_statement_is_bm25_to_the_sixth_digit(library: dict[str, FaqEntry], world: World) -> None:
    add_alias(actor=world.alice, entry=library[GMV], text="GMV or net GMV, which GMV is right?", at=TUESDAY)
    texts = [*LIBRARY, "which which orders", "GMV unicorn", "the customers' data, of last month", "café orders-load"]
    for text in texts:
        expected = bm25_of(text)
        for found in score(Question(text), findable_entries(world.bob, TUESDAY)):
            assert found.words == pytest.approx(expected[found.phrase], abs=1e-6)


def test_no_stop_word_is_lost(db: None) -> None:
    assert terms("How many of the orders, and which?") == ["and", "how", "mani", "of", "order", "the", "which"]


def test_a_question_finds_its_answer_and_words_alone_are_never_sure(library: dict[str, FaqEntry], world: World) -> None:
    found = suggest(viewer=world.bob, text="Why is our net GMV lower than finance says?", at=TUESDAY)
    assert (found.entries[0].question, found.band, found.model) == (GMV, "lower", "lexical")


def test_the_model_finds_other_words_and_is_sure(by_meaning: None, library: dict[str, FaqEntry], world: World) -> None:
    assert embed_phrases() == (7, 0)
    found = suggest(viewer=world.bob, text="how come GMV is below what the finance team reports", at=TUESDAY)
    assert (found.entries[0].question, found.band) == (GMV, "upper")


def test_token_ids_are_those_of_the_model_s_own_tokenizer(by_meaning: None) -> None:
    """Accents, emoji, hyphens, Chinese and Korean, invisible marks and three hundred words: fifty stored lists."""
    model = embedder()
    assert isinstance(model, MiniLm)
    rows = json.loads(TOKEN_IDS.read_text(encoding="utf-8"))
    assert len(rows) == 50
    assert {row["text"]: model.tokens(row["text"]) for row in rows} == {row["text"]: row["ids"] for row in rows}


def test_a_stale_answer_is_never_in_the_upper_band(
    by_meaning: None, library: dict[str, FaqEntry], world: World
) -> None:
    embed_phrases()
    entry = library[GMV]
    assert entry.current is not None
    mark_stale(answer=entry.current, reason=Stale.SCHEMA, at=TUESDAY)
    found = suggest(viewer=world.bob, text="how come GMV is below what the finance team reports", at=TUESDAY)
    assert (found.entries[0].question, found.entries[0].is_stale, found.band) == (GMV, True, "lower")
    ask = read_ask(sign_ask(found, viewer=world.bob), viewer=world.bob)
    assert record_event(actor=world.bob, ask=ask, kind="solved", entry=entry, at=TUESDAY).is_stale
    assert answer_figures(TUESDAY).deflection.explicit == 0


def test_only_what_comes_close_to_the_best_is_said_to_look_right(
    by_meaning: None, library: dict[str, FaqEntry], world: World
) -> None:
    embed_phrases()
    given = {"title": "how come GMV is below what the finance team reports"}
    shown = panel_of(given, (), world.bob, TUESDAY)
    assert [offer.slug for offer in shown["likely"]] == [library[GMV].slug]
    assert (len(shown["related"]), library[GMV].slug in {offer.slug for offer in shown["related"]}) == (4, False)


def test_without_the_packages_words_are_enough_and_it_is_said(world: World) -> None:
    assert embedder() is None
    assert suggest(viewer=world.bob, text=GMV, at=TUESDAY).band == "none"


def test_an_asset_of_the_form_reorders_and_hides_nothing(world: World) -> None:
    assets = shop_assets(world)
    plain = published(world, "How many orders were there last week?")
    about = published(world, "How many orders were there last week in all?", answer={"assets": [assets["fct_orders"]]})
    text = "How many orders were there last week?"
    visible = findable_entries(world.bob, TUESDAY)
    found = judged_entries(Question(text), visible)
    boosted = judged_entries(Question(text), visible, assets=[assets["fct_orders"].pk])
    assert [one.id for one in found.entries] == [plain.pk, about.pk]
    assert [one.id for one in boosted.entries] == [about.pk, plain.pk]


def test_an_alias_counts_by_its_best_wording(library: dict[str, FaqEntry], world: World) -> None:
    entry, text = library[GMV], "Finance and dashboard disagree about sales figures"
    before = {one.id: one.score for one in score(Question(text), findable_entries(world.bob, TUESDAY))}
    add_alias(actor=world.alice, entry=entry, text=text, at=TUESDAY)
    after = {one.id: one for one in score(Question(text), findable_entries(world.bob, TUESDAY))}
    assert after[entry.pk].score > before[entry.pk]
    assert after[entry.pk].words == pytest.approx(bm25_of(text)[after[entry.pk].phrase], abs=1e-6)


def test_what_somebody_may_not_see_is_found_by_nothing_and_changes_no_figure(
    library: dict[str, FaqEntry], world: World
) -> None:
    text = "Which zeppelin carries the secret orders?"
    before = [(one.id, one.words) for one in score(Question(text), findable_entries(world.dave, TUESDAY))]
    hidden = published(world, "Which zeppelin carries the secret orders of today?", visibility="team")
    after = [(one.id, one.words) for one in score(Question(text), findable_entries(world.dave, TUESDAY))]
    assert after == before
    assert suggest(viewer=world.alice, text=text, at=TUESDAY).entries[0].entry == hidden
    with pytest.raises(NotVisible):
        record_event(actor=world.dave, ask=asked(world.dave, text), kind="solved", entry=hidden, at=TUESDAY)
    assert FaqEvent.objects.count() == 0


def test_an_open_request_is_offered_to_join_and_a_private_one_to_nobody_outside(world: World) -> None:
    request = filed(world, title="Refund rate by carrier for the last eight weeks")
    text = "refund rate by carrier last weeks"
    assert suggest(viewer=world.dave, text=text, at=TUESDAY).requests == (request,)
    make_private(actor=world.bob, request=request, people=[world.alice], reason="in confidence", at=TUESDAY)
    assert suggest(viewer=world.dave, text=text, at=TUESDAY).requests == ()
    assert not FaqPosting.objects.filter(phrase__request=request).exists()


def test_one_ask_costs_six_queries_and_writes_nothing(library: dict[str, FaqEntry], world: World) -> None:
    filed(world)
    rows = FaqEvent.objects.count()
    with CaptureQueriesContext(connection) as asked_for:
        suggest(viewer=world.bob, text=GMV, at=TUESDAY)
    assert (len(asked_for) <= 6, FaqEvent.objects.count()) == (True, rows)


@pytest.mark.parametrize("text", ["", "???", "😀😀", "orders orders orders orders orders", "a & b | !c:* <-> '"])
def test_signs_and_empty_texts_break_nothing(library: dict[str, FaqEntry], world: World, text: str) -> None:
    assert suggest(viewer=world.bob, text=text, at=TUESDAY).band in {"none", "lower"}


def test_this_answers_it_counts_once_and_asking_after_all_takes_it_back(
    library: dict[str, FaqEntry], world: World
) -> None:
    entry, ask = library[GMV], asked(world.bob, GMV)
    for _ in range(2):
        record_event(actor=world.bob, ask=ask, kind="solved", entry=entry, at=TUESDAY)
    assert answer_figures(TUESDAY).deflection.kept == 1
    filed(world, title=GMV, at=TUESDAY + timedelta(days=6))
    figures = answer_figures(TUESDAY + timedelta(days=6)).deflection
    assert (figures.explicit, figures.recontacted, figures.kept, figures.filed) == (1, 1, 0, 1)


def test_a_request_after_eight_days_takes_nothing_back(library: dict[str, FaqEntry], world: World) -> None:
    record_event(actor=world.bob, ask=asked(world.bob, GMV), kind="solved", entry=library[GMV], at=TUESDAY)
    filed(world, title=GMV, at=TUESDAY + timedelta(days=8))
    assert answer_figures(TUESDAY + timedelta(days=8)).deflection.kept == 1


def test_read_and_left_counts_after_seven_quiet_days(
    library: dict[str, FaqEntry], world: World, clock: MovableClock
) -> None:
    clock.set(TUESDAY)
    record_event(actor=world.bob, ask=asked(world.bob, GMV), kind="opened", entry=library[GMV], at=TUESDAY)
    record_event(actor=world.dave, ask=asked(world.dave, GMV), kind="opened", entry=library[GMV], at=TUESDAY)
    filed(world, title=GMV, at=TUESDAY + timedelta(days=3))
    clock.set(TUESDAY + timedelta(days=7, seconds=1))
    fire_batch(by="test")
    assert list(FaqEvent.objects.filter(kind="implicit").values_list("person__handle", flat=True)) == ["dave"]


def test_an_ask_that_led_nowhere_is_abandoned_and_one_that_was_joined_is_not(
    library: dict[str, FaqEntry], world: World, clock: MovableClock
) -> None:
    clock.set(TUESDAY)
    one, other = asked(world.carol, GMV), asked(world.dave, GMV)
    record_event(actor=world.carol, ask=one, kind="not_quite", entry=library[GMV], at=TUESDAY)
    record_event(actor=world.dave, ask=other, kind="opened", entry=library[GMV], at=TUESDAY)
    record_event(actor=world.dave, ask=other, kind="joined", request=filed(world), at=TUESDAY)
    clock.set(TUESDAY + timedelta(days=7, seconds=1))
    fire_batch(by="test")
    ended = FaqEvent.objects.filter(kind__in=["abandoned", "implicit"])
    assert list(ended.values_list("kind", "ask")) == [("abandoned", one.id)]
    figures = answer_figures(TUESDAY + timedelta(days=8))
    assert (figures.joined, figures.abandoned, figures.deflection.implicit) == (1, 1, 0)


def test_an_ask_of_somebody_else_or_of_nobody_is_refused(library: dict[str, FaqEntry], world: World) -> None:
    mark = sign_ask(suggest(viewer=world.bob, text=GMV, at=TUESDAY), viewer=world.bob)
    for viewer, given in ((world.dave, mark), (world.bob, mark + "x"), (world.bob, "")):
        with pytest.raises(DomainError) as refusal:
            read_ask(given, viewer=viewer)
        assert refusal.value.code == "faq.unknown_ask"


def test_a_filed_request_becomes_a_wording_of_its_own(world: World) -> None:
    request = filed(world)
    phrase = FaqPhrase.objects.get(request=request)
    assert (phrase.text, phrase.is_public, DataRequest.objects.count()) == (request.title, False, 1)
