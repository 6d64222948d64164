"""By which ways somebody is paged, in words: for a dry run (spec oncall 10)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from portal.accounts.models import NotificationRule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

MINUTE = 60
WORDS = {"push": "push", "sms": "SMS", "voice": "call", "email": "mail", "slack": "Slack", "webhook": "webhook"}


def page_ways(person_ids: Collection[int]) -> Mapping[int, tuple[str, ...]]:
    """The verified ways of each person's own rules for pages, in order: "push", "call after 5 min"; one read."""
    rules = NotificationRule.objects.filter(
        person__in=person_ids, severity="page", contact_method__state="verified"
    ).order_by("delay_seconds", "pk")
    found: dict[int, list[str]] = defaultdict(list)
    for person, channel, delay in rules.values_list("person_id", "contact_method__channel", "delay_seconds"):
        word = WORDS.get(channel, channel)
        found[person].append(f"{word} after {delay // MINUTE} min" if delay >= MINUTE else word)
    return {person: tuple(dict.fromkeys(words)) for person, words in found.items()}
