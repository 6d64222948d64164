"""`/welcome/`: from an empty house to a team at work, a page a step; each can be skipped and come back to."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib import messages
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import slugify
from django.views import View

from ownership.models import Pattern
from portal.accounts.policies import can_administer, can_manage_team, teams_visible_to
from portal.accounts.services.sending import send_invitations
from portal.accounts.web.acting import ActView
from portal.core import clock
from portal.core.limits import UPLOAD_BYTES
from portal.core.models import ImportRun
from portal.core.policies import require
from portal.core.services.imports import FileToImport, apply_import, plan_import
from portal.core.web.presentation import Link, count_words
from portal.core.web.views import DomainFormMixin, SeeOther
from portal.engine.services.testing import send_test_page
from portal.site.forms import AssetsForm, PromisesForm, RotaForm, TeamStartForm, TestForm
from portal.site.queries.welcome import Progress, address, progress_of, undoable_steps
from portal.site.services.welcome import TeamStart, start_promises, start_rota, start_team, undo_step

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse

    from portal.accounts.models import Team


class NextView(View):
    """Where the person left off: the first step nobody has done, else My day."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        viewer: Any = request.user
        mine = teams_visible_to(viewer).filter(is_system=False, archived_at__isnull=True)
        led = mine.filter(memberships__person=viewer, memberships__role="lead").order_by("pk").first()
        if led is not None:
            return SeeOther(progress_of(led, viewer).first_open())
        is_new = can_administer(viewer, clock.now()).allowed and not mine.exists()
        return SeeOther(reverse("welcome_team" if is_new else "home"))


class _Step(DomainFormMixin):
    """A page of the way; `step` is its name, "" for the first one."""

    nav_key = "home"
    template_name = "site/welcome.html"
    step = ""
    lead = ""
    verb = "Go on"
    is_once = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        at = clock.now()
        require(can_manage_team(request.user, self.team, at) if self.step else can_administer(request.user, at))
        return super().dispatch(request, *args, **kwargs)  # type: ignore[return-value]  # Django's wider type

    @cached_property
    def team(self) -> Team:
        team: Team = get_object_or_404(teams_visible_to(self.request.user), slug=self.kwargs["slug"])
        return team

    @cached_property
    def done(self) -> Link | None:
        """What another tab, or an earlier day, made of this step; sending it again makes no second one."""
        is_done = self.is_once and self.progress.done[self.step]
        return Link("Go on", self.onward) if is_done else None

    def form_valid(self, form: Any) -> HttpResponse:
        if self.done is None:
            return super().form_valid(form)
        form.add_error(None, "This step is done already, perhaps in another tab. Nothing was written twice.")
        return self.form_invalid(form, status=409)

    @cached_property
    def progress(self) -> Progress:
        return progress_of(self.team, self.request.user)

    @property
    def onward(self) -> str:
        return self.progress.next_after(self.step)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = self.progress if self.step else None
        return super().get_context_data(**kwargs) | {
            "lead": self.lead,
            "verb": self.verb,
            "steps": shown.shown(self.step) if shown else [],
            "skip": shown.next_after(self.step) if shown else "",
            "done": self.done,
            "undoable": [
                (words, reverse("welcome_undo", args=[self.team.slug, step]))
                for step, words in (undoable_steps(self.team) if self.step else [])
            ],
        }


class TeamStep(_Step):
    page_title = "Your team"
    lead = "Who you are and how you share the work. Everything can be changed later."
    form_class = TeamStartForm

    def get_form_kwargs(self) -> dict[str, Any]:
        viewer: Any = self.request.user
        patterns = [(row.slug, row.name) for row in Pattern.objects.order_by("-is_built_in", "pk")[:20]]
        return super().get_form_kwargs() | {"patterns": patterns, "zone": viewer.zone}

    @cached_property
    def done(self) -> Link | None:
        """The team of that name, if the viewer has just made it in another tab."""
        viewer: Any = self.request.user
        slug = slugify(self.request.POST.get("name", ""))[:60]
        led = teams_visible_to(viewer).filter(slug=slug, archived_at=None, memberships__role="lead")
        made = led.filter(memberships__person=viewer).first() if slug else None
        return Link("Go on", address(made, "assets")) if made else None

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        team, made = start_team(actor=viewer, start=TeamStart(**form.cleaned_data), at=at)
        if made:
            send_invitations(made)
        return address(team, "assets")


class AssetsStep(_Step):
    """The file is read first and changes nothing; the second button takes it in."""

    page_title = "What there is"
    lead = "Pipelines, tables, metrics and dashboards, from a file you have. Nothing changes before you have seen it."
    form_class = AssetsForm
    step = "assets"
    verb = "Read it"

    @cached_property
    def run(self) -> ImportRun | None:
        number = self.request.GET.get("run", "") or self.request.POST.get("run", "")
        mine = ImportRun.objects.filter(actor=self.request.user)  # type: ignore[misc]  # signed in
        return mine.filter(pk=int(number)).first() if number.isdecimal() and len(number) < 12 else None  # noqa: PLR2004 (digits of a key)

    def perform(self, form: Any, at: datetime) -> str:
        if self.run is not None and not form.cleaned_data["file"]:
            apply_import(actor=self.request.user, run=self.run, at=at)
            return self.onward
        upload = form.cleaned_data["file"]
        given = FileToImport(form.cleaned_data["source"], upload.file, upload.name, {}, UPLOAD_BYTES)
        run = plan_import(actor=self.request.user, given=given, at=at)
        return f"{address(self.team, self.step)}?run={run.pk}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"is_read": self.run is not None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"run": self.run}


class RotaStep(_Step):
    page_title = "Who answers"
    lead = "A week each, handed over on Tuesday at nine. More rules, a second person and holidays come later."
    form_class = RotaForm
    step = "oncall"
    is_once = True
    verb = "Make the rota"

    def get_initial(self) -> dict[str, Any]:
        at_work = self.team.memberships.filter(person__state="active", during__contains=clock.now().date())
        handles = at_work.order_by("pk").values_list("person__handle", flat=True)
        return {"members": ", ".join(handles), "questions": "same"}

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        given = form.cleaned_data
        handles = [part.strip() for part in given["members"].split(",") if part.strip()]
        start_rota(actor=viewer, team=self.team, handles=handles, questions=given["questions"], at=at)
        return self.onward


class PromisesStep(_Step):
    page_title = "What you promise"
    lead = "Counted in your working hours. Ad-hoc work lives in 5 to 10 % of your time; the rest is your plan."
    form_class = PromisesForm
    step = "promises"
    is_once = True
    verb = "Promise it"

    def perform(self, form: Any, at: datetime) -> str:
        viewer: Any = self.request.user
        start_promises(actor=viewer, team=self.team, at=at, **form.cleaned_data)
        return self.onward


class UndoStepView(ActView):
    """What a step did goes back in one press; what left the house stays and is counted."""

    def act(self, at: datetime) -> str:
        viewer: Any = self.request.user
        team = get_object_or_404(teams_visible_to(viewer), slug=self.kwargs["slug"])
        require(can_manage_team(viewer, team, at))
        step = self.kwargs["step"]
        gone, stays = undo_step(actor=viewer, team=team, step=step, at=at)
        left = f" {count_words(stays, 'thing')} cannot be: what left the house stays." if stays else ""
        messages.success(self.request, f"{count_words(gone, 'change')} taken back.{left}")
        return reverse("welcome_team") if step == "team" else address(team, step)


class TestStep(_Step):
    page_title = "Does it reach you?"
    form_class = TestForm
    step = "test"
    verb = "Send me a test page"

    @property
    def lead(self) -> str:  # type: ignore[override]  # a sentence with the installation's address
        return f"Then send analysts here: {settings.BASE_URL}/requests/new"

    def perform(self, form: Any, at: datetime) -> str:
        del form
        send_test_page(actor=self.request.user, at=at)
        return reverse("home")
