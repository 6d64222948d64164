"""What the page of one asset shows besides its owners and lineage, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject

from ownership.domain.freshness import FAILURES, Word
from ownership.domain.shadow import ACTS
from ownership.domain.states import State
from ownership.models import Asset, AssetAlias, AssetStatus, Column, ColumnEdge, Evidence, StatusEntry
from ownership.queries.owners import asked_and_held, holder_told
from ownership.queries.parties import remember_led
from ownership.queries.plans import plan_facts, remember_plans
from ownership.queries.ready import A_DAY, A_KEY, A_PERSON, AN_INSTANT, EARLIER, Ready
from ownership.queries.status import COUNTED, RECENT
from portal.accounts.domain.vocabulary import Role
from portal.accounts.models import Follow, Membership
from portal.accounts.queries.people import local_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet

    from ownership.domain.parties import Holder
    from portal.accounts.models import Person

MOST_COLUMNS, MOST_ORIGINS, MOST_NAMES, MOST_RESULTS, MOST_DOCUMENTS, MOST_TRACES = 60, 200, 50, 50, 5, 8
ASSET = Asset._meta.label_lower  # noqa: SLF001 (Django's public name for model facts)
# A page taken or a question answered may belong to something private.
PUBLIC_ACTS = frozenset({"commit", "review", "backfill_done"})


@dataclass(frozen=True)
class ShownColumn:
    name: str
    type: str
    description: str


@dataclass(frozen=True)
class Origin:
    """What a column is made of, as sources say."""

    name: str
    made_of: str


@dataclass(frozen=True)
class Trace:
    """One act of one person on the asset; where it can be looked at, for those that everybody may see."""

    kind: str
    at: datetime
    name: str
    handle: str
    url: str


@dataclass(frozen=True)
class AssetDetails:
    """`words` are the newest results by matter, `on_time` the share of good ones of 90 days, None without any.

    `asked` have not answered yet, `held_ever` is every row that was ever accepted, newest first.
    """

    names: tuple[str, ...]
    columns: tuple[ShownColumn, ...]
    origins: tuple[Origin, ...]
    documents: tuple[tuple[int, str, int], ...]
    words: dict[str, Word]
    on_time: float | None
    led: frozenset[int]
    traces: tuple[Trace, ...]
    asked: tuple[Holder, ...]
    held_ever: tuple[Holder, ...]
    is_followed: bool


def details_of(asset: Asset, viewer: Person, at: datetime) -> AssetDetails:
    """Names, columns and where they come from, documents, results, holders, the teams that the viewer leads.

    Whoever asks for those teams or for its plans later in the same request finds them.
    """
    given = {"pk": asset.pk, "person": viewer.pk, "at": at, "since": at - RECENT, "day": local_day(viewer, at)}
    names, columns, origins, documents, results, counted, bad, led, traces, held, plans, followed = _DETAILS.rows(
        given
    )[0]
    remember_plans(asset.pk, lambda: plans)
    holders = [holder_told(row) for row in held]
    waits = State.PROPOSED.value
    made: dict[str, dict[str, None]] = {}
    for each in origins:
        made.setdefault(each["to"], {})[f"{each['asset']}.{each['column']}"] = None
    return AssetDetails(
        names=tuple(f"{each['system']}: {each['key']}" for each in names),
        columns=tuple(ShownColumn(each["name"], each["type"], each["description"]) for each in columns),
        origins=tuple(Origin(name, ", ".join(parts)) for name, parts in made.items()),
        documents=tuple((each["id"], each["name"], each["kind"]) for each in documents),
        words={each["what"]: Word(each["value"], datetime.fromisoformat(each["at"])) for each in results},
        on_time=1 - (bad or 0) / counted if counted else None,
        led=remember_led(viewer, at, led),
        traces=tuple(_trace(each) for each in traces),
        asked=tuple(each for each in holders if each.state == waits),
        held_ever=tuple(each for each in holders if each.state != waits),
        is_followed=followed,
    )


def _trace(each: dict[str, str]) -> Trace:
    url = each["url"] if each["kind"] in PUBLIC_ACTS else ""
    return Trace(each["kind"], datetime.fromisoformat(each["at"]), each["name"], each["handle"], url)


def _parts(given: Mapping[str, Any]) -> QuerySet[Asset, Any]:
    """One subquery for each part."""
    here, at = OuterRef("pk"), given["at"]
    names = AssetAlias.objects.filter(asset=here).exclude(system__in=["dbt-test", "manual"]).order_by("system", "key")
    edges = ColumnEdge.objects.filter(dst=here).order_by("dst_column", "src__name", "src_column")
    heard = StatusEntry.objects.filter(asset=here, what__in=COUNTED, at__gt=given["since"], at__lte=at).order_by()
    led = Membership.objects.filter(person=given["person"], role=Role.LEAD, during__contains=given["day"])
    follows = Follow.objects.filter(person=given["person"], subject_type=ASSET, subject_id=here)
    return Asset.objects.filter(pk=given["pk"]).values_list(
        _rows(names[:MOST_NAMES], system="system", key="key"),
        _rows(
            Column.objects.filter(asset=here).order_by("n")[:MOST_COLUMNS],
            name="name", type="type", description="description",
        ),
        _rows(edges[:MOST_ORIGINS], to="dst_column", asset="src__name", column="src_column"),
        _rows(
            Asset.objects.filter(documents=here, retired_at=None).order_by("pk")[:MOST_DOCUMENTS],
            id="pk", name="name", kind="kind",
        ),
        _rows(
            AssetStatus.objects.filter(asset=here).order_by("what")[:MOST_RESULTS], what="what", value="value", at="at"
        ),
        Subquery(heard.values("asset").annotate(n=Count("what")).values("n")),
        Subquery(heard.filter(Q(value__in=FAILURES)).values("asset").annotate(n=Count("what")).values("n")),
        ArraySubquery(led.values("team_id")),
        _rows(
            Evidence.objects.filter(asset=here, kind__in=ACTS, at__lte=at).order_by("-at", "-pk")[:MOST_TRACES],
            kind="kind", at="at", name="person__name", handle="person__handle", url="url",
        ),
        ArraySubquery(asked_and_held(here)),
        ArraySubquery(plan_facts(here)),
        Exists(follows),
    )  # fmt: skip


def _rows(found: QuerySet[Any], **fields: str) -> ArraySubquery:
    return ArraySubquery(found.values(row=JSONObject(**fields)))


_DETAILS = Ready(_parts, {"pk": A_KEY, "person": A_PERSON, "at": AN_INSTANT, "since": EARLIER, "day": A_DAY})
