"""Core Data with four engineers, a rota and a small lineage, so that something can break at night."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from oncall.domain.agreements import NightClass, Terms
from oncall.domain.signals import FIRING, Signal
from oncall.models import Agreement, AgreementVersion, AssetDuty, PlannedShift, Rota, RotaMember, RotaVersion
from oncall.services.agreements import Drafted, draft_agreement, register_downstream, sign_agreement
from oncall.services.alerts import Arrival, receive_alert
from ownership.models import Asset, Edge
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.owning import Nomination, propose_owner
from portal.accounts.models import ContactMethod, FallbackRecipient
from portal.accounts.services.teams import TeamProfile, create_team
from portal.core.models import BusinessCalendar, ImportSource
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.engine.models import Deadline, Notice
from portal.engine.services.firing import fire_batch
from tests.world import BEFORE, make_person, make_team

if TYPE_CHECKING:
    from oncall.models import Alert
    from portal.accounts.models import Person, Team
    from tests.conftest import MovableClock

MADRID = "Europe/Madrid"
HOLIDAYS = ("2027-01-06", "2027-03-19", "2027-03-25", "2027-03-26", "2027-05-01", "2027-05-03")
WEEK = {day: [["09:00", "18:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
# Wednesday 3 February 2027, 03:05 in Madrid.
NIGHT = datetime(2027, 2, 3, 2, 5, tzinfo=UTC)


@dataclass
class House:
    """Everything a night needs; `assets` by name."""

    core: Team
    identity: Team
    readers: Team
    ruth: Person
    ines: Person
    jonas: Person
    maeve: Person
    kofi: Person
    lucia: Person
    bea: Person
    rota: Rota
    assets: dict[str, Asset] = field(default_factory=dict)

    def agree(self, asset: str, terms: Terms, *, team: Team | None = None, at: datetime = BEFORE) -> AgreementVersion:
        """Both sides sign; Bea leads the readers, Ruth Core Data."""
        agreement = self.register(asset, team=team, at=at)
        drafted = Drafted(terms, date(2027, 12, 31) if at.year > 2026 else None)
        version = draft_agreement(actor=self.ruth, agreement=agreement, drafted=drafted, at=at)
        sign_agreement(actor=self.ruth, agreement=agreement, text_sha256=version.text_sha256, at=at)
        return sign_agreement(actor=self.bea, agreement=agreement, text_sha256=version.text_sha256, at=at)

    def register(self, asset: str, *, team: Team | None = None, at: datetime = BEFORE) -> Agreement:
        return register_downstream(actor=self.ruth, asset=self.assets[asset], team=team or self.readers, at=at)


def make_house() -> House:
    calendar = _madrid()
    core = _team("core-data", "Core Data", calendar)
    identity = _team("identity", "Identity", calendar)
    readers = make_team("investor-relations", name="Investor Relations")
    people = {handle: _engineer(handle, core) for handle in ("ines", "jonas", "maeve", "kofi")}
    ruth = _engineer("ruth", core, role="lead")
    FallbackRecipient.objects.create(position=1, person=make_person("ops"))
    house = House(
        core, identity, readers, ruth, people["ines"], people["jonas"], people["maeve"], people["kofi"],
        make_person("lucia", team=identity, discipline="SE", role="lead", zone=MADRID),
        make_person("bea", team=readers, role="lead", zone=MADRID), _rota(core, list(people.values())),
    )  # fmt: skip
    for name, tier, owner in (
        ("identity.signup_export", None, identity), ("growth_daily", 2, core), ("growth_agg", 1, core),
        ("growth_board", 3, core),
    ):  # fmt: skip
        house.assets[name] = _asset(house, name, tier, owner)
    chain = ("identity.signup_export", "growth_daily", "growth_agg", "growth_board")
    for src, dst in itertools.pairwise(chain):
        connect(house.assets[src], house.assets[dst])
    return house


def connect(src: Asset, dst: Asset) -> None:
    """Data flows from one to the other."""
    source, _ = ImportSource.objects.get_or_create(
        name="lineage of the tests", defaults={"importer": "dbt", "created_at": BEFORE}
    )
    Edge.objects.create(src=src, dst=dst, kind=1, source=source, first_seen=BEFORE, last_seen=BEFORE)


def breaks(
    house: House, asset: str, *, at: datetime = NIGHT, key: str = "", title: str = "", status: str = FIRING,
    **facts: Any,
) -> Alert:  # fmt: skip
    """A signal about the asset."""
    signal = Signal(key or asset, status, title or f"{asset} failed", at=facts.pop("source_at", None),
                    run=facts.pop("run", ""))  # fmt: skip
    arrival = Arrival(signal, facts.pop("source", "tests"), house.core, house.assets.get(asset), **facts)
    return receive_alert(arrival=arrival, at=at)


def tick(clock: MovableClock, at: datetime) -> None:
    """Move the clock and let the engine fire what is due, until nothing is; a handler that fails fails the test."""
    clock.set(at)
    while fire_batch(by="test").taken:
        failed = Deadline.objects.filter(failures__gt=0).first()
        assert failed is None, f"{failed.kind}: {failed.last_error}"


def run_until(clock: MovableClock, end: datetime) -> None:
    """Let time pass: stop at each due instant on the way."""
    for _ in range(100):
        row = Deadline.objects.filter(state="armed", due_at__lte=end).order_by("due_at").first()
        if row is None:
            break
        tick(clock, row.due_at + timedelta(seconds=1))
    clock.set(end)


def pages() -> list[tuple[str, str]]:
    """Whom pages went to and when, in UTC, in order."""
    rows = Notice.objects.filter(kind="oncall.page", severity="page").select_related("recipient")
    return [
        (f"{row.created_at.astimezone(UTC):%H:%M}", row.recipient.handle if row.recipient else row.endpoint_ref)
        for row in rows.order_by("created_at", "recipient__handle")
    ]


def _madrid() -> BusinessCalendar:
    calendar = create_calendar(actor=None, name="Madrid office", at=BEFORE)
    publish_calendar_version(
        actor=None, calendar=calendar, weekly=WEEK, exceptions={day: [] for day in HOLIDAYS}, zone=MADRID, at=BEFORE
    )
    return calendar


def _team(slug: str, name: str, calendar: BusinessCalendar) -> Team:
    profile = TeamProfile(name=name, zone=MADRID, calendar_id=calendar.pk)
    return create_team(actor=None, slug=slug, profile=profile, at=BEFORE)


def _engineer(handle: str, team: Team, *, role: str = "member") -> Person:
    person = make_person(handle, team=team, discipline="DE", role=role, zone=MADRID)
    ContactMethod.objects.create(
        person=person, channel="file", address=handle, address_hash=handle, state="verified", verified_at=BEFORE
    )
    person.refresh_from_db()
    return person


def _rota(team: Team, members: list[Person]) -> Rota:
    """Jonas before Maeve, then Kofi and Ines, in 2027; one block, so that the night is what is tested."""
    rota = Rota.objects.create(team=team, slug="core-pipelines", name="Core pipelines", zone=MADRID)
    span = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC))
    version = RotaVersion.objects.create(
        rota=rota, number=1, valid=span, roles=[{"role": "primary"}, {"role": "secondary"}], rotation={},
        created_at=BEFORE, sha256="0" * 64,
    )  # fmt: skip
    for position, person in enumerate(members):
        RotaMember.objects.create(version=version, person=person, active=(date(2026, 1, 1), None), position=position)
    ines, jonas, maeve, kofi = members
    for role, person in (("primary", jonas), ("secondary", maeve)):
        PlannedShift.objects.create(
            rota=rota, version=version, role=role, person=person, during=span, block_kind="week", planner="tests",
            order=[kofi.pk, ines.pk],
        )  # fmt: skip
    return rota


def _asset(house: House, name: str, tier: int | None, owner: Team) -> Asset:
    draft = AssetDraft(kind="pipeline", name=name, tier=tier)
    lead = house.ruth if owner == house.core else house.lucia
    asset = create_asset(actor=lead, draft=draft, at=BEFORE)
    propose_owner(actor=lead, asset=asset, nomination=Nomination(team=owner), at=BEFORE)
    return asset


def report_to_investors(asset: Asset) -> None:
    """Investors read it: nobody is woken for it without a runbook."""
    AssetDuty.objects.create(asset=asset, is_investor_facing=True, set_at=BEFORE)


WAKE = Terms(NightClass.WAKE)
UNTIL_HALF_PAST_SIX = Terms(NightClass.WAIT_UNTIL, time(6, 30), shown_meanwhile="yesterday's table")
