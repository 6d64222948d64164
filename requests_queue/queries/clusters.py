"""Questions as the themes see them; private ones are in none (spec faq 9, budget 6)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Sum

from requests_queue.domain.budget import median
from requests_queue.domain.clustering import Question, Standing, standing_of
from requests_queue.domain.states import State
from requests_queue.models import ClusterMember, DataRequest, FaqPhrase, RequestAsset, RequestCluster, Supporter

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from portal.accounts.models import Team

WINDOW = timedelta(days=180)
USUAL_MINUTES = 30
SHOWN_ASSETS = 3


@dataclass(frozen=True)
class Theme:
    """A cluster with what it says: its standing, what was asked, about which assets, by which teams."""

    cluster: RequestCluster
    standing: Standing
    requests: Sequence[DataRequest]
    assets: Sequence[Any]
    teams: Sequence[Team]


def questions_of(team: Team, at: datetime) -> list[Question]:
    """What was asked of the team in the last 180 days, public and not withdrawn, with the minutes it took."""
    rows = public_requests().filter(team=team, filed_at__gt=at - WINDOW, filed_at__lte=at)
    return questions_from(rows.exclude(state=State.WITHDRAWN))


def public_requests() -> QuerySet[DataRequest]:
    """Requests everybody may read."""
    return DataRequest.objects.filter(is_private=False)


def questions_from(rows: QuerySet[DataRequest]) -> list[Question]:
    """Rows as questions; four queries."""
    about = Prefetch("assets", RequestAsset.objects.only("asset_id", "request_id"), to_attr="about")
    worked: Any = rows.annotate(worked=Sum("entries__d_spent")).prefetch_related(about)
    vectors = _vectors(rows)
    return [_question(row, vectors.get(row.pk, ())) for row in worked.order_by("filed_at", "pk")]


def _vectors(rows: QuerySet[DataRequest]) -> dict[int, tuple[float, ...]]:
    """The vectors of titles that the engine's job has made."""
    phrases = FaqPhrase.objects.filter(request__in=rows.order_by(), embedding__isnull=False)
    return {
        pk: tuple(vector.to_list())
        for pk, vector in phrases.values_list("request_id", "embedding")
        if pk is not None and vector is not None
    }


def themes_of(clusters: Iterable[RequestCluster], at: datetime) -> list[Theme]:
    """Clusters with their members, the most asked first; four queries whatever the number."""
    chosen = list(clusters)
    members = ClusterMember.objects.filter(cluster__in=chosen, request__is_private=False)
    about = Prefetch("request__assets", RequestAsset.objects.select_related("asset").order_by("id"))
    rows = members.select_related("request", "request__requester_team").prefetch_related(about)
    rows = rows.annotate(worked=Sum("request__entries__d_spent")).order_by("request__filed_at", "pk")
    found: dict[int, list[Any]] = {}
    for row in rows:
        request: Any = row.request
        request.worked = row.worked
        found.setdefault(row.cluster_id, []).append(request)
    themes = [_theme(cluster, found.get(cluster.pk, []), at) for cluster in chosen if found.get(cluster.pk)]
    return sorted(themes, key=lambda theme: (-theme.standing.asks, theme.cluster.pk))


def open_clusters(team: Team | None = None) -> QuerySet[RequestCluster]:
    """Live and proposed ones."""
    rows = RequestCluster.objects.filter(state__in=["live", "proposed"]).select_related("team").order_by("pk")
    return rows if team is None else rows.filter(team=team)


def asked_between(cluster: RequestCluster, start: datetime, end: datetime) -> int:
    """How often it was asked in `[start, end)`: filed, or joined to an open request."""
    inside = ClusterMember.objects.filter(cluster=cluster, request__is_private=False)
    filed = inside.filter(request__filed_at__gte=start, request__filed_at__lt=end).count()
    joined = Supporter.objects.filter(request__in=inside.values("request_id"), at__gte=start, at__lt=end)
    return filed + joined.exclude(request__merged__isnull=False).count()


def median_minutes(cluster: RequestCluster) -> int:
    """What answering one of them takes: the median of logged minutes, else of estimates, else half an hour."""
    rows = DataRequest.objects.filter(cluster_memberships__cluster=cluster).annotate(worked=Sum("entries__d_spent"))
    pairs = list(rows.values_list("worked", "estimate_minutes"))
    worked = [minutes for minutes, _ in pairs if minutes]
    guessed = [minutes for _, minutes in pairs if minutes]
    return median(worked) or median(guessed) or USUAL_MINUTES


def _question(row: Any, vector: tuple[float, ...] = ()) -> Question:
    assets = frozenset(link.asset_id for link in row.about)
    return Question(row.pk, row.title, assets, row.requester_team_id, row.filed_at, row.worked or 0, vector)


def _theme(cluster: RequestCluster, requests: list[Any], at: datetime) -> Theme:
    questions = [
        Question(one.pk, one.title, frozenset(), one.requester_team_id, one.filed_at, one.worked or 0)
        for one in requests
    ]
    assets = Counter(link.asset for one in requests for link in one.assets.all())
    teams = {one.requester_team.pk: one.requester_team for one in requests if one.requester_team is not None}
    named = sorted(assets, key=lambda asset: (-assets[asset], asset.name))[:SHOWN_ASSETS]
    return Theme(cluster, standing_of(questions, at), requests, named, sorted(teams.values(), key=lambda t: t.name))
