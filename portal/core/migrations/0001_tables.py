"""The database's clock, calendars, settings, rate buckets, imports, audit and the cache."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.core.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('core', '0001_initial'), ('core', '0002_people'), ('core', '0003_imports'), ('core', '0004_seals')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION portal_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
                    SELECT statement_timestamp()
                        + make_interval(secs => coalesce(nullif(current_setting('portal.clock_offset', true), ''), '0')::float8)
                $$;
            """,
            reverse_sql='DROP FUNCTION portal_now();',
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION f_unaccent(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
                    SELECT public.unaccent('public.unaccent'::regdictionary, $1)
                $$;
            """,
            reverse_sql='DROP FUNCTION f_unaccent(text);',
        ),
        migrations.CreateModel(
            name='BusinessCalendar',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('is_archived', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='CalendarVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.PositiveIntegerField()),
                ('zone', models.CharField(max_length=64)),
                ('weekly', models.JSONField(default=dict)),
                ('exceptions', models.JSONField(default=dict)),
                ('always_open', models.BooleanField(default=False)),
                ('nominal_day_seconds', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('nominal_day_seconds__gte', 60), ('nominal_day_seconds__lte', 86400)), name='core_calendarversion_nominal_day')],
            },
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=60)),
                ('body', models.JSONField(default=dict)),
                ('saved_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='IdempotencyKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120)),
                ('fingerprint', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(null=True)),
                ('body', models.JSONField(null=True)),
                ('location', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='ImportIssue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('fatal', 'Fatal'), ('error', 'Error'), ('warning', 'Warning'), ('info', 'Info')], max_length=8)),
                ('code', models.CharField(max_length=60)),
                ('message', models.CharField(max_length=500)),
                ('line', models.IntegerField(null=True)),
                ('column', models.IntegerField(null=True)),
                ('pointer', models.CharField(blank=True, max_length=1200)),
                ('record', models.CharField(blank=True, max_length=1000)),
                ('sample', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='ImportRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('importer', models.CharField(max_length=40)),
                ('state', models.CharField(choices=[('parsing', 'Parsing'), ('planned', 'Planned'), ('applying', 'Applying'), ('applied', 'Applied'), ('failed', 'Failed'), ('discarded', 'Discarded'), ('expired', 'Expired')], max_length=10)),
                ('file_name', models.CharField(blank=True, max_length=255)),
                ('sha256', models.CharField(blank=True, max_length=64)),
                ('bytes', models.BigIntegerField(default=0)),
                ('options', models.JSONField(default=dict)),
                ('counts', models.JSONField(default=dict)),
                ('plan', models.JSONField(default=dict)),
                ('progress', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('planned_at', models.DateTimeField(null=True)),
                ('applied_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ImportSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('importer', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=320, unique=True)),
                ('scope', models.CharField(blank=True, max_length=300)),
                ('precedence', models.SmallIntegerField(default=0)),
                ('cadence_hours', models.IntegerField(blank=True, null=True)),
                ('options', models.JSONField(default=dict)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('importer', 'scope'), name='core_importsource_scope')],
            },
        ),
        migrations.CreateModel(
            name='RateBucket',
            fields=[
                ('key', models.CharField(max_length=200, primary_key=True, serialize=False)),
                ('tokens', models.FloatField()),
                ('updated_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='RowChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=portal.core.models.expressions.PortalNow())),
                ('table_name', models.CharField(max_length=63)),
                ('row_key', models.CharField(max_length=64)),
                ('operation', models.CharField(max_length=6)),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=63), size=None)),
                ('transaction_number', models.BigIntegerField(db_default=portal.core.models.expressions.TransactionNumber(), db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('page', models.CharField(max_length=60)),
                ('slug', models.SlugField(max_length=60)),
                ('name', models.CharField(max_length=80)),
                ('query', models.CharField(blank=True, max_length=1000)),
                ('is_shared', models.BooleanField(default=False)),
                ('is_pinned', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='Setting',
            fields=[
                ('key', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('value', models.JSONField()),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('via', models.CharField(max_length=16)),
                ('verb', models.CharField(max_length=80)),
                ('object_type', models.CharField(max_length=80)),
                ('object_id', models.CharField(max_length=64)),
                ('object_label', models.CharField(blank=True, max_length=300)),
                ('compartment', models.CharField(blank=True, max_length=40)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('reason', models.TextField(blank=True)),
                ('request_id', models.CharField(blank=True, max_length=64)),
                ('token_id', models.BigIntegerField(null=True)),
                ('address', models.GenericIPAddressField(null=True)),
                ('group', models.UUIDField(null=True)),
                ('transaction_number', models.BigIntegerField(db_default=portal.core.models.expressions.TransactionNumber(), db_index=True)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('on_behalf_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('undoes', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='core.auditentry')),
            ],
            options={
                'indexes': [models.Index(fields=['object_type', 'object_id', '-id'], name='core_audit_object'), models.Index(fields=['actor', '-id'], name='core_audit_actor'), django.contrib.postgres.indexes.BrinIndex(fields=['at'], name='core_audit_at')],
            },
        ),
        migrations.CreateModel(
            name='AuditSeal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('table_name', models.CharField(max_length=63)),
                ('day', models.DateField()),
                ('rows', models.PositiveBigIntegerField()),
                ('last_id', models.BigIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('previous_sha256', models.CharField(max_length=64)),
                ('marks', models.BinaryField()),
                ('sealed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('table_name', 'day'), name='core_auditseal_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditseal',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='86a515a11914d2b3b68a3c1250a09a1667785f92', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b7549', table='core_auditseal', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='calendarversion',
            name='calendar',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='core.businesscalendar'),
        ),
        migrations.AddField(
            model_name='draft',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='idempotencykey',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='importrun',
            name='actor',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='importrun',
            name='base_run',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importrun'),
        ),
        migrations.AddField(
            model_name='importissue',
            name='run',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='issues', to='core.importrun'),
        ),
        migrations.AddField(
            model_name='importrun',
            name='source',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='runs', to='core.importsource'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='rowchange',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='66ecd5465258437c445bdea6a1241c377703c3d9', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6e030', table='core_rowchange', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='savedview',
            name='owner',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='auditentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='6b2652b5bb5129424469034ae53d5116f56d3e42', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_97da0', table='core_auditentry', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='calendarversion',
            constraint=models.UniqueConstraint(fields=('calendar', 'n'), name='core_calendarversion_n'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='calendarversion',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='32059ba078523a376703f5a5eec7cf03bbae6fa1', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_086de', table='core_calendarversion', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='draft',
            constraint=models.UniqueConstraint(fields=('person', 'kind'), name='core_draft_one'),
        ),
        migrations.AddConstraint(
            model_name='idempotencykey',
            constraint=models.UniqueConstraint(fields=('person', 'key'), name='core_idempotencykey_once'),
        ),
        migrations.AddIndex(
            model_name='importissue',
            index=models.Index(fields=['run', 'id'], name='core_importissue_run'),
        ),
        migrations.AddIndex(
            model_name='importrun',
            index=models.Index(fields=['source', 'state', '-id'], name='core_importrun_source'),
        ),
        migrations.AddConstraint(
            model_name='importrun',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'applying')), fields=('source',), name='core_importrun_one_applying'),
        ),
        migrations.AddConstraint(
            model_name='savedview',
            constraint=models.UniqueConstraint(fields=('owner', 'page', 'slug'), name='core_savedview_slug'),
        ),
        migrations.RunSQL(
            sql='ALTER TABLE core_ratebucket SET UNLOGGED;',
            reverse_sql='ALTER TABLE core_ratebucket SET LOGGED;',
        ),
        migrations.RunSQL(
            sql="""
                CREATE UNLOGGED TABLE core_cache (
                    cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL
                );
                CREATE INDEX core_cache_expires ON core_cache (expires);
            """,
            reverse_sql='DROP TABLE core_cache;',
        ),
    ]
