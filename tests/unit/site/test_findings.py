"""Since when a finding of the doctor stands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from portal.site.domain.findings import Finding, Noted, dated, found, remembered

AT = datetime(2027, 3, 1, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_check_without_a_problem_is_well_and_names_no_cure() -> None:
    assert found("mail", "", "set it", well="smtp") == Finding("mail", "ok", "smtp")
    assert found("mail", "No server.", "set it", colour="warn") == Finding("mail", "warn", "No server.", "set it")


def test_a_colour_stands_since_the_first_look_that_found_it() -> None:
    noted = remembered([found("mail", "No server.")], {}, AT)
    assert noted == {"mail": Noted("bad", AT)}
    assert remembered([found("mail", "Still none.")], noted, AT + HOUR) == noted
    assert remembered([found("mail", "")], noted, AT + HOUR) == {"mail": Noted("ok", AT + HOUR)}
    assert remembered([], noted, AT + HOUR) == {}


def test_a_finding_keeps_its_own_instant_and_a_new_one_has_none() -> None:
    noted = {"mail": Noted("bad", AT), "seal": Noted("ok", AT)}
    own = found("mail", "No server.", since=AT - HOUR)
    assert dated([own, found("seal", "Late."), found("admin", "None.")], noted) == [
        own, found("seal", "Late."), found("admin", "None."),
    ]  # fmt: skip
    assert [each.since for each in dated([found("mail", "No server.")], noted)] == [AT]
