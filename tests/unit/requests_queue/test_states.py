"""Every pair of states: who may make the move, or that nobody may (spec requests 4, decisions, resolutions 1.12)."""

from __future__ import annotations

from itertools import product

import pytest

from requests_queue.domain.states import GROUPS, OPEN, State, cancels_clocks, movers, stopped_clocks

# Written by hand from the pages, apart from the code: source, target: who.
ALLOWED = """
new triage: triager
new accepted: triager
new awaiting_approval: system
new queued: system
new deferred: system lead
new declined: triager lead
new answered: triager requester partner
new waiting_on_upstream: system
new withdrawn: requester
new duplicate: triager
triage accepted: triager
triage awaiting_approval: system
triage queued: system
triage deferred: system lead
triage declined: triager lead
triage answered: triager requester partner
triage waiting_on_requester: triager
triage new: system
triage withdrawn: requester
triage duplicate: triager
awaiting_approval accepted: lead
awaiting_approval deferred: system lead
awaiting_approval declined: triager lead
awaiting_approval answered: requester
awaiting_approval withdrawn: requester
awaiting_approval duplicate: triager
queued accepted: system
queued declined: triager lead
queued answered: requester
queued withdrawn: requester
queued duplicate: triager
deferred accepted: lead
deferred resolved: system
deferred triage: lead system
deferred declined: lead
deferred answered: requester
deferred withdrawn: requester
deferred duplicate: triager
accepted in_progress: assignee
accepted waiting_on_requester: assignee
accepted waiting_on_upstream: assignee
accepted triage: system lead
accepted resolved: assignee
accepted answered: requester
accepted withdrawn: requester
accepted duplicate: triager
in_progress waiting_on_requester: assignee
in_progress waiting_on_upstream: assignee
in_progress triage: system lead
in_progress resolved: assignee
in_progress answered: requester
in_progress withdrawn: requester
in_progress duplicate: triager
waiting_on_requester in_progress: requester assignee
waiting_on_requester triage: system lead
waiting_on_requester resolved: system
waiting_on_requester answered: requester
waiting_on_requester withdrawn: requester
waiting_on_requester duplicate: triager
waiting_on_upstream in_progress: assignee system
waiting_on_upstream triage: system lead
waiting_on_upstream answered: requester
waiting_on_upstream withdrawn: requester
waiting_on_upstream duplicate: triager
resolved in_progress: requester member
resolved closed: system requester
answered in_progress: requester member
answered triage: requester
answered closed: system requester
declined triage: lead
duplicate new: triager
duplicate triage: triager
duplicate awaiting_approval: triager
duplicate queued: triager
duplicate accepted: triager
duplicate in_progress: triager
duplicate waiting_on_requester: triager
duplicate waiting_on_upstream: triager
duplicate deferred: triager
"""


def _expected() -> dict[tuple[str, str], set[str]]:
    rows = (line.split(": ") for line in ALLOWED.strip().splitlines())
    return {(pair.split()[0], pair.split()[1]): set(who.split()) for pair, who in rows}


EXPECTED = _expected()


@pytest.mark.parametrize(("source", "target"), list(product(State, State)))
def test_a_move_is_made_by_those_whom_the_table_names_and_by_nobody_else(source: State, target: State) -> None:
    assert {actor.value for actor in movers(source, target)} == EXPECTED.get((source.value, target.value), set())


def test_there_are_fifteen_states() -> None:
    assert len(State) == 15


def test_every_state_stands_in_one_group_of_the_list() -> None:
    grouped = [state for states in GROUPS.values() for state in states]
    assert sorted(grouped) == sorted(State)
    assert set(GROUPS["closed"]) == set(State) - OPEN


def test_a_declined_request_ends_every_promise() -> None:
    assert stopped_clocks("declined") == {"first_response", "decision", "resolution", "next_update"}


def test_accepting_ends_the_decision_and_nothing_else() -> None:
    assert stopped_clocks("accepted") == {"decision"}


def test_starting_work_or_asking_ends_no_promise() -> None:
    assert stopped_clocks("in_progress") | stopped_clocks("waiting_on_requester") == frozenset()


@pytest.mark.parametrize("state", State)
def test_only_withdrawal_and_merging_take_a_promise_back(state: State) -> None:
    assert cancels_clocks(state) == (state.value in {"withdrawn", "duplicate"})
