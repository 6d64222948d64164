"""What an absence leaves without anybody who could act, said before it is entered (spec ownership 8, accounts 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.domain.load import uncovered
from ownership.domain.states import Duty, State
from ownership.models import Asset, Ownership
from ownership.queries.backing import backup_states
from ownership.queries.owners import owners_at
from ownership.services.cover_telling import UNCOVERED, tell_leads
from ownership.services.risks import refresh_asset_risks
from portal.accounts.domain.clashes import AbsenceStep, Clash
from portal.accounts.queries.people import absences_during
from portal.core.web.presentation import day_words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from ownership.domain.parties import Owners
    from ownership.domain.timelines import Span
    from portal.accounts.models import Absence, Person

KEY, ORDER = "ownership.assets", 20
SHOWN = 20


@dataclass(frozen=True)
class Window:
    """An asset of which in `span` neither the primary nor any real backup is there; `cover` says who could learn."""

    asset: Asset
    span: Span
    cover: str


def absence_step() -> AbsenceStep:
    """The contribution to `person.absence`."""
    return AbsenceStep(KEY, ORDER, find_uncovered, tell_uncovered)


def uncovered_windows(person: Person, span: Span, at: datetime) -> list[Window]:
    """Every window, most important asset first: of what the person owns, and of what they are a real backup of.

    5 queries whatever the number of assets.
    """
    mine = Ownership.objects.filter(
        person=person, duty=Duty.TECHNICAL, state=State.ACCEPTED.value, valid__upper_inf=True, asset__retired_at=None
    )
    rows = mine.select_related("asset").order_by("asset__tier", "asset__name")
    assets = list({row.asset_id: row.asset for row in rows}.values())
    owners = owners_at([asset.pk for asset in assets], at)
    states = backup_states(owners, at)
    away = _away(owners.values(), span)
    away[person.pk] = [span]
    return [
        Window(asset, alone, _cover(owners[asset.pk], states))
        for asset in assets
        for alone in _alone(owners[asset.pk], states, away, person.pk)
    ]


def _alone(owners: Owners, states: Mapping[int, str], away: Mapping[int, list[Span]], person_id: int) -> list[Span]:
    """When the primary and every real backup are away; nothing where this person is neither."""
    real = [backup.party.person_id or 0 for backup in owners.backups if states[backup.id] == "real"]
    primary = (owners.primary.party.person_id if owners.primary else None) or 0
    if person_id not in {primary, *real}:
        return []
    gone = [away.get(backup, []) for backup in real]
    return [alone for span in away.get(primary, ()) for alone in uncovered(span, gone)]


def _cover(owners: Owners, states: Mapping[int, str]) -> str:
    """Who could learn it until then."""
    on_paper = [backup.party.name for backup in owners.backups if states[backup.id] != "real"]
    if on_paper:
        return f"{on_paper[0]} is backup on paper"
    return "its backups are away then" if owners.backups else "nobody: start a handover"


def _away(owners: Iterable[Owners], span: Span) -> dict[int, list[Span]]:
    """The absences of every holder within this time; a team is never away."""
    people = {held.party.person_id for each in owners for held in each.holders if held.party.person_id}
    found: dict[int, list[Span]] = defaultdict(list)
    for absence in absences_during(people, *span):
        start, end = absence.during.lower or span[0], absence.during.upper or span[1]
        found[absence.person_id].append((max(start, span[0]), min(end, span[1])))
    return found


def find_uncovered(person: Person, during: Any, at: datetime) -> list[Clash]:
    """One line an asset, at most 20."""
    windows = uncovered_windows(person, (during.lower, during.upper), at)
    return [_clash(window, person, at) for window in windows[:SHOWN]]


def _clash(window: Window, person: Person, at: datetime) -> Clash:
    today = at.date()
    first, last = (day_words(instant.date(), today) for instant in window.span)
    return Clash(
        kind=KEY,
        subject=window.asset.name,
        sentence=f"Nobody could act on {window.asset.name} from {first} to {last} while {person.name} is away.",
        severity="bad" if window.asset.tier == 1 else "warn",
        cover=window.cover,
        action=f"/assets/{window.asset.slug}#owners",
    )


def tell_uncovered(absence: Absence, change: str, at: datetime) -> None:
    """One notice to the leads for all windows of an absence that was entered; the list of risks has them at once."""
    first, last = absence.during.lower, absence.during.upper
    if first is None or last is None:
        return
    held = Ownership.objects.filter(person=absence.person, state=State.ACCEPTED.value, valid__upper_inf=True)
    windows = uncovered_windows(absence.person, (first, last), at) if change == "created" else []
    if windows:
        names = list(dict.fromkeys(window.asset.name for window in windows))
        tell_leads(absence.person, names, f"{UNCOVERED}:{absence.pk}:{first:%Y-%m-%d}", at)
    ids = sorted(set(held.values_list("asset_id", flat=True)))
    refresh_asset_risks(asset_ids=ids, at=at, tells=False)
