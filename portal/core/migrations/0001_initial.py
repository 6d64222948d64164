"""The database's clock, calendars, settings, rate buckets and the cache."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models

import portal.core.models.expressions


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
                    SELECT statement_timestamp()
                        + make_interval(secs => coalesce(nullif(current_setting('portal.clock_offset', true), ''), '0')::float8)
                $$;
            """,
            reverse_sql="DROP FUNCTION portal_now();",
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
                    SELECT public.unaccent('public.unaccent'::regdictionary, $1)
                $$;
            """,
            reverse_sql="DROP FUNCTION f_unaccent(text);",
        ),
        migrations.CreateModel(
            name="BusinessCalendar",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("is_archived", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="RateBucket",
            fields=[
                ("key", models.CharField(max_length=200, primary_key=True, serialize=False)),
                ("tokens", models.FloatField()),
                ("updated_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="RowChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField(db_default=portal.core.models.expressions.PortalNow())),
                ("table_name", models.CharField(max_length=63)),
                ("row_key", models.CharField(max_length=64)),
                ("operation", models.CharField(max_length=6)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), size=None),
                ),
                (
                    "transaction_number",
                    models.BigIntegerField(
                        db_default=portal.core.models.expressions.TransactionNumber(), db_index=True
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Setting",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("value", models.JSONField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="CalendarVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("n", models.PositiveIntegerField()),
                ("zone", models.CharField(max_length=64)),
                ("weekly", models.JSONField(default=dict)),
                ("exceptions", models.JSONField(default=dict)),
                ("always_open", models.BooleanField(default=False)),
                ("nominal_day_seconds", models.PositiveIntegerField()),
                ("sha256", models.CharField(max_length=64)),
                ("created_at", models.DateTimeField()),
                (
                    "calendar",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="versions", to="core.businesscalendar"
                    ),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rowchange",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="66ecd5465258437c445bdea6a1241c377703c3d9",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_6e030",
                    table="core_rowchange",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddConstraint(
            model_name="calendarversion",
            constraint=models.UniqueConstraint(fields=("calendar", "n"), name="core_calendarversion_n"),
        ),
        migrations.AddConstraint(
            model_name="calendarversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("nominal_day_seconds__gte", 60), ("nominal_day_seconds__lte", 86400)),
                name="core_calendarversion_nominal_day",
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="calendarversion",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="32059ba078523a376703f5a5eec7cf03bbae6fa1",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_086de",
                    table="core_calendarversion",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.RunSQL(
            sql="ALTER TABLE core_ratebucket SET UNLOGGED;",
            reverse_sql="ALTER TABLE core_ratebucket SET LOGGED;",
        ),
        migrations.RunSQL(
            sql="""
                CREATE UNLOGGED TABLE core_cache (
                    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
                );
                CREATE INDEX core_cache_expires ON core_cache (expires);
            """,
            reverse_sql="DROP TABLE core_cache;",
        ),
    ]
