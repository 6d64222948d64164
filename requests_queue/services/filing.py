"""The front door: filing a request, or joining one that is already open (spec requests 3)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from django.db import connection, transaction

from ownership.queries.expected import check_boundary
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import main_team
from portal.core.domain.working_time import add
from portal.core.errors import Conflict, DomainError
from portal.core.policies import require
from portal.core.queries.calendars import load_calendar
from portal.core.services.drafts import discard_draft
from requests_queue.domain.intake import with_details
from requests_queue.domain.kinds import KINDS, kind_of
from requests_queue.domain.texts import checked_line, checked_text
from requests_queue.models import (
    CompartmentMember,
    DataRequest,
    RequestAsset,
    RequestBoundaryFinding,
    Supporter,
)
from requests_queue.policies import QUESTION, can_file, taking_teams
from requests_queue.queries.promises import expected_for
from requests_queue.services.asks import after_filing
from requests_queue.services.broken import join_open_incident
from requests_queue.services.clocks import start_clocks
from requests_queue.services.exempting import EXEMPTION_SECONDS, claim_exemption
from requests_queue.services.messages import watch
from requests_queue.services.moving import audit, begin_timeline, locked, note_event
from requests_queue.services.reworking import link_rework
from requests_queue.services.telling import tell_filed, tell_watchers
from requests_queue.services.tokens import spend_token

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from ownership.models import Asset
    from portal.accounts.models import Person, Team
    from requests_queue.models import ExemptKind
    from requests_queue.queries.promises import Expected

DRAFT = "request"
MOST_ASSETS = 50
MOST_WORDING = 2000
WATCH = """
INSERT INTO requests_queue_watcher (request_id, person_id, is_muted, at)
SELECT %(request)s, person_id, false, %(at)s FROM (
    SELECT %(actor)s::bigint AS person_id
    UNION SELECT partner_id FROM requests_queue_teamdesk AS desk
          JOIN accounts_person AS person ON person.id = desk.partner_id AND person.state = 'active'
          WHERE desk.team_id = %(team)s
) AS watching RETURNING person_id
"""
PRIVATE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Filing:
    """What somebody asks; `assets` are visible to them, `details` answer what the kind is asked for."""

    kind: str
    title: str
    team: Team
    body: str = ""
    decision_served: str = ""
    assets: Sequence[Asset] = ()
    wanted_by: date | None = None
    channel: str = "portal"
    use_token: bool = False
    exemption: ExemptKind | None = None
    people: Sequence[Person] = ()
    overruled_because: str = ""
    details: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_private(self) -> bool:
        return self.exemption is not None and self.exemption.is_private

    @property
    def promised_as(self) -> str:
        """Exempt work has the targets of urgent work."""
        return "urgent" if self.use_token or self.exemption is not None else "normal"


@transaction.atomic
def file_request(*, actor: Any, filing: Filing, at: datetime) -> DataRequest:
    """Write the request with its assets, watcher, clocks and their deadlines, audit and the notice to the desk.

    The doors make it happen once (form key, Idempotency-Key). Raises `NotAllowed`, `DomainError`, `TooLarge`.
    """
    require(can_file(actor))
    checked = checked_filing(actor=actor, filing=filing, at=at)
    expected = expected_for(kind=checked.kind, team=checked.team, urgency=checked.promised_as, at=at)
    request = _written(actor, checked, expected, at)
    if checked.is_private:
        _let_in(actor, request, checked, at)
    RequestAsset.objects.bulk_create([RequestAsset(request=request, asset=asset) for asset in checked.assets])
    partners = _watched(actor, request, at)
    link_rework(request=request, at=at)
    found = _keep_findings(request, checked, at)
    start_clocks(actor=actor, request=request, expected=expected, at=at)
    if checked.use_token:
        spend_token(actor=actor, request=request, at=at)
    if request.exemption_lapses_at is not None:
        claim_exemption(actor=actor, request=request, lapses_at=request.exemption_lapses_at, at=at)
    begin_timeline(actor=actor, request=request, data={"findings": found} if found else {}, at=at)
    audit(
        actor=actor, verb="requests.filed", request=request, at=at,
        after={"kind": request.kind, "team": checked.team.slug, "assets": [asset.slug for asset in checked.assets]},
    )  # fmt: skip
    join_open_incident(actor=actor, request=request, at=at)
    promised = {promise.kind: promise.due_at for promise in expected.promises}
    tell_filed(request=request, promised=promised, partners=partners, at=at)
    after_filing(request=request, at=at)
    discard_draft(actor=actor, kind=DRAFT)
    return request


def _written(actor: Any, checked: Filing, expected: Expected, at: datetime) -> DataRequest:
    return DataRequest.objects.create(
        series="PRV" if checked.is_private else "REQ", is_private=checked.is_private,
        number=private_number() if checked.is_private else f"REQ-{next_number()}", kind=checked.kind,
        team=checked.team, requester=actor, requester_team=main_team(actor, local_day(actor, at)), title=checked.title,
        body=checked.body, decision_served=checked.decision_served, wanted_by=checked.wanted_by,
        channel=checked.channel, filed_at=at, due_at=expected.first_due,
        is_structural=kind_of(checked.kind).is_structural, urgency="urgent" if checked.use_token else "normal",
        exemption=checked.exemption, exemption_lapses_at=_lapses_at(checked, expected, at),
    )  # fmt: skip


def checked_filing(*, actor: Any, filing: Filing, at: datetime) -> Filing:
    """The filing with clean texts; raises `DomainError` naming the first field that is wrong. Writes nothing."""
    if filing.kind not in KINDS:
        raise DomainError("requests.unknown_kind", f"There is no kind of request called {filing.kind[:40]!r}.", "kind")
    if len(filing.assets) > MOST_ASSETS:
        raise DomainError("requests.too_many_assets", f"At most {MOST_ASSETS} assets belong to one request.", "assets")
    if filing.wanted_by is not None and filing.wanted_by < local_day(actor, at):
        raise DomainError("requests.past_date", "This day is over. Choose today or later.", "wanted_by")
    if not taking_teams().filter(pk=filing.team.pk).exists():
        raise DomainError("requests.team_closed", f"{filing.team.name} takes no requests here.", "team")
    if filing.use_token and filing.exemption is not None:
        raise DomainError("requests.token_and_exemption", "Exempt work needs no urgency token.", "use_token")
    body = with_details(filing.kind, filing.details, checked_text(filing.body, "body"))
    return replace(
        filing, title=checked_line(filing.title, "title"), body=checked_text(body, "body"), details={},
        decision_served=checked_text(filing.decision_served, "decision_served"),
        overruled_because=checked_text(filing.overruled_because, "overruled_because"),
        assets=tuple({asset.pk: asset for asset in filing.assets}.values()),
    )  # fmt: skip


@transaction.atomic
def join_request(*, actor: Any, request: DataRequest, wording: str = "", at: datetime) -> Supporter:
    """Stand behind an open request instead of asking again: a supporter and watcher, no second clock. Idempotent.

    Raises `NotVisible`, `Conflict` (`requests.not_open`), `DomainError` for the wording.
    """
    require(can_file(actor))
    standing = locked(actor=actor, request=request)
    if not standing.is_open:
        raise Conflict("requests.not_open", f"{standing.number} is no longer open. File a new request.")
    text = checked_text(wording, "wording")
    if len(text) > MOST_WORDING:
        raise DomainError("requests.too_long", f"At most {MOST_WORDING} characters.", "wording")
    supporter, is_new = Supporter.objects.get_or_create(
        request=standing, person=actor,
        defaults={"team": main_team(actor, local_day(actor, at)), "wording": text, "at": at},
    )  # fmt: skip
    watch(request=standing, person=actor, at=at)
    if is_new:
        note_event(actor=actor, request=standing, kind="joined", data={}, at=at)
        audit(actor=actor, verb="requests.joined", request=standing, at=at)
        tell_watchers(actor=actor, request=standing, line=f"{actor.name} joined", key=f"joined:{actor.pk}", at=at)
    return supporter


def _watched(actor: Any, request: DataRequest, at: datetime) -> list[int]:
    """Who asked watches, and the analytics partner of the desk every question that is not private: returned.

    One statement: filing has no queries to give away.
    """
    is_open_question = request.kind == QUESTION and not request.is_private
    given = {"request": request.pk, "actor": actor.pk, "at": at, "team": request.team_id if is_open_question else None}
    with connection.cursor() as cursor:
        cursor.execute(WATCH, given)
        return [person for (person,) in cursor.fetchall() if person != actor.pk]


def _keep_findings(request: DataRequest, filing: Filing, at: datetime) -> list[str]:
    """What the boundary check says, with the sentence of who goes on all the same; the sentences for the timeline."""
    found = check_boundary(kind=filing.kind, asset_ids=[asset.pk for asset in filing.assets], team=filing.team, at=at)
    RequestBoundaryFinding.objects.bulk_create([
        RequestBoundaryFinding(
            request=request, asset_id=one.asset.id if one.asset else None, rule=one.rule, sentence=one.sentence[:500],
            expected_team=one.expected_team.name[:120] if one.expected_team else "",
            overruled_because=filing.overruled_because[:500], at=at,
        )
        for one in found
    ])  # fmt: skip
    because = f" Asked all the same: {filing.overruled_because}" if filing.overruled_because else ""
    return [f"{one.sentence}{because}" for one in found]


def _lapses_at(filing: Filing, expected: Expected, at: datetime) -> datetime | None:
    """When an exemption that nobody confirms ends: nine counted hours of the team's calendar."""
    if filing.exemption is None:
        return None
    return add(load_calendar(expected.calendar_version.pk), at, EXEMPTION_SECONDS)


def _let_in(actor: Any, request: DataRequest, filing: Filing, at: datetime) -> None:
    """The compartment of a request that is private from the start: who asks, who confirms, and the named people."""
    confirmers = list(filing.exemption.confirmers.filter(state="active")) if filing.exemption else []
    inside = {person.pk for person in [*filing.people, *confirmers] if person.is_active} | {actor.pk}
    if inside == {actor.pk}:
        raise DomainError("requests.nobody_inside", "Name at least one person who is to answer.", "people")
    reason = f"filed as {filing.exemption.name}" if filing.exemption else "filed as private"
    CompartmentMember.objects.bulk_create([
        CompartmentMember(request=request, person_id=pk, added_by=actor, reason=reason[:500], at=at)
        for pk in sorted(inside)
    ])  # fmt: skip


def private_number() -> str:
    """A number that says nothing: PRV- and six random letters and digits."""
    return "PRV-" + "".join(secrets.choice(PRIVATE_LETTERS) for _ in range(6))


def next_number() -> int:
    """The next public number; a gap proves nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_queue_number')")
        return int(cursor.fetchone()[0])
