"""What came by before, told without keeping it."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from ownership.importers.seen import Seen

VALUES = st.lists(st.text(max_size=3) | st.tuples(st.text(max_size=2), st.integers(0, 3)), max_size=60)


@given(VALUES, VALUES)
def test_a_value_is_new_once_and_known_from_then_on(added: list[object], asked: list[object]) -> None:
    seen, known = Seen(), set()
    for value in added:
        assert seen.add(value) == (value not in known)
        known.add(value)
    assert [value in seen for value in [*added, *asked]] == [value in known for value in [*added, *asked]]


def test_twenty_thousand_names_take_little_more_than_half_a_mebibyte() -> None:
    seen = Seen()
    tracemalloc.start()
    assert all(seen.add(f"model.shop.m{n}") for n in range(20_000))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 700_000
    assert not any(seen.add(f"model.shop.m{n}") for n in range(20_000))
