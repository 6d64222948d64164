"""`/integrations/`, `/expectations/`, `/silences/`, `/maintenance/`: filtered lists with a form that adds to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.views.decorators.http import require_GET

from oncall.domain.expectations import parse_rule, words
from oncall.filters.keeping import ExpectationFilter, IntegrationFilter, MaintenanceFilter, SilenceFilter
from oncall.forms.keeping import DoorForm, ExpectationForm, MaintenanceForm, SilenceForm
from oncall.models import Expectation, Integration, MaintenanceWindow, Silence
from oncall.models.spans import ends
from oncall.queries.named import asset_called, team_called
from oncall.services.expecting import create_expectation
from oncall.services.integrations import create_integration
from oncall.services.quiet import Window, create_maintenance, create_silence
from portal.core import clock
from portal.core.web.csv_export import csv_response
from portal.core.web.filtering import ensure_valid
from portal.core.web.keyset import keyset
from portal.core.web.presentation import Badge, Row, when
from portal.core.web.views import DomainFormMixin

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponseBase


class KeptView(DomainFormMixin):
    """What is there, filtered by the address, and a form beside it; with `.csv` the same rows as a file."""

    nav_key = "incidents"
    template_name = "oncall/kept.html"
    partial = "rows"
    lead, add, nothing, path, file = "", "", "", "", ""
    order: tuple[str, ...] = ("pk",)
    filterset: Any = None
    found: Any = None
    header: tuple[str, ...] = ()
    is_file = False

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if not self.is_file:
            return super().get(request, *args, **kwargs)
        _, rows = self.filtered()
        ordered = rows.order_by(*self.order)
        return csv_response(self.file, self.header, (self.line(row) for row in ordered), count=ordered.count())

    def filtered(self) -> tuple[Any, QuerySet[Any]]:
        """The filter of the address and its rows; a value that fits no filter is refused."""
        chosen = self.filterset(self.request.GET, queryset=self.found.all(), request=self.request)
        ensure_valid(chosen)
        chosen.form.auto_id = "filter_%s"
        return chosen, chosen.qs

    def perform(self, form: Any, at: datetime) -> str:
        messages.success(self.request, self.keep(form, at))
        return self.path

    def keep(self, form: Any, at: datetime) -> str:
        """Write it and say so."""
        raise NotImplementedError

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        raise NotImplementedError

    def line(self, found: Any) -> tuple[Any, ...]:
        """The cells of a CSV line."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        viewer: Any = self.request.user
        at = clock.now()
        chosen, rows = self.filtered()
        page = keyset(rows, order=self.order, cursor=self.request.GET.get("cursor", ""))
        following = self.request.GET.copy()
        following["cursor"] = page.next_cursor
        return super().get_context_data(**kwargs) | {
            "lead": self.lead, "add": self.add, "nothing": self.nothing, "path": self.path, "filters": chosen.form,
            "query": self.request.GET.urlencode(), "rows": [self.row(row, viewer.zone, at) for row in page.rows],
            "next_url": f"?{following.urlencode()}" if page.next_cursor else "",
            "tabs": [(label, url, url == self.path) for label, url in TABS],
        }  # fmt: skip


TABS = (
    ("Integrations", "/integrations/"), ("Expectations", "/expectations/"), ("Pre-checks", "/prechecks/"),
    ("Silences", "/silences/"), ("Maintenance", "/maintenance/"),
)  # fmt: skip


class IntegrationsView(KeptView):
    """`/integrations/`: doors for other systems; a secret is shown once."""

    page_title, path, file, form_class = "Integrations", "/integrations/", "integrations", DoorForm
    lead = "Doors by which other systems report what is broken. Each has a key of its own."
    add, nothing = "Open a door", "No other system reports here yet. Open a door for one beside this."
    filterset, found, order = IntegrationFilter, Integration.objects.select_related("team"), ("slug",)
    header = ("slug", "name", "kind", "team", "is_open", "last_seen_at")

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        team = team_called(data["team"])
        made, secret = create_integration(
            actor=self.request.user, team=team, kind=data["kind"], slug=data["slug"], at=at
        )
        return f"{made.name} is open. Its key, shown this once: {secret}"

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        badges = [Badge(found.kind, "info")] + ([] if found.is_active else [Badge("Closed", "gray")])
        return Row(
            found.name, f"/integrations/{found.slug}", icon="plug", badges=badges, facts=[found.team.name],
            side=f"heard {when(found.last_seen_at, zone, at).text}" if found.last_seen_at else "never heard",
        )  # fmt: skip

    def line(self, found: Any) -> tuple[Any, ...]:
        return found.slug, found.name, found.kind, found.team.slug, found.is_active, found.last_seen_at


class ExpectationsView(KeptView):
    """`/expectations/`: data that is owed; what never came alarms too."""

    page_title, path, file, form_class = "Expectations", "/expectations/", "expectations", ExpectationForm
    lead = "What data is owed and by when. It alarms even if the first beat never came."
    add, nothing = "Expect something", "Nothing is expected yet. Say beside this what is owed and by when."
    filterset, found = ExpectationFilter, Expectation.objects.select_related("asset")
    order = ("next_due_at",)
    header = ("asset", "rule", "zone", "next_due_at", "last_beat_at", "is_paused")

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        asset = asset_called(data["asset"], self.request.user)
        made, token = create_expectation(
            actor=self.request.user, asset=asset, rule=form.rule(), zone=data["zone"], at=at
        )
        due = f"{made.next_due_at:%a %d %b %H:%M} UTC"
        return f"First due {due}. Beats go to POST /api/v1/heartbeats/{token}, shown this once."

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        beat = f"last beat {when(found.last_beat_at, zone, at).text}" if found.last_beat_at else "never beaten"
        return Row(
            found.asset.name, f"/expectations/{found.pk}", icon="heart-pulse",
            badges=[Badge("Paused", "gray")] if found.is_paused else [],
            facts=[words(parse_rule(found.rule)), found.zone, beat],
            side=f"due {when(found.next_due_at, zone, at).text}",
        )  # fmt: skip

    def line(self, found: Any) -> tuple[Any, ...]:
        rule = words(parse_rule(found.rule))
        return found.asset.slug, rule, found.zone, found.next_due_at, found.last_beat_at, found.is_paused


class SilencesView(KeptView):
    """`/silences/`."""

    page_title, path, file, form_class = "Silences", "/silences/", "silences", SilenceForm
    lead = "Matching alerts are kept and make no incident, for seven days at most. Open incidents are not touched."
    add, nothing = "Silence something", "Nothing is silenced."
    filterset, found, order = SilenceFilter, Silence.objects.select_related("team"), ("-starts_at",)
    header = ("team", "matcher", "starts_at", "until", "ended_at", "reason")

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        matcher = {name: data[name] for name in ("asset", "title") if data[name]}
        team = team_called(data["team"])
        create_silence(
            actor=self.request.user, team=team, matcher=matcher, until=data["until"], reason=data["reason"], at=at
        )
        return "It is quiet. What still fires at the end makes an incident then."

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        return Row(
            found.reason, f"/silences/{found.pk}", icon="bell-off", badges=[quiet_badge(found, at)],
            facts=[found.team.name, matcher_words(found)], side=f"until {when(found.until, zone, at).text}",
        )  # fmt: skip

    def line(self, found: Any) -> tuple[Any, ...]:
        return found.team.slug, matcher_words(found), found.starts_at, found.until, found.ended_at, found.reason


class MaintenanceView(KeptView):
    """`/maintenance/`."""

    page_title, path, file, form_class = "Maintenance", "/maintenance/", "maintenance", MaintenanceForm
    lead = "Planned work: alerts of these assets wait for its end, which makes incidents of what still fails."
    add, nothing = "Plan maintenance", "No maintenance is planned."
    filterset, order = MaintenanceFilter, ("-made_at",)
    found = MaintenanceWindow.objects.select_related("team").prefetch_related("assets")
    header = ("team", "assets", "start", "end", "ended_at", "reason")

    def keep(self, form: Any, at: datetime) -> str:
        data = form.cleaned_data
        slugs = data["assets"].replace(",", " ").split()
        assets = [asset_called(slug, self.request.user, "assets") for slug in slugs]
        window = Window(data["start"], data["end"], assets)
        team = team_called(data["team"])
        create_maintenance(actor=self.request.user, team=team, window=window, reason=data["reason"], at=at)
        return "It is planned."

    def row(self, found: Any, zone: str, at: datetime) -> Row:
        start, end = ends(found.during)
        return Row(
            found.reason, f"/maintenance/{found.pk}", icon="wrench", badges=[quiet_badge(found, at)],
            facts=[found.team.name, ", ".join(asset.name for asset in found.assets.all())],
            side=f"{when(start, zone, at).text} to {when(end, zone, at).text}",
        )  # fmt: skip

    def line(self, found: Any) -> tuple[Any, ...]:
        assets = " ".join(asset.slug for asset in found.assets.all())
        return (found.team.slug, assets, *ends(found.during), found.ended_at, found.reason)


def quiet_badge(row: Any, at: datetime) -> Badge:
    """Over, to come, or quiet now."""
    start, until = (row.starts_at, row.until) if isinstance(row, Silence) else ends(row.during)
    if row.ended_at is not None or until <= at:
        return Badge("Over", "gray")
    return Badge("To come", "info") if start > at else Badge("Quiet now", "warn")


def matcher_words(row: Silence) -> str:
    """What a silence matches."""
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in row.matcher.items())


def export_of(view: type[KeptView]) -> Callable[[HttpRequest], HttpResponseBase]:
    """The list as CSV, by GET alone."""
    shown = view.as_view(is_file=True)

    @require_GET
    def exported(request: HttpRequest) -> HttpResponseBase:
        return shown(request)

    return exported
