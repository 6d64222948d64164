"""What people do on the page of a plan; each act is a small form that comes back to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages

from ownership.domain.plans import CHECK_WORDS
from ownership.models import PlanTrigger, Reference
from ownership.plan_forms import AssignReferenceForm, ReferenceForm, StepForm, WordsForm
from ownership.services.planning import abandon_plan, pause_plan, resume_plan, roll_back_plan
from ownership.services.references import add_reference, assign_reference, move_reference, waive_reference
from ownership.services.stepping import Seen, complete_step, fail_step
from ownership.services.triggers import finish_trigger, send_ready, send_trigger
from ownership.web.plan_detail import plan_context, visible
from portal.core import clock
from portal.core.errors import NotVisible
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

    from ownership.models import ChangePlan


class _PlanAct(DomainFormMixin):
    """POST; a refusal shows the page with its reason."""

    template_name = "ownership/backfill.html"
    http_method_names = ("post",)
    form_class: Any = WordsForm
    said = "Noted."
    # What the page calls the form, so that a refusal keeps what was typed.
    shown_as = ""

    def perform(self, form: Any, at: datetime) -> str:
        plan = visible(self.request, str(self.kwargs["code"]))
        self.act(plan, form.cleaned_data, at)
        messages.success(self.request, self.said)
        return f"/backfills/{plan.code}"

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        raise NotImplementedError

    @property
    def actor(self) -> Any:
        return self.request.user

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan = visible(self.request, str(self.kwargs["code"]))
        typed = {self.shown_as: kwargs["form"]} if self.shown_as else {}
        return plan_context(plan, self.request.user, clock.now()) | {"refusal": kwargs["form"]} | typed


class StepView(_PlanAct):
    """Tick the step that is open, with what was seen."""

    form_class = StepForm
    shown_as = "step_form"
    said = "Ticked. The next step is open."

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        values = {code: data[code] for code in CHECK_WORDS if data.get(code) is not None}
        seen = Seen(values, data.get("runs") or 0, data["note"])
        complete_step(actor=self.actor, plan=plan, n=int(self.kwargs["n"]), seen=seen, at=at)


class FailView(_PlanAct):
    """The step did not work."""

    said = "Noted. The step stays open."

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        fail_step(actor=self.actor, plan=plan, n=int(self.kwargs["n"]), note=data["text"], at=at)


class StateView(_PlanAct):
    """Pause, go on, abandon, roll back."""

    verb = ""

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        if self.verb == "pause":
            pause_plan(actor=self.actor, plan=plan, at=at)
        elif self.verb == "resume":
            resume_plan(actor=self.actor, plan=plan, at=at)
        elif self.verb == "abandon":
            abandon_plan(actor=self.actor, plan=plan, reason=data["text"], at=at)
        else:
            roll_back_plan(actor=self.actor, plan=plan, reason=data["text"], at=at)


class AddReferenceView(_PlanAct):
    """Something that no source shows."""

    form_class = ReferenceForm
    shown_as = "reference_form"
    said = "Added to the list."

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        add_reference(actor=self.actor, plan=plan, text=data["text"], party=data["party"], due_on=data["due_on"], at=at)


class ReferenceView(_PlanAct):
    """A reference has moved, or is waived."""

    verb = "move"

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        row = _reference_of(plan, self.kwargs["pk"])
        if self.verb == "move":
            move_reference(actor=self.actor, row=row, moved_in=data["text"], at=at)
        else:
            waive_reference(actor=self.actor, row=row, reason=data["text"], at=at)


class AssignReferenceView(_PlanAct):
    """Somebody else moves it, or by another day."""

    form_class = AssignReferenceForm
    said = "Noted. They see it among what needs them."

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        row = _reference_of(plan, self.kwargs["pk"])
        assign_reference(actor=self.actor, row=row, party=data["party"], due_on=data["due_on"], at=at)


def _reference_of(plan: ChangePlan, pk: int) -> Reference:
    """The reference of this plan; raises `NotVisible`."""
    row = Reference.objects.filter(plan=plan, pk=pk).first()
    if row is None:
        raise NotVisible
    return row


class TriggerView(_PlanAct):
    """Send one, or say how it went."""

    verb = "send"

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        del data
        row = PlanTrigger.objects.filter(plan=plan, pk=self.kwargs["pk"]).first()
        if row is None:
            raise NotVisible
        if self.verb == "send":
            send_trigger(actor=self.actor, row=row, at=at)
        else:
            finish_trigger(actor=self.actor, row=row, ran=self.verb == "done", at=at)


class SendAllView(_PlanAct):
    """Send everything whose turn it is and that has a trigger; what follows is sent as runs end."""

    said = "Sent. What follows is sent as runs end."

    def act(self, plan: ChangePlan, data: dict[str, Any], at: datetime) -> None:
        del data
        send_ready(actor=self.actor, plan=plan, at=at)
