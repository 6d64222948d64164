"""One door, one quiet time, one expectation: what it is, and the act that changes it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import Http404

from oncall.domain.expectations import parse_rule, words
from oncall.domain.samples import samples_of, snippet_of
from oncall.forms.kept import MappingForm, NameForm, NothingForm, TryForm
from oncall.models import Expectation, Integration, MaintenanceWindow, Silence
from oncall.models.spans import ends
from oncall.policies import can_work_in
from oncall.queries.named import asset_called
from oncall.queries.naming import unknown_names
from oncall.queries.quiet import hidden_alerts
from oncall.queries.trying_doors import try_body
from oncall.services.expecting import pause_expectation, team_of
from oncall.services.integrations import change_integration, name_asset, rotate_integration
from oncall.services.quiet import end_quiet
from oncall.web.keeping import matcher_words, quiet_badge
from portal.core import clock
from portal.core.errors import DomainError
from portal.core.policies import require
from portal.core.web.presentation import Badge, Fact, Row, count_words, when
from portal.core.web.views import DomainFormMixin, PageView, render

if TYPE_CHECKING:
    from datetime import datetime

    from django.http import HttpResponse

ACTS = {"try": TryForm, "mapping": MappingForm, "rotate": NothingForm, "close": NothingForm, "open": NothingForm,
        "name": NameForm}  # fmt: skip


class DoorView(PageView):
    """`/integrations/<slug>`: how to send, what to send, and what comes of it."""

    nav_key = "incidents"
    template_name = "oncall/integration.html"

    def context(self, at: datetime) -> dict[str, Any]:
        return door_context(self.request, find_door(str(self.kwargs["slug"])), at)


class DoorActView(DomainFormMixin):
    """`/integrations/<slug>/do/<verb>`: try a body, change the mapping, a new key, close or open."""

    nav_key = "incidents"
    template_name = "oncall/integration.html"
    http_method_names = ("post",)

    def get_form_class(self) -> Any:
        if self.kwargs["verb"] not in ACTS:
            raise Http404
        return ACTS[self.kwargs["verb"]]

    def form_valid(self, form: Any) -> HttpResponse:
        """A try answers at once: it writes nothing, so that there is nothing to do once."""
        if self.kwargs["verb"] != "try":
            return super().form_valid(form)
        at, door = clock.now(), find_door(str(self.kwargs["slug"]))
        context = self.shell_context() | self.get_context_data(form=form)
        require(can_work_in(self.request.user, door.team, at))
        try:
            tried = [_tried(each) for each in try_body(door, form.cleaned_data["body"], at)]
        except DomainError as refusal:
            form.add_error("body", refusal.message)
            return self.form_invalid(form)
        return render(self.request, self.template_name, context | {"tried": tried, "refused": None})

    def perform(self, form: Any, at: datetime) -> str:
        door = find_door(str(self.kwargs["slug"]))
        messages.success(self.request, _changed(self.request.user, door, str(self.kwargs["verb"]), form, at))
        return f"/integrations/{door.slug}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = door_context(self.request, find_door(str(self.kwargs["slug"])), clock.now())
        form = kwargs["form"]
        own = {"try": "try_form", "mapping": "mapping_form"}.get(str(self.kwargs["verb"]))
        return super().get_context_data(**kwargs) | context | {"refused": form} | ({own: form} if own else {})


def _changed(actor: Any, door: Integration, verb: str, form: Any, at: datetime) -> str:
    """Do it and say so."""
    if verb == "rotate":
        _, secret = rotate_integration(actor=actor, integration=door, at=at)
        return f"The old key opens nothing any more. The new one, shown this once: {secret}"
    if verb == "mapping":
        change_integration(actor=actor, integration=door, mapping=form.cleaned_data["mapping"], at=at)
        return "The mapping is kept."
    if verb == "name":
        asset = asset_called(form.cleaned_data["asset"], actor)
        name_asset(actor=actor, integration=door, name=form.cleaned_data["name"], asset=asset, at=at)
        return f"From now on {form.cleaned_data['name']} is {asset.name}."
    change_integration(actor=actor, integration=door, is_active=verb == "open", at=at)
    return "It is open." if verb == "open" else "It is closed: what it sends is turned away."


class _OneView(DomainFormMixin):
    """One row with its facts and one act."""

    nav_key = "incidents"
    template_name = "oncall/kept_one.html"
    form_class = NothingForm
    model: Any = None
    list_name, list_url = "", ""

    def row(self) -> Any:
        found = self.model.objects.filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def facts(self, found: Any, zone: str, at: datetime) -> list[Fact]:
        raise NotImplementedError

    def act(self, found: Any, at: datetime) -> tuple[str, str] | None:
        """The label of the act and a sentence about it; None where nothing can be done."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        found, at = self.row(), clock.now()
        act = self.act(found, at)
        team = team_of(found.asset, at) if isinstance(found, Expectation) else found.team
        return super().get_context_data(**kwargs) | {
            "page_title": self.title(found), "crumbs": ((self.list_name, self.list_url),),
            "badges": [self.badge(found, at)], "facts": self.facts(found, viewer.zone, at), "act": act,
            "team": team, "can_act": act is not None and bool(can_work_in(viewer, team, at)),
        }  # fmt: skip

    def title(self, found: Any) -> str:
        return str(found.reason)

    def badge(self, found: Any, at: datetime) -> Badge:
        return quiet_badge(found, at)


class _QuietView(_OneView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        hidden = [
            Row(each.title, f"/assets/{each.asset.slug}" if each.asset is not None else "",
                "bad" if each.status == "firing" else "gray", facts=[each.source, count_words(each.count, "time")],
                side=when(each.last_at, viewer.zone, at).text)
            for each in hidden_alerts(self.row())
        ]  # fmt: skip
        return super().get_context_data(**kwargs) | {"hidden": hidden, "is_quiet": True}

    def perform(self, form: Any, at: datetime) -> str:
        del form
        count = end_quiet(actor=self.request.user, quiet=self.row(), at=at)
        after = f"{count_words(count, 'alert')} still fired and made incidents." if count else "Nothing still fired."
        messages.success(self.request, f"It is over. {after}")
        return self.list_url

    def act(self, found: Any, at: datetime) -> tuple[str, str] | None:
        until = found.until if isinstance(found, Silence) else ends(found.during)[1]
        if found.ended_at is not None or until <= at:
            return None
        return "End it now", "Whatever still fires makes incidents at once."


class SilenceView(_QuietView):
    """`/silences/<id>`."""

    model, list_name, list_url = Silence, "Silences", "/silences/"

    def facts(self, found: Any, zone: str, at: datetime) -> list[Fact]:
        ended = [Fact("Ended", when(found.ended_at, zone, at).text)] if found.ended_at else []
        by = found.made_by.name if found.made_by is not None else "the house"
        return [Fact("Matches", matcher_words(found)), Fact("Team", found.team.name), Fact("Made by", by),
                Fact("From", when(found.starts_at, zone, at).text), Fact("Until", when(found.until, zone, at).text),
                *ended]  # fmt: skip


class MaintenanceOneView(_QuietView):
    """`/maintenance/<id>`."""

    model, list_name, list_url = MaintenanceWindow, "Maintenance", "/maintenance/"

    def facts(self, found: Any, zone: str, at: datetime) -> list[Fact]:
        start, end = ends(found.during)
        names = [*(asset.name for asset in found.assets.all()), *(door.name for door in found.integrations.all())]
        ended = [Fact("Ended", when(found.ended_at, zone, at).text)] if found.ended_at else []
        by = found.made_by.name if found.made_by is not None else "the house"
        return [Fact("About", ", ".join(names)), Fact("Team", found.team.name), Fact("Planned by", by),
                Fact("From", when(start, zone, at).text), Fact("Until", when(end, zone, at).text), *ended]  # fmt: skip


class ExpectationView(_OneView):
    """`/expectations/<id>`."""

    model, list_name, list_url = Expectation, "Expectations", "/expectations/"

    def perform(self, form: Any, at: datetime) -> str:
        del form
        found = self.row()
        pause_expectation(actor=self.request.user, expectation=found, is_paused=not found.is_paused, at=at)
        said = "It is expected again." if found.is_paused else "It is paused: nothing alarms."
        messages.success(self.request, said)
        return f"/expectations/{found.pk}"

    def title(self, found: Any) -> str:
        return str(found.asset.name)

    def badge(self, found: Any, at: datetime) -> Badge:
        del at
        return Badge("Paused", "gray") if found.is_paused else Badge("Expected", "ok")

    def facts(self, found: Any, zone: str, at: datetime) -> list[Fact]:
        beat = when(found.last_beat_at, zone, at).text if found.last_beat_at else "never: it alarms all the same"
        return [Fact("Owed", words(parse_rule(found.rule))), Fact("In the zone", found.zone),
                Fact("Next due", when(found.next_due_at, zone, at).text), Fact("Last beat", beat),
                Fact("Last partition", found.last_partition or "none named")]  # fmt: skip

    def act(self, found: Any, at: datetime) -> tuple[str, str] | None:
        del at
        if found.is_paused:
            return "Expect it again", "The next due instant is counted from now."
        return "Pause it", "Nothing alarms until it is expected again."


def find_door(slug: str) -> Integration:
    """The door of a slug, else 404."""
    found = Integration.objects.select_related("team").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def door_context(request: Any, door: Integration, at: datetime) -> dict[str, Any]:
    """Everything on the page of a door."""
    viewer: Any = request.user
    path = "/api/v1/v2/enqueue" if door.kind == "pagerduty" else f"/api/v1/inbound/{door.kind}/{door.slug}"
    address = request.build_absolute_uri(path)
    samples = [(each.title, json.dumps(each.body, indent=2)) for each in samples_of(door.kind, "orders_daily")]
    heard = when(door.last_seen_at, viewer.zone, at).text if door.last_seen_at else "never"
    return {
        "door": door, "page_title": door.name, "crumbs": (("Integrations", "/integrations/"),),
        "badge": Badge("Open", "ok") if door.is_active else Badge("Closed", "gray"),
        "facts": [Fact("Sender", door.kind.capitalize()), Fact("Team", door.team.name), Fact("Last heard", heard),
                  Fact("Takes", f"{door.rate_per_minute} messages a minute")],
        "address": address, "snippet": snippet_of(door.kind, address), "samples": samples,
        "can_work": bool(can_work_in(viewer, door.team, at)),
        "unknown": _unknown(door, viewer.zone, at),
        "try_form": TryForm(initial={"body": samples[0][1]}),
        "mapping_form": MappingForm(initial={"mapping": json.dumps(door.mapping, indent=2) if door.mapping else ""}),
    }  # fmt: skip


def _unknown(door: Integration, zone: str, at: datetime) -> list[Any]:
    return [
        (each, count_words(each.times, "time"), when(each.last_at, zone, at)) for each in unknown_names(door, at)
    ]  # fmt: skip


def _tried(each: Any) -> Row:
    colour = {"firing": "bad", "resolved": "ok"}.get(each.signal.status, "info")
    facts = [each.effect, f"key {each.signal.dedup_key[:80]}"]
    url = f"/assets/{each.asset.slug}" if each.asset is not None else ""
    return Row(each.signal.title, url, colour, badges=[Badge(each.signal.status.capitalize(), colour)], facts=facts)
