"""Questions that keep coming back, found every night and decided by people (spec budget 6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from portal.accounts.models import Team
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.services.audit import record_audit
from requests_queue.domain.clustering import REMEMBERED, assigned, grouped, is_same, name_of
from requests_queue.models import ClusterMember, DataRequest, RequestCluster
from requests_queue.policies import can_propose, can_rank, visible_to
from requests_queue.queries.clusters import questions_from, questions_of, themes_of
from requests_queue.services.candidates import Wish, add_candidate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from requests_queue.domain.clustering import Question
    from requests_queue.models import PlanCandidate

LEAST_QUESTIONS, MOST_QUESTIONS = 2, 50
LEAST_REASON = 10
Members = dict[int, frozenset[int]]


@transaction.atomic
def refresh_clusters(*, team: Team, at: datetime) -> int:
    """Sort the questions of a team into themes; returns how many are live. The same night twice gives the same rows.

    What people proposed, shipped, split or merged keeps its members and only gains; the rest is sorted anew, and a
    rejection holds for 90 days. Locks the team's clusters.
    """
    rows = RequestCluster.objects.select_for_update(of=("self",)).filter(team=team).exclude(state="gone")
    clusters = {row.pk: row for row in rows.order_by("pk")}
    questions = questions_of(team, at)
    fixed = [row for row in clusters.values() if row.state in {"proposed", "shipped"} or row.is_kept]
    taken = _join_fixed(fixed, questions)
    free = [question for question in questions if question.key not in taken]
    loose = {row.pk: row for row in clusters.values() if row.state == "live" and not row.is_kept}
    rejected = [
        row
        for row in clusters.values()
        if row.state == "rejected" and row.decided_at and row.decided_at > at - REMEMBERED
    ]
    return _sort_anew(team, grouped(free), loose, _members_of(rejected), at)


def refresh_all_clusters(*, at: datetime) -> int:
    """Every team that was ever asked something; returns how many teams. For the nightly run."""
    teams = Team.objects.filter(pk__in=DataRequest.objects.values("team_id").distinct()).order_by("pk")
    for team in teams:
        refresh_clusters(team=team, at=at)
    return len(teams)


@transaction.atomic
def propose_model(
    *, actor: Any, cluster: RequestCluster, title: str = "", minutes: int | None = None, at: datetime
) -> PlanCandidate:
    """Turn a theme into a candidate of the team's next plan; the asking teams are invited to vote.

    Raises `Conflict` (`plan.cluster_decided`) when somebody decided before, `NotAllowed`, or `DomainError`.
    """
    require(can_propose(actor))
    standing = _undecided(cluster)
    theme = next(iter(themes_of([standing], at)), None)
    if theme is None:
        raise DomainError("plan.no_questions", "Nothing public is left in this theme.", "cluster")
    words = title.strip() or standing.name
    asks = theme.standing.asks or len(theme.requests)
    why = f"{asks} questions of {len(theme.teams)} teams in 90 days, {theme.standing.minutes} minutes of answering."
    wish = Wish(
        words, why, minutes, assets=theme.assets, source_type="cluster", source_id=standing.pk, cluster=standing
    )
    candidate = add_candidate(actor=actor, team=standing.team, wish=wish, at=at)
    candidate.requests.set(theme.requests)
    candidate.invited.set(theme.teams)
    _decide(actor, standing, "proposed", "", at)
    record_audit(actor=actor, verb="requests.model_proposed", subject=candidate, after={"asks": asks}, at=at)
    return candidate


@transaction.atomic
def cluster_by_hand(
    *, actor: Any, requests: Sequence[DataRequest], name: str, at: datetime
) -> RequestCluster:  # fmt: skip
    """A theme out of chosen questions of one team, kept by later nights; raises `DomainError` naming `requests`."""
    require(can_propose(actor))
    ids = {request.pk for request in requests}
    public = list(visible_to(actor).filter(pk__in=ids, is_private=False).order_by("pk"))
    if not LEAST_QUESTIONS <= len(public) <= MOST_QUESTIONS or len(public) != len(ids):
        raise DomainError("plan.no_questions", "Choose 2 to 50 open questions that everybody may read.", "requests")
    if len({request.team_id for request in public}) != 1:
        raise DomainError("plan.two_teams", "Choose questions to one team.", "requests")
    _take_out(ids)
    words = name.strip()[:200] or name_of(questions_from(DataRequest.objects.filter(pk__in=ids)))
    made = RequestCluster.objects.create(team=public[0].team, name=words, is_kept=True, made_at=at)
    ClusterMember.objects.bulk_create([ClusterMember(cluster=made, request=request) for request in public])
    record_audit(actor=actor, verb="requests.cluster_made", subject=made, after={"questions": len(public)}, at=at)
    return made


@transaction.atomic
def reject_cluster(*, actor: Any, cluster: RequestCluster, reason: str, at: datetime) -> RequestCluster:
    """Not a model: the theme stays away for 90 days while half of its questions are the same. By the lead."""
    require(can_rank(actor, cluster.team, at))
    standing = _undecided(cluster)
    if len(reason.strip()) < LEAST_REASON:
        raise DomainError("requests.reason_too_short", "Say why in at least 10 characters.", "reason")
    standing.members.update(is_live=False)
    _decide(actor, standing, "rejected", reason.strip()[:500], at)
    record_audit(actor=actor, verb="requests.cluster_rejected", subject=standing, reason=standing.reason, at=at)
    return standing


@transaction.atomic
def rename_cluster(*, actor: Any, cluster: RequestCluster, name: str, at: datetime) -> RequestCluster:
    """Call the theme what people call it; it is kept by later nights."""
    require(can_rank(actor, cluster.team, at))
    standing = _undecided(cluster)
    if not name.strip() or len(name.strip()) > 200:  # noqa: PLR2004 (the column's length)
        raise DomainError("plan.no_title", "A name of up to 200 characters.", "name")
    before, standing.name, standing.is_kept = standing.name, name.strip(), True
    standing.save(update_fields=["name", "is_kept"])
    record_audit(
        actor=actor, verb="requests.cluster_renamed", subject=standing, before={"name": before},
        after={"name": standing.name}, at=at,
    )  # fmt: skip
    return standing


@transaction.atomic
def split_cluster(
    *, actor: Any, cluster: RequestCluster, requests: Sequence[DataRequest], at: datetime
) -> RequestCluster:
    """Take questions out into a theme of their own; both are kept by later nights."""
    require(can_rank(actor, cluster.team, at))
    standing = _undecided(cluster)
    inside = set(standing.members.values_list("request_id", flat=True))
    chosen = {request.pk for request in requests}
    if not chosen or not chosen < inside:
        raise DomainError("plan.no_questions", "Choose some of its questions, not all.", "requests")
    standing.is_kept = True
    standing.save(update_fields=["is_kept"])
    return cluster_by_hand(actor=actor, requests=requests, name="", at=at)


@transaction.atomic
def merge_clusters(*, actor: Any, cluster: RequestCluster, other: RequestCluster, at: datetime) -> RequestCluster:
    """Two themes that are one; the first is kept. Raises `DomainError` naming `other`."""
    require(can_rank(actor, cluster.team, at))
    standing, gone = _undecided(cluster), _undecided(other)
    if standing.pk == gone.pk or standing.team_id != gone.team_id:
        raise DomainError("plan.two_teams", "Choose another theme of the same team.", "other")
    requests = list(gone.members.values_list("request_id", flat=True))
    gone.members.all().delete()
    ClusterMember.objects.bulk_create([ClusterMember(cluster=standing, request_id=pk) for pk in requests])
    standing.is_kept, gone.state = True, "gone"
    standing.save(update_fields=["is_kept"])
    gone.save(update_fields=["state"])
    record_audit(actor=actor, verb="requests.cluster_merged", subject=standing, after={"other": gone.name}, at=at)
    return standing


def _undecided(cluster: RequestCluster) -> RequestCluster:
    standing = RequestCluster.objects.select_for_update(of=("self",)).select_related("team").get(pk=cluster.pk)
    if standing.state != "live":
        raise Conflict("plan.cluster_decided", f"“{standing.name}” has been decided: {standing.state}.")
    return standing


def _decide(actor: Any, cluster: RequestCluster, state: str, reason: str, at: datetime) -> None:
    cluster.state, cluster.decided_by, cluster.decided_at, cluster.reason = state, actor, at, reason
    cluster.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _take_out(ids: set[int]) -> None:
    """A question is in one live theme; what a person chooses leaves the other. Empty themes are gone."""
    ClusterMember.objects.filter(request_id__in=ids, is_live=True).delete()
    RequestCluster.objects.filter(state="live", members__isnull=True).update(state="gone")


def _join_fixed(fixed: Sequence[RequestCluster], questions: Sequence[Question]) -> set[int]:
    """New questions join what people have decided on; returns all keys that stand there."""
    members = _members_of(fixed)
    held = {key for keys in members.values() for key in keys}
    known = {question.key: question for question in questions}
    themes = {pk: [known[key] for key in keys if key in known] for pk, keys in members.items()}
    fresh = [question for question in questions if question.key not in held]
    joining = assigned(fresh, {pk: rows for pk, rows in themes.items() if rows})
    if joining:
        ClusterMember.objects.filter(request_id__in=joining, is_live=True).delete()
        ClusterMember.objects.bulk_create(
            [ClusterMember(cluster_id=pk, request_id=key) for key, pk in sorted(joining.items())]
        )
    return held | set(joining)


def _sort_anew(
    team: Team, groups: Sequence[Sequence[Question]], loose: dict[int, RequestCluster], rejected: Members, at: datetime
) -> int:  # fmt: skip
    before = _members_of(list(loose.values()))
    ClusterMember.objects.filter(cluster__in=loose).delete()
    live: set[int] = set()
    for group in groups:
        keys = frozenset(question.key for question in group)
        if any(is_same(keys, known) for known in rejected.values()):
            continue
        same = [pk for pk, known in before.items() if pk not in live and is_same(keys, known)]
        pk = same[0] if same else RequestCluster.objects.create(team=team, name=name_of(group)[:200], made_at=at).pk
        ClusterMember.objects.bulk_create([ClusterMember(cluster_id=pk, request_id=key) for key in sorted(keys)])
        live.add(pk)
    RequestCluster.objects.filter(pk__in=set(loose) - live).update(state="gone")
    return len(live)


def _members_of(clusters: Sequence[RequestCluster]) -> Members:
    found: dict[int, set[int]] = {row.pk: set() for row in clusters}
    for pk, key in ClusterMember.objects.filter(cluster__in=found).values_list("cluster_id", "request_id"):
        found[pk].add(key)
    return {pk: frozenset(keys) for pk, keys in found.items()}
