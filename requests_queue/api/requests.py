"""/api/v1/requests/: filing, lists, and one verb for each act (spec requests 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.queries.expected import check_boundary
from portal.accounts.domain.scopes import PRIVATE_SCOPE
from portal.accounts.queries.people import local_day
from requests_queue.api import serializers as shapes
from requests_queue.api.answer_shapes import suggestions
from requests_queue.api.conversation import ConversationMixin
from requests_queue.domain.matching import is_long_enough
from requests_queue.filters import RequestFilter
from requests_queue.models import DataRequest, RequestEvent
from requests_queue.policies import visible_to
from requests_queue.queries.budget import budget_for
from requests_queue.queries.listing import listed_requests, messages_of, whole_requests
from requests_queue.queries.promises import expected_for, history_of
from requests_queue.queries.suggest import suggest
from requests_queue.queries.targets import (
    assets_called,
    exempt_kind_called,
    open_like,
    person_called,
    team_called,
    team_upstream,
)
from requests_queue.services.asks import read_ask, record_event, sign_ask
from requests_queue.services.assigning import assign_request
from requests_queue.services.backdating import LatePause, pause_late
from requests_queue.services.broken import report_broken
from requests_queue.services.concluding import answer_request, decline_request, mark_solved
from requests_queue.services.deciding import Estimate, approve_request, decide_request, defer_request
from requests_queue.services.exempting import confirm_exemption
from requests_queue.services.filing import Filing, checked_filing, file_request, join_request
from requests_queue.services.linking import ask_again
from requests_queue.services.merging import merge_requests, undo_merge
from requests_queue.services.overriding import PullIn, decide_and_propose, decide_override, propose_override
from requests_queue.services.privacy import make_private, note_private_reads
from requests_queue.services.talking import post_message, watch_request
from requests_queue.services.tokens import judge_not_urgent
from requests_queue.services.triage import claim_for_triage
from requests_queue.services.upstream import file_upstream, wait_for_team
from requests_queue.services.working import (
    appeal_request,
    ask_requester,
    close_request,
    reopen_request,
    resolve_request,
    resume_work,
    start_work,
    wait_on_upstream,
    withdraw_request,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import QuerySet
    from rest_framework.request import Request

TRIAGE = ("claim", "decide", "decline", "merge", "undo_merge", "split", "assign", "propose_override", "not_urgent")
APPROVE = ("approve", "override", "defer", "confirm_exemption", "appeal")
COMPARTMENT = ("make_private", "members")
# What stands around a request needs its row and its team alone.
AROUND = frozenset({"messages", "message", "events", "letters", "attachments", "links", "members"})


@extend_schema(tags=["requests"])
class RequestViewSet(ConversationMixin):
    """Requests by number."""

    queryset = DataRequest.objects.none()
    serializer_class = shapes.RequestOut
    filterset_class = RequestFilter
    lookup_field = "number"
    order = ("due_at",)
    scopes = {
        "read": "requests:read",
        "write": "requests:write",
        **dict.fromkeys(TRIAGE, "requests:triage"),
        **dict.fromkeys(APPROVE, "requests:approve"),
        **dict.fromkeys(COMPARTMENT, PRIVATE_SCOPE),
    }

    def get_queryset(self) -> QuerySet[DataRequest]:
        viewer = self.request.user
        if self.action in AROUND:
            return visible_to(viewer).select_related("team")
        return listed_requests(viewer) if self.action == "list" else whole_requests(viewer)

    def get_serializer_class(self) -> Any:
        return shapes.RequestLineOut if self.action == "list" else shapes.RequestOut

    def retrieve(self, request: Request, *_args: Any, **_: Any) -> Response:
        found = self.get_object()
        note_private_reads(actor=request.user, requests=[found], at=self.at)
        return self.shown(found)

    @extend_schema(request=shapes.FilingIn, responses={201: shapes.RequestOut})
    def create(self, request: Request) -> Response:
        """File a request; `dry_run` gives the same promises and writes nothing."""
        given = self.read(shapes.FilingIn)
        is_dry = given.pop("dry_run")
        filing = self._filing(given)
        promised = self._promised(checked_filing(actor=request.user, filing=filing, at=self.at))
        if is_dry:
            return Response(promised | {"team": filing.team.slug})
        made = file_request(actor=request.user, filing=filing, at=self.at)
        shown = self.get_serializer(whole_requests(request.user).get(pk=made.pk)).data
        return Response(shown | promised, status=201, headers={"Location": f"/api/v1/requests/{made.number}/"})

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def claim(self, _request: Request, **_: str) -> Response:
        return self._do(claim_for_triage)

    @extend_schema(request=shapes.DecideIn)
    @action(detail=True, methods=["post"])
    def decide(self, _request: Request, **_: str) -> Response:
        """Estimate the work; the books decide."""
        given = self.read(shapes.DecideIn)
        if given["assignee"]:
            given["assignee"] = person_called(given["assignee"], "assignee")
        pull_in = PullIn(given.pop("pull_in"), given.pop("gives_way"))
        estimate = Estimate(**given | {"assignee": given["assignee"] or None})
        if pull_in.reason.strip():
            return self._do(decide_and_propose, estimate=estimate, pull_in=pull_in)
        return self._do(decide_request, estimate=estimate)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def approve(self, _request: Request, **_: str) -> Response:
        return self._do(approve_request)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="confirm-exemption")
    def confirm_exemption(self, _request: Request, **_: str) -> Response:
        return self._do(confirm_exemption)

    @extend_schema(request=shapes.OptionalTextIn)
    @action(detail=True, methods=["post"])
    def defer(self, _request: Request, **_: str) -> Response:
        return self._do(defer_request, meanwhile=self.read(shapes.OptionalTextIn)["text"])

    @extend_schema(request=shapes.ProposeIn)
    @action(detail=True, methods=["post"], url_path="propose-override")
    def propose_override(self, request: Request, **_: str) -> Response:
        standing = self.get_object()
        given = self.read(shapes.ProposeIn)
        propose_override(actor=request.user, request=standing, version=self.if_match, at=self.at, **given)
        return self._again(standing)

    @extend_schema(request=shapes.OverrideIn)
    @action(detail=True, methods=["post"])
    def override(self, _request: Request, **_: str) -> Response:
        """Say yes or no to the open proposal."""
        return self._do(decide_override, is_approved=self.read(shapes.OverrideIn)["is_approved"])

    @extend_schema(request=shapes.DeclineIn)
    @action(detail=True, methods=["post"])
    def decline(self, _request: Request, **_: str) -> Response:
        return self._do(decline_request, **self.read(shapes.DeclineIn))

    @extend_schema(request=shapes.TextIn)
    @action(detail=True, methods=["post"])
    def answer(self, _request: Request, **_: str) -> Response:
        return self._do(answer_request, body=self.read(shapes.TextIn)["text"])

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def solve(self, _request: Request, **_: str) -> Response:
        return self._do(mark_solved)

    @extend_schema(request=shapes.MergeIn)
    @action(detail=True, methods=["post"])
    def merge(self, _request: Request, **_: str) -> Response:
        """This request is continued in an older one."""
        return self._do(merge_requests, survivor=self.find(self.read(shapes.MergeIn)["survivor"]))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"], url_path="undo-merge")
    def undo_merge(self, _request: Request, **_: str) -> Response:
        return self._do(undo_merge)

    @extend_schema(request=shapes.AssignIn)
    @action(detail=True, methods=["post"])
    def assign(self, _request: Request, **_: str) -> Response:
        assignee = person_called(self.read(shapes.AssignIn)["assignee"], "assignee")
        return self._do(assign_request, assignee=assignee)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def start(self, _request: Request, **_: str) -> Response:
        return self._do(start_work)

    @extend_schema(request=shapes.TextIn)
    @action(detail=True, methods=["post"])
    def ask(self, _request: Request, **_: str) -> Response:
        return self._do(ask_requester, question=self.read(shapes.TextIn)["text"])

    @extend_schema(request=shapes.UpstreamFilingIn, responses={201: shapes.HandedOut})
    @action(detail=False, methods=["post"], url_path="file-upstream")
    def file_upstream(self, request: Request) -> Response:
        """Ask the team whose job it is instead; `keeps` files it here as well, waiting for them."""
        given = self.read(shapes.UpstreamFilingIn)
        team_slug, keeps = given.pop("upstream"), given.pop("keeps")
        handed = file_upstream(
            actor=request.user, filing=self._filing(given), team_slug=team_slug, keeps=keeps, at=self.at
        )
        waiting = handed.request.number if handed.request is not None else None
        shown = {"ticket": handed.ticket.number, "team": handed.ticket.team.slug, "request": waiting}
        return Response(shapes.HandedOut(shown).data, status=201)

    @extend_schema(request=shapes.WaitIn)
    @action(detail=True, methods=["post"], url_path="wait-upstream")
    def wait_upstream(self, _request: Request, **_: str) -> Response:
        """Somebody upstream has to move first; with `upstream` a ticket is opened at their desk."""
        given = self.read(shapes.WaitIn)
        if not given["upstream"]:
            return self._do(wait_on_upstream, reason=given["text"])
        return self._do(wait_for_team, team=team_upstream(given["upstream"]), reason=given["text"])

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def resume(self, _request: Request, **_: str) -> Response:
        return self._do(resume_work)

    @extend_schema(request=shapes.LatePauseIn)
    @action(detail=True, methods=["post"])
    def pause(self, _request: Request, **_: str) -> Response:
        """It waited since an instant of the past; who has it reaches back to a cited question, the lead further."""
        return self._do(pause_late, pause=LatePause(**self.read(shapes.LatePauseIn)))

    @extend_schema(request=shapes.ResolveIn)
    @action(detail=True, methods=["post"])
    def resolve(self, _request: Request, **_: str) -> Response:
        given = self.read(shapes.ResolveIn)
        return self._do(resolve_request, result=given["text"], left_out=given["left_out"])

    @extend_schema(request=shapes.ReopenIn)
    @action(detail=True, methods=["post"])
    def reopen(self, _request: Request, **_: str) -> Response:
        given = self.read(shapes.ReopenIn)
        return self._do(reopen_request, reason=given["reason"], note=given["text"])

    @extend_schema(request=shapes.TextIn)
    @action(detail=True, methods=["post"])
    def appeal(self, _request: Request, **_: str) -> Response:
        """The lead takes a declined or deferred request, or one in hand, back to the desk."""
        return self._do(appeal_request, reason=self.read(shapes.TextIn)["text"])

    @extend_schema(request=shapes.TextIn)
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request: Request, **_: str) -> Response:
        """A new request that follows this one up."""
        note = self.read(shapes.TextIn)["text"]
        return self._again(ask_again(actor=request.user, request=self.get_object(), note=note, at=self.at))

    @extend_schema(request=shapes.TextIn)
    @action(detail=True, methods=["post"], url_path="not-urgent")
    def not_urgent(self, _request: Request, **_: str) -> Response:
        """The token goes back, the ordinary promises hold from now on."""
        return self._do(judge_not_urgent, reason=self.read(shapes.TextIn)["text"])

    @extend_schema(request=shapes.OptionalTextIn)
    @action(detail=True, methods=["post"])
    def withdraw(self, _request: Request, **_: str) -> Response:
        return self._do(withdraw_request, reason=self.read(shapes.OptionalTextIn)["text"])

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def close(self, _request: Request, **_: str) -> Response:
        return self._do(close_request)

    @extend_schema(request=shapes.PrivateIn)
    @action(detail=True, methods=["post"], url_path="make-private")
    def make_private(self, _request: Request, **_: str) -> Response:
        given = self.read(shapes.PrivateIn)
        people = [person_called(handle, "people") for handle in given["people"]]
        return self._do(make_private, people=people, reason=given["reason"])

    @extend_schema(request=shapes.JoinIn)
    @action(detail=True, methods=["post"])
    def join(self, request: Request, **_: str) -> Response:
        given = self.read(shapes.JoinIn)
        ask = read_ask(given["ask"], viewer=request.user) if given["ask"] else None
        standing = self.get_object()
        join_request(actor=request.user, request=standing, wording=given["text"], at=self.at)
        if ask is not None:
            record_event(actor=request.user, ask=ask, kind="joined", request=standing, at=self.at)
        return self._again(standing)

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def incident(self, _request: Request, **_: str) -> Response:
        """What is wrong becomes an incident of its asset, judged by what was agreed; an open one is joined."""
        return self._do(report_broken)

    @extend_schema(request=shapes.WatchIn)
    @action(detail=True, methods=["post"])
    def watch(self, request: Request, **_: str) -> Response:
        standing = self.get_object()
        watch_request(actor=request.user, request=standing, at=self.at, **self.read(shapes.WatchIn))
        return self._again(standing)

    @extend_schema(request=shapes.MessageIn, responses=shapes.MessageOut(many=True))
    @action(detail=True, methods=["get", "post"], filterset_class=None, order=())
    def messages(self, request: Request, **_: str) -> Response:
        """The conversation; POST says something."""
        standing = self.get_object()
        if request.method == "POST":
            given = self.read(shapes.MessageIn)
            given["asked_of"] = person_called(given["asked_of"], "asked_of") if given["asked_of"] else None
            said = post_message(actor=request.user, request=standing, at=self.at, **given)
            return Response(shapes.MessageOut(said.message).data | {"unseen": list(said.unseen)}, status=201)
        rows: Any = self.paginate_queryset(messages_of(standing, request.user, self.at).order_by())
        return self.get_paginated_response(shapes.MessageOut(rows, many=True).data)

    @extend_schema(responses=shapes.EventOut(many=True))
    @action(detail=True, methods=["get"], filterset_class=None, order=("seq",))
    def events(self, _request: Request, **_: str) -> Response:
        rows = RequestEvent.objects.filter(request=self.get_object()).select_related("actor")
        page: Any = self.paginate_queryset(rows)
        return self.get_paginated_response(shapes.EventOut(page, many=True).data)

    def _filing(self, given: dict[str, Any]) -> Filing:
        viewer: Any = self.request.user
        assets = assets_called(given["assets"], viewer)
        named = {
            "assets": assets, "team": team_called(given["team"], assets, local_day(viewer, self.at)), "channel": "api",
            "exemption": exempt_kind_called(given["exemption"]),
            "people": [person_called(handle, "people") for handle in given["people"]],
        }  # fmt: skip
        return Filing(**given | named)

    def _do(self, verb: Callable[..., DataRequest], **given: Any) -> Response:
        standing = self.get_object()
        verb(actor=self.request.user, request=standing, version=self.if_match, at=self.at, **given)
        return self._again(standing)

    def _again(self, standing: DataRequest) -> Response:
        return self.shown(whole_requests(self.request.user).get(pk=standing.pk))

    def _promised(self, filing: Filing) -> dict[str, Any]:
        expected = expected_for(kind=filing.kind, team=filing.team, urgency=filing.promised_as, at=self.at)
        view = budget_for(self.request.user, filing.team, self.at)
        found = check_boundary(
            kind=filing.kind, asset_ids=[asset.pk for asset in filing.assets], team=filing.team, at=self.at
        )
        history = history_of(kind=filing.kind, team=filing.team)
        alike = open_like(filing.title, filing.assets, self.request.user)
        dates = {
            "first_response_by": expected.due("first_response"), "decision_by": expected.due("decision"),
            "resolution_by": expected.due("resolution"),
        }  # fmt: skip
        return {
            "expected": shapes.ExpectedOut(dates).data,
            "history": shapes.HistoryOut(history).data,
            "suggestions": self._suggested(filing),
            "open_like_this": [{"number": one.number, "title": one.title} for one in alike],
            "budget": {
                "quarter": view.quarter.label,
                "used": view.balance.used,
                "floor": view.floor,
                "cap": view.cap,
                "capacity": view.balance.capacity,
                "state": view.state,
            },
            "boundary": [
                {"sentence": one.sentence, "expected_team": one.expected_team.name if one.expected_team else None}
                for one in found
            ],
        }

    def _suggested(self, filing: Filing) -> list[Any]:
        """Answers that may make the request needless; from five words on."""
        if not is_long_enough(filing.title):
            return []
        assets = tuple(asset.pk for asset in filing.assets)
        found = suggest(viewer=self.request.user, text=filing.title, assets=assets, at=self.at)
        entries: list[Any] = suggestions(found, sign_ask(found, viewer=self.request.user, assets=assets))["entries"]
        return entries
