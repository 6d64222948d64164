"""What people of the cast did a moment ago, for the doors that take up one's own last act."""

from __future__ import annotations

from datetime import time, timedelta
from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession

from oncall.domain.signals import FIRING, Signal
from oncall.models import CompDay, GuardrailFire, Incident, PagesReview, Rota, ShiftChange
from oncall.services.alerts import Arrival, receive_alert
from oncall.services.consents import ask_rota_version
from oncall.services.failure_rules import keep_failure_rule
from oncall.services.helping import report_incident
from oncall.services.incidents import acknowledge_incident, resolve_incident
from oncall.services.majors import set_major_holiday
from oncall.services.rotas import RulesDraft, Seat
from ownership.domain.plans import PlanKind
from ownership.models import Ownership
from ownership.services.announcing import AnnouncementDraft, announce_change, answer_announcement
from ownership.services.assets import AssetDraft, create_asset
from ownership.services.domains import DomainDraft, create_domain
from ownership.services.handoffs import HandoffDraft, draft_handoff, offer_handoff
from ownership.services.owning import Nomination, propose_owner
from ownership.services.planning import PlanDraft, start_plan
from ownership.services.proposing import accept_proposals
from ownership.services.triggers import set_pipeline_trigger
from portal.accounts.models import Person
from portal.accounts.services.endpoints import NewEndpoint, create_endpoint
from portal.accounts.services.saved_views import save_view
from portal.site.queries.day import need_key, needs_of
from portal.site.services.later import days_to_choose, put_off
from portal.site.services.welcome import start_promises, start_rota
from requests_queue.queries.suggest import suggest
from requests_queue.services.asks import sign_ask
from requests_queue.services.bulk import assign_many
from requests_queue.services.filing import Filing, file_request
from tests.app.ownership.graphs import make_graph, make_source
from tests.world import make_person, make_team

if TYPE_CHECKING:
    from datetime import datetime

    from oncall.models import RotaEdit
    from tests.contract.cast import Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def furnish_traces(cast: Cast, *, at: datetime) -> None:
    """After all other furniture, so that nothing of it comes between an act and taking it back."""
    _below(cast, at)
    _crafts(cast, at)
    _answers(cast, at)
    _night(cast, at)
    _turns(cast, at)
    _owed(cast, at)


def _below(cast: Cast, at: datetime) -> None:
    """The other lead's table reads one of the team: an objection to a change of it, and a rebuild that runs both."""
    lead, other = cast.people["lead"], cast.people["other_lead"]
    source = make_source("matrix", at=at)
    assets = make_graph([("matrix-base", "matrix-rollup")], at=at, source=source)
    base, rollup = assets["matrix-base"], assets["matrix-rollup"]
    propose_owner(actor=lead, asset=base, nomination=Nomination(team=cast.team), at=at)
    propose_owner(actor=other, asset=rollup, nomination=Nomination(person=other), at=at)
    told = announce_change(actor=lead, draft=AnnouncementDraft(base, "delay", "Late tomorrow.", names_seen=True), at=at)
    answer_announcement(actor=other, announcement=told, objection="We read it at six.", at=at)
    wish = NewEndpoint("matrix-runner", "webhook", "https://runner.example.com/api/v1/dags/daily/dagRuns")
    endpoint, _ = create_endpoint(actor=other, team=cast.other_team, wish=wish, at=at)
    set_pipeline_trigger(
        actor=other, pipeline=rollup, kind="airflow2", endpoint=endpoint, job="rollup", authorization="Bearer x", at=at
    )
    plan = start_plan(actor=lead, draft=PlanDraft(base, PlanKind.SMALL, "The sums were doubled"), at=at)
    cast.objects.update({
        "@objected": str(told.pk), "@recipient": str(told.recipients.get(person=other).pk), "@rollup": rollup.slug,
        "@rebuild": plan.code, "@source": str(source.pk), "@trigger": str(plan.triggers.get().pk),
    })  # fmt: skip


def _crafts(cast: Cast, at: datetime) -> None:
    """An engineer keeps a metric of the analysts' domain; a handoff that the other lead is asked to take."""
    admin, lead = cast.people["admin"], cast.people["lead"]
    analysts = make_team("matrix-analysts", discipline="DA")
    make_person("matrix-scientist", team=analysts, discipline="DA")
    create_domain(actor=admin, draft=DomainDraft("Matrix insight", lead_team=analysts), at=at)
    draft = AssetDraft(kind="metric", name="matrix.retention", domain="matrix-insight")
    metric = create_asset(actor=admin, draft=draft, at=at)
    engineer = Person.objects.get(handle="grown-1")
    propose_owner(actor=engineer, asset=metric, nomination=Nomination(person=engineer), at=at)
    given = create_asset(actor=lead, draft=AssetDraft(kind="dataset", name="matrix.given"), at=at)
    propose_owner(actor=lead, asset=given, nomination=Nomination(team=cast.team), at=at)
    wish = HandoffDraft(cast.team, cast.other_team, [given.pk], at + 14 * DAY, reason="It belongs there.")
    offered = offer_handoff(actor=lead, handoff=draft_handoff(actor=lead, draft=wish, at=at), at=at)
    cast.objects.update({"@crossed": metric.slug, "@offered": offered.code, "@item": str(offered.items.get().pk)})


def _answers(cast: Cast, at: datetime) -> None:
    """The lead took a guess, handed many out, looked for an answer, and kept a view."""
    lead = cast.people["lead"]
    guess = Ownership.objects.get(state="proposed", asset__slug="taken")
    accept_proposals(actor=lead, ids=[guess.pk], at=at)
    filing = Filing(kind="question", title="Handed out", team=cast.team, body="Which?")
    handed = file_request(actor=cast.people["analyst"], filing=filing, at=at)
    group = assign_many(actor=lead, numbers=[handed.number], assignee=cast.people["member"], at=at)
    view = save_view(actor=lead, page="requests", name="Late ones", query="late=true", at=at)
    cast.objects.update({
        "@group": str(group), "@ask": sign_ask(suggest(viewer=lead, text="Which day counts", at=at), viewer=lead),
        "@view": str(view.pk),
    })  # fmt: skip


def _night(cast: Cast, at: datetime) -> None:
    """The member was at an incident from two to four; a rule and a holiday of the team."""
    lead, member = cast.people["lead"], cast.people["member"]
    broken = create_asset(actor=lead, draft=AssetDraft(kind="pipeline", name="matrix.night"), at=at - DAY)
    propose_owner(actor=lead, asset=broken, nomination=Nomination(team=cast.team), at=at - DAY)
    paged, over = at - 8 * HOUR, at - 6 * HOUR
    incident = report_incident(actor=member, asset=broken, title="Nothing since midnight", at=paged)
    acknowledge_incident(actor=member, incident=incident, at=paged)
    resolve_incident(actor=member, incident=incident, cause="fixed_cause", at=over)
    rule = keep_failure_rule(actor=lead, team=cast.team, phrase="code seven", failure_kind="late", at=at)
    first = (at + 37 * DAY).date()
    major = set_major_holiday(
        actor=lead, team=cast.team, name="New Year", first=first, last=first, last_held_by=None, at=at
    )
    for key in ("first", "second"):
        arrival = Arrival(Signal(key, FIRING, f"The {key} check failed"), "matrix", cast.team, broken)
        receive_alert(arrival=arrival, at=at)
    both = Incident.objects.get(root_asset=broken, resolved_at=None)
    cast.objects.update({"@rule": str(rule.pk), "@major": str(major.pk), "@doubled": both.number})


def _turns(cast: Cast, at: datetime) -> None:
    """The other lead asks the other member to take the turns of this week, and waits for the answer."""
    other, member, team = cast.people["other_lead"], cast.people["other_member"], cast.other_team
    rota = start_rota(actor=other, team=team, handles=[other.handle, member.handle], questions="same", at=at)
    start_promises(actor=other, team=team, reply_hours=2, answer_hours=9, quiet_until=time(7), at=at)
    edit = turned(rota, other, at)
    asked = edit.consents.get(person=member)
    cast.objects.update({"@edit": str(edit.pk), "@mark": asked.diff_sha256, "@other_rota": rota.slug})


def _owed(cast: Cast, at: datetime) -> None:
    """A day off of the member, a full rota to be spoken of, a night given away, and what waits for the lead."""
    lead, member = cast.people["lead"], cast.people["member"]
    rota, day = Rota.objects.get(slug=cast.objects["@rota"]), at.date()
    owed = CompDay.objects.create(person=member, rota=rota, earned_on=day - 9 * DAY, due_by=day + 80 * DAY)
    review = PagesReview.objects.create(rota=rota, pages=9, shifts=4, opened_at=at)
    change = ShiftChange.objects.get(pk=cast.objects["@change"])
    night = GuardrailFire.objects.create(
        person=lead, rule="G1", night=day + 8 * DAY, rota=rota, change=change, fired_at=at
    )
    session = UserSession.objects.create(user=lead, session_key="matrix", ip="127.0.0.1", user_agent="A browser")
    needs = [need_key(need) for need in needs_of(lead, at) if need.due_at is None or need.due_at > at + 9 * DAY]
    put_off(actor=lead, key=needs[1], day=days_to_choose(lead, at)[0], at=at)
    cast.objects.update({
        "@owed": str(owed.pk), "@pages": str(review.pk), "@night": str(night.pk), "@session": str(session.pk),
        "@need_key": needs[0], "@later_key": needs[1],
    })  # fmt: skip


def turned(rota: Rota, actor: object, at: datetime) -> RotaEdit:
    """An edit that waits: from the day after tomorrow the last member takes every turn."""
    version = rota.versions.get()
    last = version.members.select_related("person").order_by("pk").last()
    assert last is not None
    rules = RulesDraft(version.roles, version.rotation, [Seat(last.person)], starts_at=at + 2 * DAY)
    return ask_rota_version(actor=actor, rota=rota, rules=rules, reason="We are one less", at=at)
