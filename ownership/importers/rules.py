"""Kind, tier and domain of a record: its own word, then the source's rules, then the shipped tier tags (2.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from ownership.domain.kinds import kind_named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_TIER_TAG = re.compile(r"^(?:impact/)?tier[_:-]?([1-4])$", re.IGNORECASE)
TIERS = (1, 2, 3, 4)


@dataclass(frozen=True)
class Placement:
    kind: int
    tier: int | None = None
    domain: str = ""


def place(
    default_kind: int,
    *,
    told: Mapping[str, Any],
    rules: Sequence[Mapping[str, Any]],
    fields: Mapping[str, str],
    tags: Sequence[str],
) -> Placement:
    """Where the record belongs; the first that speaks wins, for each of the three by itself.

    `told` is `meta.headwater`; a rule is `{field, glob, kind?, tier?, domain?}` with `fields` to match against.
    """
    result = Placement(default_kind, _tier_of_tags(tags) if tags else None)
    for rule in reversed(rules):
        if fnmatchcase(fields.get(str(rule.get("field")), ""), str(rule.get("glob"))):
            result = _with(result, rule)
    return _with(result, told) if told else result


def _with(placement: Placement, words: Mapping[str, Any]) -> Placement:
    kind = kind_named(str(words.get("kind")))
    tier, domain = words.get("tier"), words.get("domain")
    return replace(
        placement,
        kind=kind.code if kind else placement.kind,
        tier=tier if tier in TIERS else placement.tier,
        domain=domain if isinstance(domain, str) and domain else placement.domain,
    )


def _tier_of_tags(tags: Sequence[str]) -> int | None:
    found = (_TIER_TAG.match(tag) for tag in tags if isinstance(tag, str))
    return min((int(match[1]) for match in found if match), default=None)
