"""What the portal proposes for a plan without anybody wishing it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from requests_queue.domain import found_work as work

NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)
TEAM = 7


def never(_source: work.Source) -> None:
    """No line about it has shipped."""


def broke(
    *days_ago: int, asset: int = 1, kind: str = "late data", pages: int = 1, upstream: bool = False
) -> list[work.Broke]:
    return [work.Broke(asset, f"a{asset}", kind, NOW - timedelta(days=n), pages, upstream) for n in days_ago]


def crossed(days: int, towards: int = 3, *, asset: int = 1, agreed: bool = False) -> work.Crossed:
    return work.Crossed(asset, f"a{asset}", towards, "Checkout" if towards else "", NOW - timedelta(days=days), agreed)


def test_a_crossing_is_proposed_after_ninety_days_and_not_on_the_ninetieth() -> None:
    assert work.from_crossings([crossed(90)], NOW, never, TEAM) == []
    rows = [crossed(91), crossed(200, asset=2)]
    assert work.from_crossings(rows, NOW, never, TEAM) == [
        work.Found(("boundary", 3), "Hand over to Checkout what is theirs",
                   "2 boundaries crossed, the oldest for 200 days: a1, a2.", (1, 2))
    ]  # fmt: skip


def test_what_a_talk_put_into_the_plan_does_not_wait_for_its_age() -> None:
    assert [one.source for one in work.from_crossings([crossed(5, agreed=True)], NOW, never, TEAM)] == [("boundary", 3)]


def test_a_crossing_that_nobody_is_named_for_is_the_teams_own_line() -> None:
    found = work.from_crossings([crossed(91, towards=0)], NOW, never, TEAM)
    assert [(one.source, one.title) for one in found] == [(("boundary", TEAM), "Find who should own what crosses")]


def test_after_a_line_shipped_ninety_days_begin_anew() -> None:
    rows = [crossed(200)]
    assert work.from_crossings(rows, NOW, lambda _: NOW - timedelta(days=90), TEAM) == []
    assert len(work.from_crossings(rows, NOW, lambda _: NOW - timedelta(days=91), TEAM)) == 1


def test_the_third_incident_of_one_kind_is_proposed_with_its_pages() -> None:
    assert work.from_incidents(broke(1, 2), never) == []
    found = work.from_incidents([*broke(1, 2, 3), *broke(4, kind="out of memory")], never)
    assert found == [work.Found(("incident", 1), "No more late data: a1", "3 incidents in 90 days with 3 pages.", (1,))]


def test_incidents_before_a_line_shipped_count_no_more() -> None:
    assert work.from_incidents(broke(5, 6, 7), lambda _: NOW - timedelta(days=6)) == []


def test_assets_that_upstream_broke_twice_and_nothing_checks_are_one_line() -> None:
    rows = [*broke(1, 2, upstream=True), *broke(3, asset=2, upstream=True), *broke(4, 5, asset=3, upstream=True)]
    found = work.from_upstream(rows, {3}, never, TEAM)
    assert [(one.source, one.assets) for one in found] == [(("precheck", TEAM), (1,))]
    assert found[0].why == "Would have seen 2 incidents with 2 pages in 90 days: a1."


def test_the_newest_stopgap_of_an_asset_is_paid_back_once() -> None:
    loans = [
        work.Loan(1, "sessions", step, n, NOW - timedelta(days=n)) for n, step in ((9, "Add memory"), (2, "Add more"))
    ]
    found = work.from_loans(loans, never)
    assert [(one.title, one.why) for one in found] == [
        ("Pay back a stopgap: sessions", "Since INC-2 of 22 November 2026: Add more")
    ]


def test_a_migration_says_how_far_it_is() -> None:
    found = work.from_migrations([work.Moving(4, 1, "fct_orders", "fct_orders_v2", 9, 3)])
    assert found == [work.Found(("migration", 4), "Move fct_orders to fct_orders_v2", "9 consumers, 3 moved.", (1,))]


def test_what_is_in_work_or_was_refused_in_the_last_half_year_stays_away() -> None:
    found = [work.Found(("incident", n), "No more", "", (n,)) for n in range(4)]
    answered = {
        ("incident", 0): work.Answered(is_in_work=True),
        ("incident", 1): work.Answered(refused_on=NOW - timedelta(days=183)),
        ("incident", 2): work.Answered(refused_on=NOW - timedelta(days=184)),
    }
    assert [one.source[1] for one in work.worth_proposing(found, answered, NOW)] == [2, 3]
