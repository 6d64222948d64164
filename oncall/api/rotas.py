"""/api/v1/rotas/: rules, shifts, fairness, gaps and changes of a rota (spec oncall 13)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from oncall.api import rota_shapes as shapes
from oncall.api.edits import RotaEditShown
from oncall.api.naming import person_called, team_called
from oncall.api.reshaping import RotaWhatIfShown, what_if_facts
from oncall.domain.target import verdict_words
from oncall.filters.rotas import RotaFilter
from oncall.models import Rota
from oncall.policies import can_manage_rota, can_read_points
from oncall.queries.board import fresh_notes, is_held_by, listed_rotas
from oncall.queries.facts import majors_of
from oncall.queries.fairness import fairness_in, gaps
from oncall.queries.planned import HISTORY
from oncall.queries.reshaping import other_of, seated, what_if
from oncall.queries.rota_book import open_book
from oncall.queries.rotas_named import rotas_called
from oncall.queries.target import FAR, explained_target, verdict_in
from oncall.queries.working_out import facts_between, firm_between
from oncall.services.changes import confirm_cascade, create_override, take_shift
from oncall.services.consents import ask_rota_version
from oncall.services.laying import Stretch
from oncall.services.notes import write_shift_note
from oncall.services.restoring import restore_rota_version
from oncall.services.rotas import (
    Applying,
    NewRota,
    RulesDraft,
    Seat,
    create_rota,
    preview_rota_version,
    publish_rota_version,
)
from oncall.services.ties import set_rota_ties
from portal.core.api.viewsets import PortalViewSet
from portal.core.errors import BadRequest, DomainError
from portal.core.policies import require

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from rest_framework.request import Request

    from oncall.domain.effective import Effective
    from oncall.domain.target import Verdict
    from oncall.queries.people import DutyPerson

LONGEST = timedelta(days=400)
SOON = timedelta(days=14)
WINDOW = timedelta(days=90)
HUNDRED, MOST_VERSIONS = 100, 50
WORKED_OUT = ("shifts", "fairness", "target", "gaps", "what_if")


@extend_schema(tags=["oncall"])
class RotaViewSet(PortalViewSet):
    """Rotas by slug."""

    queryset = Rota.objects.none()
    serializer_class = shapes.RotaShown
    filterset_class = RotaFilter
    lookup_field = "slug"
    order = ("slug",)
    query_parameters = frozenset({"from", "to", "layer", "window", "role", "person", "merge", "split"})
    scopes = {"read": "oncall:read", "write": "oncall:write"}
    inputs = {
        "create": shapes.RotaInput, "preview": shapes.RulesInput, "publish": shapes.PublishInput,
        "ask": shapes.AskInput, "changes": shapes.ChangeInput, "ties": shapes.TiesInput, "notes": shapes.NoteInput,
    }  # fmt: skip

    def get_queryset(self) -> QuerySet[Rota]:
        rows: QuerySet[Rota] = listed_rotas(self.request.user).order_by("slug")
        rows = rows.select_related("team", "borrowed_from")
        return rows if self.action in WORKED_OUT else rows.prefetch_related("exclusive_with")

    def create(self, request: Request) -> Response:
        """A rota with its first rules and its plan."""
        given = self.read(shapes.RotaInput)
        lenders = rotas_called([given["borrowed_from"]], "borrowed_from")
        others = rotas_called(given["exclusive_with"], "exclusive_with")
        new = NewRota(team_called(given["team"]), given["slug"], given["name"], given["kind"], given["zone"],
                      borrowed_from=next(iter(lenders), None))  # fmt: skip
        made = create_rota(actor=request.user, rota=new, rules=_rules(given), exclusive_with=others, at=self.at)
        return self.created(self.find(made.slug), f"/api/v1/rotas/{made.slug}/")

    @extend_schema(request=shapes.RulesInput, responses=shapes.DiffShown)
    @action(detail=True, methods=["post"], url_path="versions/preview")
    def preview(self, request: Request, slug: str) -> Response:
        """What publishing these rules would move, and who must agree. Writes nothing."""
        del slug
        rules = _rules(self.read(shapes.RulesInput))
        diff = preview_rota_version(actor=request.user, rota=self.get_object(), rules=rules, at=self.at)
        return Response(shapes.DiffShown(diff).data)

    @extend_schema(request=shapes.PublishInput, responses={201: shapes.VersionShown})
    @action(detail=True, methods=["post"], url_path="versions")
    def publish(self, request: Request, slug: str) -> Response:
        """The next version; 409 when the diff changed, or moves shifts of others soon without a reason."""
        del slug
        given = self.read(shapes.PublishInput)
        applying = Applying(given["diff_sha256"], given["reason"], given["told_reason"])
        made = publish_rota_version(
            actor=request.user, rota=self.get_object(), rules=_rules(given), applying=applying, at=self.at
        )
        return Response(shapes.VersionShown(made).data, status=201)

    @extend_schema(request=shapes.AskInput, responses={201: RotaEditShown})
    @action(detail=True, methods=["post"], url_path="versions/ask")
    def ask(self, request: Request, slug: str) -> Response:
        """Ask everybody whose shift these rules move within the notice period; they hold after the last yes."""
        del slug
        given = self.read(shapes.AskInput)
        made = ask_rota_version(
            actor=request.user, rota=self.get_object(), rules=_rules(given), reason=given["reason"],
            diff_sha256=given["diff_sha256"], at=self.at,
        )  # fmt: skip
        return Response(RotaEditShown(made).data, status=201, headers={"Location": f"/api/v1/rota-edits/{made.pk}/"})

    @extend_schema(operation_id="rota_versions", request=None, responses=shapes.RotaRulesShown(many=True))
    @publish.mapping.get
    def versions(self, request: Request, slug: str) -> Response:
        """The rules so far, the newest first; the newest 50."""
        del request, slug
        rows = self.get_object().versions.filter(valid__isempty=False).prefetch_related("members__person")
        return Response(shapes.RotaRulesShown(rows.order_by("-number")[:MOST_VERSIONS], many=True).data)

    @extend_schema(request=shapes.VersionRestoreInput, responses={201: shapes.VersionShown})
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, slug: str) -> Response:
        """The rules of a former version again, as a new one from now on."""
        del slug
        given = self.read(shapes.VersionRestoreInput)
        applying = Applying(given["diff_sha256"], told_reason=given["told_reason"])
        made = restore_rota_version(
            actor=request.user, rota=self.get_object(), number=given["version"], applying=applying, at=self.at
        )
        return Response(shapes.VersionShown(made).data, status=201)

    @extend_schema(request=shapes.TiesInput)
    @action(detail=True, methods=["post"])
    def ties(self, request: Request, slug: str) -> Response:
        """From which rota it borrows, and which ones nobody holds beside it; both as a whole."""
        del slug
        given = self.read(shapes.TiesInput)
        made = set_rota_ties(
            actor=request.user, rota=self.get_object(),
            borrowed_from=next(iter(rotas_called([given["borrowed_from"]], "borrowed_from")), None),
            exclusive_with=rotas_called(given["exclusive_with"], "exclusive_with"), at=self.at,
        )  # fmt: skip
        return self.shown(self.find(made.slug))

    @extend_schema(responses=shapes.ShiftShown(many=True))
    @action(detail=True, methods=["get"])
    def shifts(self, request: Request, slug: str) -> Response:
        """Who holds each slot between `from` and `to` (400 days at most), `layer` planned or effective.

        `role` and `person` (a handle, or nobody) leave out the others.
        """
        del slug
        rota, (start, end) = self.get_object(), self._span(request, SOON)
        layer = request.query_params.get("layer", "effective")
        if layer not in ("planned", "effective"):
            raise BadRequest("core.bad_filter", "layer is planned or effective.", "layer")
        rows, people = facts_between(rota, start, end)
        if layer == "planned":
            rows = firm_between(rota, start, end)
        role, person = (request.query_params.get(name, "") for name in ("role", "person"))
        rows = [row for row in rows if is_held_by(row, people, role, person)]
        return Response(shapes.ShiftShown([shift_facts(row, people) for row in rows], many=True).data)

    @extend_schema(responses=shapes.FairnessShown)
    @action(detail=True, methods=["get"])
    def fairness(self, request: Request, slug: str) -> Response:
        """Points by person, for the rota's team alone; others see the verdict and no persons."""
        del slug
        rota, (start, end) = self.get_object(), self._span(request, -WINDOW)
        may_see = can_read_points(request.user, rota, self.at)
        book = open_book(rota, min(start, self.at), max(end, self.at))
        majors = majors_of(rota, min(start, self.at - HISTORY), max(end, self.at + FAR))
        people = fairness_in(book, majors, start, end) if may_see else []
        shown = {"since": start, "until": end, "people": people} | target_facts(verdict_in(book, majors, self.at))
        return Response(shapes.FairnessShown(shown).data)

    @extend_schema(responses=shapes.TargetShown)
    @action(detail=True, methods=["get"])
    def target(self, request: Request, slug: str) -> Response:
        """Can the target of fairness be met, how near whole turns allow, and which change would make it possible."""
        del request, slug
        return Response(shapes.TargetShown(target_facts(explained_target(self.get_object(), self.at))).data)

    @extend_schema(responses=RotaWhatIfShown)
    @action(detail=True, methods=["get"], url_path="what-if")
    def what_if(self, request: Request, slug: str) -> Response:
        """Nights and points if it were merged with `merge` (a rota), or without the people of `split` (handles).

        For who manages the rota; writes nothing.
        """
        del slug
        rota, asked = self.get_object(), request.query_params
        require(can_manage_rota(request.user, rota.team, self.at))
        others = [other_of(rota, other) for other in rotas_called([asked.get("merge", "")], "merge")]
        seats = seated([rota, *others], self.at)
        leaving = {handle.strip() for handle in asked.get("split", "").split(",") if handle.strip()}
        known = [seats[each.pk] for each in (rota, *others) if each.pk in seats] if rota.pk in seats else []
        found = what_if(known, self.at, leaving=leaving)
        return Response(RotaWhatIfShown(what_if_facts(found)).data)

    @extend_schema(responses=shapes.RotaGapShown(many=True))
    @action(detail=True, methods=["get"])
    def gaps(self, request: Request, slug: str) -> Response:
        """Covered time without a firm holder, each with a named candidate."""
        del slug
        rota, (start, end) = self.get_object(), self._span(request, WINDOW)
        return Response(shapes.RotaGapShown(gaps(rota, start, end, self.at), many=True).data)

    @extend_schema(request=shapes.ChangeInput, responses={201: shapes.ChangeShown})
    @action(detail=True, methods=["post"])
    def changes(self, request: Request, slug: str) -> Response:
        """An override, taking a shift, or confirming what the cascade gave."""
        del slug
        given, rota, actor = self.read(shapes.ChangeInput), self.get_object(), request.user
        stretch = Stretch(given["role"], given["start"], given["end"], given["slot"])
        if given["kind"] == "override":
            person, told = person_called(given["to"], "to"), given["told_in_person"]
            made = create_override(
                actor=actor, rota=rota, stretch=stretch, person=person, told_in_person=told, at=self.at
            )
        else:
            act: Any = take_shift if given["kind"] == "take" else confirm_cascade
            made = act(actor=actor, rota=rota, stretch=stretch, at=self.at)
        return Response(shapes.ChangeShown(made).data, status=201)

    @extend_schema(request=shapes.NoteInput, responses=shapes.NoteShown(many=True))
    @action(detail=True, methods=["get", "post"])
    def notes(self, request: Request, slug: str) -> Response:
        """Notes of the last 24 hours; a POST leaves one."""
        del slug
        rota, status = self.get_object(), 200
        if request.method == "POST":
            text = self.read(shapes.NoteInput)["text"]
            write_shift_note(actor=request.user, rota=rota, text=text, at=self.at)  # type: ignore[arg-type]  # a person, by permission
            status = 201
        return Response(shapes.NoteShown(fresh_notes(rota, self.at), many=True).data, status=status)

    def _span(self, request: Request, default: timedelta) -> tuple[datetime, datetime]:
        """`from` and `to`, or the default length from now, or up to now if it is negative."""
        low, high = min(self.at, self.at + default), max(self.at, self.at + default)
        start, end = instant(request, "from", low), instant(request, "to", high)
        if start >= end or end - start > LONGEST:
            raise DomainError("oncall.bad_span", "From 1 second to 400 days, the end after the beginning.", "to")
        return start, end


def target_facts(verdict: Verdict) -> dict[str, Any]:
    """The verdict with its bound, its quarters and what was tried; shares of 1, exact to four digits."""
    return {
        "verdict": verdict_words(verdict), "is_met": verdict.is_met, "tolerance_percent": verdict.tolerance_percent,
        "blocks": verdict.blocks, "members": verdict.people, "bound": verdict.bound,
        "quarters": [{"quarter": f"{year}q{n}", "deviation": worst} for (year, n), worst in verdict.quarters],
        "ways": verdict.ways,
    }  # fmt: skip


def shift_facts(row: Effective, people: dict[int, DutyPerson]) -> dict[str, Any]:
    """A stretch with its person's names."""
    person = people.get(row.person) if row.person is not None else None
    return {
        "role": row.role, "slot": row.slot, "person": person.handle if person else "",
        "name": person.name if person else "nobody", "start": row.start, "end": row.end, "source": row.source,
        "reason_code": row.reason_code, "provisional": row.provisional,
    }  # fmt: skip


def instant(request: Request, name: str, default: datetime) -> datetime:
    """A query parameter that is an instant with its offset."""
    given = request.query_params.get(name)
    if given is None:
        return default
    try:
        found = datetime.fromisoformat(given.replace(" ", "+"))
    except ValueError:
        raise BadRequest("core.bad_filter", f"{name} is an instant such as 2027-01-04T14:00:00Z.", name) from None
    if found.tzinfo is None or not shapes.FIRST_YEAR <= found.year <= shapes.LAST_YEAR:
        raise DomainError("oncall.naive_instant", f"{name} needs its offset and a year from 2000 to 2100.", name)
    return found.astimezone(UTC)


def _rules(given: dict[str, Any]) -> RulesDraft:
    seats = [_seat(row) for row in given["members"]]
    roles = given["roles"]
    is_list = isinstance(roles, list) and all(isinstance(row, dict) for row in roles)
    if not is_list or not isinstance(given["rotation"], dict):
        raise DomainError("oncall.bad_rules", "roles is a list of objects and rotation an object.", "roles")
    behind = [{"kind": step["kind"]} | ({"rota": step["rota"]} if step["rota"] else {}) for step in given["cascade"]]
    return RulesDraft(roles, given["rotation"], seats, given["coverage"], given["fairness"], behind,
                      starts_at=given["effective_from"], ends_at=given["effective_until"])  # fmt: skip


def _seat(row: dict[str, Any]) -> Seat:
    person = person_called(row["person"], "members")
    return Seat(person, row["role"], int(row["weight"] * HUNDRED), row["first"], row["past"])
