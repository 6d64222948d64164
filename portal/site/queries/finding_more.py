"""What the page of results finds beside the rooms' own sources: runbooks, agreements, plan lines, change plans."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, F, Value
from django.db.models.functions import Cast, Concat

from oncall.models import Runbook
from oncall.policies import agreements_visible_to
from ownership.domain.plans import PREFIX as CODES
from ownership.policies import plans as change_plans
from portal.core.registries import Hit
from requests_queue.models import PlanItem
from requests_queue.policies import plans_visible_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

WORDS = {
    "runbook": ("Runbook", "book-open-check", "/runbooks/"),
    "agreement": ("Agreement for 3 am", "moon-star", "/agreements/"),
    "plan_line": ("Line of a plan", "list-checks", "/plan/lines/"),
    "change_plan": ("Backfill or migration", "git-compare-arrows", "/backfills/"),
}
EXACT_NAME, PREFIX, ELSEWHERE = 1, 2, 3
NUMBERS = {kind.value: f"{word}-" for kind, word in CODES.items()}


def find_more(query: str, viewer: Any, limit: int) -> Sequence[Hit]:
    """By the words of a title or of the asset it is about; each kind from what the viewer may see; one query."""
    rows = [rows.order_by("name_shown", "key_shown")[:limit] for rows in _kinds(query.split(), viewer)]
    found = rows[0].union(*rows[1:], all=True)
    hits = [_hit(what, kind, name, key, query.casefold()) for what, kind, name, key in found]
    return sorted(hits, key=lambda hit: (hit.rank, hit.label, hit.url))[:limit]


def _kinds(terms: Sequence[str], viewer: Any) -> list[Any]:
    lines = PlanItem.objects.filter(plan__in=plans_visible_to(viewer), rank__isnull=False)
    agreements = agreements_visible_to(viewer).annotate(
        words=Concat("asset__name", Value(" for "), "downstream_team__name", output_field=CharField())
    )
    return [
        _columns(Runbook.objects.filter(archived_at=None), "runbook", "title", "slug", terms),
        _columns(agreements, "agreement", "words", "pk", terms),
        _columns(lines, "plan_line", "title", "pk", terms),
        _columns(change_plans.visible_to(viewer), "change_plan", "asset__name", "pk", terms, kind=F("kind")),
    ]


def _columns(rows: QuerySet[Any], what: str, name: str, key: str, terms: Sequence[str], *, kind: Any = "") -> Any:
    """The same four columns of every kind: what it is, its kind, its name, and its key in addresses."""
    for term in terms:
        rows = rows.filter(**{f"{name}__icontains": term})
    shown = rows.annotate(
        what=Value(what), sort=Cast(kind or Value(""), CharField()), name_shown=Cast(F(name), CharField()),
        key_shown=Cast(F(key), CharField()),
    )  # fmt: skip
    return shown.values_list("what", "sort", "name_shown", "key_shown")


def _hit(what: str, kind: str, name: str, key: str, asked: str) -> Hit:
    words, icon, path = WORDS[what]
    plain = name.casefold()
    rank = EXACT_NAME if plain == asked else PREFIX if plain.startswith(asked) else ELSEWHERE
    url = f"{path}{NUMBERS.get(kind, '')}{key}"
    return Hit(f"{what}.{key}", name, words, url, icon, (rank, 1), what)
