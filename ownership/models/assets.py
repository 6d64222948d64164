"""The register: what exists, under which names, in which domain (spec ownership 3)."""

from __future__ import annotations

from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Func, Q

from ownership.domain.states import Lifecycle
from ownership.models.touching import touching_asset

LIFECYCLES = [(state.value, state.value) for state in Lifecycle]


class Domain(models.Model):
    """A part of the business; its default team is shown as inherited, never stored as ownership."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    lead_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")
    default_team = models.ForeignKey("accounts.Team", models.PROTECT, null=True, blank=True, related_name="+")

    def __str__(self) -> str:
        return self.name


class Asset(models.Model):
    """Anything that can be owned. Rows are never deleted: they retire."""

    public_id = models.UUIDField(unique=True, db_default=RandomUUID())
    kind = models.SmallIntegerField()
    slug = models.CharField(max_length=200, unique=True)
    name = models.CharField(max_length=255)
    domain = models.ForeignKey(Domain, models.PROTECT, null=True, blank=True, related_name="assets", db_index=False)
    tier = models.SmallIntegerField(null=True, blank=True)
    lifecycle = models.CharField(max_length=12, choices=LIFECYCLES, db_default=Lifecycle.ACTIVE.value)
    relation = models.TextField(blank=True, db_default="")
    repo = models.TextField(blank=True, db_default="")
    file_path = models.TextField(blank=True, db_default="")
    description = models.TextField(blank=True, db_default="")
    # What one row is, and what misleads those who do not know it.
    grain = models.TextField(blank=True, db_default="")
    pitfalls = models.TextField(blank=True, db_default="")
    schema_hash = models.CharField(max_length=64, blank=True, db_default="")
    definition_hash = models.CharField(max_length=64, blank=True, db_default="")
    # Few assets have one of these: each has an index of those alone.
    documents = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="documented_by", db_index=False
    )
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", db_index=False
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged_from", db_index=False
    )
    unowned_until = models.DateField(null=True, blank=True)
    unowned_reason = models.CharField(max_length=500, null=True, blank=True)  # noqa: DJ001 (both null or neither)
    downstream_count = models.IntegerField(db_default=0)
    attrs = models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)
    alias_text = models.TextField(blank=True, db_default="")
    column_text = models.TextField(blank=True, db_default="")
    search = models.GeneratedField(
        expression=Func(
            F("name"), F("alias_text"), F("description"), F("column_text"), function="ownership_asset_search"
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    version = models.IntegerField(db_default=1)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["kind", "domain"], condition=Q(retired_at=None), name="ownership_asset_kind"),
            models.Index(fields=["domain", "name", "id"], condition=Q(retired_at=None), name="ownership_asset_by_name"),
            models.Index(fields=["name", "id"], condition=Q(retired_at=None), name="ownership_asset_name"),
            models.Index(fields=["relation"], condition=~Q(relation=""), name="ownership_asset_relation"),
            models.Index(fields=["repo", "file_path"], condition=~Q(file_path=""), name="ownership_asset_file"),
            *(
                models.Index(
                    fields=[name], condition=Q(**{f"{name}__isnull": False}), name=f"ownership_asset_by_{name}"
                )
                for name in ("documents", "replaces", "merged_into")
            ),
            GinIndex(fields=["search"], name="ownership_asset_search"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="ownership_asset_trigram"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(tier=None) | Q(tier__gte=1, tier__lte=4), name="ownership_asset_tier"),
            models.CheckConstraint(condition=Q(documents=None) | Q(kind=50), name="ownership_asset_documents"),
            models.CheckConstraint(
                condition=Q(unowned_until=None, unowned_reason=None)
                | Q(unowned_until__isnull=False, unowned_reason__isnull=False),
                name="ownership_asset_unowned",
            ),
            models.CheckConstraint(
                condition=~Q(documents=F("id")) & ~Q(replaces=F("id")) | Q(documents=None, replaces=None),
                name="ownership_asset_not_itself",
            ),
            models.CheckConstraint(condition=Q(slug__regex=r"^[a-z0-9][a-z0-9._-]*$"), name="ownership_asset_slug"),
            models.CheckConstraint(
                condition=Q(lifecycle=Lifecycle.RETIRED.value, retired_at__isnull=False)
                | ~Q(lifecycle=Lifecycle.RETIRED.value) & Q(retired_at=None),
                name="ownership_asset_retired",
            ),
        ]
        triggers = touching_asset()

    def __str__(self) -> str:
        return self.name


class AssetAlias(models.Model):
    """A name of the asset in one system; a key belongs to one asset."""

    asset = models.ForeignKey(Asset, models.PROTECT, related_name="aliases")
    system = models.CharField(max_length=20)
    key = models.CharField(max_length=1000)
    source = models.ForeignKey("core.ImportSource", models.PROTECT, null=True, related_name="+")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    misses = models.SmallIntegerField(db_default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "key"], name="ownership_assetalias_key")]
        indexes = [models.Index(fields=["source"], name="ownership_assetalias_source")]

    def __str__(self) -> str:
        return f"{self.system}:{self.key}"


class Column(models.Model):
    """A column of a dataset, in its order."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="columns", db_index=False)
    n = models.IntegerField()
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=255, blank=True, db_default="")
    description = models.TextField(blank=True, db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asset", "name"], name="ownership_column_name")]

    def __str__(self) -> str:
        return self.name


class ColumnEdge(models.Model):
    """`dst_column` is made of `src_column`, as one source saw it; shown on the asset page."""

    pk = models.CompositePrimaryKey("dst_id", "dst_column", "src_id", "src_column", "source_id")
    dst = models.ForeignKey(Asset, models.CASCADE, related_name="columns_in", db_index=False)
    dst_column = models.CharField(max_length=255)
    src = models.ForeignKey(Asset, models.CASCADE, related_name="columns_out")
    src_column = models.CharField(max_length=255)
    source = models.ForeignKey("core.ImportSource", models.PROTECT, related_name="+")
    last_seen = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.src_column} -> {self.dst_column}"


class AssetStatus(models.Model):
    """The newest word on one matter of an asset: last run, freshness."""

    pk = models.CompositePrimaryKey("asset_id", "what")
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="statuses")
    what = models.CharField(max_length=40)
    value = models.CharField(max_length=200)
    at = models.DateTimeField()
    source = models.ForeignKey("core.ImportSource", models.PROTECT, null=True, related_name="+")

    def __str__(self) -> str:
        return f"{self.what}: {self.value}"


class StatusEntry(models.Model):
    """Every result of a run or a check, kept for a while: how often it was good."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=40)
    value = models.CharField(max_length=200)
    at = models.DateTimeField()
    source = models.ForeignKey("core.ImportSource", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name_plural = "status entries"
        constraints = [models.UniqueConstraint(fields=["asset", "what", "at"], name="ownership_statusentry_once")]

    def __str__(self) -> str:
        return f"{self.what}: {self.value}"


class AssetWord(models.Model):
    """When a source last spoke of one matter of an asset: an older event changes nothing of it."""

    pk = models.CompositePrimaryKey("asset_id", "source_id", "what")
    asset = models.ForeignKey(Asset, models.CASCADE, related_name="+")
    source = models.ForeignKey("core.ImportSource", models.CASCADE, related_name="+")
    what = models.CharField(max_length=12)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.what} at {self.at}"


class Edge(models.Model):
    """Data flows from `src` to `dst`, as one source saw it."""

    pk = models.CompositePrimaryKey("dst_id", "src_id", "kind", "source_id")
    dst = models.ForeignKey(Asset, models.PROTECT, related_name="edges_in", db_index=False)
    src = models.ForeignKey(Asset, models.PROTECT, related_name="edges_out", db_index=False)
    kind = models.SmallIntegerField()
    source = models.ForeignKey("core.ImportSource", models.PROTECT, related_name="+")
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    # Newer than `last_seen`: no event has shown the edge for too long; it is drawn dashed.
    stale_since = models.DateTimeField(null=True, blank=True)
    misses = models.SmallIntegerField(db_default=0)
    attrs = models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["src", "dst"], include=["kind"], condition=Q(closed_at=None), name="ownership_edge_out"
            ),
        ]
        constraints = [models.CheckConstraint(condition=~Q(src=F("dst")), name="ownership_edge_no_loop")]

    def __str__(self) -> str:
        return f"{self.src_id} -> {self.dst_id}"
