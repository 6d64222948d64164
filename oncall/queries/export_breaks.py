"""What happens if a pipeline breaks, and which runbooks there are, for the exported plan (spec exercise 7)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from oncall.domain.agreements import CLASS_WORDS, NightClass
from oncall.domain.expectations import parse_rule
from oncall.domain.expectations import words as rule_words
from oncall.domain.markdown import Strong, cell, section, table
from oncall.domain.runbooks import read_issues
from oncall.models import Agreement, AgreementVersion, AssetDuty, Expectation, RunbookVersion
from oncall.queries.night import versions_in_force
from ownership.models import Edge
from ownership.queries.owners import current_owners
from ownership.queries.parties import owning_team

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from ownership.domain.parties import Owners
    from ownership.models import Asset
    from portal.accounts.models import Team

STEPS = (
    "A page goes to the primary; after 15 minutes to the secondary, after 15 more to the next of the cascade, after"
    " 30 to the lead, after 60 to the organization's fallback. It never stops at somebody who cannot be reached."
)
ISSUES = ("Issue", "Impact", "Detection", "Symptom", "Fallback", "If it is not fixed")
AGREED = ("Pipeline", "Downstream", "If it breaks at night", "Shown meanwhile", "Signed", "Until")


@dataclass(frozen=True)
class Breaking:
    """What the two sections print of the team's pipelines, as it stood at the instant; nine reads."""

    assets: Sequence[Asset]
    zone: str
    investors: frozenset[int]
    agreements: Mapping[int, list[Agreement]]
    signed: Mapping[int, AgreementVersion]
    books: Mapping[int, RunbookVersion]
    owed: Mapping[int, list[str]]
    sources: Mapping[int, list[str]]
    owners: Mapping[int, Owners] = field(default_factory=dict)


def breaking(assets: Sequence[Asset], zone: str, at: datetime) -> Breaking:
    """Agreements, runbooks, expectations and upstream contacts of these assets; reads only."""
    ids = [asset.pk for asset in assets]
    agreements: dict[int, list[Agreement]] = defaultdict(list)
    rows = Agreement.objects.filter(asset_id__in=ids, registered_at__lte=at).select_related("downstream_team")
    rows = rows.exclude(downstream_team__archived_at__lte=at)
    for row in rows.order_by("downstream_team__name", "pk"):
        agreements[row.asset_id].append(row)
    today = at.astimezone(ZoneInfo(zone)).date()
    force = versions_in_force([row.pk for found in agreements.values() for row in found], at)
    signed = {pk: row for pk, row in force.items() if row.expires_on is None or today <= row.expires_on}
    books = RunbookVersion.objects.filter(
        state="published", runbook__asset__in=ids, runbook__archived_at=None, published_at__lte=at
    ).select_related("runbook")
    owed: dict[int, list[str]] = defaultdict(list)
    for each in Expectation.objects.filter(asset__in=ids, is_paused=False, made_at__lte=at).order_by("rule_kind"):
        owed[each.asset_id].append(f"{rule_words(parse_rule(each.rule))} ({each.zone})")
    investors = AssetDuty.objects.filter(asset__in=ids, is_investor_facing=True).values_list("asset_id", flat=True)
    return Breaking(
        assets, zone, frozenset(investors), agreements, signed,
        {row.runbook.asset_id or 0: row for row in books.order_by("number")}, owed, _sources(ids, at),
        current_owners(ids),
    )  # fmt: skip


def breaks_of(facts: Breaking) -> list[str]:
    """The sections "If it breaks" and "Runbooks"."""
    rows = [line for asset in facts.assets for line in _agreed(asset, facts)]
    told = [[asset.name, "yes" if asset.pk in facts.investors else "no"] for asset in facts.assets]
    books = [_book(asset, facts.books[asset.pk], facts) for asset in facts.assets if asset.pk in facts.books]
    return [
        section("If it breaks", STEPS, table(AGREED, rows), table(["Pipeline", "Reported to investors"], told)),
        section("Runbooks", *(books or ["No pipeline has a published runbook yet."])),
    ]


def open_breaks(facts: Breaking) -> list[list[object]]:
    """What is not agreed, and which pipelines have no runbook."""
    found: list[list[object]] = []
    for asset in facts.assets:
        unsigned = [row for row in facts.agreements.get(asset.pk, []) if row.pk not in facts.signed]
        found += [[f"{asset.name} at night", Strong(f"not agreed with {row.downstream_team.name}")] for row in unsigned]
        if asset.pk not in facts.books:
            why = Strong("no runbook") if asset.pk in facts.investors else "no runbook; it reports to no investor"
            found.append([asset.name, why])
    return found


def _agreed(asset: Asset, facts: Breaking) -> list[list[object]]:
    lines: list[list[object]] = []
    for row in facts.agreements.get(asset.pk, []):
        version = facts.signed.get(row.pk)
        team = row.downstream_team.name
        if version is None:
            lines.append([asset.name, team, Strong("not agreed: the default of the team decides"), "", "", ""])
            continue
        lines.append([
            asset.name, team, _class(version), version.shown_meanwhile, _signatures(version, facts.zone),
            version.expires_on or "",
        ])  # fmt: skip
    return lines or [[asset.name, "nobody has registered", "the default of the team decides", "", "", ""]]


def _class(version: AgreementVersion) -> str:
    words = CLASS_WORDS[NightClass(version.night_class)]
    if version.night_class == NightClass.WAIT_UNTIL:
        words = f"wait until {version.until_time:%H:%M}{' on a working day' if version.working_day_only else ''}"
    for each in version.exceptions:
        words += f"; {each['first']} to {each['last']}: {CLASS_WORDS[NightClass(each['night_class'])]}"
    return words


def _signatures(version: AgreementVersion, zone: str) -> str:
    signed = (
        (version.owner_signed_by, version.owner_signed_at),
        (version.downstream_signed_by, version.downstream_signed_at),
    )
    return ", ".join(
        f"{who.name} {at.astimezone(ZoneInfo(zone)).date()}" for who, at in signed if who is not None and at is not None
    )


def _book(asset: Asset, version: RunbookVersion, facts: Breaking) -> str:
    held = facts.owners[asset.pk]
    backup = held.backups[0].party.name if held.backups else "nobody"
    downstream = [
        f"{row.downstream_team.name} ({_class(facts.signed[row.pk]) if row.pk in facts.signed else 'not agreed'})"
        for row in facts.agreements.get(asset.pk, [])
    ]
    lines = [
        ["Accountable", held.primary.party.name if held.primary else "nobody"], ["First backup", backup],
        ["Upstream", ", ".join(facts.sources.get(asset.pk, [])) or "nothing"],
        ["Expected", "; ".join(facts.owed.get(asset.pk, [])) or "nothing yet"],
        ["Downstream", ", ".join(downstream) or "nobody has registered"],
    ]  # fmt: skip
    issues = [
        [each.issue, each.impact, each.detection, each.symptom, each.fallback, each.no_fix]
        for each in read_issues(version.issues)
    ]
    name = f"**{cell(asset.name)}** (`{version.runbook.get_absolute_url()}`, version {version.number})"
    return "\n\n".join([name, table(["", ""], lines), table(ISSUES, issues)])


def _sources(ids: Sequence[int], at: datetime) -> dict[int, list[str]]:
    """Each direct source of an asset with the team that answers for it."""
    edges = Edge.objects.filter(dst__in=ids, closed_at=None).order_by("src__name").distinct()
    pairs = list(edges.values_list("dst_id", "src_id", "src__name"))
    teams: Mapping[int, Team | None] = owning_team(sorted({src for _, src, _ in pairs}), at)
    found: dict[int, list[str]] = defaultdict(list)
    for dst, src, name in pairs:
        team = teams[src]
        line = f"{name}: {team.name if team is not None else 'nobody'}"
        if line not in found[dst]:
            found[dst].append(line)
    return found
