"""`/sla/`: promises and hours as rows that somebody edits, with what they would have done last quarter (spec sla 9)."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from portal.accounts.models import Team
from portal.core import clock
from portal.core.domain.calendars import WEEKDAYS, parse_calendar, require_open
from portal.core.errors import DomainError
from portal.core.models import BusinessCalendar, CalendarVersion
from portal.core.policies import can_edit_calendars
from portal.core.queries.calendars import proposed_holidays
from portal.core.services.calendars import publish_calendar_version
from portal.core.web.views import DomainFormMixin
from requests_queue.domain.hours import exceptions_text, hours_text, parse_exceptions, weekly_of
from requests_queue.domain.spans import ladder_text, parse_ladder, parse_span, span_words
from requests_queue.forms import CalendarForm, MatchForm, PolicyForm
from requests_queue.models import PolicyMatch, SlaPolicy, SlaPolicyVersion
from requests_queue.models.promises import CLOCK_KINDS
from requests_queue.policies import can_edit_policy, can_rank_policies
from requests_queue.queries.dry_runs import Change, clocks_of_calendar, clocks_of_policy, dry_run
from requests_queue.services.promising import (
    PolicyDraft,
    add_match,
    apply_policy_to_running,
    checked_draft,
    publish_policy_version,
    remove_match,
)
from requests_queue.web.calendar_year import chosen_year, shown_year
from requests_queue.web.shown import PROMISES, attainment_rows, effect_table

if TYPE_CHECKING:
    from datetime import datetime

LOOK_BACK = timedelta(days=91)
DAY_SECONDS = 32_400
CRUMB = (("Promises and hours", "/sla/"),)


class SlaView(DomainFormMixin):
    """`/sla/`: policies, rules, calendars, and how many promises were kept."""

    page_title = "Promises and hours"
    nav_key = "sla"
    template_name = "requests_queue/sla.html"
    form_class = MatchForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        at = clock.now()
        newest = {row.policy_id: row for row in SlaPolicyVersion.objects.select_related("policy").order_by("n")}
        rows = sorted(newest.values(), key=lambda row: row.policy.name)
        policies = [(row, [_cell(row.targets[kind]) for kind in CLOCK_KINDS]) for row in rows]
        return super().get_context_data(**kwargs) | {
            "policies": policies, "clocks": [PROMISES[kind] for kind in CLOCK_KINDS],
            "matches": PolicyMatch.objects.select_related("policy", "team").order_by("rank"),
            "calendars": BusinessCalendar.objects.filter(is_archived=False).order_by("name"),
            "kept": attainment_rows(at - LOOK_BACK, at), "can_rank": can_rank_policies(self.request.user).allowed,
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        given, actor = form.cleaned_data, self.request.user
        if given["remove"]:
            found = PolicyMatch.objects.select_related("team", "policy").filter(pk=given["remove"]).first()
            if found is None:
                raise Http404
            remove_match(actor=actor, match=found, at=at)
            return "/sla/"
        team = Team.objects.filter(slug=given["team"]).first() if given["team"] else None
        add_match(
            actor=actor, rank=given["rank"], policy=given["policy"], kind=given["kind"] or None, team=team,
            urgency=given["urgency"] or None, size=given["size"] or None, at=at,
        )  # fmt: skip
        return "/sla/"


class PolicyView(DomainFormMixin):
    """`/sla/policies/<id>`: edit, preview on the last quarter, publish; then, if wanted, apply to running promises."""

    page_title = "A policy"
    nav_key = "sla"
    crumbs = CRUMB
    template_name = "requests_queue/policy.html"
    form_class = PolicyForm

    @cached_property
    def policy(self) -> SlaPolicy:
        found = SlaPolicy.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def get_initial(self) -> dict[str, Any]:
        version = self.policy.versions.latest("n")
        facts = {
            f"{kind}_{urgency}": span_words(version.targets[kind][urgency])
            for kind in CLOCK_KINDS for urgency in ("normal", "urgent")
        }  # fmt: skip
        return facts | {
            "ladder": ladder_text(version.ladder), "grace": span_words(version.grace_seconds),
            "reopen_factor": version.reopen_factor, "pause_upstream": "waiting_on_upstream" in version.pause_states,
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        policy = self.policy
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "policy": policy, "versions": policy.versions.select_related("created_by").order_by("-n")[:20],
            "can_edit": can_edit_policy(self.request.user, policy, clock.now()).allowed,
            "can_apply": can_rank_policies(self.request.user).allowed, "effects": getattr(self, "effects", None),
            "fields": [
                (PROMISES[kind], form[f"{kind}_normal"], form[f"{kind}_urgent"]) for kind in CLOCK_KINDS
            ],
        }  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        policy, act, actor = self.policy, self.request.POST.get("act", "publish"), self.request.user
        if act == "apply":
            count = apply_policy_to_running(actor=actor, version=policy.versions.latest("n"), at=at)
            messages.success(self.request, f"{count} running promises have the new targets; what was counted stands.")
            return f"/sla/policies/{policy.pk}"
        version = publish_policy_version(actor=actor, policy=policy, draft=draft_of_form(form.cleaned_data), at=at)
        messages.success(self.request, f"{version} holds for what is filed from now on.")
        return f"/sla/policies/{policy.pk}"

    def form_valid(self, form: Any) -> Any:
        """A preview writes nothing and shows the form again beside what would have happened."""
        if self.request.POST.get("act") != "preview":
            return super().form_valid(form)
        return _previewed(self, form, self.preview)

    def preview(self, form: Any, at: datetime) -> list[Any]:
        content = checked_draft(draft_of_form(form.cleaned_data))
        clocks = clocks_of_policy(self.policy.pk, at - LOOK_BACK, at)
        percents = [row["percent"] for row in content["ladder"]]
        return effect_table(dry_run(clocks, Change(targets=content["targets"], percents=percents), at))


class CalendarView(DomainFormMixin):
    """`/sla/calendars/<id>`: hours and exceptions; public holidays are proposed and never taken by themselves."""

    page_title = "A calendar"
    nav_key = "sla"
    crumbs = CRUMB
    template_name = "requests_queue/calendar.html"
    form_class = CalendarForm

    def calendar(self) -> BusinessCalendar:
        found = BusinessCalendar.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def newest(self) -> CalendarVersion:
        return CalendarVersion.objects.filter(calendar=self.calendar()).latest("n")

    def get_initial(self) -> dict[str, Any]:
        version = self.newest()
        return {day: hours_text(version.weekly.get(day, [])) for day in WEEKDAYS} | {
            "zone": version.zone, "exceptions": exceptions_text(version.exceptions),
            "always_open": version.always_open,
        }  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        country, part = self.request.GET.get("country", ""), self.request.GET.get("part", "")
        year = clock.now().year
        version = self.newest()
        found = (
            [*proposed_holidays(country, part, year), *proposed_holidays(country, part, year + 1)] if country else []
        )
        form = kwargs.get("form") or self.get_form()
        return super().get_context_data(**kwargs) | {
            "calendar": self.calendar(), "version": version, "holidays": found, "country": country, "part": part,
            "days": [form[day] for day in WEEKDAYS], "effects": getattr(self, "effects", None),
            "versions": CalendarVersion.objects.filter(calendar=self.calendar()).order_by("-n")[:20],
            "can_edit": can_edit_calendars(self.request.user).allowed,
        } | shown_year(version, chosen_year(self.request.GET.get("year", ""), year))  # fmt: skip

    def perform(self, form: Any, at: datetime) -> str:
        given = form.cleaned_data
        version = publish_calendar_version(
            actor=self.request.user, calendar=self.calendar(), weekly=weekly_of(given), zone=given["zone"],
            exceptions=_exceptions(given, self.request.POST.getlist("holidays")), always_open=given["always_open"],
            at=at,
        )  # fmt: skip
        messages.success(self.request, f"{version} holds for what is filed from now on.")
        return f"/sla/calendars/{self.kwargs['pk']}"

    def form_valid(self, form: Any) -> Any:
        """A preview writes nothing and shows the form again beside what would have happened."""
        if self.request.POST.get("act") != "preview":
            return super().form_valid(form)
        return _previewed(self, form, self.preview)

    def preview(self, form: Any, at: datetime) -> list[Any]:
        given = form.cleaned_data
        spec = {
            "zone": given["zone"], "weekly": weekly_of(given), "always_open": given["always_open"],
            "exceptions": _exceptions(given, self.request.POST.getlist("holidays")),
        }  # fmt: skip
        parsed = parse_calendar(spec)
        require_open(parsed, at)
        clocks = clocks_of_calendar(self.calendar().pk, at - LOOK_BACK, at)
        return effect_table(dry_run(clocks, Change(calendar=parsed), at))


def draft_of_form(given: dict[str, Any]) -> PolicyDraft:
    """The version that a form describes; raises `DomainError` naming the field."""
    pauses = ["waiting_on_requester", *(["waiting_on_upstream"] if given["pause_upstream"] else [])]
    return PolicyDraft(
        targets={
            kind: {
                urgency: parse_span(given[f"{kind}_{urgency}"], DAY_SECONDS, f"{kind}_{urgency}")
                for urgency in ("normal", "urgent")
            }
            for kind in CLOCK_KINDS
        },
        ladder=parse_ladder(given["ladder"]), pause_states=pauses,
        grace_seconds=parse_span(given["grace"], DAY_SECONDS, "grace"), reopen_factor=given["reopen_factor"],
    )  # fmt: skip


def _previewed(view: Any, form: Any, preview: Any) -> Any:
    try:
        view.effects = preview(form, clock.now())
    except DomainError as error:
        return view.refuse(form, error)
    return view.render_to_response(view.shell_context() | view.get_context_data(form=form))


def _cell(targets: dict[str, int]) -> str:
    return f"{span_words(targets['normal'])} ({span_words(targets['urgent'])})"


def _exceptions(given: dict[str, Any], ticked: list[str]) -> dict[str, Any]:
    """The lines of the form, and the proposed holidays that somebody ticked ("2026-12-25 Christmas")."""
    found = parse_exceptions(given["exceptions"])
    for line in ticked[:200]:
        day, _, name = line.partition(" ")
        found.setdefault(day, {"intervals": [], "name": name[:80], "is_public_holiday": True})
    return found
