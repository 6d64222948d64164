"""Which asset a sender means: by slug, by name, by any alias (spec oncall 7)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Lower

from oncall.domain.naming_guess import likely_names
from oncall.models import Alert
from ownership.models import Asset

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from oncall.models import Integration

LATELY = timedelta(days=30)
MOST_NAMES, MOST_READ = 10, 500


@dataclass(frozen=True)
class UnknownName:
    """What a sender called something that no asset is called, how often, and which asset it may mean."""

    name: str
    times: int
    last_at: datetime
    proposed: Asset | None


def assets_named(names: Sequence[str]) -> Asset | None:
    """The live asset of the first name that means exactly one; None if none of them does."""
    for name in names:
        text = name.strip()
        if not text:
            continue
        live = Asset.objects.filter(retired_at=None)
        found = live.filter(slug=text.lower()).first() or _only(live.filter(Q(name=text) | Q(relation=text)))
        found = found or _only(live.filter(aliases__key=text).distinct())
        if found is not None:
            return found
    return None


def unknown_names(door: Integration, at: datetime) -> list[UnknownName]:
    """The names of 30 days at a door that mean no asset, the most frequent first, each with a proposal; two reads."""
    rows = Alert.objects.filter(
        integration=door, asset=None, last_at__gt=at - LATELY, payload__has_key="names"
    ).order_by("-last_at")  # fmt: skip
    times: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for names, count, last_at in rows.values_list("payload__names", "count", "last_at")[:MOST_READ]:
        if names and names[0] not in door.mapping.get("assets", {}):
            times[names[0]] += count
            last.setdefault(names[0], last_at)
    found = times.most_common(MOST_NAMES)
    meant = _proposed([name for name, _ in found])
    return [UnknownName(name, count, last[name], meant.get(name)) for name, count in found]


def _proposed(names: Sequence[str]) -> dict[str, Asset]:
    """The one live asset that each name may mean; none where two are called so."""
    wanted = {name: likely_names(name) for name in names}
    every = {each for likely in wanted.values() for each in likely}
    rows = Asset.objects.filter(retired_at=None).annotate(small=Lower("name"))
    by_name: dict[str, set[Asset]] = {}
    for asset in rows.filter(Q(small__in=every) | Q(slug__in=every)) if every else ():
        for word in {asset.small, asset.slug} & every:
            by_name.setdefault(word, set()).add(asset)
    found = {}
    for name, likely in wanted.items():
        one = next((by_name[each] for each in likely if each in by_name), set())
        if len(one) == 1:
            found[name] = next(iter(one))
    return found


def _only(rows: QuerySet[Asset]) -> Asset | None:
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None
