"""`/api/v1/backfills`: plans, steps, references, what runs below (spec ownership 19, resolutions 5.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import Http404
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.api.parties import person_of, team_of
from ownership.domain.plan_sql import DIALECTS, statements
from ownership.domain.plans import CHECK_WORDS, PlanKind
from ownership.filters import PlanFilter
from ownership.models import ChangePlan, PlanTrigger, Reference
from ownership.queries.assets import asset_by_key
from ownership.queries.plans import listed_plans, plan_by_code, references_of, table_of
from ownership.services.planning import (
    PlanDraft,
    abandon_plan,
    pause_plan,
    resume_plan,
    roll_back_plan,
    start_plan,
)
from ownership.services.references import add_reference, assign_reference, move_reference, waive_reference
from ownership.services.stepping import Seen, complete_step, fail_step
from ownership.services.triggers import finish_trigger, key_of, send_ready, send_trigger
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import DomainError

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

ACTS = ("pause", "resume", "abandon", "roll_back")


class PlanShown(serializers.Serializer[ChangePlan]):
    """A plan with how many of its references are open."""

    code = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    asset = serializers.CharField(source="asset.slug")
    successor = serializers.CharField(source="successor.slug", default=None)
    reason = serializers.CharField()
    range = serializers.CharField(source="range_text")
    dialect = serializers.CharField()
    owner = serializers.CharField(source="owner.handle")
    ends_on = serializers.DateField(allow_null=True)
    hold_days = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    open_references = serializers.IntegerField()
    all_references = serializers.IntegerField()
    version = serializers.IntegerField()


class Names(serializers.ListField):
    """Names of columns."""

    child = serializers.CharField(max_length=255)


class PlanInput(serializers.Serializer[Any]):
    """A backfill or a migration; a migration has an end date."""

    asset = serializers.CharField(max_length=1000)
    kind = serializers.ChoiceField(choices=[kind.value for kind in PlanKind])
    reason = serializers.CharField(max_length=2000)
    dialect = serializers.ChoiceField(choices=list(DIALECTS), required=False, default="postgres")
    range = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    keys = serializers.ListField(
        child=serializers.CharField(max_length=255), required=False, default=list, max_length=30
    )
    sums = serializers.ListField(
        child=serializers.CharField(max_length=255), required=False, default=list, max_length=30
    )
    columns = serializers.ListField(
        child=serializers.CharField(max_length=255), required=False, default=list, max_length=30
    )
    thresholds = serializers.DictField(child=serializers.FloatField(), required=False, default=dict)
    ends_on = serializers.DateField(required=False, default=None, allow_null=True)
    hold_days = serializers.IntegerField(min_value=0, max_value=60, required=False, default=7)


class StepInput(serializers.Serializer[Any]):
    """What was seen; `failed` says that it did not work."""

    values = serializers.DictField(child=serializers.FloatField(), required=False, default=dict)
    runs = serializers.IntegerField(min_value=0, required=False, default=0)
    note = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    failed = serializers.BooleanField(required=False, default=False)


class StateInput(serializers.Serializer[Any]):
    act = serializers.ChoiceField(choices=list(ACTS))
    reason = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)


class ReferenceInput(serializers.Serializer[Any]):
    """Something that no source shows; a person's handle or a team's slug."""

    text = serializers.CharField(max_length=300)
    person = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    team = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    due_on = serializers.DateField()


class ReferenceAct(serializers.Serializer[Any]):
    """`moved` with the change it moved in, or `waived` with a reason."""

    reference = serializers.IntegerField()
    outcome = serializers.ChoiceField(choices=["moved", "waived"])
    text = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class ReferenceAssignment(serializers.Serializer[Any]):
    """Who moves it and by when: a person's handle, or a team's slug."""

    reference = serializers.IntegerField()
    person = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    team = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    due_on = serializers.DateField()


class TriggerInput(serializers.Serializer[Any]):
    """`send`, or how it went; without an asset everything whose turn it is is sent."""

    asset = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)
    act = serializers.ChoiceField(choices=["send", "done", "failed"], required=False, default="send")


class PlanViewSet(PortalViewSet):
    """Plans by code, such as BKF-7."""

    serializer_class = PlanShown
    filterset_class = PlanFilter
    order = ("-created_at",)
    lookup_field = "pk"
    lookup_url_kwarg = "code"
    scopes = {"read": "ownership:read", "write": "ownership:write"}
    inputs = {
        "create": PlanInput, "step": StepInput, "state": StateInput, "references": ReferenceInput,
        "close": ReferenceAct, "assign": ReferenceAssignment, "triggers": TriggerInput,
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[ChangePlan]:
        return listed_plans(self.request.user)

    def find(self, key: str) -> ChangePlan:
        plan = plan_by_code(key, self.request.user)
        if plan is None:
            raise Http404
        return plan

    def create(self, request: Request) -> Response:
        """Plan it; the steps, references and runs below come with it."""
        given = self.read(PlanInput)
        asset = asset_by_key(given.pop("asset"), request.user)
        if asset is None:
            raise DomainError("ownership.unknown_asset", "There is no such asset.", "asset")
        lists = {name: tuple(given[name]) for name in ("keys", "sums", "columns")}
        facts = {**given, **lists, "kind": PlanKind(given["kind"]), "range_text": given.pop("range")}
        facts.pop("range", None)
        draft = PlanDraft(asset=asset, **facts)
        plan = start_plan(actor=_actor(request), draft=draft, at=self.at)
        return self.created(self.find(plan.code), f"/api/v1/backfills/{plan.code}")

    @action(detail=True, methods=["get"])
    def steps(self, request: Request, code: str) -> Response:
        """The steps with their evidence and the statements to copy."""
        del request, code
        plan = self.get_object()
        table = table_of(plan)
        rows = plan.steps.select_related("by")
        return Response({"steps": [_step(plan, step, table) for step in rows]})

    @action(detail=True, methods=["post"], url_path="steps/(?P<n>[0-9]{1,2})")
    def step(self, request: Request, code: str, n: str) -> Response:
        """Tick a step; 409 `ownership.references_remain` lists what forbids a drop. There is no override."""
        del code
        given, plan = self.read(StepInput), self.get_object()
        unknown = set(given["values"]) - set(CHECK_WORDS)
        if unknown:
            raise DomainError("ownership.unknown_check", f"There is no check {min(unknown)!r}.", "values")
        if given["failed"]:
            fail_step(actor=_actor(request), plan=plan, n=int(n), note=given["note"], at=self.at)
        else:
            seen = Seen(given["values"], given["runs"], given["note"])
            complete_step(actor=_actor(request), plan=plan, n=int(n), seen=seen, at=self.at)
        return self.shown(self.find(plan.code))

    @action(detail=True, methods=["post"])
    def state(self, request: Request, code: str) -> Response:
        """Pause, resume, abandon or roll back."""
        del code
        given, plan, actor = self.read(StateInput), self.get_object(), _actor(request)
        if given["act"] == "pause":
            pause_plan(actor=actor, plan=plan, at=self.at)
        elif given["act"] == "resume":
            resume_plan(actor=actor, plan=plan, at=self.at)
        else:
            end = abandon_plan if given["act"] == "abandon" else roll_back_plan
            end(actor=actor, plan=plan, reason=given["reason"], at=self.at)
        return self.shown(self.find(plan.code))

    @action(detail=True, methods=["get", "post"])
    def references(self, request: Request, code: str) -> Response:
        """Who still reads it; POST names one by hand."""
        del code
        plan = self.get_object()
        if request.method == "POST":
            given = self.read(ReferenceInput)
            facts = {"text": given["text"], "party": _party(given), "due_on": given["due_on"]}
            add_reference(actor=_actor(request), plan=plan, at=self.at, **facts)
        status = 201 if request.method == "POST" else 200
        return Response({"references": [_reference(row) for row in references_of(plan)]}, status=status)

    @action(detail=True, methods=["post"])
    def close(self, request: Request, code: str) -> Response:
        """A reference has moved, or its owner waives it."""
        del code
        given = self.read(ReferenceAct)
        row = _reference_of(self.get_object(), given)
        if given["outcome"] == "moved":
            done = move_reference(actor=_actor(request), row=row, moved_in=given["text"], at=self.at)
        else:
            done = waive_reference(actor=_actor(request), row=row, reason=given["text"], at=self.at)
        return Response(_reference(done))

    @action(detail=True, methods=["post"])
    def assign(self, request: Request, code: str) -> Response:
        """Who moves a reference, and by when."""
        del code
        given = self.read(ReferenceAssignment)
        facts = {"row": _reference_of(self.get_object(), given), "party": _party(given), "due_on": given["due_on"]}
        return Response(_reference(assign_reference(actor=_actor(request), at=self.at, **facts)))

    @action(detail=True, methods=["get", "post"])
    def triggers(self, request: Request, code: str) -> Response:
        """What runs below, in order; POST sends one or all, or says how it went."""
        del code
        plan = self.get_object()
        if request.method == "POST":
            self._trigger(plan, _actor(request), self.read(TriggerInput))
        rows = plan.triggers.select_related("asset", "plan")
        return Response({"triggers": [_trigger(row) for row in rows]})

    def _trigger(self, plan: ChangePlan, actor: Any, given: dict[str, Any]) -> None:
        if not given["asset"]:
            send_ready(actor=actor, plan=plan, at=self.at)
            return
        row = PlanTrigger.objects.filter(plan=plan, asset__slug=given["asset"]).first()
        if row is None:
            raise Http404
        if given["act"] == "send":
            send_trigger(actor=actor, row=row, at=self.at)
        else:
            finish_trigger(actor=actor, row=row, ran=given["act"] == "done", at=self.at)


def _step(plan: ChangePlan, step: Any, table: Any) -> dict[str, Any]:
    return {
        "n": step.n,
        "code": step.code,
        "state": step.state,
        "evidence": step.evidence,
        "note": step.note,
        "by": step.by.handle if step.by else None,
        "at": step.at,
        "statements": statements(plan.kind, step.code, table, plan.dialect),
    }


def _reference_of(plan: ChangePlan, given: dict[str, Any]) -> Reference:
    row = Reference.objects.filter(plan=plan, pk=given["reference"]).select_related("referrer").first()
    if row is None:
        raise Http404
    return row


def _party(given: dict[str, Any]) -> Any:
    """The person, else the team, that the body names."""
    party = person_of(given["person"]) or team_of(given["team"])
    if party is None:
        raise DomainError("ownership.one_party", "Name one person or one team.", "person")
    return party


def _reference(row: Reference) -> dict[str, Any]:
    return {
        "id": row.pk,
        "referrer": row.referrer.slug if row.referrer else row.referrer_text,
        "kind": row.kind,
        "phase": row.phase,
        "state": row.state,
        "person": row.person.handle if row.person else None,
        "team": row.team.slug if row.team else None,
        "due_on": row.due_on,
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "moved_in": row.moved_in,
        "waive_reason": row.waive_reason,
    }


def _trigger(row: PlanTrigger) -> dict[str, Any]:
    return {"asset": row.asset.slug, "state": row.state, "key": key_of(row), "tries": row.tries, "sent_at": row.sent_at}


def _actor(request: Request) -> Any:
    """The person behind the session or token; the permission class has let nobody else in."""
    return request.user
