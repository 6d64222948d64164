"""What an absence leaves without anybody who could act, said before it is entered (spec ownership 8, accounts 4)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ownership.domain.load import uncovered
from ownership.domain.states import PRIMARY, Duty, State
from ownership.models import Asset, Ownership
from ownership.queries.backing import backup_states
from ownership.queries.owners import owners_at
from portal.accounts.domain.clashes import AbsenceStep, Clash
from portal.accounts.queries.people import absences_during
from portal.accounts.queries.teams import leads_of_person
from portal.core.web.presentation import count_words, day_words
from portal.engine.domain.alarms import Planned
from portal.engine.domain.drafts import NoticeDraft, Recipient, dedup_key
from portal.engine.domain.subjects import Subject
from portal.engine.services.notices import raise_notices

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from ownership.domain.parties import Owners
    from ownership.domain.timelines import Span
    from portal.accounts.models import Absence, Person

KEY, ORDER = "ownership.assets", 20
UNCOVERED = "ownership.uncovered"
SHOWN = 20


@dataclass(frozen=True)
class Window:
    """An asset of which in `span` neither the primary nor any real backup is there; `backup` names who could learn."""

    asset: Asset
    span: Span
    backup: str


def absence_step() -> AbsenceStep:
    """The contribution to `person.absence`."""
    return AbsenceStep(KEY, ORDER, find_uncovered, tell_uncovered)


def uncovered_windows(person: Person, span: Span, at: datetime) -> list[Window]:
    """Every window, most important asset first; 5 queries whatever the number of assets."""
    mine = Ownership.objects.filter(
        person=person, duty=Duty.TECHNICAL, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True,
        asset__retired_at=None,
    )  # fmt: skip
    assets = [row.asset for row in mine.select_related("asset").order_by("asset__tier", "asset__name")]
    owners = owners_at([asset.pk for asset in assets], at)
    states = backup_states(owners, at)
    away = _away(owners.values(), span)
    windows = []
    for asset in assets:
        backups = owners[asset.pk].backups
        real = [backup for backup in backups if states[backup.id] == "real"]
        gone = [away[backup.party.person_id or 0] for backup in real]
        name = backups[0].party.name if backups else ""
        windows += [Window(asset, each, name) for each in uncovered(span, gone)]
    return windows


def _away(owners: Iterable[Owners], span: Span) -> dict[int, list[Span]]:
    """The absences of every backup in this time; a team is never away."""
    people = {held.party.person_id for each in owners for held in each.backups if held.party.person_id}
    found: dict[int, list[Span]] = defaultdict(list)
    for absence in absences_during(people, *span):
        start, end = absence.during.lower, absence.during.upper
        if start is not None and end is not None:
            found[absence.person_id].append((start, end))
    return found


def find_uncovered(person: Person, during: Any, at: datetime) -> list[Clash]:
    """One line an asset, at most 20."""
    windows = uncovered_windows(person, (during.lower, during.upper), at)
    return [_clash(window, person, at) for window in windows[:SHOWN]]


def _clash(window: Window, person: Person, at: datetime) -> Clash:
    today = at.date()
    first, last = (day_words(instant.date(), today) for instant in window.span)
    tier_one = window.asset.tier == 1
    return Clash(
        kind=KEY,
        subject=window.asset.name,
        sentence=f"Nobody could act on {window.asset.name} from {first} to {last} while {person.name} is away.",
        severity="bad" if tier_one else "warn",
        cover=f"{window.backup} is backup on paper" if window.backup else "nobody: start a handover",
        action=f"/assets/{window.asset.slug}#owners",
    )


def tell_uncovered(absence: Absence, change: str, at: datetime) -> None:
    """One notice to the leads for all windows of an absence that was entered."""
    if change != "created" or absence.during.lower is None or absence.during.upper is None:
        return
    windows = uncovered_windows(absence.person, (absence.during.lower, absence.during.upper), at)
    if not windows:
        return
    subject = Subject("accounts.absence", absence.pk)
    leads = [lead for lead in leads_of_person(absence.person, at.date()) if lead.pk != absence.person_id]
    context = {
        "name": absence.person.name, "count": count_words(len({window.asset.pk for window in windows}), "asset"),
        "assets": ", ".join(window.asset.name for window in windows[:5]), "url": "/gaps/",
    }  # fmt: skip
    drafts = [
        NoticeDraft(
            kind=UNCOVERED,
            dedup_key=dedup_key(UNCOVERED, subject, 0, Recipient(person_id=lead.pk)),
            subject=subject,
            to=Recipient(person_id=lead.pk),
            severity="info",
            context=context,
        )
        for lead in leads
    ]
    raise_notices(planned=[Planned(draft) for draft in drafts], at=at)
