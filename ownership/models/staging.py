"""Facts of a planned import, by run: unlogged tables that the register is compared with (spec import_formats 1).

The unique keys begin with the run; an index of the run alone would only lead the planner astray.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models


class StagedAsset(models.Model):
    """One asset of the file; `is_reference` only points at another project's asset and changes nothing of it."""

    run = models.ForeignKey("core.ImportRun", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    n = models.IntegerField()
    key = models.CharField(max_length=1000)
    system = models.CharField(max_length=20)
    kind = models.SmallIntegerField()
    name = models.CharField(max_length=255)
    slug = models.CharField(max_length=200)
    domain = models.CharField(max_length=120)
    tier = models.SmallIntegerField(null=True)
    lifecycle = models.CharField(max_length=12)
    relation = models.TextField()
    repo = models.TextField()
    file_path = models.TextField()
    description = models.TextField()
    grain = models.TextField(db_default="")
    pitfalls = models.TextField(db_default="")
    schema_hash = models.CharField(max_length=64)
    definition_hash = models.CharField(max_length=64)
    attrs = models.JSONField()
    aliases = ArrayField(models.TextField())
    is_reference = models.BooleanField()
    is_placeholder = models.BooleanField()
    # What the file speaks of, with the instant it was said (null: now): {"owners": ..., "columns": ...}.
    says = models.JSONField(default=dict)
    asset_id = models.BigIntegerField(null=True)
    is_home = models.BooleanField(default=False)
    # Of a new asset whose file holds all its edges: how many will stand one or two steps downstream.
    reach = models.IntegerField(db_default=0)
    change = models.CharField(max_length=9, blank=True)
    changed = ArrayField(models.TextField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "key"], name="ownership_stagedasset_key")]

    def __str__(self) -> str:
        return self.key


class StagedEdge(models.Model):
    """One edge between keys of the file."""

    run = models.ForeignKey("core.ImportRun", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    src_key = models.CharField(max_length=1000)
    dst_key = models.CharField(max_length=1000)
    kind = models.SmallIntegerField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "dst_key", "src_key", "kind"], name="ownership_stagededge_once")
        ]

    def __str__(self) -> str:
        return f"{self.src_key} -> {self.dst_key}"


class StagedClaim(models.Model):
    """One owner text of the file."""

    run = models.ForeignKey("core.ImportRun", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    asset_key = models.CharField(max_length=1000)
    raw = models.CharField(max_length=300)
    id_system = models.CharField(max_length=20)
    duty = models.SmallIntegerField()
    rank = models.SmallIntegerField()
    rank_inferred = models.BooleanField()
    basis = models.CharField(max_length=10)
    confidence = models.DecimalField(max_digits=3, decimal_places=2)
    evidence = models.JSONField()
    valid_from = models.DateTimeField(null=True)
    valid_to = models.DateTimeField(null=True)
    person_id = models.BigIntegerField(null=True)
    team_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "asset_key", "raw", "duty", "valid_from"],
                nulls_distinct=False,
                name="ownership_stagedclaim_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset_key}: {self.raw}"


class StagedColumn(models.Model):
    """One column of a dataset of the file."""

    run = models.ForeignKey("core.ImportRun", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    asset_key = models.CharField(max_length=1000)
    n = models.IntegerField()
    name = models.CharField(max_length=255)
    type = models.CharField(max_length=255)
    description = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "asset_key", "name"], name="ownership_stagedcolumn_once")]

    def __str__(self) -> str:
        return self.name


class StagedDetail(models.Model):
    """One smaller fact: another name, a status, a trace of work, a column made of another, a name of a person."""

    run = models.ForeignKey("core.ImportRun", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    sort = models.CharField(max_length=12)
    asset_key = models.CharField(max_length=1000, blank=True)
    one = models.CharField(max_length=1000, blank=True)
    two = models.CharField(max_length=1000, blank=True)
    three = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["run", "sort"], name="ownership_stageddetail_sort")]

    def __str__(self) -> str:
        return f"{self.sort} {self.asset_key}"


class StagedOwned(models.Model):
    """An asset whose owners are settled anew at the end of the import."""

    run = models.ForeignKey("core.ImportRun", models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")
    asset_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "asset_id"], name="ownership_stagedowned_once")]

    def __str__(self) -> str:
        return f"asset {self.asset_id}"
