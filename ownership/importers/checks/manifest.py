"""`check_manifest`: HW001 to HW008 over a dbt manifest (spec ownership 19)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from ownership.domain.codeowners import Codeowners, owners_of, parse
from ownership.domain.kinds import DASHBOARD, EXPERIMENT, kind_of
from ownership.domain.plans import LIVE
from ownership.domain.states import Lifecycle
from ownership.importers.checks.snapshot import Side, of_manifest, of_register, packages_of
from ownership.models import Asset, AssetAlias, ChangePlan, Edge
from ownership.queries.expected import check_boundary
from ownership.queries.owners import current_owners
from ownership.queries.parties import resolve_parties
from portal.accounts.models import Team
from portal.accounts.queries.teams import main_teams
from portal.core.importing.checks import ERROR, WARNING, CheckedFiles, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from ownership.importers.facts import AssetFact

SUFFIX = re.compile(r"_(?:v[2-9]\d*|new|old|backfill)$", re.IGNORECASE)
IGNORE = re.compile(r"^(HW00[1-8])(?: until (\d{4}-\d{2}-\d{2}))?$")
MAIL = re.compile(r"[^@\s]+@[^@\s]+")
UNFIT = {Lifecycle.DEPRECATED.value, Lifecycle.MIGRATING.value}


@dataclass(frozen=True)
class Change:
    """Both sides, and what the rules look up once."""

    new: Side
    old: Side
    codeowners: Codeowners | None
    at: datetime

    @property
    def added(self) -> list[AssetFact]:
        return [self.new.assets[key] for key in sorted(self.new.described - self.old.described)]

    @property
    def removed(self) -> list[AssetFact]:
        return [self.old.assets[key] for key in sorted(self.old.described - self.new.described)]


def check_manifest(files: CheckedFiles, at: datetime) -> list[Finding]:
    """What the change would bring, by code and record; reads only. Raises `Unusable`."""
    new = of_manifest(files.file)
    old = of_manifest(files.base) if files.base is not None else of_register(packages_of(new))
    lines = files.codeowners.read().decode("utf-8", "replace").splitlines() if files.codeowners is not None else None
    change = Change(new, old, parse(lines) if lines is not None else None, at)
    found = [finding for rule in RULES for finding in rule(change)]
    return sorted(_without_ignored(found, change), key=lambda finding: (finding.code, finding.record))


def _without_owner(change: Change) -> Iterator[Finding]:
    for fact in change.added:
        if not change.new.owners.get(fact.key) and not _in_codeowners(change, fact):
            sentence = f"{fact.name} is new and has neither an owner nor a group."
            yield Finding("HW001", ERROR, sentence, fact.key, fact.file_path)


def _unknown_owner(change: Change) -> Iterator[Finding]:
    new = {key: raws for key, raws in change.new.owners.items() if raws != change.old.owners.get(key)}
    known = resolve_parties({raw for raws in new.values() for raw in raws}, "dbt")
    for key, raws in sorted(new.items()):
        for raw in raws:
            if raw not in known and raw not in change.old.owners.get(key, ()):
                fact = change.new.assets[key]
                sentence = f"Nobody here is known as {raw}, named as owner of {fact.name}."
                yield Finding("HW002", WARNING, sentence, key, fact.file_path)


def _crossing(change: Change) -> Iterator[Finding]:
    """Whether the new primary's team does another team's job."""
    firsts = {
        key: raws[0] for key, raws in change.new.owners.items()
        if raws and raws[:1] != change.old.owners.get(key, [])[:1] and key in change.new.described
    }  # fmt: skip
    teams = _teams_of(set(firsts.values()), change.at)
    ids = _asset_ids(firsts)
    for key, raw in sorted(firsts.items()):
        team, fact = teams.get(raw), change.new.assets[key]
        asset_ids = [ids[key]] if key in ids else []
        if team is not None:
            found = check_boundary(kind=kind_of(fact.kind).name, asset_ids=asset_ids, team=team, at=change.at)
            for each in found[:1]:
                ask = (each.expected_team.name,) if each.expected_team else ()
                sentence = f"{fact.name} would be {team.name}'s: {each.label}. {each.remedy}"
                yield Finding("HW003", WARNING, sentence, key, fact.file_path, ask)


def _to_unfit(change: Change) -> Iterator[Finding]:
    """New references to what is on its way out."""
    pairs = [
        (src, key) for key in sorted(change.new.described)
        for src in sorted(change.new.upstream.get(key, set()) - change.old.upstream.get(key, set()))
    ]  # fmt: skip
    known = _assets({src for src, _ in pairs})
    told = {key for key, fact in change.new.assets.items() if fact.lifecycle == Lifecycle.DEPRECATED.value}
    for src, key in pairs:
        asset, fact = known.get(src), change.new.assets[key]
        if src in told or (asset is not None and asset.lifecycle in UNFIT):
            successor = _successor(asset)
            name = change.new.assets[src].name
            words = f" Use {successor.name} instead." if successor else ""
            sentence = f"{fact.name} begins to read {name}, which is on its way out.{words}"
            yield Finding("HW004", ERROR, sentence, key, fact.file_path, _ask(successor or asset))


def _still_read(change: Change) -> Iterator[Finding]:
    """Removed or renamed while others read it."""
    known = _assets({fact.key for fact in change.removed})
    for fact in change.removed:
        asset = known.get(fact.key)
        readers = [change.new.assets[key].name for key in sorted(change.new.described)
                   if fact.key in change.new.upstream.get(key, set())]  # fmt: skip
        others = _readers(asset, change) if asset is not None else []
        names = sorted({*readers, *(reader.name for reader in others)})
        if names:
            shown = ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")  # noqa: PLR2004
            sentence = f"{fact.name} is removed or renamed, and still read by {shown}."
            yield Finding("HW005", ERROR, sentence, fact.key, fact.file_path, _owner_names(others))


def _suffix(change: Change) -> Iterator[Finding]:
    facts = [
        change.new.assets[key] for key in sorted(change.new.described) if SUFFIX.search(change.new.assets[key].name)
    ]
    planned = _planned({fact.key for fact in facts})
    for fact in facts:
        if fact.key not in planned:
            sentence = f"{fact.name} carries a suffix, and no migration or backfill of it runs."
            yield Finding("HW006", WARNING, sentence, fact.key, fact.file_path)


def _without_mail(change: Change) -> Iterator[Finding]:
    for key in sorted(change.new.described):
        fact = change.new.assets[key]
        is_exposure = fact.kind in {DASHBOARD.code, EXPERIMENT.code} and key.startswith("exposure.")
        if is_exposure and not any(MAIL.search(raw) for raw in change.new.owners.get(key, ())):
            yield Finding("HW007", WARNING, f"The owner of {fact.name} has no mail address.", key, fact.file_path)


def _broken_contract(change: Change) -> Iterator[Finding]:
    for key in sorted(change.new.described & change.old.described):
        fact, old = change.new.assets[key], change.old.columns.get(key, {})
        if not _is_enforced(change.old.assets[key]) and not _is_enforced(fact):
            continue
        new = change.new.columns.get(key, {})
        for name, kind in sorted(old.items()):
            if name not in new:
                yield Finding(
                    "HW008", ERROR, f"The contract of {fact.name} lost the column {name}.", key, fact.file_path
                )
            elif kind and new[name] and new[name].casefold() != kind.casefold():
                sentence = f"The contract of {fact.name} changed {name} from {kind} to {new[name]}."
                yield Finding("HW008", ERROR, sentence, key, fact.file_path)


RULES: tuple[Callable[[Change], Iterator[Finding]], ...] = (
    _without_owner, _unknown_owner, _crossing, _to_unfit, _still_read, _suffix, _without_mail, _broken_contract,
)  # fmt: skip


def _without_ignored(findings: Iterable[Finding], change: Change) -> Iterator[Finding]:
    """What a record ignores until a day is left out; an ignore without a day, or after it, is a finding."""
    valid: set[tuple[str, str]] = set()
    for key in sorted(change.new.described):
        fact = change.new.assets[key]
        for text in fact.attrs.get("dbt", {}).get("ignores", ()):
            code, until = _ignore(text)
            if until is not None and until >= change.at.date():
                valid.add((key, code))
            else:
                why = "has no day it ends on" if until is None else f"ended on {until}"
                yield Finding(code, ERROR, f"{fact.name} ignores {text[:60]!r}, which {why}.", key, fact.file_path)
    yield from (finding for finding in findings if (finding.record, finding.code) not in valid)


def _ignore(text: str) -> tuple[str, date | None]:
    match = IGNORE.match(text.strip())
    if match is None:
        return "HW000", None
    try:
        return match[1], date.fromisoformat(match[2]) if match[2] else None
    except ValueError:
        return match[1], None


def _in_codeowners(change: Change, fact: AssetFact) -> bool:
    match = owners_of(change.codeowners, fact.file_path) if change.codeowners is not None and fact.file_path else None
    return match is not None and bool(match.owners)


def _is_enforced(fact: AssetFact) -> bool:
    return bool(fact.attrs.get("dbt", {}).get("is_contract_enforced"))


def _teams_of(raws: set[str], at: datetime) -> dict[str, Team]:
    known = resolve_parties(raws, "dbt")
    teams = Team.objects.in_bulk([team_id for _, team_id in known.values() if team_id is not None])
    homes = main_teams([person_id for person_id, _ in known.values() if person_id is not None], at.date())
    found = {raw: teams.get(team_id or 0) or homes.get(person_id or 0) for raw, (person_id, team_id) in known.items()}
    return {raw: team for raw, team in found.items() if team is not None}


def _asset_ids(keys: Iterable[str]) -> dict[str, int]:
    rows = AssetAlias.objects.filter(system="dbt", key__in=list(keys), asset__retired_at=None)
    return dict(rows.values_list("key", "asset_id"))


def _assets(keys: set[str]) -> dict[str, Asset]:
    rows = AssetAlias.objects.filter(system="dbt", key__in=keys, asset__retired_at=None).select_related("asset")
    return {alias.key: alias.asset for alias in rows}


def _successor(asset: Asset | None) -> Asset | None:
    return asset.replaced_by.filter(retired_at=None).order_by("pk").first() if asset is not None else None


def _readers(asset: Asset, change: Change) -> list[Asset]:
    """Who reads it outside of this manifest."""
    own = set(_asset_ids([*change.new.described, *change.old.described]).values())
    edges = Edge.objects.filter(src=asset, closed_at=None, dst__retired_at=None).exclude(dst_id__in=own)
    return [edge.dst for edge in edges.select_related("dst")]


def _planned(keys: set[str]) -> set[str]:
    """Keys of assets that a running plan is about, or that replace another."""
    ids = _asset_ids(keys)
    live = ChangePlan.objects.filter(state__in=[state.value for state in LIVE])
    planned = {asset_id for pair in live.values_list("asset_id", "successor_id") for asset_id in pair}
    replacing = set(Asset.objects.filter(pk__in=ids.values(), replaces__isnull=False).values_list("pk", flat=True))
    return {key for key, asset_id in ids.items() if asset_id in planned | replacing}


def _ask(asset: Asset | None) -> tuple[str, ...]:
    return _owner_names([asset]) if asset is not None else ()


def _owner_names(assets: list[Any]) -> tuple[str, ...]:
    owners = current_owners([asset.pk for asset in assets])
    return tuple(dict.fromkeys(found.primary.party.name for found in owners.values() if found.primary is not None))
