"""The house of the on-call tests."""

from __future__ import annotations

import pytest

from tests.app.oncall.house import House, make_house
from tests.replay import Replay

the_house = Replay(make_house)


@pytest.fixture
def house(db: None) -> House:
    return the_house()
