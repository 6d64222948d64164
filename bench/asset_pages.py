"""Item e, the register: lists and pages over 100,000 assets, then a million, and the answer to a large handover."""

from __future__ import annotations

import logging
import os
import time
from typing import TYPE_CHECKING, Any

from django.test import Client
from rest_framework.test import APIClient

from bench.answering import times
from bench.asset_rows import bare_list, fill, make_handoff, make_people, raw_list
from bench.lines import Line
from bench.timing import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from portal.accounts.models import Person

SIZE, LARGE, FLAG = 100_000, 1_000_000, "BENCH_LARGE"
LIST_QUERIES, DETAIL_QUERIES, LINEAGE_QUERIES, REST_QUERIES = 8, 15, 6, 4
GOAL_MS = {SIZE: 100.0, LARGE: 300.0}
BULK, BULK_MS = 108, 1000.0
OVER_BARE, OVER_RAW, GROWTH = 1 / 3, 1 / 60, 1 / 1.3


def measure() -> Iterator[Line]:
    """At 100,000 assets and 500,000 edges; with `BENCH_LARGE=1` at ten times as many, which may cost 1.3 times."""
    logging.disable(logging.WARNING)  # a line for each answer would stand between the figures
    people = make_people()
    cpu: dict[str, float] = {}
    for size in (SIZE, LARGE) if os.environ.get(FLAG) else (SIZE,):
        middle = fill(size, people)
        for name, get, path, most in _doors(people[0], middle):
            yield from times(f"{name} at {size:,}", get, path, most, GOAL_MS[size])
            now = cpu_seconds({"ours": lambda get=get, path=path: get(path)})["ours"]  # type: ignore[misc] # a default
            if size == LARGE:
                yield Line("e", f"{name}: CPU at {LARGE:,} over {SIZE:,}", now * 1e3, "ms", 7, peer=cpu[name] * 1e3,
                           ratio_to_peer=cpu[name] / now, goal_peer=GROWTH)  # fmt: skip
            cpu[name] = now
        if size == SIZE:
            yield _against_bare(people[0])
    # Last, since a handover keeps its assets for good.
    yield _bulk_answer(people)


def _doors(asker: Person, middle: str) -> list[tuple[str, Callable[[str], Any], str, int]]:
    page, rest = Client(), APIClient()
    page.force_login(asker)
    rest.force_authenticate(asker)
    return [
        ("asset list", page.get, "/assets/", LIST_QUERIES),
        ("assets of a kind and domain", page.get, "/assets/?kind=dataset&domain=domain-2", LIST_QUERIES),
        ("assets without an owner", page.get, "/assets/?gap=no_owner", LIST_QUERIES),
        ("assets by words", page.get, "/assets/?q=margin+ledger", LIST_QUERIES),
        ("one asset", page.get, f"/assets/{middle}", DETAIL_QUERIES),
        ("its lineage", page.get, f"/lineage/{middle}", LINEAGE_QUERIES),
        ("REST list of 50 assets", rest.get, "/api/v1/assets/?page_size=50", REST_QUERIES),
    ]


def _against_bare(asker: Person) -> Line:
    """CPU of the whole list page against a bare Django view and a raw cursor that show the same rows."""
    page = Client()
    page.force_login(asker)
    cost = cpu_seconds({"ours": lambda: page.get("/assets/"), "bare": bare_list, "raw": raw_list})
    return Line(
        "e", "asset list, bare view", cost["ours"] * 1e3, "ms", 7, peer=cost["bare"] * 1e3,
        ratio_to_peer=cost["bare"] / cost["ours"], goal_peer=OVER_BARE, limit=cost["raw"] * 1e3,
        ratio_to_limit=cost["raw"] / cost["ours"], goal_limit=OVER_RAW,
    )  # fmt: skip


def _bulk_answer(people: list[Person]) -> Line:
    """One yes to 108 assets by the API: CPU of this process."""
    giver, taker = people[1], people[2]
    handoff = make_handoff(giver, taker, BULK)
    rest = APIClient()
    rest.force_authenticate(taker)
    body = {"accept": list(handoff.items.values_list("pk", flat=True))}
    begin = time.process_time()
    answer = rest.post(f"/api/v1/handoffs/{handoff.code}/decide", body, format="json")
    cost = (time.process_time() - begin) * 1e3
    if answer.status_code != 200:
        raise RuntimeError(answer.content.decode())
    return Line("e", f"a yes to {BULK} assets", cost, "ms", 1, goal_at_most=BULK_MS)
