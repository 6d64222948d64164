"""One real object of each sort, made through the services, for the doors that carry a name in their path."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from oncall.domain.agreements import NightClass, Terms
from oncall.domain.failure_kinds import FailureKind
from oncall.models import PlannedShift
from oncall.services.agreements import Drafted, draft_agreement, register_downstream
from oncall.services.changes import create_override
from oncall.services.checking import Checking, create_precheck
from oncall.services.covers import open_cover_request
from oncall.services.escalating import publish_escalation
from oncall.services.expecting import create_expectation
from oncall.services.feeds import issue_feed
from oncall.services.helping import ask_colleague, report_incident
from oncall.services.integrations import create_integration
from oncall.services.laying import Stretch
from oncall.services.quiet import Window, create_maintenance, create_silence
from oncall.services.runbooks import draft_runbook, publish_runbook, template_issues
from oncall.services.seasons import PeriodDraft, open_special_period
from oncall.services.swaps import SwapDraft, offer_swap
from oncall.services.tickets import Asking, open_upstream_ticket
from ownership.domain.plans import PlanKind
from ownership.models import (
    Asset,
    Claim,
    Crossing,
    Gap,
    HandoffCheck,
    Ownership,
    Pattern,
    ReviewItem,
)  # fmt: skip
from ownership.services.announcing import AnnouncementDraft, announce_change
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.closures import ask_closure
from ownership.services.domains import DomainDraft, create_domain
from ownership.services.handoffs import HandoffDraft, draft_handoff
from ownership.services.merging import add_alias, merge_assets
from ownership.services.owning import Nomination, propose_owner
from ownership.services.patterns import copy_pattern
from ownership.services.planning import PlanDraft, start_plan
from ownership.services.references import add_reference
from ownership.services.refreshing import refresh_touched
from ownership.services.reviewing import start_review
from ownership.services.talks import TalkDraft, start_talk
from portal.accounts.models import Membership
from portal.accounts.services.absences import Away, enter_absence
from portal.accounts.services.arriving import invite_people
from portal.accounts.services.contact import add_contact_method
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.accounts.services.grants import give_grant, name_deputy
from portal.accounts.services.people import create_service_person
from portal.accounts.services.placing import ask_for_team
from portal.accounts.services.tokens import NewToken, issue_token
from portal.core.domain.quarter import quarter_of
from portal.core.models import AuditEntry
from portal.engine.models import Delivery
from portal.engine.services.testing import send_test_page
from portal.site.services.welcome import start_rota
from requests_queue.models import FaqEntry
from requests_queue.services.answers import AnswerDraft, EntryDraft
from requests_queue.services.attachments import attach_file
from requests_queue.services.candidates import Wish, add_candidate
from requests_queue.services.clusters import cluster_by_hand
from requests_queue.services.compartments import ask_break_glass
from requests_queue.services.filing import Filing, file_request
from requests_queue.services.one_step import write_entry
from requests_queue.services.plan_scenarios import keep_scenario
from tests.app.ownership.importing import applied_file, planned_file
from tests.app.ownership.manifests import manifest, node
from tests.app.ownership.samples import CSV
from tests.contract.stations import furnish_stations
from tests.contract.traces import furnish_traces
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from datetime import datetime

    from tests.contract.cast import Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAME = "matrix.orders"
COURT = "The court has asked for all of it"


def furnish(cast: Cast, *, at: datetime) -> None:
    """Fill `cast.objects` with an object of every sort that belongs to the cast's team; notices go out as they do."""
    asset, below = _assets(cast, at)
    _ownership(cast, asset, below, at)
    _register(cast, at)
    _boundary(cast, at)
    _duty(cast, at)
    _night(cast, asset, below, at)
    _keeping(cast, asset, at)
    _people(cast, at)
    _requests(cast, at)
    _asked(cast, at)
    furnish_stations(cast, at=at)
    furnish_traces(cast, at=at)
    told = Delivery.objects.filter(notice__recipient=cast.people["lead"])
    delivery = told.exclude(state__in=["queued", "sending"]).order_by("pk")[0]
    cast.objects["@delivery"] = str(delivery.pk)


def _assets(cast: Cast, at: datetime) -> tuple[Asset, Asset]:
    """One that the team owns, and one that reads it."""
    lead = cast.people["lead"]
    made = []
    for name in (NAME, f"{NAME}_report"):
        asset = create_asset(actor=lead, draft=AssetDraft(kind="pipeline", name=name, tier=1), at=at)
        propose_owner(actor=lead, asset=asset, nomination=Nomination(team=cast.team), at=at)
        made.append(asset)
    return made[0], made[1]


def _ownership(cast: Cast, asset: Asset, below: Asset, at: datetime) -> None:
    """A nomination that waits, a handoff, a talk, a backfill with a reference, an announcement and a closure."""
    lead, member = cast.people["lead"], cast.people["member"]
    waiting = propose_owner(actor=lead, asset=below, nomination=Nomination(person=member, rank=2), at=at)
    given = HandoffDraft(cast.team, cast.other_team, [below.pk], at + 14 * DAY, reason="It belongs there.")
    handoff = draft_handoff(actor=lead, draft=given, at=at)
    talk = start_talk(actor=lead, draft=TalkDraft(cast.team, cast.other_team, at + DAY), at=at)
    draft = PlanDraft(
        asset, PlanKind.SMALL, "The sums were doubled", range_text="2026-01-01..2026-02-01", keys=("day",)
    )
    plan = start_plan(actor=lead, draft=draft, at=at)
    due_on = (at + 7 * DAY).date()
    reference = add_reference(actor=lead, plan=plan, text="The board", party=member, due_on=due_on, at=at)
    told = announce_change(
        actor=lead, draft=AnnouncementDraft(asset, "delay", "Late tomorrow.", names_seen=True), at=at
    )
    closure = ask_closure(actor=lead, asset=asset, side="down", at=at)
    domain = create_domain(actor=lead, draft=DomainDraft("Matrix sales", lead_team=cast.team), at=at)
    cast.objects.update({
        "@owned": asset.slug, "@nomination": str(waiting.pk), "@held": below.slug, "@handoff": handoff.code,
        "@talk": str(talk.pk), "@backfill": plan.code, "@reference": str(reference.pk),
        "@announcement": str(told.pk), "@closure": str(closure.pk), "@domain": domain.slug,
        "@pattern": Pattern.objects.order_by("pk")[0].slug,
    })  # fmt: skip


def _register(cast: Cast, at: datetime) -> None:
    """What an import leaves to be decided: a name nobody has, two words about one owner, a guess, a file to apply."""
    lead, other = cast.people["lead"], cast.people["other_lead"]
    unknown = _model("unknown", "someone@else.example")
    applied_file("dbt", manifest(unknown, _model("claimed"), _model("guessed"), _model("taken")), at)
    claimed = Asset.objects.get(slug="claimed")
    propose_owner(actor=lead, asset=claimed, nomination=Nomination(person=lead), at=at)
    applied_file("dbt", manifest(unknown, _model("claimed", other.email or "")), at)
    guesses = "".join(f"/models/{name}.sql {lead.email}\n" for name in ("guessed", "taken"))
    applied_file("codeowners", guesses, at)
    cast.objects.update({
        "@import": str(planned_file("csv", CSV, at).pk),
        "@identity": str(Claim.objects.get(outcome="unresolved").pk),
        "@conflict": str(Claim.objects.get(outcome="conflict").pk),
        "@proposal": str(Ownership.objects.get(state="proposed", asset__slug="guessed").pk),
    })  # fmt: skip


def _model(name: str, owner: str = "") -> dict[str, Any]:
    meta = {"owner": owner} if owner else {}
    return node(f"model.shop.{name}", meta=meta, original_file_path=f"models/{name}.sql")


def _boundary(cast: Cast, at: datetime) -> None:
    """An engineer of the team keeps a metric that the pattern gives to analysts of the other team."""
    engineer = make_person("matrix-engineer", team=cast.team, discipline="DE")
    domain = DomainDraft("Matrix users", lead_team=cast.other_team)
    create_domain(actor=cast.people["admin"], draft=domain, at=at)
    draft = AssetDraft(kind="metric", name="churn", domain="matrix-users")
    metric = create_asset(actor=cast.people["admin"], draft=draft, at=at)
    propose_owner(actor=engineer, asset=metric, nomination=Nomination(person=engineer), at=at)
    refresh_touched(at=at)
    cast.objects.update({
        "@crossing": str(Crossing.objects.get(asset=metric).pk), "@gap": str(Gap.objects.order_by("pk")[0].pk),
        "@pair": f"{cast.team.slug}~{cast.other_team.slug}",
    })  # fmt: skip


def _duty(cast: Cast, at: datetime) -> None:
    """A rota of lead and member with an open change, swap and cover, a holiday period and a calendar feed."""
    lead, member = cast.people["lead"], cast.people["member"]
    rota = start_rota(actor=lead, team=cast.team, handles=[lead.handle, member.handle], questions="same", at=at)
    shifts = PlannedShift.objects.filter(rota=rota, during__startswith__gt=at + DAY).order_by("during")
    mine, yours = (_stretch(shifts.filter(person=person)[0]) for person in (lead, member))
    later = [_stretch(row) for row in shifts.filter(person=lead)[1:3]]
    change = create_override(actor=lead, rota=rota, stretch=later[0], person=member, at=at)
    cover = open_cover_request(actor=lead, rota=rota, stretch=later[1], from_person=lead, at=at)
    swap = offer_swap(actor=lead, rota=rota, swap=SwapDraft(mine, yours), at=at)
    rotation = {"kind": "weekly", "start": at.date().isoformat(), "handoffs": [{"dow": "tue", "time": "09:00"}]}
    period = PeriodDraft("New Year", "matrix-new-year", at + 60 * DAY, at + 70 * DAY, rotation)
    open_special_period(actor=lead, rota=rota, period=period, at=at)
    feed, _ = issue_feed(actor=lead, kind="me", subject="", at=at)
    cast.objects.update({
        "@rota": rota.slug, "@change": str(change.pk), "@cover": str(cover.pk), "@swap": str(swap.group),
        "@period": period.slug, "@feed": str(feed.pk),
    })  # fmt: skip


def _stretch(row: PlannedShift) -> Stretch:
    begin, end = row.during.lower, row.during.upper
    assert begin is not None
    assert end is not None
    return Stretch(row.role, begin, end, row.slot)


def _night(cast: Cast, asset: Asset, below: Asset, at: datetime) -> None:
    """An incident, an agreement that waits for its signatures, a runbook and a ticket."""
    lead = cast.people["lead"]
    incident = report_incident(actor=lead, asset=asset, title="No orders since six", at=at)
    other = report_incident(actor=lead, asset=below, title="The report is empty", at=at)
    ask_colleague(actor=lead, incident=incident, person=cast.people["analyst"], text="Have you seen this?", at=at)
    agreement = register_downstream(actor=lead, asset=asset, team=cast.other_team, at=at)
    text = draft_agreement(actor=lead, agreement=agreement, drafted=Drafted(Terms(NightClass.WAKE)), at=at)
    issues = template_issues([FailureKind.LATE.value])
    book = draft_runbook(actor=lead, asset=asset, team=None, issues=issues, at=at).runbook
    publish_runbook(actor=lead, runbook=book, at=at)
    draft_runbook(actor=lead, asset=asset, team=None, issues=template_issues([FailureKind.QUALITY.value]), at=at)
    ticket = open_upstream_ticket(
        actor=lead, asking=Asking("missing_data", "No orders", upstream_asset=below, asking_team=cast.team), at=at
    )
    cast.objects.update({
        "@incident": incident.number, "@other_incident": other.number,
        "@agreement": str(agreement.pk), "@agreement_text": text.text_sha256,
        "@runbook": book.slug, "@ticket": ticket.number,
    })  # fmt: skip


def _keeping(cast: Cast, asset: Asset, at: datetime) -> None:
    """What keeps watch and what is kept quiet."""
    lead, team = cast.people["lead"], cast.team
    below = f"{NAME}_report"
    checking = Checking(asset, type(asset).objects.get(name=below), "row_count", {"least": 1})
    check = create_precheck(actor=lead, checking=checking, at=at)
    expectation, _ = create_expectation(actor=lead, asset=asset, rule={"kind": "daily", "hours": 4}, at=at)
    matcher = {"asset": asset.slug}
    silence = create_silence(actor=lead, team=team, matcher=matcher, until=at + DAY, reason="Known until Friday", at=at)
    window = Window(at + DAY, at + DAY + HOUR, [asset])
    maintenance = create_maintenance(actor=lead, team=team, window=window, reason="The house is upgraded", at=at)
    ladder = publish_escalation(actor=lead, team=team, steps=[{"targets": [{"kind": "primary"}], "wait_s": 300}], at=at)
    door, _ = create_integration(actor=lead, team=team, kind="generic", slug="matrix-door", at=at)
    cast.objects.update({
        "@precheck": str(check.pk), "@expectation": str(expectation.pk), "@silence": str(silence.pk),
        "@maintenance": str(maintenance.pk), "@ladder": str(ladder.policy_id), "@integration": door.slug,
    })  # fmt: skip


def _people(cast: Cast, at: datetime) -> None:
    """What the lead, the member and their team have of their own."""
    lead, member, team = cast.people["lead"], cast.people["member"], cast.team
    day = at.date()
    absence = enter_absence(actor=lead, person=lead, away=Away(day + 30 * DAY, day + 31 * DAY), at=at)
    grant = give_grant(actor=lead, person=member, team=team, name="triage", reason="helps", days=(day, None), at=at)
    deputy = name_deputy(actor=lead, person=lead, deputy=member, period=(at + DAY, at + 9 * DAY), at=at)
    method = add_contact_method(actor=lead, channel="email", address="matrix-lead@example.org", at=at)
    wish = NewEndpoint("matrix-hook", "webhook", "https://hooks.example.com/in", ["oncall.*"])
    endpoint, _ = create_endpoint(actor=lead, team=team, wish=wish, at=at)
    token, _ = issue_token(actor=lead, person=lead, wish=NewToken("loader", ["ownership:read"]), at=at)
    invited = invite_people(actor=lead, emails=["newcomer@example.com"], team=team, at=at)
    cast.objects.update({
        "@absence": str(absence.pk), "@grant": str(grant.pk), "@deputy": str(deputy.pk), "@method": str(method.pk),
        "@endpoint": str(endpoint.pk), "@hook": endpoint.slug,
        "@token": str(token.public_id), "@token_row": str(token.pk),
        "@place": str(Membership.objects.get(person=member).pk), "@invitation": invited[0].secret,
    })  # fmt: skip


def _asked(cast: Cast, at: datetime) -> None:
    """A place somebody asks for, a page to acknowledge, a review, a pattern of one's own, a token of another's."""
    lead, analyst = cast.people["lead"], cast.people["analyst"]
    place = ask_for_team(actor=analyst, team=cast.team, at=at)
    page = send_test_page(actor=lead, at=at)
    quarter = quarter_of(at.date())
    start_review(actor=None, quarter=quarter, at=at)
    pattern = copy_pattern(actor=lead, source=Pattern.objects.order_by("pk")[0], name="Matrix own", at=at)
    token, _ = issue_token(actor=analyst, person=analyst, wish=NewToken("notebook", ["people:read"]), at=at)
    trial = create_asset(actor=lead, draft=AssetDraft(kind="experiment", name="matrix.trial"), at=at)
    make_team("matrix-empty")
    create_service_person(
        actor=cast.people["admin"],
        handle="matrix-program",
        name="A loader",
        owner_team=cast.team,
        purpose="Loads",
        at=at,
    )
    alias = add_alias(actor=lead, asset=Asset.objects.get(name=NAME), key="dbt:matrix.called", at=at)
    held = Ownership.objects.get(asset__name=NAME, team=cast.team)
    spare = create_asset(actor=lead, draft=AssetDraft(kind="dataset", name="matrix.spare"), at=at)
    merge_assets(actor=lead, kept=Asset.objects.get(name=NAME), gone=spare, at=at)
    act = AuditEntry.objects.filter(verb="ownership.assets_merged").latest("pk")
    cast.objects.update({
        "@place_asked": str(place.pk), "@page": str(page.pk), "@review": quarter.label, "@own_pattern": pattern.slug,
        "@their_token": str(token.pk), "@experiment": trial.slug, "@act": str(act.pk),
        "@other_team_pk": str(cast.other_team.pk), "@alias": alias.key, "@alias_system": alias.system,
        "@alias_pk": str(alias.pk), "@held_row": str(held.pk),
        "@check": str(HandoffCheck.objects.order_by("pk")[0].pk),
        "@review_line": str(ReviewItem.objects.get(ownership=held).pk),
        "@answer_pk": str(FaqEntry.objects.get(slug=cast.objects["@answer"]).pk),
    })  # fmt: skip


def _requests(cast: Cast, at: datetime) -> None:
    """A file, a theme, a what-if, and a break-glass that waits for its second administrator."""
    lead, team = cast.people["lead"], cast.team
    asked = []
    for n in range(1, 5):
        filing = Filing(kind="question", title=f"Why is the total lower {n}", team=team, body="It was higher.")
        asked.append(file_request(actor=lead, filing=filing, at=at))
    file = attach_file(actor=lead, request=asked[0], name="a.txt", file=BytesIO(b"orders"), size=6, at=at)
    theme = cluster_by_hand(actor=lead, requests=asked, name="Totals", at=at)
    more = [
        file_request(actor=lead, filing=Filing(kind="question", title=f"Returns {n}", team=team, body="Which?"), at=at)
        for n in (1, 2)
    ]
    other_theme = cluster_by_hand(actor=lead, requests=more, name="Returns", at=at)
    said = AnswerDraft("By the day of the order.")
    answer = write_entry(
        actor=lead, draft=EntryDraft("Which day counts", team, owner=lead), answer=said, is_checked=True, at=at
    )
    cast.objects["@first_request"] = asked[0].number
    candidate = add_candidate(actor=lead, team=team, wish=Wish("A model of totals", "Asked often", 480), at=at)
    changes = [{"kind": "pull_in", "minutes": 60}]
    scenario = keep_scenario(actor=lead, plan=candidate.plan, name="Less", changes=changes, at=at)
    glass = ask_break_glass(
        actor=cast.people["admin"], number="PRV-AAAAAA", reason="The court has asked for all of it", at=at
    )
    cast.objects.update({
        "@file": str(file.key), "@other_request": asked[1].number, "@theme": str(theme.pk),
        "@other_theme": str(other_theme.pk), "@other_answer": answer.slug,
        "@scenario": str(scenario.pk), "@other_line": str(candidate.item.pk), "@glass": str(glass.pk),
    })  # fmt: skip
