"""Who in fact takes care of assets, from what was done and what was said (spec ownership 5)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject

from ownership import policies
from ownership.domain.shadow import ACTS, DECLARED, Event, shadow_owner, shares
from ownership.domain.states import PRIMARY, Basis, Duty, Origin, Outcome, State
from ownership.models import Asset, Claim, Evidence, Ownership
from ownership.queries.parties import teams_led_by
from ownership.queries.ready import A_DAY, A_KEY, AN_INSTANT, Ready
from portal.accounts.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from ownership.domain.shadow import Share

MOST_ACTS, MOST_CLAIMS = 2000, 50
# What a file only infers weighs as the trace it is: a line of CODEOWNERS, or the owner of what writes the table.
INFERRED_KINDS = {"codeowners": "codeowners"}


@dataclass(frozen=True)
class Known:
    """A party behind an act or a word; `team_id` is a person's main team, or the team itself."""

    key: int
    name: str
    slug: str
    team_id: int | None

    @property
    def is_person(self) -> bool:
        return self.key > 0


@dataclass(frozen=True)
class Done:
    """One act; its `event` is in the name of the accountable team where a member did it."""

    event: Event
    url: str


@dataclass(frozen=True)
class Care:
    """`shares` are largest first; `shadow` is who looks after it in another's place for 30 days and more.

    `row` is the open row of the accountable party, `members` are those of an accountable team.
    """

    accountable: Known | None
    row: int | None
    shares: tuple[Share, ...]
    shadow: Share | None
    done: tuple[Done, ...]
    parties: Mapping[int, Known]
    members: frozenset[int]

    @property
    def concerned_teams(self) -> frozenset[int]:
        """Of the two parties: of who answers, and of who in fact takes care."""
        both = [self.accountable, self.parties.get(self.shadow.party) if self.shadow else None]
        return frozenset(party.team_id for party in both if party is not None and party.team_id is not None)

    @property
    def concerned_people(self) -> frozenset[int]:
        both = {self.accountable.key if self.accountable else 0, self.shadow.party if self.shadow else 0}
        return frozenset(key for key in both if key > 0) | self.members


def care_of(asset_ids: Iterable[int], at: datetime) -> dict[int, Care]:
    """By asset; one query whatever their number. What people accepted is a declaration, as what a file declares is."""
    ids = list(asset_ids)
    if len(ids) == 1:
        rows = _OF_ONE.rows({"pk": ids[0], "at": at, "day": at.date()})
    else:
        rows = list(_parts(Asset.objects.filter(pk__in=ids), at, at.date()))
    return {pk: _care(found, at) for pk, *found in rows}


def is_concerned(care: Care, viewer: Any, at: datetime) -> bool:
    """Whether the viewer is told names: either party, a member of a team that answers, or who leads one of them."""
    return policies.care.can_see_names(viewer, care.concerned_people, care.concerned_teams, teams_led_by(viewer, at))


def _care(found: list[Any], at: datetime) -> Care:
    acts, claims, primaries, members = found
    primary = primaries[0] if primaries else None
    parties = {party.key: party for party in map(_known, [*acts, *claims, *primaries])}
    accountable = _known(primary) if primary else None
    in_name = accountable.key if accountable is not None and not accountable.is_person else None
    done = [_done(each, in_name if each["person"] in members else None) for each in acts]
    events = [*(each.event for each in done), *map(_word, claims), *_accepted(primary)]
    since = _instant((primary["confirmed"] if primary else None) or (primary["since"] if primary else None))
    return Care(
        accountable=accountable,
        row=primary["id"] if primary else None,
        shares=tuple(shares(events, at)),
        shadow=shadow_owner(events, accountable.key if accountable else None, at, since),
        done=tuple(done),
        parties=parties,
        members=frozenset(members),
    )


def _known(row: dict[str, Any]) -> Known:
    if row["person"] is not None:
        return Known(row["person"], row["name"], row["handle"], row["main_team"])
    return Known(-row["team"], row["team_name"], row["team_slug"], row["team"])


def _done(row: dict[str, Any], in_name: int | None) -> Done:
    at = datetime.fromisoformat(row["at"])
    return Done(Event(in_name or row["person"], row["kind"], at, row["ref"]), row["url"])


def _word(row: dict[str, Any]) -> Event:
    """What a file says, from the day it first said so."""
    kind = DECLARED if row["basis"] == Basis.DECLARED else INFERRED_KINDS.get(row["importer"], "pipeline_owner")
    return Event(_known(row).key, kind, datetime.fromisoformat(row["since"]))


def _accepted(row: dict[str, Any] | None) -> list[Event]:
    """The word of who accepted it; a row that a file made stands among the claims already."""
    if row is None or row["origin"] == Origin.IMPORT:
        return []
    return [Event(_known(row).key, DECLARED, datetime.fromisoformat(row["since"]))]


def _instant(given: str | None) -> datetime | None:
    return datetime.fromisoformat(given) if given else None


def _acts(at: datetime, day: date) -> ArraySubquery:
    rows = Evidence.objects.filter(asset=OuterRef("pk"), kind__in=ACTS, at__lte=at).order_by("-at", "-pk")
    return _rows(rows[:MOST_ACTS], **_person(day), kind="kind", at="at", ref="ref", url="url")


def _claims(day: date) -> ArraySubquery:
    """The first owner of each source, as far as somebody is known by that text and has not said no."""
    rows = Claim.objects.filter(asset=OuterRef("pk"), closed_at=None, duty=Duty.TECHNICAL, rank=PRIMARY)
    heard = rows.exclude(outcome=Outcome.MUTED.value).exclude(person=None, team=None).order_by("pk")
    return _rows(heard[:MOST_CLAIMS], **_party(day), basis="basis", importer="source__importer", since="first_seen")


def _primary(day: date) -> ArraySubquery:
    rows = _accountable(OuterRef("pk"))[:1]
    return _rows(rows, **_party(day), id="pk", origin="origin", since="valid__startswith", confirmed="confirmed_at")


def _members(day: date) -> ArraySubquery:
    teams = _accountable(OuterRef(OuterRef("pk"))).values("team")
    return ArraySubquery(Membership.objects.filter(team__in=teams, during__contains=day).values("person_id"))


def _accountable(asset: Any) -> QuerySet[Ownership]:
    return Ownership.objects.filter(
        asset=asset, duty=Duty.TECHNICAL, rank=PRIMARY, state=State.ACCEPTED.value, valid__upper_inf=True
    )


def _parts(assets: QuerySet[Asset], at: datetime, day: date) -> QuerySet[Asset, Any]:
    """One subquery for each part."""
    return assets.values_list("pk", _acts(at, day), _claims(day), _primary(day), _members(day))


def _person(day: date) -> dict[str, Any]:
    main = Membership.objects.filter(person=OuterRef("person"), is_main=True, during__contains=day)
    team = Subquery(main.values("team")[:1])
    return {"person": "person_id", "name": "person__name", "handle": "person__handle", "main_team": team}


def _party(day: date) -> dict[str, Any]:
    return _person(day) | {"team": "team_id", "team_name": "team__name", "team_slug": "team__slug"}


def _rows(found: QuerySet[Any], **fields: Any) -> ArraySubquery:
    return ArraySubquery(found.values(row=JSONObject(**fields)))


_OF_ONE = Ready(
    lambda given: _parts(Asset.objects.filter(pk=given["pk"]), given["at"], given["day"]),
    {"pk": A_KEY, "at": AN_INSTANT, "day": A_DAY},
)
