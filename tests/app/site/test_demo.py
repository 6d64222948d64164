"""The demo workspace: written once, by the services, without a storm of late notices."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client, TestCase
from django.test.utils import CaptureQueriesContext

from ownership.models import AnnouncementRecipient, Asset, ChangePlan, Ownership, Reference
from portal.accounts.models import Person, Team
from portal.core import clock as portal_clock
from portal.core.errors import Conflict, NotAllowed
from portal.core.queries.settings import setting
from portal.engine.models import Deadline, Delivery, Notice
from portal.site.demo.people import BACKUPS, PEOPLE
from portal.site.demo.planning import OLD_QUESTIONS, QUESTIONS
from portal.site.demo.requests import HISTORY
from portal.site.services.demo import Loaded, load_demo
from portal.site.services.demo_reset import reset_demo
from requests_queue.models import DataRequest, ModelOutcome, PlanCandidate
from tests.conftest import as_owner
from tests.contract.doors import questions_of
from tests.world import make_person, make_team

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


class TheDemoTests(TestCase):
    """Loaded once for all of these; what one of them writes is rolled back."""

    at: datetime
    loaded: Loaded

    @classmethod
    def setUpTestData(cls) -> None:
        cls.at = portal_clock.now()
        cls.loaded = load_demo(password=PASSWORD, at=cls.at)

    def test_the_demo_has_its_cast_assets_and_requests(self) -> None:
        assert Person.objects.count() == len(PEOPLE)
        assert Asset.objects.count() == 25  # with the second version of dim_account
        assert DataRequest.objects.count() == len(HISTORY) + len(QUESTIONS) + len(OLD_QUESTIONS) + 1
        assert Ownership.objects.filter(confirmed_at__isnull=False).count() == 20

    def test_nobody_finds_what_was_settled_in_the_past_unread(self) -> None:
        assert not Notice.objects.filter(settled_reason="demo", read_at=None).exists()

    def test_every_pipeline_of_the_team_has_an_owner_and_a_backup_who_accepted(self) -> None:
        rows = Ownership.objects.filter(asset__name__in=BACKUPS, state="accepted", confirmed_at__isnull=False)
        held = rows.filter(valid__upper_inf=True).values_list("asset__name", "rank", "person__handle")
        assert set(held) == {
            ("engagement_agg_investor", 1, "kofi"), ("engagement_agg_investor", 2, "ines"),
            ("growth_agg_investor", 1, "jonas"), ("growth_agg_investor", 2, "kofi"),
            ("growth_daily_experiment", 1, "maeve"), ("growth_daily_experiment", 2, "jonas"),
            ("profit_agg_investor", 1, "ines"), ("profit_agg_investor", 2, "maeve"),
            ("profit_unit_experiment", 1, "maeve"), ("profit_unit_experiment", 2, "jonas"),
        }  # fmt: skip

    def test_the_demo_says_that_the_questions_stopped_and_what_the_portal_proposes(self) -> None:
        look = ModelOutcome.objects.get()
        assert (look.before, look.after, look.verdict) == (9, 0, "fell")
        assert PlanCandidate.objects.filter(source_id__isnull=False, status="open").exists()

    def test_the_demo_has_a_backfill_that_is_over_a_migration_with_three_readers_and_an_announcement(self) -> None:
        states = dict(ChangePlan.objects.values_list("asset__name", "state"))
        assert states == {"growth_daily_experiment": "done", "dim_account": "running"}
        left = Reference.objects.filter(plan__asset__name="dim_account", state="open").order_by("referrer__name")
        assert [str(row) for row in left.select_related("referrer")] == [
            "engagement_agg_investor", "growth_daily_experiment", "profit_unit_experiment",
        ]  # fmt: skip
        assert Reference.objects.filter(state="moved").count() == 2
        waiting = AnnouncementRecipient.objects.filter(announcement__asset__name="billing.cost_export", state="pending")
        assert waiting.count() > 0

    def test_the_page_of_an_asset_or_of_a_request_asks_fifteen_questions_at_most_whatever_stands_on_it(self) -> None:
        browser = Client()
        browser.force_login(Person.objects.get(handle="ruth"))
        of_each_state = dict(DataRequest.objects.order_by("pk").values_list("state", "number"))
        pages = [f"/assets/{name}" for name in ("profit_unit_experiment", "dim_account", "billing.cost_export")]
        pages += [f"/requests/{number}" for number in of_each_state.values()]
        asked = {}
        for page in (pages[0], pages[-1]):
            browser.get(page)  # the process has counted what stands beside every page
        for page in pages:
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(page).status_code == 200
            asked[page] = questions_of(queries) - 1  # the person of the session
        assert {page: count for page, count in asked.items() if count > 15} == {}
        assert asked["/assets/profit_unit_experiment"] == 15  # a crossing, an agreement, traces, a runbook, a backfill

    def test_every_login_of_the_demo_has_the_password(self) -> None:
        assert all(person.check_password(PASSWORD) for person in Person.objects.all())

    def test_the_past_of_the_demo_sends_nothing(self) -> None:
        watched = DataRequest.objects.get(number=self.loaded.watched)
        late = Deadline.objects.filter(state="armed", due_at__lt=self.at)
        assert set(late.values_list("subject_type", flat=True)) <= {"requests_queue.slaclock"}
        queued = Delivery.objects.filter(state="queued")
        assert queued.exclude(notice__subject_id=watched.pk).count() == 0
        assert set(queued.values_list("run_at", flat=True)) == {self.at}  # else the engine alarms for mails long due

    def test_the_watched_promise_breaks_three_minutes_after_the_start(self) -> None:
        promise = DataRequest.objects.get(number=self.loaded.watched).clocks.get(kind="resolution")
        assert (self.loaded.breaks_at, promise.breach_at) == (
            self.at + timedelta(minutes=3),
            self.at + timedelta(minutes=3),
        )

    def test_loading_again_adds_only_another_promise_to_watch(self) -> None:
        again = load_demo(password="another password entirely", at=portal_clock.now())
        assert not again.is_new
        assert DataRequest.objects.count() == len(HISTORY) + len(QUESTIONS) + len(OLD_QUESTIONS) + 2
        assert Person.objects.get(handle="ruth").check_password(PASSWORD)

    def test_the_end_of_the_demo_leaves_an_empty_workspace_with_its_seeds(self) -> None:
        seeds = Team.objects.filter(is_system=True).count()
        with as_owner() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            reset_demo()
        left = (Person.objects.count(), Asset.objects.count(), DataRequest.objects.count(), Deadline.objects.count())
        assert left == (0, 0, 0, 0)
        assert (Team.objects.count(), setting("demo")) == (seeds, None)

    def test_after_its_end_the_demo_can_start_anew(self) -> None:
        with as_owner() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            reset_demo()
        assert load_demo(password=PASSWORD, at=portal_clock.now()).is_new
        assert Person.objects.count() == len(PEOPLE)

    def test_the_application_cannot_end_the_demo(self) -> None:
        with pytest.raises(NotAllowed):
            reset_demo()

    def test_a_demo_with_real_people_in_it_is_not_ended(self) -> None:
        make_person("somebody")
        with pytest.raises(Conflict):
            reset_demo()


def test_the_demo_refuses_a_workspace_with_other_people() -> None:
    make_person("somebody", team=make_team("real-team"))
    with pytest.raises(Conflict):
        load_demo(password=PASSWORD, at=portal_clock.now())
    assert Person.objects.count() == 1


def test_a_workspace_that_is_no_demo_is_not_emptied() -> None:
    with pytest.raises(Conflict):
        reset_demo()
