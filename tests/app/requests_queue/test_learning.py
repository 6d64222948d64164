"""Fitting again, and verified queries in and out (spec faq 2, 6)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.test import Client
from rest_framework.test import APIClient

from portal.core.errors import Conflict, NotAllowed
from requests_queue.domain.matching import HYBRID
from requests_queue.models import FaqEntry, FaqEvent, SuggestionModel
from requests_queue.queries.suggest import active_judge
from requests_queue.services.asks import Ask, forget_people, record_event
from requests_queue.services.refitting import refit_suggestions, use_shipped
from tests.app.requests_queue.desk import TUESDAY
from tests.app.requests_queue.library import SQL, published, shop_assets
from tests.unit.requests_queue.test_fitting import asks

if TYPE_CHECKING:
    from portal.accounts.models import Person
    from tests.conftest import MovableClock
    from tests.world import World

pytestmark = pytest.mark.django_db


def judged(world: World, entry: FaqEntry, number: int, features: tuple[float, ...], *, solved: bool) -> None:
    ask = Ask(UUID(int=number), world.bob.pk, "a question", 0.9, "upper", features, 0, (entry.pk,), ())
    kind = "solved" if solved else "not_quite"
    record_event(actor=world.bob, ask=ask, kind=kind, entry=entry, at=TUESDAY)


def test_consistent_verdicts_are_kept_and_an_admin_goes_back(world: World, admin: Person) -> None:
    entry = published(world, "What is churn?")
    for number, features in enumerate(asks(60, 1), 1):
        judged(world, entry, number, features, solved=HYBRID.probability(features) >= 0.5)
    made = refit_suggestions(actor=admin, at=TUESDAY)
    assert (made.labels, made.is_active, active_judge().number) == (60, True, 1)
    use_shipped(actor=admin, at=TUESDAY)
    assert active_judge().hybrid == HYBRID
    with pytest.raises(Conflict):
        use_shipped(actor=admin, at=TUESDAY)


def test_an_admin_fits_and_goes_back_by_page_and_api_and_nobody_else_does(
    world: World, admin: Person, clock: MovableClock
) -> None:
    clock.set(TUESDAY)
    entry = published(world, "What is churn?")
    for number, features in enumerate(asks(60, 1), 1):
        judged(world, entry, number, features, solved=HYBRID.probability(features) >= 0.5)
    by_page, by_api = Client(), APIClient()
    by_page.force_login(admin)
    by_api.force_authenticate(admin)
    assert by_page.post("/faq/figures/do/fit").status_code == 303
    assert by_api.post("/api/v1/suggest/fits/").json()["is_active"] is True
    assert [row["n"] for row in by_api.get("/api/v1/suggest/fits/").json()["results"]] == [2, 1]
    assert b"Back to the shipped ones" in by_page.get("/faq/figures/").content
    assert by_api.post("/api/v1/suggest/shipped/").status_code == 204
    assert by_page.post("/faq/figures/do/shipped").status_code == 422
    by_page.force_login(world.alice)
    assert by_page.post("/faq/figures/do/fit").status_code == 403
    assert b"Fit to the verdicts" not in by_page.get("/faq/figures/").content
    assert SuggestionModel.objects.count() == 2


def test_few_verdicts_are_recorded_and_not_used(world: World, admin: Person) -> None:
    made = refit_suggestions(actor=admin, at=TUESDAY)
    assert (made.is_active, SuggestionModel.objects.count()) == (False, 1)
    with pytest.raises(NotAllowed):
        refit_suggestions(actor=world.alice, at=TUESDAY)


def test_after_ninety_days_nobody_knows_who_asked(world: World) -> None:
    judged(world, published(world, "What is churn?"), 1, asks(1, 1)[0], solved=True)
    assert forget_people(before=TUESDAY) == 0
    assert forget_people(before=TUESDAY + timedelta(days=1)) == 2
    assert FaqEvent.objects.filter(person__isnull=False).count() == 0


def test_an_exported_file_changes_nothing_when_it_comes_back(world: World) -> None:
    shop_assets(world)
    published(world, "What did we sell?", answer={"sql": SQL})
    client = APIClient()
    client.force_authenticate(world.alice)
    text = client.get("/api/v1/faq/export.yaml").content.decode()
    body = {"file": text, "team": "data-platform"}
    lines = client.post("/api/v1/faq/import/", body | {"dry_run": True}, format="json").json()
    assert [line["sign"] for line in lines] == ["="]
    changed = body | {"file": text.replace("sum(total)", "max(total)")}
    assert [line["sign"] for line in client.post("/api/v1/faq/import/", changed, format="json").json()] == ["~"]
    assert [line["sign"] for line in client.post("/api/v1/faq/import/", changed, format="json").json()] == ["="]
    assert FaqEntry.objects.count() == 1


def test_new_queries_become_answers_of_the_team_and_bad_sql_is_said(world: World) -> None:
    text = ("verified_queries:\n  - {name: churn, question: 'What is churn?', sql: 'SELECT 1 FROM ghosts'}\n"
            "  - {name: bad, question: 'What is bad?', sql: 'SELECT FROM (('}\n")  # fmt: skip
    client = APIClient()
    client.force_authenticate(world.alice)
    lines = client.post("/api/v1/faq/import/", {"file": text, "team": "data-platform"}, format="json").json()
    assert [(line["sign"], line["name"]) for line in lines] == [("+", "churn"), ("!", "bad")]
    assert FaqEntry.objects.get().slug == "churn"
