"""What the API takes and shows of answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from requests_queue.domain.answering import MOST_QUESTION, Visibility
from requests_queue.domain.sql_reading import DIALECTS
from requests_queue.models import FaqAnswer, FaqEntry

if TYPE_CHECKING:
    from requests_queue.queries.suggest import Suggestions

EVENTS = ("opened", "solved", "not_quite", "submitted_anyway")
READERS = [Visibility.ALL.value, Visibility.TEAM.value]


class ParameterIn(serializers.Serializer[Any]):
    """A value the reader fills in."""

    name = serializers.CharField(max_length=60)
    type = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    example = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    meaning = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class FaqAnswerIn(serializers.Serializer[Any]):
    """A version; `acknowledged` are names in the SQL that stand for no asset."""

    body = serializers.CharField(trim_whitespace=False)
    sql = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    dialect = serializers.ChoiceField(choices=["", *DIALECTS], required=False, default="")
    parameters = ParameterIn(many=True, required=False, default=list)
    limits = serializers.CharField(required=False, allow_blank=True, default="", max_length=500)
    assets = serializers.ListField(child=serializers.CharField(max_length=200), required=False, default=list)
    acknowledged = serializers.ListField(child=serializers.CharField(max_length=300), required=False, default=list)


class FaqEntryIn(FaqAnswerIn):
    """A question with its answer, or `request` alone: the number of an answered request."""

    request = serializers.CharField(required=False, allow_blank=True, default="")
    question = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    body = serializers.CharField(required=False, allow_blank=True, default="", trim_whitespace=False)
    team = serializers.CharField(required=False, allow_blank=True, default="")
    tier = serializers.IntegerField(required=False, default=2, min_value=1, max_value=3)
    visibility = serializers.ChoiceField(choices=READERS, required=False, default=Visibility.ALL.value)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), required=False, default=list)
    owner = serializers.CharField(required=False, allow_blank=True, default="")
    aliases = serializers.ListField(child=serializers.CharField(max_length=500), required=False, default=list)
    is_checked = serializers.BooleanField(required=False, default=False)


class FaqEntryChangeIn(serializers.Serializer[Any]):
    """Only what is given changes."""

    question = serializers.CharField(required=False, max_length=MOST_QUESTION)
    tier = serializers.IntegerField(required=False, min_value=1, max_value=3)
    visibility = serializers.ChoiceField(choices=READERS, required=False)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), required=False)
    owner = serializers.CharField(required=False)
    verifier = serializers.CharField(required=False)


class VerifyIn(serializers.Serializer[Any]):
    answer = serializers.IntegerField(required=False, allow_null=True, default=None, min_value=1)


class AnswerTextIn(serializers.Serializer[Any]):
    text = serializers.CharField(trim_whitespace=False)


class QueryFileIn(serializers.Serializer[Any]):
    """The text of a YAML file, for one team."""

    file = serializers.CharField(trim_whitespace=False)
    team = serializers.CharField()
    dry_run = serializers.BooleanField(required=False, default=False)


class QueryLineOut(serializers.Serializer[Any]):
    """`sign` is + new, ~ changed, = the same, ! not readable."""

    sign = serializers.CharField()
    name = serializers.CharField()
    line = serializers.CharField()


class AnswerMergeIn(serializers.Serializer[Any]):
    survivor = serializers.CharField()


class EventIn(serializers.Serializer[Any]):
    ask = serializers.CharField(max_length=20_000)
    event = serializers.ChoiceField(choices=EVENTS)
    entry = serializers.CharField(required=False, allow_blank=True, default="")


class FitOut(serializers.Serializer[Any]):
    """One fit of the bands: on how many verdicts, how often the upper band was right in cross-validation."""

    n = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    labels = serializers.IntegerField()
    precision_cv = serializers.FloatField(allow_null=True)
    is_active = serializers.BooleanField()
    note = serializers.CharField()


class FaqAnswerOut(serializers.Serializer[FaqAnswer]):
    """A version with what is known about its truth."""

    n = serializers.IntegerField()
    body = serializers.CharField()
    sql = serializers.CharField()
    dialect = serializers.CharField()
    parameters = serializers.JSONField()
    limits = serializers.CharField()
    unresolved = serializers.JSONField()
    author = serializers.CharField(source="author.handle", default=None)
    created_at = serializers.DateTimeField()
    verified_by = serializers.CharField(source="verified_by.handle", default=None)
    verified_at = serializers.DateTimeField()
    verified_until = serializers.DateTimeField()
    stale_since = serializers.DateTimeField()
    stale_reason = serializers.CharField()
    stale_detail = serializers.JSONField()
    notes = serializers.JSONField()


class FaqEntryLineOut(serializers.Serializer[FaqEntry]):
    """An answer in a list."""

    slug = serializers.CharField()
    url = serializers.CharField(source="get_absolute_url")
    question = serializers.CharField()
    state = serializers.CharField()
    team = serializers.CharField(source="team.slug")
    owner = serializers.CharField(source="owner.handle", default=None)
    tier = serializers.IntegerField()
    visibility = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    helped = serializers.IntegerField()
    is_stale = serializers.BooleanField(source="current.is_stale", default=None)
    verified_until = serializers.DateTimeField(source="current.verified_until", default=None)
    assets = serializers.SerializerMethodField()
    updated_at = serializers.DateTimeField()
    version = serializers.IntegerField()

    def get_assets(self, entry: FaqEntry) -> list[str]:
        return [rest.asset.slug for rest in entry.current.dependencies.all()] if entry.current else []


class FaqEntryOut(FaqEntryLineOut):
    """An answer with its wordings and the version that is shown."""

    verifier = serializers.CharField(source="verifier.handle", default=None)
    aliases = serializers.SerializerMethodField()
    answer = FaqAnswerOut(source="current", allow_null=True)
    versions = serializers.SerializerMethodField()
    merged_into = serializers.CharField(source="merged_into.slug", default=None)

    def get_aliases(self, entry: FaqEntry) -> list[str]:
        return [phrase.text for phrase in entry.phrases.all() if not phrase.is_canonical]

    def get_versions(self, entry: FaqEntry) -> int:
        return len(entry.answers.all())


class SuggestedOut(serializers.Serializer[Any]):
    slug = serializers.CharField()
    question = serializers.CharField()
    matched_phrase = serializers.CharField()
    answer_excerpt = serializers.CharField()
    verified_until = serializers.DateTimeField(allow_null=True)
    stale = serializers.BooleanField()
    score = serializers.FloatField()


class OpenOut(serializers.Serializer[Any]):
    number = serializers.CharField()
    title = serializers.CharField()
    team = serializers.CharField()


class SuggestOut(serializers.Serializer[Any]):
    """`band` is upper, lower or none; `ask` is the mark for `/suggest/events/`."""

    ask = serializers.CharField()
    band = serializers.CharField()
    p = serializers.FloatField()
    model = serializers.CharField()
    entries = SuggestedOut(many=True)
    open_requests = OpenOut(many=True)


def suggestions(found: Suggestions, ask: str) -> dict[str, Any]:
    """The suggestions as the API shows them."""
    entries = [
        {
            "slug": one.entry.slug, "question": one.question, "matched_phrase": one.matched,
            "answer_excerpt": one.excerpt,
            "verified_until": one.entry.current.verified_until if one.entry.current else None,
            "stale": one.is_stale, "score": one.score,
        }
        for one in found.entries
    ]  # fmt: skip
    requests = [{"number": one.number, "title": one.title, "team": one.team.slug} for one in found.requests]
    facts = {
        "ask": ask, "band": found.band, "p": round(found.judged.p, 4), "model": found.model, "entries": entries,
        "open_requests": requests,
    }  # fmt: skip
    return dict(SuggestOut(facts).data)
