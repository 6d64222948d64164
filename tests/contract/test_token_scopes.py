"""Every act of the API can be allowed to a token: the form of tokens offers the scope it asks for."""

from __future__ import annotations

from portal.accounts.domain.scopes import SCOPES
from portal.site.queries.api_schema import scopes


def test_a_token_can_have_every_scope_that_an_act_asks_for() -> None:
    assert set(scopes()) - SCOPES == set()
