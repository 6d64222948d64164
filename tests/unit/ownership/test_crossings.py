"""When somebody does another discipline's job (spec ownership 7), against a plain minute-by-minute oracle."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ownership.domain.crossings import AssetFacts, Rule, find_crossings, next_change
from ownership.domain.shadow import Event
from ownership.domain.timelines import EARLIEST, LATEST, Stretch, always, holes, joined, merged, overlaid, without

AT = datetime(2026, 6, 1, 9, tzinfo=UTC)
ANA, BO = 1, 2
CLASSIC, OTHER = 10, 20
CROSSES, FITS = Rule(100, "crossing", 3), Rule(101, "ok", 0)
ASKS = Rule(102, "ask", 0)
RULES = {
    (CLASSIC, "DE"): CROSSES, (CLASSIC, "DA"): FITS, (CLASSIC, "AE"): ASKS, (OTHER, "DE"): FITS,
    (OTHER, "DA"): Rule(103, "crossing", 4),
}  # fmt: skip


def ago(days: float) -> datetime:
    return AT - timedelta(days=days)


def facts(**given_: object) -> AssetFacts:
    known: dict[str, object] = {
        "tenures": [], "crafts": {ANA: always("DE"), BO: always("DA")}, "patterns": always(CLASSIC), "rules": RULES,
    }  # fmt: skip
    return AssetFacts(**(known | given_))  # type: ignore[arg-type] # the test names what it changes


def acts(*kinds_and_ages: tuple[str, float], party: int = ANA) -> list[Event]:
    return [Event(party, kind, ago(age), f"{kind}{age}") for kind, age in kinds_and_ages]


def test_an_owner_of_a_crossing_craft_crosses_from_the_first_instant() -> None:
    found = find_crossings(facts(tenures=[Stretch(ago(40), LATEST, ANA)]), AT)
    assert [(each.party, each.rule, each.start, each.end, each.seen_from) for each in found] == [
        (ANA, 100, ago(40), None, ago(40))
    ]
    assert (found[0].is_owned, found[0].is_done, found[0].base) == (True, False, 3)


def test_a_craft_that_fits_or_must_be_asked_about_crosses_nothing() -> None:
    assert find_crossings(facts(tenures=[Stretch(ago(40), LATEST, BO)]), AT) == []
    asked = facts(tenures=[Stretch(ago(40), LATEST, ANA)], crafts={ANA: always("AE")})
    assert find_crossings(asked, AT) == []
    assert find_crossings(facts(tenures=[Stretch(ago(40), LATEST, ANA)], crafts={ANA: always("mixed")}), AT) == []


def test_it_begins_when_owner_craft_and_pattern_first_meet_and_ends_with_any_of_them() -> None:
    craft = [Stretch(EARLIEST, ago(30), "DA"), Stretch(ago(30), ago(10), "DE"), Stretch(ago(10), LATEST, "DA")]
    found = find_crossings(facts(tenures=[Stretch(ago(40), LATEST, ANA)], crafts={ANA: craft}), AT)
    assert [(each.start, each.end) for each in found] == [(ago(30), ago(10))]


def test_a_pattern_that_changes_on_a_day_leaves_what_was_before() -> None:
    change = [Stretch(EARLIEST, ago(20), CLASSIC), Stretch(ago(20), LATEST, OTHER)]
    found = find_crossings(facts(tenures=[Stretch(ago(40), LATEST, ANA)], patterns=change), AT)
    assert [(each.rule, each.start, each.end) for each in found] == [(100, ago(40), ago(20))]


def test_one_commit_makes_no_crossing_and_three_acts_of_two_kinds_do() -> None:
    assert find_crossings(facts(acts=acts(("commit", 3))), AT) == []
    assert find_crossings(facts(acts=acts(("commit", 3), ("commit", 2), ("commit", 1))), AT) == []
    assert find_crossings(facts(acts=acts(("commit", 3), ("review", 2))), AT) == []
    assert find_crossings(facts(acts=acts(("commit", 40), ("commit", 2), ("review", 1))), AT) == []
    (found,) = find_crossings(facts(acts=acts(("commit", 9), ("commit", 2), ("review", 1))), AT)
    assert (found.start, found.seen_from, found.end) == (ago(9), ago(1), None)
    assert (found.is_owned, found.is_done, found.last_act_at) == (False, True, ago(1))


def test_before_the_third_act_nobody_could_know() -> None:
    known = facts(acts=acts(("commit", 9), ("commit", 2), ("review", 1)))
    assert find_crossings(known, ago(1) - timedelta(microseconds=1)) == []
    assert len(find_crossings(known, ago(1))) == 1


def test_it_cools_when_the_acts_are_thirty_days_old() -> None:
    known = facts(acts=acts(("commit", 9), ("commit", 2), ("review", 1)))
    cools = ago(9) + timedelta(days=30)
    assert next_change(known, AT) == cools
    assert find_crossings(known, cools - timedelta(microseconds=1))[0].end is None
    assert find_crossings(known, cools)[0].end == cools


def test_owner_and_acts_of_one_party_are_one_crossing() -> None:
    known = facts(
        tenures=[Stretch(ago(5), LATEST, ANA)], acts=acts(("commit", 9), ("page_acked", 2), ("review", 1))
    )  # fmt: skip
    (found,) = find_crossings(known, AT)
    assert (found.start, found.is_owned, found.is_done) == (ago(9), True, True)


def test_acts_beside_an_owner_who_fits_are_a_crossing_of_their_own() -> None:
    known = facts(tenures=[Stretch(ago(90), LATEST, BO)], acts=acts(("commit", 9), ("commit", 2), ("review", 1)))
    assert [each.party for each in find_crossings(known, AT)] == [ANA]


@given(
    st.lists(st.tuples(st.sampled_from(["commit", "review"]), st.integers(0, 90)), max_size=12),
    st.integers(0, 40),
)
def test_hot_days_are_those_on_which_a_plain_count_is_reached(drawn: list[tuple[str, int]], length: int) -> None:
    """Oracle: at each half day count the acts of the last 30 days."""
    events = [Event(ANA, kind, ago(age), f"{index}") for index, (kind, age) in enumerate(drawn)]
    known = facts(acts=events, tenures=[Stretch(ago(60), ago(60 - length), ANA)] if length else [])
    for half_day in range(0, 240, 3):
        instant = ago(100) + timedelta(hours=12 * half_day)
        window = [each for each in events if instant - timedelta(days=30) < each.at <= instant]
        is_hot = len(window) >= 3 and len({each.kind for each in window}) >= 2
        is_owned = ago(60) <= instant < ago(60 - length)
        live = [each for each in find_crossings(known, instant) if each.end is None]
        if is_hot or is_owned:
            assert len(live) == 1
            assert live[0].is_owned == is_owned
            assert live[0].is_done or not is_hot


def test_timelines_lie_over_each_other_without_a_hole() -> None:
    base = overlaid(always("a"), [Stretch(ago(20), ago(10), "b")])
    assert [(stretch.start, stretch.end, stretch.value) for stretch in base] == [
        (EARLIEST, ago(20), "a"), (ago(20), ago(10), "b"), (ago(10), LATEST, "a"),
    ]  # fmt: skip
    assert merged([(ago(5), ago(3)), (ago(9), ago(5)), (ago(2), ago(2))]) == [(ago(9), ago(3))]
    assert holes([(EARLIEST, ago(3))]) == [(ago(3), LATEST)]
    assert without((ago(9), ago(1)), [(ago(5), ago(3))]) == [(ago(9), ago(5)), (ago(3), ago(1))]
    assert joined([Stretch(ago(9), ago(5), 1)], [Stretch(ago(5), ago(1), 2)], lambda a, b: (a, b)) == []
