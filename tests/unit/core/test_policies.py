"""A decision allows, or says why not."""

from __future__ import annotations

import pytest

from portal.core.errors import NotAllowed
from portal.core.policies import ALLOWED, refused, require


def test_an_allowed_decision_passes() -> None:
    assert require(ALLOWED) is ALLOWED


def test_a_refusal_keeps_its_code_and_its_sentence() -> None:
    with pytest.raises(NotAllowed) as caught:
        require(refused("requests.not_triager", "Ask Alice, who leads the team."))
    assert (caught.value.code, caught.value.message) == ("requests.not_triager", "Ask Alice, who leads the team.")
