"""What another band or other sizes would have decided about work that was judged before (spec budget 3)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from requests_queue.domain.budget import Balance, Ruling, judge

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests_queue.domain.budget import Terms, Work

TAKEN = {Ruling.ACCEPT, Ruling.ACCEPT_AMBER, Ruling.LEAD_APPROVAL}


def rulings(works: Iterable[Work], capacity: int, terms: Terms) -> Counter[Ruling]:
    """How often each decision falls when the works come in this order into empty books of a quarter.

    What is taken in reserves its estimate; what asks the lead is thought to be approved.
    """
    balance = Balance(capacity)
    found: Counter[Ruling] = Counter()
    for work in works:
        verdict = judge(work, balance, terms)
        found[verdict.ruling] += 1
        if verdict.ruling in TAKEN:
            balance = replace(balance, reserved=balance.reserved + verdict.ask)
    return found
