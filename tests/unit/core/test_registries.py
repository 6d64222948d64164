"""Registries: filled at start, closed afterwards, one entry a key."""

from __future__ import annotations

import pytest

from portal.core import registries


def test_a_registration_after_start_up_is_refused() -> None:
    with pytest.raises(registries.RegistryClosed):
        registries.register_verb("core.tried", "{actor} tried")


def test_two_registrations_under_one_key_are_refused() -> None:
    with registries.reopened():
        registries.register_verb("core.tried", "{actor} tried")
        with pytest.raises(registries.DuplicateKey):
            registries.register_verb("core.tried", "{actor} tried again")


def test_what_a_test_registers_is_gone_after_it() -> None:
    with registries.reopened():
        registries.register_verb("core.tried", "{actor} tried")
    assert registries.verb_registry.get("core.tried") is None


def test_contributions_are_found_by_the_name_that_is_asked() -> None:
    def provide() -> str:
        return "answer"

    with registries.reopened():
        registries.contribute("test.asked", provide)
        assert [answer() for answer in registries.contributions("test.asked")] == ["answer"]
        assert registries.contributions("test.other") == []
