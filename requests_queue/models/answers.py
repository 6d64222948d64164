"""Answers: entries, their wordings, versions and what they rest on (spec faq 10)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from pgvector.django import HalfVectorField

from requests_queue.domain.answering import EntryState, Stale, Visibility

PERSON = settings.AUTH_USER_MODEL
TEAM = "accounts.Team"
DIMENSIONS = 384
TEXTS = ["entry", "n", "body", "sql", "dialect", "parameters", "limits", "author", "created_at"]
SOURCES = ("author", "alias", "request", "merge", "import")


class FaqEntry(models.Model):
    """One business question with its current answer."""

    slug = models.SlugField(max_length=100, unique=True)
    team = models.ForeignKey(TEAM, models.PROTECT, related_name="answers")
    owner = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="owned_answers")
    # The owner was taken from the first asset, so a new owner of that asset becomes the owner here.
    owner_follows = models.BooleanField(default=True)
    verifier = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    tier = models.PositiveSmallIntegerField(default=2)
    visibility = models.CharField(max_length=8, default=Visibility.ALL.value)
    tags = ArrayField(models.CharField(max_length=40), default=list)
    state = models.CharField(max_length=10, default=EntryState.DRAFT.value)
    current = models.ForeignKey("FaqAnswer", models.PROTECT, null=True, related_name="+")
    created_from = models.ForeignKey(
        "requests_queue.DataRequest", models.PROTECT, null=True, related_name="answer_entries"
    )
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    helped = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tier__gte=1, tier__lte=3), name="faq_entry_tier"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in EntryState]), name="faq_entry_state"
            ),
            models.CheckConstraint(
                condition=Q(visibility__in=[one.value for one in Visibility]), name="faq_entry_visibility"
            ),
            models.CheckConstraint(
                condition=~Q(state=EntryState.PUBLISHED.value) | Q(current__isnull=False, owner__isnull=False),
                name="faq_entry_published",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None)
                | ~Q(merged_into=F("id")) & Q(state=EntryState.ARCHIVED.value, merged_into__isnull=False),
                name="faq_entry_merged",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "state"], name="faq_entry_team"),
            models.Index(fields=["-updated_at", "-id"], name="faq_entry_updated"),
        ]

    def __str__(self) -> str:
        return f"answer {self.slug}" if self.visibility != Visibility.MEMBERS else f"answer {self.pk}"

    def get_absolute_url(self) -> str:
        return f"/faq/{self.slug}"


class FaqPhrase(models.Model):
    """One wording: of an entry's question, or of an open request that asks it. Postings are made with it."""

    entry = models.ForeignKey(FaqEntry, models.CASCADE, null=True, related_name="phrases")
    request = models.ForeignKey("requests_queue.DataRequest", models.CASCADE, null=True, related_name="phrases")
    text = models.CharField(max_length=500)
    normal = models.CharField(max_length=500)
    is_canonical = models.BooleanField(default=False)
    source = models.CharField(max_length=8, default="author")
    len = models.PositiveIntegerField(default=0)
    # Counted in N, df and the average length: wordings of published entries that everybody may read.
    is_public = models.BooleanField(default=False)
    embedding = HalfVectorField(dimensions=DIMENSIONS, null=True)
    embedder = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(entry=None, request__isnull=False) | Q(entry__isnull=False, request=None),
                name="faq_phrase_of_one",
            ),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="faq_phrase_source"),
            models.UniqueConstraint(fields=["entry"], condition=Q(is_canonical=True), name="faq_phrase_canonical"),
            models.UniqueConstraint(fields=["request"], name="faq_phrase_request"),
            models.UniqueConstraint(fields=["entry", "normal"], name="faq_phrase_wording"),
        ]
        indexes = [
            models.Index(fields=["is_public"], include=["len"], condition=Q(is_public=True), name="faq_phrase_public"),
            models.Index(fields=["id"], condition=Q(embedding=None), name="faq_phrase_unembedded"),
        ]

    def __str__(self) -> str:
        return f"phrase {self.pk}"


class FaqPosting(models.Model):
    """How often a term stands in a phrase."""

    pk = models.CompositePrimaryKey("phrase_id", "term")
    phrase = models.ForeignKey(FaqPhrase, models.CASCADE, related_name="postings", db_index=False)
    term = models.CharField(max_length=500)
    tf = models.PositiveSmallIntegerField()

    class Meta:
        indexes = [models.Index(fields=["term"], include=["phrase", "tf"], name="faq_posting_term")]

    def __str__(self) -> str:
        return self.term


class FaqTerm(models.Model):
    """In how many public phrases a term stands."""

    term = models.CharField(max_length=500, primary_key=True)
    df = models.IntegerField()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(df__gte=0), name="faq_term_df")]

    def __str__(self) -> str:
        return self.term


class FaqAnswer(models.Model):
    """One version of the answer; its text is never changed, what is known about its truth is."""

    entry = models.ForeignKey(FaqEntry, models.PROTECT, related_name="answers")
    n = models.PositiveIntegerField()
    body = models.TextField()
    sql = models.TextField(blank=True, default="")
    dialect = models.CharField(max_length=20, blank=True, default="")
    parameters = models.JSONField(default=list)
    limits = models.CharField(max_length=500, blank=True, default="")
    unresolved = models.JSONField(default=list)
    author = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    verified_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    verified_at = models.DateTimeField(null=True)
    verified_until = models.DateTimeField(null=True)
    stale_since = models.DateTimeField(null=True)
    stale_reason = models.CharField(max_length=20, blank=True, default="")
    stale_detail = models.JSONField(default=dict)
    # What changed without making it stale: a schema that grew, a new owner who has yet to confirm.
    notes = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "n"], name="faq_answer_n"),
            models.CheckConstraint(condition=~Q(body=""), name="faq_answer_body"),
            models.CheckConstraint(
                condition=Q(stale_since=None, stale_reason="")
                | Q(stale_since__isnull=False, stale_reason__in=[reason.value for reason in Stale]),
                name="faq_answer_stale",
            ),
            models.CheckConstraint(
                condition=Q(verified_by=None, verified_at=None, verified_until=None)
                | Q(verified_by__isnull=False, verified_at__isnull=False, verified_until__gt=F("verified_at")),
                name="faq_answer_verified",
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="text_stays", fields=TEXTS)]

    def __str__(self) -> str:
        return f"answer {self.entry_id}.{self.n}"

    @property
    def is_stale(self) -> bool:
        return self.stale_since is not None

    @property
    def is_verified(self) -> bool:
        return self.verified_at is not None and self.stale_since is None


class FaqDependency(models.Model):
    """An asset that a version rests on, the columns it uses, and how it stood when the version was checked."""

    answer = models.ForeignKey(FaqAnswer, models.CASCADE, related_name="dependencies")
    asset = models.ForeignKey("ownership.Asset", models.PROTECT, related_name="answer_dependencies")
    columns = ArrayField(models.CharField(max_length=255), default=list)
    via = models.CharField(max_length=4, default="link")
    snapshot = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["answer", "asset"], name="faq_dependency_once"),
            models.CheckConstraint(condition=Q(via__in=["sql", "link"]), name="faq_dependency_via"),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id} rests on {self.asset_id}"
