"""/api/v1/faq/ and /api/v1/suggest/: answers, and what is suggested to somebody who asks (spec faq 11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from drf_spectacular.helpers import forced_singular_serializer
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from ownership.queries.assets import assets_by_slug
from portal.accounts.queries.people import local_day
from portal.accounts.queries.teams import teams_of
from portal.core.api.viewsets import ActionViewSet, PortalViewSet
from portal.core.errors import BadRequest, DomainError, NotVisible
from requests_queue.answer_filters import AnswerFilter
from requests_queue.answer_policies import findable_entries
from requests_queue.api import answer_shapes as shapes
from requests_queue.domain.verified_queries import write_verified_queries
from requests_queue.models import FaqEntry
from requests_queue.policies import taking_teams, visible_to
from requests_queue.queries.answer_figures import last_fits
from requests_queue.queries.answers import listed_entries, mergeable_into, newest_version, whole_entries
from requests_queue.queries.suggest import suggest
from requests_queue.queries.targets import assets_called, person_called, team_called
from requests_queue.services.answer_merging import merge_entries
from requests_queue.services.answers import (
    AnswerDraft,
    EntryChange,
    EntryDraft,
    edit_entry,
    publish_answer,
    restore_entry,
    retire_entry,
)
from requests_queue.services.asks import read_ask, record_event, sign_ask
from requests_queue.services.checking import report_wrong, verify_answer
from requests_queue.services.one_step import answer_from_request, write_entry
from requests_queue.services.query_files import exported, import_verified_queries, plan_verified_queries
from requests_queue.services.refitting import refit_suggestions, use_shipped
from requests_queue.services.wordings import add_alias, remove_alias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from rest_framework.request import Request

    from requests_queue.models import FaqAnswer

MOST_EXPORTED = 5000
WORDS = [
    OpenApiParameter("q", str, required=True, description="What somebody is about to ask, up to 2,000 characters"),
    OpenApiParameter("asset", str, description="The slug of the asset it is about"),
    OpenApiParameter("team", str, description="Only open requests to this team"),
]


@extend_schema(tags=["answers"])
class AnswerViewSet(PortalViewSet):
    """Answers by slug."""

    queryset = FaqEntry.objects.none()
    serializer_class = shapes.FaqEntryOut
    filterset_class = AnswerFilter
    lookup_field = "slug"
    order = ("-updated_at",)
    scopes = {"read": "faq:read", "write": "faq:write"}

    def get_queryset(self) -> QuerySet[FaqEntry]:
        find = listed_entries if self.action == "list" else whole_entries
        return find(self.request.user, self.at)

    def get_serializer_class(self) -> Any:
        return shapes.FaqEntryLineOut if self.action == "list" else shapes.FaqEntryOut

    @extend_schema(request=shapes.FaqEntryIn, responses={201: shapes.FaqEntryOut})
    def create(self, _request: Request) -> Response:
        """A question with its answer; with `request` out of an answered request, in one step."""
        given = self.read(shapes.FaqEntryIn)
        source = given.pop("request")
        made = self._from_request(source, given) if source else self._written(given)
        return self.created(self._again(made), f"/api/v1/faq/{made.slug}/")

    @extend_schema(request=shapes.FaqEntryChangeIn)
    def partial_update(self, request: Request, **_: str) -> Response:
        given = self.read(shapes.FaqEntryChangeIn)
        for name in ("owner", "verifier"):
            given[name] = person_called(given[name], name) if given.get(name) else None
        entry = self.get_object()
        edit_entry(actor=request.user, entry=entry, change=EntryChange(**given), version=self.if_match, at=self.at)
        return self.shown(self._again(entry))

    @extend_schema(request=shapes.FaqAnswerIn, responses=shapes.FaqAnswerOut(many=True))
    @action(detail=True, methods=["get", "post"], filterset_class=None)
    def answers(self, request: Request, **_: str) -> Response:
        """The versions, newest first; POST writes the next one."""
        entry = self.get_object()
        if request.method == "POST":
            draft = self._version(self.read(shapes.FaqAnswerIn))
            made = publish_answer(actor=request.user, entry=entry, answer=draft, version=self.if_match, at=self.at)
            return Response(shapes.FaqAnswerOut(made).data, status=201)
        return Response(shapes.FaqAnswerOut(entry.answers.all(), many=True).data)

    @extend_schema(request=shapes.VerifyIn)
    @action(detail=True, methods=["post"])
    def verify(self, request: Request, **_: str) -> Response:
        """Say that a version is true now; the newest one without `answer`."""
        entry = self.get_object()
        number = self.read(shapes.VerifyIn)["answer"]
        verify_answer(actor=request.user, answer=_answer(entry, number), at=self.at)
        return self.shown(self._again(entry))

    @extend_schema(request=shapes.AnswerTextIn)
    @action(detail=True, methods=["post"])
    def report(self, request: Request, **_: str) -> Response:
        entry = self.get_object()
        text = self.read(shapes.AnswerTextIn)["text"]
        report_wrong(actor=request.user, answer=_answer(entry, None), text=text, at=self.at)
        return self.shown(self._again(entry))

    @extend_schema(request=shapes.AnswerTextIn)
    @action(detail=True, methods=["get", "post", "delete"], filterset_class=None)
    def aliases(self, request: Request, **_: str) -> Response:
        """The wordings; POST adds one, DELETE forgets the one in `text`."""
        entry = self.get_object()
        if request.method == "POST":
            add_alias(actor=request.user, entry=entry, text=self.read(shapes.AnswerTextIn)["text"], at=self.at)
        elif request.method == "DELETE":
            remove_alias(actor=request.user, entry=entry, phrase=self._phrase(entry), at=self.at)
        shown = self._again(entry)
        return Response({"aliases": [one.text for one in shown.phrases.all() if not one.is_canonical]})

    @extend_schema(request=shapes.AnswerMergeIn)
    @action(detail=True, methods=["post"])
    def merge(self, request: Request, **_: str) -> Response:
        """Make this answer a part of another one; its wordings are kept there."""
        entry = self.get_object()
        slug = self.read(shapes.AnswerMergeIn)["survivor"]
        survivor = mergeable_into(entry, request.user, self.at).filter(slug=slug).first()
        if survivor is None:
            raise DomainError("faq.merge_refused", "There is no such answer with the same readers.", "survivor")
        merge_entries(actor=request.user, survivor=survivor, merged=entry, at=self.at)
        return self.shown(self._again(survivor))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, **_: str) -> Response:
        entry = self.get_object()
        retire_entry(actor=request.user, entry=entry, at=self.at)
        return self.shown(self._again(entry))

    @extend_schema(request=None)
    @action(detail=True, methods=["post"])
    def restore(self, request: Request, **_: str) -> Response:
        entry = self.get_object()
        restore_entry(actor=request.user, entry=entry, at=self.at)
        return self.shown(self._again(entry))

    @extend_schema(responses={(200, "application/yaml"): str})
    @action(detail=False, methods=["get"], url_path=r"export\.yaml", order=())
    def export(self, request: Request) -> HttpResponse:
        """Published answers with SQL, in the verified-query form of semantic models."""
        rows = self.filter_queryset(listed_entries(request.user, self.at)).filter(state="published")
        found = exported(rows.exclude(current__sql="").exclude(visibility="members").order_by("slug")[:MOST_EXPORTED])
        response = HttpResponse(write_verified_queries(found), content_type="application/yaml; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="verified_queries.yaml"'
        return response

    @extend_schema(request=shapes.QueryFileIn, responses=shapes.QueryLineOut(many=True))
    @action(detail=False, methods=["post"], url_path="import")
    def bring(self, request: Request) -> Response:
        """A file of verified queries; `dry_run` says what would change and writes nothing. Twice is once."""
        given = self.read(shapes.QueryFileIn)
        team = taking_teams().filter(slug=given["team"]).first()
        if team is None:
            raise DomainError("requests.unknown_team", "There is no such team, or it takes no requests.", "team")
        act = plan_verified_queries if given["dry_run"] else import_verified_queries
        lines = act(actor=request.user, team=team, text=given["file"], at=self.at)
        return Response(shapes.QueryLineOut(lines, many=True).data)

    def _again(self, entry: FaqEntry) -> Any:
        return whole_entries(self.request.user, self.at).get(pk=entry.pk)

    def _from_request(self, number: str, given: dict[str, Any]) -> FaqEntry:
        source = visible_to(self.request.user).filter(number=number).first()
        if source is None:
            raise DomainError("faq.unknown_request", "There is no such request.", "request")
        return answer_from_request(
            actor=self.request.user, request=source, question=given["question"], body=given["body"],
            tier=given["tier"], at=self.at,
        )  # fmt: skip

    def _written(self, given: dict[str, Any]) -> FaqEntry:
        user: Any = self.request.user
        own = teams_of(user, local_day(user, self.at))
        slug = given["team"] or (own[0].slug if own else "")
        team = taking_teams().filter(slug=slug).first() or team_called(slug, (), local_day(user, self.at))
        owner = person_called(given["owner"], "owner") if given["owner"] else None
        draft = EntryDraft(
            given["question"], team, tier=given["tier"], visibility=given["visibility"], tags=given["tags"],
            owner=owner, aliases=given["aliases"],
        )  # fmt: skip
        answer = self._version(given) if given["body"] else None
        return write_entry(actor=user, draft=draft, answer=answer, is_checked=given["is_checked"], at=self.at)

    def _version(self, given: dict[str, Any]) -> AnswerDraft:
        return AnswerDraft(
            given["body"], given["sql"], given["dialect"], given["parameters"], given["limits"],
            assets_called(given["assets"], self.request.user), given["acknowledged"],
        )  # fmt: skip

    def _phrase(self, entry: FaqEntry) -> Any:
        text = self.read(shapes.AnswerTextIn)["text"]
        found = entry.phrases.filter(text=text).first()
        if found is None:
            raise NotVisible
        return found


@extend_schema(tags=["answers"])
class SuggestViewSet(ActionViewSet):
    """What is answered or asked already. Reading writes nothing; the mark in `ask` goes with the events that follow."""

    queryset = FaqEntry.objects.none()
    serializer_class = shapes.SuggestOut
    filter_backends = ()
    scopes = {"read": "faq:read", "write": "faq:write", "events": "faq:read"}

    @extend_schema(parameters=WORDS, responses=forced_singular_serializer(shapes.SuggestOut))
    def list(self, request: Request) -> Response:
        text = request.query_params.get("q", "")
        if not text.strip():
            raise BadRequest("faq.no_query", "Give the text in `q`.", "q")
        assets = self._assets(request.query_params.get("asset", ""))
        team = taking_teams().filter(slug=request.query_params.get("team", "")).first()
        team_id = team.pk if team else None
        found = suggest(viewer=request.user, text=text, assets=assets, team=team_id, at=self.at)
        return Response(shapes.suggestions(found, sign_ask(found, viewer=request.user, assets=tuple(assets))))

    @extend_schema(request=shapes.EventIn, responses=dict)
    @action(detail=False, methods=["post"])
    def events(self, request: Request) -> Response:
        """What became of an ask: opened, solved, not_quite, submitted_anyway."""
        given = self.read(shapes.EventIn)
        ask = read_ask(given["ask"], viewer=request.user)
        entry = None
        if given["entry"]:
            entry = findable_entries(request.user, self.at).filter(slug=given["entry"]).first()
            if entry is None:
                raise DomainError("faq.unknown_entry", "There is no such answer.", "entry")
        event = record_event(actor=request.user, ask=ask, kind=given["event"], entry=entry, at=self.at)
        return Response({"event": event.kind, "counts": event.kind == "solved" and not event.is_stale}, status=201)

    @extend_schema(methods=["GET"], responses=shapes.FitOut(many=True))
    @extend_schema(methods=["POST"], request=None, responses={201: shapes.FitOut})
    @action(detail=False, methods=["get", "post"])
    def fits(self, request: Request) -> Response:
        """The last fits of the bands, newest first; POST by an admin fits them to the verdicts so far."""
        if request.method == "POST":
            return Response(shapes.FitOut(refit_suggestions(actor=request.user, at=self.at)).data, status=201)
        return Response({"next": None, "results": shapes.FitOut(last_fits(), many=True).data})

    @extend_schema(request=None, responses={204: None})
    @action(detail=False, methods=["post"])
    def shipped(self, request: Request) -> Response:
        """Back to the coefficients of the release, by an admin."""
        use_shipped(actor=request.user, at=self.at)
        return Response(status=204)

    def _assets(self, slug: str) -> Sequence[int]:
        if not slug:
            return []
        found = assets_by_slug([slug], self.request.user)
        if slug not in found:
            raise BadRequest("faq.unknown_asset", "There is no such asset.", "asset")
        return [found[slug].pk]


def _answer(entry: FaqEntry, number: int | None) -> FaqAnswer:
    found = newest_version(entry) if number is None else next((a for a in entry.answers.all() if a.n == number), None)
    if found is None:
        raise DomainError("faq.no_answer", "There is no such version.", "answer")
    return found
