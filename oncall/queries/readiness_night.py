"""What would go wrong at night that no rota shows: unsigned, without runbook, silenced (spec oncall 10)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Prefetch, Q

from oncall.domain.agreements import AgreementState, may_wake
from oncall.models import (
    AcceptedGap,
    Agreement,
    AgreementVersion,
    AssetDuty,
    MaintenanceWindow,
    Rota,
    Runbook,
    Silence,
)
from oncall.models.spans import ends
from oncall.queries.agreements import SOON_DAYS
from oncall.queries.night import terms_of
from ownership.models import Asset
from ownership.queries.parties import owning_team
from portal.core.web.presentation import date_words, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

SOON = timedelta(days=14)
MOST_OF_A_KIND = 5


@dataclass(frozen=True)
class NightFinding:
    """One thing of a team's assets; `css` is bad or warn, `url` where it is mended."""

    rota: Rota
    sentence: str
    css: str
    url: str


def night_findings(rotas: Sequence[Rota], at: datetime) -> list[NightFinding]:
    """Of the teams of these rotas, each under its first rota; a fixed number of reads."""
    first: dict[int, Rota] = {}
    for rota in rotas:
        first.setdefault(rota.team_id, rota)
    assets, facts = _assets_of(first, at), _Facts.read(at)
    found = [finding for team_id, rota in first.items() for finding in _of_team(rota, assets[team_id], facts, at)]
    return found + _accepted_gaps(rotas, at)


@dataclass(frozen=True)
class _Facts:
    """Agreements by asset, investors' assets, what has a runbook, and what is kept quiet until when."""

    agreements: dict[int, list[Agreement]]
    investor: frozenset[int]
    books: frozenset[int]
    team_books: frozenset[int]
    quiet: dict[str, datetime]

    @classmethod
    def read(cls, at: datetime) -> _Facts:
        """Five reads."""
        live = AgreementVersion.objects.filter(state=AgreementState.ACTIVE)
        rows = Agreement.objects.filter(downstream_team__archived_at=None).select_related("asset", "downstream_team")
        agreements: dict[int, list[Agreement]] = defaultdict(list)
        for row in rows.order_by("pk").prefetch_related(Prefetch("versions", live, "in_force")):
            agreements[row.asset_id].append(row)
        books = Runbook.objects.filter(archived_at=None, versions__state="published").values_list("asset", "team")
        pairs = list(books)
        return cls(
            agreements, frozenset(AssetDuty.objects.filter(is_investor_facing=True).values_list("asset", flat=True)),
            frozenset(asset for asset, _ in pairs if asset), frozenset(team for _, team in pairs if team), _quiet(at),
        )  # fmt: skip


def _assets_of(teams: Iterable[int], at: datetime) -> dict[int, list[Asset]]:
    """The assets that somebody downstream registered for, or that investors read, by owning team."""
    duties = AssetDuty.objects.filter(is_investor_facing=True).values("asset")
    read = Agreement.objects.filter(downstream_team__archived_at=None).values("asset")
    wanted = Q(pk__in=read) | Q(pk__in=duties)
    assets = list(Asset.objects.filter(wanted, retired_at=None).order_by("name"))
    owners = owning_team([asset.pk for asset in assets], at)
    found: dict[int, list[Asset]] = {team: [] for team in teams}
    for asset in assets:
        team = owners[asset.pk]
        if team is not None and team.pk in found:
            found[team.pk].append(asset)
    return found


def _of_team(rota: Rota, assets: Sequence[Asset], facts: _Facts, at: datetime) -> list[NightFinding]:
    unsigned, books, quiet = [], [], []
    for asset in assets:
        rows: Any = facts.agreements.get(asset.pk, [])
        unsigned += [found for row in rows if (found := _signature(rota, row, at.date())) is not None]
        is_investor = asset.pk in facts.investor
        wakes = is_investor or any(may_wake(terms_of(version)) for row in rows for version in row.in_force)
        if wakes and asset.pk not in facts.books and rota.team_id not in facts.team_books:
            who = "is for investors" if is_investor else "may wake somebody"
            books.append(NightFinding(rota, f"{asset.name} {who} and has no runbook.", "bad" if is_investor else "warn",
                                      f"/runbooks/new?asset={asset.slug}"))  # fmt: skip
        if is_investor and asset.slug in facts.quiet:
            until = facts.quiet[asset.slug]
            said = f"{asset.name} is for investors and is kept quiet until {when(until, rota.zone, at).text}."
            quiet.append(NightFinding(rota, said, "warn", "/silences/"))
    return [*quiet[:MOST_OF_A_KIND], *unsigned[:MOST_OF_A_KIND], *books[:MOST_OF_A_KIND]]


def _signature(rota: Rota, row: Any, today: date) -> NightFinding | None:
    version = next(iter(row.in_force), None)
    about, url = f"{row.asset.name} for {row.downstream_team.name}", row.get_absolute_url()
    if version is None or version.expires_on is None or version.expires_on < today:
        return NightFinding(rota, f"{about}: what may wait at night is not agreed.", "bad", url)
    if (version.expires_on - today).days <= SOON_DAYS:
        ends_on = f"{date_words(version.expires_on)} {version.expires_on.year}"
        return NightFinding(rota, f"{about}: what was agreed for 3 am ends on {ends_on}.", "warn", url)
    return None


def _quiet(at: datetime) -> dict[str, datetime]:
    """Until when the alerts of an asset make no incident, by slug."""
    found: dict[str, datetime] = {}
    for matcher, until in Silence.objects.filter(
        ended_at=None, starts_at__lte=at, until__gt=at, matcher__has_key="asset"
    ).values_list("matcher", "until"):
        found[matcher["asset"]] = max(until, found.get(matcher["asset"], until))
    windows = MaintenanceWindow.objects.filter(ended_at=None, during__contains=at)
    for slug, during in windows.exclude(assets=None).values_list("assets__slug", "during"):
        found[slug] = max(ends(during)[1], found.get(slug, ends(during)[1]))
    return found


def _accepted_gaps(rotas: Sequence[Rota], at: datetime) -> list[NightFinding]:
    """Holes that a lead accepted, a clock change's among them: nobody is on call in them all the same."""
    rows = AcceptedGap.objects.filter(rota__in=[rota.pk for rota in rotas], during__overlap=(at, at + SOON))
    by_id = {rota.pk: rota for rota in rotas}
    found = []
    for row in rows.order_by("during")[: MOST_OF_A_KIND * len(rotas)]:
        rota = by_id[row.rota_id]
        start, end = (when(instant, rota.zone, at).text for instant in ends(row.during))
        said = f"An accepted gap: nobody from {start} to {end} ({row.reason})."
        found.append(NightFinding(by_id[row.rota_id], said, "warn", f"/oncall/rotas/{by_id[row.rota_id].slug}"))
    return found
