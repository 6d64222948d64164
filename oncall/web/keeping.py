"""`/integrations/`, `/expectations/`, `/silences/`, `/maintenance/`: a list and the form that adds to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages

from oncall.domain.expectations import parse_rule, words
from oncall.forms.keeping import DoorForm, ExpectationForm, MaintenanceForm, SilenceForm
from oncall.models import Expectation, Integration, MaintenanceWindow, Silence
from oncall.queries.named import asset_called, team_called
from oncall.services.expecting import create_expectation
from oncall.services.integrations import create_integration
from oncall.services.quiet import Window, create_maintenance, create_silence
from portal.core import clock
from portal.core.web.presentation import Badge, Row, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from datetime import datetime

MOST = 200


class _Kept(DomainFormMixin):
    """What is there, and a form beside it."""

    nav_key = "incidents"
    template_name = "oncall/kept.html"
    lead, add, nothing, path = "", "", "", ""

    def perform(self, form: Any, at: datetime) -> str:
        messages.success(self.request, self.keep(form, at))
        return self.path

    def keep(self, form: Any, at: datetime) -> str:
        """Write it and say so."""
        raise NotImplementedError

    def rows(self, zone: str, at: datetime) -> list[Row]:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        facts = {"lead": self.lead, "add": self.add, "nothing": self.nothing}
        return super().get_context_data(**kwargs) | facts | {"rows": self.rows(viewer.zone, clock.now())}


class IntegrationsView(_Kept):
    """`/integrations/`: doors for other systems; a secret is shown once."""

    page_title, path, form_class = "Integrations", "/integrations/", DoorForm
    lead = "Doors by which other systems report what is broken. Each has a key of its own."
    add, nothing = "Open a door", "No other system reports here yet."

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        team = team_called(data["team"])
        made, secret = create_integration(
            actor=self.request.user, team=team, kind=data["kind"], slug=data["slug"], at=at
        )
        return f"{made.name} is open. Its key, shown this once: {secret}"

    def rows(self, zone: str, at: datetime) -> list[Row]:
        found = Integration.objects.select_related("team").order_by("slug")[:MOST]
        return [
            Row(row.name, "", icon="plug", badges=[Badge(row.kind, "info" if row.is_active else "gray")],
                facts=[row.team.name, f"POST /api/v1/inbound/{row.kind}/{row.slug}"],
                side=f"heard {when(row.last_seen_at, zone, at).text}" if row.last_seen_at else "never heard")
            for row in found
        ]  # fmt: skip


class ExpectationsView(_Kept):
    """`/expectations/`: data that is owed; what never came alarms too."""

    page_title, path, form_class = "Expectations", "/expectations/", ExpectationForm
    lead = "What data is owed and by when. It alarms even if the first beat never came."
    add, nothing = "Expect something", "Nothing is expected yet."

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        asset = asset_called(data["asset"], self.request.user)
        made, token = create_expectation(
            actor=self.request.user, asset=asset, rule=form.rule(), zone=data["zone"], at=at
        )
        due = f"{made.next_due_at:%a %d %b %H:%M} UTC"
        return f"First due {due}. Beats go to POST /api/v1/heartbeats/{token}, shown this once."

    def rows(self, zone: str, at: datetime) -> list[Row]:
        found = Expectation.objects.select_related("asset").order_by("next_due_at", "pk")[:MOST]
        return [
            Row(row.asset.name, f"/assets/{row.asset.slug}", icon="heart-pulse",
                badges=[Badge("Paused", "gray")] if row.is_paused else [],
                facts=[words(parse_rule(row.rule)), row.zone,
                       f"last beat {when(row.last_beat_at, zone, at).text}" if row.last_beat_at else "never beaten"],
                side=f"due {when(row.next_due_at, zone, at).text}")
            for row in found
        ]  # fmt: skip


class SilencesView(_Kept):
    """`/silences/`."""

    page_title, path, form_class = "Silences", "/silences/", SilenceForm
    lead = "Matching alerts are kept and make no incident, for seven days at most. Open incidents are not touched."
    add, nothing = "Silence something", "Nothing is silenced."

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        matcher = {name: data[name] for name in ("asset", "title") if data[name]}
        team = team_called(data["team"])
        create_silence(
            actor=self.request.user, team=team, matcher=matcher, until=data["until"], reason=data["reason"], at=at
        )
        return "It is quiet. What still fires at the end makes an incident then."

    def rows(self, zone: str, at: datetime) -> list[Row]:
        found = Silence.objects.select_related("team").order_by("-starts_at", "-pk")[:MOST]
        return [
            Row(row.reason, "", icon="bell-off", badges=[_state(row, row.until, at)],
                facts=[row.team.name, ", ".join(f"{name} {value}" for name, value in row.matcher.items())],
                side=f"until {when(row.until, zone, at).text}")
            for row in found
        ]  # fmt: skip


class MaintenanceView(_Kept):
    """`/maintenance/`."""

    page_title, path, form_class = "Maintenance", "/maintenance/", MaintenanceForm
    lead = "Planned work: alerts of these assets wait for its end, which makes incidents of what still fails."
    add, nothing = "Plan maintenance", "No maintenance is planned."

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        slugs = data["assets"].replace(",", " ").split()
        assets = [asset_called(slug, self.request.user, "assets") for slug in slugs]
        window = Window(data["start"], data["end"], assets)
        team = team_called(data["team"])
        create_maintenance(actor=self.request.user, team=team, window=window, reason=data["reason"], at=at)
        return "It is planned."

    def rows(self, zone: str, at: datetime) -> list[Row]:
        found = MaintenanceWindow.objects.select_related("team").prefetch_related("assets").order_by("-during")[:MOST]
        return [
            Row(row.reason, "", icon="wrench", badges=[_state(row, row.during.upper or at, at)],
                facts=[row.team.name, ", ".join(asset.name for asset in row.assets.all())],
                side=f"from {when(row.during.lower or at, zone, at).text}")
            for row in found
        ]  # fmt: skip


def _state(row: Any, until: datetime, at: datetime) -> Badge:
    if row.ended_at is not None or until <= at:
        return Badge("Over", "gray")
    return Badge("Quiet now", "warn")
