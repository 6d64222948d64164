"""The register of assets, edges, claims and ownership, with its constraints from the first day."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("core", "0003_imports"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION ownership_words(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
                    SELECT regexp_replace(
                        regexp_replace($1, '([a-z0-9])([A-Z])', '\\1 \\2', 'g'), '[^[:alnum:]]+', ' ', 'g'
                    )
                $$;
                CREATE FUNCTION ownership_asset_search(name text, alias_text text, description text)
                RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                    SELECT setweight(to_tsvector('pg_catalog.simple'::regconfig,
                               public.f_unaccent(name || ' ' || public.ownership_words(name))), 'A')
                        || setweight(to_tsvector('pg_catalog.simple'::regconfig,
                               public.f_unaccent(public.ownership_words(alias_text))), 'B')
                        || setweight(to_tsvector('pg_catalog.simple'::regconfig,
                               public.f_unaccent(description)), 'C')
                $$;
            """,
            reverse_sql="""
                DROP FUNCTION ownership_asset_search(text, text, text);
                DROP FUNCTION ownership_words(text);
            """,
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("public_id", models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), unique=True)),
                ("kind", models.SmallIntegerField()),
                ("slug", models.CharField(max_length=200, unique=True)),
                ("name", models.CharField(max_length=255)),
                ("tier", models.SmallIntegerField(blank=True, null=True)),
                (
                    "lifecycle",
                    models.CharField(
                        choices=[
                            ("draft", "draft"),
                            ("active", "active"),
                            ("migrating", "migrating"),
                            ("deprecated", "deprecated"),
                            ("retired", "retired"),
                        ],
                        db_default="active",
                        max_length=12,
                    ),
                ),
                ("relation", models.TextField(blank=True, db_default="")),
                ("repo", models.TextField(blank=True, db_default="")),
                ("file_path", models.TextField(blank=True, db_default="")),
                ("description", models.TextField(blank=True, db_default="")),
                ("schema_hash", models.CharField(blank=True, db_default="", max_length=64)),
                ("definition_hash", models.CharField(blank=True, db_default="", max_length=64)),
                ("unowned_until", models.DateField(blank=True, null=True)),
                ("unowned_reason", models.CharField(blank=True, max_length=500, null=True)),
                ("downstream_count", models.IntegerField(db_default=0)),
                ("attrs", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ("alias_text", models.TextField(blank=True, db_default="")),
                (
                    "search",
                    models.GeneratedField(
                        db_persist=True,
                        expression=models.Func(
                            models.F("name"),
                            models.F("alias_text"),
                            models.F("description"),
                            function="ownership_asset_search",
                        ),
                        output_field=django.contrib.postgres.search.SearchVectorField(),
                    ),
                ),
                ("version", models.IntegerField(db_default=1)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                (
                    "documents",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documented_by",
                        to="ownership.asset",
                    ),
                ),
                (
                    "replaces",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="replaced_by",
                        to="ownership.asset",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AssetStatus",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "asset_id", "what", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("what", models.CharField(max_length=40)),
                ("value", models.CharField(max_length=200)),
                ("at", models.DateTimeField()),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="statuses", to="ownership.asset"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.importsource"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Claim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("scope", models.CharField(blank=True, max_length=300)),
                ("raw", models.CharField(max_length=300)),
                ("id_system", models.CharField(blank=True, max_length=20)),
                ("duty", models.SmallIntegerField()),
                ("rank", models.SmallIntegerField()),
                ("rank_inferred", models.BooleanField(db_default=False)),
                ("basis", models.CharField(max_length=10)),
                ("confidence", models.DecimalField(decimal_places=2, max_digits=3)),
                ("evidence", models.JSONField(default=list)),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("applied", "applied"),
                            ("proposed", "proposed"),
                            ("conflict", "conflict"),
                            ("shadowed", "shadowed"),
                            ("unresolved", "unresolved"),
                            ("muted", "muted"),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="claims", to="ownership.asset"
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.importsource"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Column",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("name", models.CharField(max_length=255)),
                ("type", models.CharField(blank=True, db_default="", max_length=255)),
                ("description", models.TextField(blank=True, db_default="")),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="columns", to="ownership.asset"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Domain",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("slug", models.SlugField(max_length=120, unique=True)),
                (
                    "default_team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "lead_team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="ownership.domain",
                    ),
                ),
            ],
        ),
        migrations.AddField(
            model_name="asset",
            name="domain",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="assets",
                to="ownership.domain",
            ),
        ),
        migrations.CreateModel(
            name="Edge",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "dst_id",
                        "src_id",
                        "kind",
                        "source_id",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("kind", models.SmallIntegerField()),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("misses", models.SmallIntegerField(db_default=0)),
                ("attrs", models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                (
                    "dst",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges_in",
                        to="ownership.asset",
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.importsource"
                    ),
                ),
                (
                    "src",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="edges_out",
                        to="ownership.asset",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Ownership",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "party_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("person_id"),
                            django.db.models.expressions.CombinedExpression(models.F("team_id"), "*", models.Value(-1)),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                ("duty", models.SmallIntegerField()),
                ("rank", models.SmallIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("proposed", "proposed"),
                            ("accepted", "accepted"),
                            ("declined", "declined"),
                            ("ended", "ended"),
                        ],
                        max_length=10,
                    ),
                ),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField(blank=True, null=True)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("portal", "portal"),
                            ("handoff", "handoff"),
                            ("review", "review"),
                            ("sweep", "sweep"),
                            ("import", "import"),
                        ],
                        max_length=10,
                    ),
                ),
                ("confidence", models.DecimalField(decimal_places=2, default=1, max_digits=3)),
                ("rank_inferred", models.BooleanField(default=False)),
                ("acting", models.BooleanField(default=False)),
                ("evidence", models.JSONField(default=list)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("recorded_at", models.DateTimeField()),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                ("end_reason", models.CharField(blank=True, default="", max_length=20)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ownerships", to="ownership.asset"
                    ),
                ),
                (
                    "claim",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="ownership.claim",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="core.importsource",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.team",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StagedAsset",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.IntegerField()),
                ("key", models.CharField(max_length=1000)),
                ("system", models.CharField(max_length=20)),
                ("kind", models.SmallIntegerField()),
                ("name", models.CharField(max_length=255)),
                ("slug", models.CharField(max_length=200)),
                ("domain", models.CharField(max_length=120)),
                ("tier", models.SmallIntegerField(null=True)),
                ("lifecycle", models.CharField(max_length=12)),
                ("relation", models.TextField()),
                ("repo", models.TextField()),
                ("file_path", models.TextField()),
                ("description", models.TextField()),
                ("schema_hash", models.CharField(max_length=64)),
                ("definition_hash", models.CharField(max_length=64)),
                ("attrs", models.JSONField()),
                ("aliases", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("is_reference", models.BooleanField()),
                ("is_placeholder", models.BooleanField()),
                ("asset_id", models.BigIntegerField(null=True)),
                ("change", models.CharField(blank=True, max_length=9)),
                (
                    "changed",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.TextField(), default=list, size=None
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="core.importrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StagedClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asset_key", models.CharField(max_length=1000)),
                ("raw", models.CharField(max_length=300)),
                ("id_system", models.CharField(max_length=20)),
                ("duty", models.SmallIntegerField()),
                ("rank", models.SmallIntegerField()),
                ("rank_inferred", models.BooleanField()),
                ("basis", models.CharField(max_length=10)),
                ("confidence", models.DecimalField(decimal_places=2, max_digits=3)),
                ("evidence", models.JSONField()),
                ("person_id", models.BigIntegerField(null=True)),
                ("team_id", models.BigIntegerField(null=True)),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="core.importrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StagedColumn",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asset_key", models.CharField(max_length=1000)),
                ("n", models.IntegerField()),
                ("name", models.CharField(max_length=255)),
                ("type", models.CharField(max_length=255)),
                ("description", models.TextField()),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="core.importrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="StagedEdge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("src_key", models.CharField(max_length=1000)),
                ("dst_key", models.CharField(max_length=1000)),
                ("kind", models.SmallIntegerField()),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="core.importrun",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="AssetAlias",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("system", models.CharField(max_length=20)),
                ("key", models.CharField(max_length=1000)),
                ("first_seen", models.DateTimeField()),
                ("last_seen", models.DateTimeField()),
                ("misses", models.SmallIntegerField(db_default=0)),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="aliases", to="ownership.asset"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.importsource"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["source"], name="ownership_assetalias_source")],
                "constraints": [models.UniqueConstraint(fields=("system", "key"), name="ownership_assetalias_key")],
            },
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(
                condition=models.Q(("closed_at", None)), fields=["source"], name="ownership_claim_source"
            ),
        ),
        migrations.AddIndex(
            model_name="claim",
            index=models.Index(condition=models.Q(("closed_at", None)), fields=["raw"], name="ownership_claim_raw"),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)),
                fields=("asset", "source", "scope", "raw", "duty"),
                name="ownership_claim_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("team__isnull", True)),
                    models.Q(("person__isnull", True), ("team__isnull", False)),
                    models.Q(("person", None), ("team", None)),
                    _connector="OR",
                ),
                name="ownership_claim_at_most_one_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="claim",
            constraint=models.CheckConstraint(condition=models.Q(("duty__in", [1, 2, 3])), name="ownership_claim_duty"),
        ),
        migrations.AddConstraint(
            model_name="column",
            constraint=models.UniqueConstraint(fields=("asset", "name"), name="ownership_column_name"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("retired_at", None)), fields=["kind", "domain"], name="ownership_asset_kind"
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("retired_at", None)), fields=["name", "id"], name="ownership_asset_name"
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("relation", ""), _negated=True),
                fields=["relation"],
                name="ownership_asset_relation",
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("file_path", ""), _negated=True),
                fields=["repo", "file_path"],
                name="ownership_asset_file",
            ),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=django.contrib.postgres.indexes.GinIndex(fields=["search"], name="ownership_asset_search"),
        ),
        migrations.AddIndex(
            model_name="asset",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["name"], name="ownership_asset_trigram", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("tier", None), models.Q(("tier__gte", 1), ("tier__lte", 4)), _connector="OR"),
                name="ownership_asset_tier",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("documents", None), ("kind", 50), _connector="OR"), name="ownership_asset_documents"
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("unowned_reason", None), ("unowned_until", None)),
                    models.Q(("unowned_reason__isnull", False), ("unowned_until__isnull", False)),
                    _connector="OR",
                ),
                name="ownership_asset_unowned",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("documents", models.F("id")), _negated=True),
                        models.Q(("replaces", models.F("id")), _negated=True),
                    ),
                    models.Q(("documents", None), ("replaces", None)),
                    _connector="OR",
                ),
                name="ownership_asset_not_itself",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(("slug__regex", "^[a-z0-9][a-z0-9._-]*$")), name="ownership_asset_slug"
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("lifecycle", "retired"), ("retired_at__isnull", False)),
                    models.Q(models.Q(("lifecycle", "retired"), _negated=True), ("retired_at", None)),
                    _connector="OR",
                ),
                name="ownership_asset_retired",
            ),
        ),
        migrations.AddIndex(
            model_name="edge",
            index=models.Index(
                condition=models.Q(("closed_at", None)),
                fields=["src", "dst"],
                include=("kind",),
                name="ownership_edge_out",
            ),
        ),
        migrations.AddConstraint(
            model_name="edge",
            constraint=models.CheckConstraint(
                condition=models.Q(("src", models.F("dst")), _negated=True), name="ownership_edge_no_loop"
            ),
        ),
        migrations.AddIndex(
            model_name="ownership",
            index=models.Index(
                condition=models.Q(("state", "accepted"), ("valid__upper_inf", True)),
                fields=["asset", "duty", "rank"],
                name="ownership_ownership_open",
            ),
        ),
        migrations.AddIndex(
            model_name="ownership",
            index=models.Index(
                condition=models.Q(("valid__upper_inf", True)), fields=["party_key"], name="ownership_ownership_party"
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("team__isnull", True)),
                    models.Q(("person__isnull", True), ("team__isnull", False)),
                    _connector="OR",
                ),
                name="ownership_ownership_one_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(("duty__in", [1, 2, 3])), name="ownership_ownership_duty"
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__gte", 1), ("rank__lte", 5)), name="ownership_ownership_rank"
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ["accepted", "ended"]), ("valid__isempty", False), ("valid__isnull", False)),
                    models.Q(("state__in", ["proposed", "declined"]), ("valid", None)),
                    _connector="OR",
                ),
                name="ownership_ownership_valid",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "ended"), _negated=True), ("valid__upper_inf", False), _connector="OR"
                ),
                name="ownership_ownership_ended",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "proposed")),
                fields=("asset", "duty", "party_key"),
                name="ownership_ownership_one_proposal",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["accepted", "ended"])),
                expressions=[("asset", "="), ("duty", "="), ("rank", "="), ("valid", "&&")],
                name="ownership_ownership_one_holder",
            ),
        ),
        migrations.AddConstraint(
            model_name="ownership",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("state__in", ["accepted", "ended"])),
                expressions=[("asset", "="), ("duty", "="), ("party_key", "="), ("valid", "&&")],
                name="ownership_ownership_one_rank",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="watched_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n",
                    hash="b1b4671e6f0e063058dd5ea3435b48b4eaf6ca2c",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_watched_insert_60c67",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="watched_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n",
                    hash="34f0eac9203f4a25d78f74312923f65d3f42b230",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_watched_update_2f517",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="watched_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n",
                    hash="9e718bb6eb39d5b61548ce326a547a26d952428f",
                    level="STATEMENT",
                    operation="DELETE",
                    pgid="pgtrigger_watched_delete_d497f",
                    referencing="REFERENCING OLD TABLE AS old_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="stagedasset",
            constraint=models.UniqueConstraint(fields=("run", "key"), name="ownership_stagedasset_key"),
        ),
        migrations.AddConstraint(
            model_name="stagedclaim",
            constraint=models.UniqueConstraint(
                fields=("run", "asset_key", "raw", "duty"), name="ownership_stagedclaim_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="stagedcolumn",
            constraint=models.UniqueConstraint(fields=("run", "asset_key", "name"), name="ownership_stagedcolumn_once"),
        ),
        migrations.AddConstraint(
            model_name="stagededge",
            constraint=models.UniqueConstraint(
                fields=("run", "dst_key", "src_key", "kind"), name="ownership_stagededge_once"
            ),
        ),
        migrations.RunSQL(
            # Staged facts are thrown away after each run; a crash may empty them.
            sql="""
                ALTER TABLE ownership_stagedasset SET UNLOGGED;
                ALTER TABLE ownership_stagededge SET UNLOGGED;
                ALTER TABLE ownership_stagedclaim SET UNLOGGED;
                ALTER TABLE ownership_stagedcolumn SET UNLOGGED;
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
    ]
