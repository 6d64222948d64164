"""Sections 2, 6 and 7 of the acceptance scenario through HTTP: what happens if it breaks, and the exported plan."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from oncall.domain.runbooks import to_json
from oncall.models import Agreement, Incident
from oncall.queries.resolving import resolve_responder
from oncall.services.agreements import Drafted, draft_agreement, register_downstream, sign_agreement
from oncall.services.asset_duties import set_asset_duty
from oncall.services.expecting import create_expectation
from oncall.services.runbooks import draft_runbook, publish_runbook
from ownership.models import Asset
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.owning import Nomination, accept_ownership, propose_owner
from portal.accounts.models import ContactMethod, FallbackRecipient, Team
from portal.core.services.calendars import create_calendar, publish_calendar_version
from portal.site.demo import night
from tests.app.oncall.golden import load_golden, person, rota, utc
from tests.app.oncall.house import WEEK, connect
from tests.rolled_back import rolled_back
from tests.unit.oncall import test_decision as scenario

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

    from oncall.domain.agreements import Terms

SIGNED = utc("01-04 10:00")
TEAMS = {
    "Investor Relations": "investor-relations", "Finance Reporting": "finance-reporting",
    "Executive Reporting": "executive-reporting", "Experimentation": "experimentation",
    "Product Analytics": "product-analytics",
}  # fmt: skip
OWNERS = {  # the matrix of section 2: accountable, first backup
    "engagement_agg_investor": ("kofi", "ines"), "growth_agg_investor": ("jonas", "kofi"),
    "growth_daily_experiment": ("maeve", "jonas"), "profit_agg_investor": ("ines", "maeve"),
    "profit_unit_experiment": ("maeve", "jonas"),
}  # fmt: skip
SPAN = "team=core-data&from=2027-01-04&to=2028-01-03"


def load_exercise() -> None:
    """The golden year with its pipelines, owners, agreements and runbooks."""
    load_golden()
    core, ruth = Team.objects.get(slug="core-data"), person("ruth")
    calendar = create_calendar(actor=person("wen"), name="Madrid office", at=SIGNED)
    publish_calendar_version(
        actor=person("wen"), calendar=calendar, weekly=WEEK, exceptions={day: [] for day in scenario.CLOSED},
        zone="Europe/Madrid", at=SIGNED,
    )  # fmt: skip
    Team.objects.filter(pk=core.pk).update(calendar=calendar, zone="Europe/Madrid")
    for number, name in scenario.NAMES.items():
        draft = AssetDraft(kind="pipeline", name=name, tier=scenario.TIERS[number])
        _own(create_asset(actor=ruth, draft=draft, at=SIGNED))
    for source, targets in scenario.DOWN.items():
        for target in targets:
            connect(asset(scenario.NAMES[source]), asset(scenario.NAMES[target]))
    for name in night.INVESTORS:
        set_asset_duty(actor=None, asset=asset(name), is_investor_facing=True, at=SIGNED)
        book = draft_runbook(actor=ruth, asset=asset(name), team=None, issues=to_json(night.RUNBOOKS[name]), at=SIGNED)
        publish_runbook(actor=ruth, runbook=book.runbook, at=SIGNED)
    for name, rule, zone in night.EXPECTATIONS:
        create_expectation(actor=ruth, asset=asset(name), rule=rule, zone=zone, at=SIGNED)
    for row in scenario.SIGNED:
        _agree(row.asset, Team.objects.get(slug=TEAMS[row.team]), row.terms)
    for handle in ("ines", "jonas", "kofi", "maeve", "ruth", "wen"):
        ContactMethod.objects.create(
            person=person(handle), channel="file", address=handle, address_hash=handle, state="verified",
            verified_at=SIGNED,
        )  # fmt: skip
    FallbackRecipient.objects.create(position=1, person=person("wen"))


def asset(name: str) -> Asset:
    return Asset.objects.get(name=name)


def _own(made: Asset) -> None:
    for rank, handle in enumerate(OWNERS[made.name], 1):
        asked = Nomination(person=person(handle), rank=rank)
        row = propose_owner(actor=person("ruth"), asset=made, nomination=asked, at=SIGNED)
        accept_ownership(actor=person(handle), row=row, at=SIGNED)


def _agree(name: str, team: Team, terms: Terms | None) -> None:
    at = SIGNED + timedelta(hours=1)
    agreement = register_downstream(actor=person("ruth"), asset=asset(name), team=team, at=at)
    if terms is None:
        return
    version = draft_agreement(actor=person("ruth"), agreement=agreement, drafted=Drafted(terms), at=at)
    reader = team.memberships.get(role="lead").person
    for who in (person("ruth"), reader):
        sign_agreement(actor=who, agreement=agreement, text_sha256=version.text_sha256, at=at)


@pytest.fixture(scope="module", autouse=True)
def _exercise(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        load_exercise()
        yield


@pytest.fixture(autouse=True)
def _open(_exercise: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with rolled_back(django_db_blocker):
        yield


def browser(handle: str) -> Client:
    client = Client()
    client.force_login(person(handle))
    return client


def breaks(name: str, at: datetime) -> dict[str, Any]:
    """What the dry run says, by the API."""
    body = json.dumps({"asset": asset(name).slug, "at": at.isoformat()})
    answer = browser("ines").post("/api/v1/oncall/dry-run", body, content_type="application/json")
    assert answer.status_code == 200, answer.content
    found: dict[str, Any] = answer.json()
    return found


def instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).astimezone(UTC) if text else None


@pytest.mark.parametrize("row", scenario.GOLDEN, ids=lambda row: f"{scenario.NAMES[row.asset]} {row.when}")
def test_the_dry_run_of_each_row_of_the_table(row: scenario.Row) -> None:
    before = (Incident.objects.count(), Agreement.objects.count())
    found = breaks(scenario.NAMES[row.asset], scenario.at(row.when))
    decision = found["decision"]
    assert instant(decision["act_at"]) == scenario.at(row.act_at)
    assert instant(decision["fix_by"]) == (scenario.at(row.fix_by) if row.fix_by else None)
    assert bool(found["steps"]) == (row.how == "page")
    assert decision["not_agreed"] == (["Product Analytics"] if row.asset == scenario.GROWTH_DAILY else [])
    assert (Incident.objects.count(), Agreement.objects.count()) == before


@pytest.mark.parametrize(
    ("name", "at", "ladder"),
    [
        ("profit_unit_experiment", "06-20 01:00", [
            ("01:00", "Inés"), ("01:15", "Maeve"), ("01:30", "Jonas"), ("02:00", "Ruth"), ("03:00", "Wen")]),
        ("profit_agg_investor", "06-30 01:00", [
            ("01:00", "Jonas"), ("01:15", "Maeve"), ("01:30", "Inés"), ("02:00", "Ruth"), ("03:00", "Wen")]),
        ("profit_agg_investor", "01-13 02:00", [
            ("02:00", "Maeve"), ("02:15", "Jonas"), ("02:30", "Kofi"), ("03:00", "Ruth"), ("04:00", "Wen")]),
        ("profit_agg_investor", "03-28 01:00", [
            ("01:00", "Jonas"), ("01:15", "Maeve"), ("01:30", "Kofi"), ("02:00", "Ruth"), ("03:00", "Wen")]),
    ],
)  # fmt: skip
def test_an_unanswered_page_climbs_as_printed(name: str, at: str, ladder: list[tuple[str, str]]) -> None:
    steps = breaks(name, utc(at))["steps"]
    climbed = [(f"{instant(step['at']):%H:%M}", *(who.split()[0] for who in step["people"])) for step in steps]
    assert climbed == ladder


def test_what_has_run_out_is_red_and_falls_to_the_default() -> None:
    decision = breaks("engagement_agg_investor", utc("07-05 01:00"))["decision"]
    assert "Executive Reporting" in decision["not_agreed"]


def exported(handle: str = "ruth") -> str:
    answer = browser(handle).get(f"/api/v1/oncall/export.md?{SPAN}")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/markdown; charset=utf-8")
    return answer.content.decode()


def test_the_export_names_owners_agreements_and_three_runbooks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.core.clock.now", lambda: utc("01-05 08:00"))
    text = exported()
    assert exported() == text
    assert len(text.encode()) <= 200_000
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    assert len([token for token in tokens if token.type == "heading_open"]) == 10
    assert not [token for token in tokens if token.type.startswith("html")]
    for name, (first, second) in OWNERS.items():
        escaped = name.replace("_", "\\_")
        assert f"| {escaped} | {person(first).name} | {person(second).name} |" in text
    books = text.split("## Runbooks")[1].split("## Swaps")[0]
    assert books.count("| Accountable |") == 3
    assert books.count("| Expected | nothing yet |") == 0
    assert (
        "| Downstream | Finance Reporting (wait until 07:00 on a working day), Investor Relations (wake in the" in books
    )
    breaking = text.split("## If it breaks")[1].split("## Runbooks")[0]
    assert (
        "| growth\\_daily\\_experiment | Product Analytics | **not agreed: the default of the team decides** |"
        in breaking
    )
    assert "2027-01-11 to 2027-01-15: wake somebody at once" in breaking
    points = text.split("## Open points")[1]
    assert "| growth\\_daily\\_experiment at night | **not agreed with Product Analytics** |" in points
    assert points.count("no runbook; it reports to no investor") == 2


def test_the_page_of_the_team_offers_the_plan() -> None:
    page = browser("noor").get("/teams/core-data").content.decode()
    assert "/api/v1/oncall/export.md?team=core-data" in page


def test_an_analyst_exports_agreements_and_no_points_of_persons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.core.clock.now", lambda: utc("01-05 08:00"))
    text = exported("noor")
    assert "102.501" not in text
    assert "not agreed with Product Analytics" in text
    assert rota().team.name in text
    assert date(2027, 1, 4).isoformat() in text


def test_with_finance_reporting_as_the_owner_it_is_one_person_or_their_next_working_hour() -> None:
    """Acceptance 9 of the exercise: a team without engineers owns the pipeline, and it is still answered."""
    team, olaf = Team.objects.get(slug="finance-reporting"), person("olaf")
    nomination = Nomination(team=team, takes_over=True)
    row = propose_owner(actor=person("wen"), asset=asset("profit_agg_investor"), nomination=nomination, at=SIGNED)
    if row.state != "accepted":
        accept_ownership(actor=olaf, row=row, at=SIGNED)
    night, day = utc("06-20 01:00"), utc("06-21 10:00")
    for at in (night, day):
        found = resolve_responder(asset=asset("profit_agg_investor"), at=at)
        assert (found.basis, found.team_id) == ("hours", team.pk)
        assert [each.handle for each in found.fallbacks][:1] == ["olaf"]
    assert breaks("profit_agg_investor", night)["works_from"] == "2027-06-21T09:00:00Z"
