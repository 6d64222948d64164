"""Assets, owners, lineage, patterns, boundaries, handovers and plans."""

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
import portal.core.secrets
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('ownership', '0001_initial'), ('ownership', '0002_evidence'), ('ownership', '0003_patterns'), ('ownership', '0004_register'), ('ownership', '0005_imports'), ('ownership', '0006_lineage'), ('ownership', '0007_plans_and_announcements'), ('ownership', '0008_boundaries'), ('ownership', '0009_staged_by_key'), ('ownership', '0010_asked_guesses')]

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
        ('core', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql=r"""
                CREATE FUNCTION ownership_words(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
                    SELECT regexp_replace(
                        regexp_replace($1, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '[^[:alnum:]]+', ' ', 'g'
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
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION ownership_asset_search(name text, alias_text text, description text, column_text text)
                RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
                    SELECT public.ownership_asset_search(name, alias_text, description)
                        || setweight(to_tsvector('pg_catalog.simple'::regconfig,
                               public.f_unaccent(public.ownership_words(column_text))), 'D')
                $$;
            """,
            reverse_sql='DROP FUNCTION ownership_asset_search(text, text, text, text);',
        ),
        migrations.CreateModel(
            name='Asset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(db_default=django.contrib.postgres.functions.RandomUUID(), unique=True)),
                ('kind', models.SmallIntegerField()),
                ('slug', models.CharField(max_length=200, unique=True)),
                ('name', models.CharField(max_length=255)),
                ('tier', models.SmallIntegerField(blank=True, null=True)),
                ('lifecycle', models.CharField(choices=[('draft', 'draft'), ('active', 'active'), ('migrating', 'migrating'), ('deprecated', 'deprecated'), ('retired', 'retired')], db_default='active', max_length=12)),
                ('relation', models.TextField(blank=True, db_default='')),
                ('repo', models.TextField(blank=True, db_default='')),
                ('file_path', models.TextField(blank=True, db_default='')),
                ('description', models.TextField(blank=True, db_default='')),
                ('schema_hash', models.CharField(blank=True, db_default='', max_length=64)),
                ('definition_hash', models.CharField(blank=True, db_default='', max_length=64)),
                ('unowned_until', models.DateField(blank=True, null=True)),
                ('unowned_reason', models.CharField(blank=True, max_length=500, null=True)),
                ('downstream_count', models.IntegerField(db_default=0)),
                ('attrs', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('alias_text', models.TextField(blank=True, db_default='')),
                ('column_text', models.TextField(blank=True, db_default='')),
                ('search', models.GeneratedField(db_persist=True, expression=models.Func(models.F('name'), models.F('alias_text'), models.F('description'), models.F('column_text'), function='ownership_asset_search'), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('version', models.IntegerField(db_default=1)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('retired_at', models.DateTimeField(blank=True, null=True)),
                ('documents', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='documented_by', to='ownership.asset')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged_from', to='ownership.asset')),
                ('replaces', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaced_by', to='ownership.asset')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('retired_at', None)), fields=['name', 'id'], name='ownership_asset_name'), models.Index(condition=models.Q(('relation', ''), _negated=True), fields=['relation'], name='ownership_asset_relation'), models.Index(condition=models.Q(('file_path', ''), _negated=True), fields=['repo', 'file_path'], name='ownership_asset_file'), django.contrib.postgres.indexes.GinIndex(fields=['search'], name='ownership_asset_search'), django.contrib.postgres.indexes.GinIndex(fields=['name'], name='ownership_asset_trigram', opclasses=['gin_trgm_ops'])],
                'constraints': [models.CheckConstraint(condition=models.Q(('tier', None), models.Q(('tier__gte', 1), ('tier__lte', 4)), _connector='OR'), name='ownership_asset_tier'), models.CheckConstraint(condition=models.Q(('documents', None), ('kind', 50), _connector='OR'), name='ownership_asset_documents'), models.CheckConstraint(condition=models.Q(models.Q(('unowned_reason', None), ('unowned_until', None)), models.Q(('unowned_reason__isnull', False), ('unowned_until__isnull', False)), _connector='OR'), name='ownership_asset_unowned'), models.CheckConstraint(condition=models.Q(models.Q(models.Q(('documents', models.F('id')), _negated=True), models.Q(('replaces', models.F('id')), _negated=True)), models.Q(('documents', None), ('replaces', None)), _connector='OR'), name='ownership_asset_not_itself'), models.CheckConstraint(condition=models.Q(('slug__regex', '^[a-z0-9][a-z0-9._-]*$')), name='ownership_asset_slug'), models.CheckConstraint(condition=models.Q(models.Q(('lifecycle', 'retired'), ('retired_at__isnull', False)), models.Q(models.Q(('lifecycle', 'retired'), _negated=True), ('retired_at', None)), _connector='OR'), name='ownership_asset_retired')],
            },
        ),
        migrations.CreateModel(
            name='CrossingRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('discipline', models.CharField(max_length=2)),
                ('kind', models.SmallIntegerField()),
                ('verdict', models.CharField(max_length=10)),
                ('direction', models.CharField(default='none', max_length=4)),
                ('base', models.SmallIntegerField(default=0)),
                ('label', models.CharField(blank=True, default='', max_length=200)),
                ('remedy', models.CharField(blank=True, default='', max_length=300)),
                ('is_edited', models.BooleanField(default=False)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('verdict__in', ('ok', 'crossing', 'ask'))), name='ownership_crossingrule_verdict'), models.CheckConstraint(condition=models.Q(('direction__in', ('up', 'down', 'none'))), name='ownership_crossingrule_direction'), models.CheckConstraint(condition=models.Q(('discipline__in', ('SE', 'DE', 'AE', 'DA', 'DS'))), name='ownership_crossingrule_discipline'), models.CheckConstraint(condition=models.Q(models.Q(('base__gte', 1), ('base__lte', 4), ('verdict', 'crossing')), models.Q(models.Q(('verdict', 'crossing'), _negated=True), ('base', 0), ('direction', 'none')), _connector='OR'), name='ownership_crossingrule_base')],
            },
        ),
        migrations.CreateModel(
            name='ReviewCampaign',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter_start', models.DateField(unique=True)),
                ('started_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Announcement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('change', models.CharField(choices=[('breaking', 'a breaking change'), ('schema', 'a change of columns'), ('definition', 'a change of meaning'), ('deprecation', 'the end of it'), ('delay', 'a delay'), ('backfill', 'a backfill'), ('restate', 'restated figures')], max_length=12)),
                ('text', models.TextField()),
                ('happens_at', models.DateTimeField(blank=True, null=True)),
                ('depth', models.SmallIntegerField()),
                ('asked_at', models.DateTimeField()),
                ('ack_due_at', models.DateTimeField()),
                ('version', models.IntegerField(db_default=1)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('superseded_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='supersedes', to='ownership.announcement')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='announcements', to='ownership.asset')),
            ],
            options={
                'indexes': [models.Index(fields=['-asked_at', '-id'], name='ownership_announcement_new')],
                'constraints': [models.CheckConstraint(condition=models.Q(('ack_due_at__gt', models.F('asked_at'))), name='ownership_announcement_due'), models.CheckConstraint(condition=models.Q(('superseded_by', models.F('id')), _negated=True), name='ownership_announcement_not_itself')],
            },
        ),
        migrations.CreateModel(
            name='AnnouncementRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('pending', 'Pending'), ('acknowledged', 'Acknowledged'), ('objected', 'Objected'), ('superseded', 'Superseded')], default='pending', max_length=12)),
                ('objection', models.TextField(blank=True, default='')),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('reply', models.TextField(blank=True, default='')),
                ('replied_at', models.DateTimeField(blank=True, null=True)),
                ('announcement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recipients', to='ownership.announcement')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('replied_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'pending')), fields=['person'], name='ownership_recipient_waiting')],
                'constraints': [models.UniqueConstraint(fields=('announcement', 'person'), name='ownership_recipient_once'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('state__in', ['pending', 'superseded'])), models.Q(('answered_at__isnull', False), ('state__in', ['acknowledged', 'objected'])), _connector='OR'), name='ownership_recipient_answered'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'objected'), _negated=True), models.Q(('objection', ''), _negated=True), _connector='OR'), name='ownership_recipient_objection'), models.CheckConstraint(condition=models.Q(models.Q(('replied_at', None), ('replied_by', None), ('reply', '')), models.Q(('replied_at__isnull', False), ('replied_by__isnull', False), models.Q(('reply', ''), _negated=True), models.Q(('objection', ''), _negated=True)), _connector='OR'), name='ownership_recipient_reply')],
            },
        ),
        migrations.CreateModel(
            name='BoundaryCheck',
            fields=[
                ('asset', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to='ownership.asset')),
                ('due_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='AnnouncementAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('distance', models.SmallIntegerField()),
                ('announcement', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='touched', to='ownership.announcement')),
                ('recipient', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='touched', to='ownership.announcementrecipient')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('announcement', 'asset'), name='ownership_touched_once')],
            },
        ),
        migrations.CreateModel(
            name='AssetAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=1000)),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
                ('misses', models.SmallIntegerField(db_default=0)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to='ownership.asset')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
            ],
            options={
                'indexes': [models.Index(fields=['source'], name='ownership_assetalias_source')],
                'constraints': [models.UniqueConstraint(fields=('system', 'key'), name='ownership_assetalias_key')],
            },
        ),
        migrations.CreateModel(
            name='AssetStatus',
            fields=[
                ('pk', models.CompositePrimaryKey('asset_id', 'what', blank=True, editable=False, primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='statuses', to='ownership.asset')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
            ],
        ),
        migrations.CreateModel(
            name='AssetWord',
            fields=[
                ('pk', models.CompositePrimaryKey('asset_id', 'source_id', 'what', blank=True, editable=False, primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=12)),
                ('at', models.DateTimeField()),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ownership.asset')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='core.importsource')),
            ],
        ),
        migrations.CreateModel(
            name='ChangePlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('backfill', 'backfill'), ('migration', 'migration')], max_length=9)),
                ('reason', models.TextField()),
                ('range_text', models.CharField(blank=True, default='', max_length=200)),
                ('columns', models.JSONField(default=dict)),
                ('dialect', models.CharField(choices=[('postgres', 'postgres'), ('snowflake', 'snowflake'), ('bigquery', 'bigquery'), ('spark', 'spark')], max_length=10)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('running', 'running'), ('paused', 'paused'), ('done', 'done'), ('rolled_back', 'rolled_back'), ('abandoned', 'abandoned')], max_length=11)),
                ('ends_on', models.DateField(blank=True, null=True)),
                ('hold_days', models.SmallIntegerField(default=7)),
                ('created_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.IntegerField(db_default=1)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='ownership.asset')),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('successor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
            ],
            options={
                'indexes': [models.Index(fields=['-created_at', '-id'], name='ownership_changeplan_new')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ['draft', 'running', 'paused'])), fields=('asset',), name='ownership_changeplan_one_live'), models.CheckConstraint(condition=models.Q(models.Q(('finished_at', None), ('state__in', ['draft', 'running', 'paused'])), models.Q(models.Q(('state__in', ['draft', 'running', 'paused']), _negated=True), ('finished_at__isnull', False)), _connector='OR'), name='ownership_changeplan_finished'), models.CheckConstraint(condition=models.Q(('hold_days__gte', 0), ('hold_days__lte', 60)), name='ownership_changeplan_hold'), models.CheckConstraint(condition=models.Q(('successor', None), models.Q(('successor', models.F('asset')), _negated=True), _connector='OR'), name='ownership_changeplan_successor')],
            },
        ),
        migrations.AddField(
            model_name='announcement',
            name='plan',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='announcements', to='ownership.changeplan'),
        ),
        migrations.CreateModel(
            name='ChangeStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.SmallIntegerField()),
                ('code', models.CharField(max_length=20)),
                ('state', models.CharField(choices=[('todo', 'todo'), ('doing', 'doing'), ('done', 'done'), ('failed', 'failed'), ('skipped', 'skipped')], default='todo', max_length=7)),
                ('evidence', models.JSONField(default=dict)),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('at', models.DateTimeField(null=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='ownership.changeplan')),
            ],
            options={
                'ordering': ['n'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'n'), name='ownership_changestep_n'), models.CheckConstraint(condition=models.Q(models.Q(('at', None), ('state__in', ['todo'])), models.Q(models.Q(('state', 'todo'), _negated=True), ('at__isnull', False)), _connector='OR'), name='ownership_changestep_at')],
            },
        ),
        migrations.CreateModel(
            name='Claim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(blank=True, max_length=300)),
                ('raw', models.CharField(max_length=300)),
                ('id_system', models.CharField(blank=True, max_length=20)),
                ('duty', models.SmallIntegerField()),
                ('rank', models.SmallIntegerField()),
                ('rank_inferred', models.BooleanField(db_default=False)),
                ('basis', models.CharField(max_length=10)),
                ('confidence', models.DecimalField(decimal_places=2, max_digits=3)),
                ('evidence', models.JSONField(default=list)),
                ('valid_from', models.DateTimeField(null=True)),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome', models.CharField(choices=[('applied', 'applied'), ('proposed', 'proposed'), ('conflict', 'conflict'), ('shadowed', 'shadowed'), ('unresolved', 'unresolved'), ('muted', 'muted')], max_length=12)),
                ('kept_for', models.BigIntegerField(null=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claims', to='ownership.asset')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['source'], name='ownership_claim_source'), models.Index(condition=models.Q(('closed_at', None)), fields=['raw'], name='ownership_claim_raw')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('asset', 'source', 'scope', 'raw', 'duty'), name='ownership_claim_open'), models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('team__isnull', True)), models.Q(('person__isnull', True), ('team__isnull', False)), models.Q(('person', None), ('team', None)), _connector='OR'), name='ownership_claim_at_most_one_party'), models.CheckConstraint(condition=models.Q(('duty__in', [1, 2, 3])), name='ownership_claim_duty')],
            },
        ),
        migrations.CreateModel(
            name='Closure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(max_length=4)),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('ready', 'Ready')], default='waiting', max_length=8)),
                ('count', models.IntegerField(default=0)),
                ('ids', models.BinaryField(default=bytes)),
                ('distances', models.BinaryField(default=bytes)),
                ('asked_at', models.DateTimeField()),
                ('ready_at', models.DateTimeField(null=True)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ownership.asset')),
            ],
            options={
                'indexes': [models.Index(fields=['asked_by', '-asked_at'], name='ownership_closure_mine')],
                'constraints': [models.CheckConstraint(condition=models.Q(('side__in', ['up', 'down'])), name='ownership_closure_side'), models.CheckConstraint(condition=models.Q(models.Q(('ready_at', None), ('state', 'waiting')), models.Q(('ready_at__gte', models.F('asked_at')), ('state', 'ready')), _connector='OR'), name='ownership_closure_state')],
            },
        ),
        migrations.CreateModel(
            name='Column',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.IntegerField()),
                ('name', models.CharField(max_length=255)),
                ('type', models.CharField(blank=True, db_default='', max_length=255)),
                ('description', models.TextField(blank=True, db_default='')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='columns', to='ownership.asset')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('asset', 'name'), name='ownership_column_name')],
            },
        ),
        migrations.CreateModel(
            name='ColumnEdge',
            fields=[
                ('pk', models.CompositePrimaryKey('dst_id', 'dst_column', 'src_id', 'src_column', 'source_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('dst_column', models.CharField(max_length=255)),
                ('src_column', models.CharField(max_length=255)),
                ('last_seen', models.DateTimeField()),
                ('dst', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='columns_in', to='ownership.asset')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
                ('src', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='columns_out', to='ownership.asset')),
            ],
        ),
        migrations.CreateModel(
            name='Crossing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party_key', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('person_id'), django.db.models.expressions.CombinedExpression(models.F('team_id'), '*', models.Value(-1))), output_field=models.BigIntegerField())),
                ('valid', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('seen_from', models.DateTimeField()),
                ('level', models.CharField(max_length=8)),
                ('score', models.DecimalField(decimal_places=2, max_digits=6)),
                ('weight', models.CharField(max_length=80)),
                ('is_owned', models.BooleanField()),
                ('is_done', models.BooleanField()),
                ('last_evidence_at', models.DateTimeField(blank=True, null=True)),
                ('state', models.CharField(default='open', max_length=10)),
                ('accepted_until', models.DateField(blank=True, null=True)),
                ('accepted_reason', models.CharField(blank=True, default='', max_length=500)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('reopened', models.PositiveIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('agreed_by', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='crossings', to='ownership.asset')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('rule', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.crossingrule')),
            ],
            options={
                'indexes': [django.contrib.postgres.indexes.GistIndex(fields=['valid'], name='ownership_crossing_valid'), models.Index(condition=models.Q(('valid__upper_inf', True)), fields=['asset'], name='ownership_crossing_asset')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid__upper_inf', True)), fields=('asset', 'party_key', 'rule'), name='ownership_crossing_open'), models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('team__isnull', True)), models.Q(('person__isnull', True), ('team__isnull', False)), _connector='OR'), name='ownership_crossing_one_party'), models.CheckConstraint(condition=models.Q(('state__in', ('open', 'talking', 'handover', 'accepted', 'dismissed', 'resolved', 'void'))), name='ownership_crossing_state'), models.CheckConstraint(condition=models.Q(('level__in', ('critical', 'high', 'medium', 'low'))), name='ownership_crossing_level'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'accepted'), _negated=True), ('accepted_until__isnull', False), _connector='OR'), name='ownership_crossing_accepted'), models.CheckConstraint(condition=models.Q(('valid__isempty', True), ('valid__startswith__isnull', False), _connector='OR'), name='ownership_crossing_begins')],
            },
        ),
        migrations.CreateModel(
            name='CrossingStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('state', models.CharField(max_length=10)),
                ('level', models.CharField(max_length=8)),
                ('score', models.DecimalField(decimal_places=2, max_digits=6)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('crossing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='ownership.crossing')),
            ],
            options={
                'indexes': [models.Index(fields=['crossing', 'at'], name='ownership_crossingstep_at')],
            },
        ),
        migrations.CreateModel(
            name='Domain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('default_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('lead_team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('parent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='ownership.domain')),
            ],
        ),
        migrations.AddField(
            model_name='asset',
            name='domain',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assets', to='ownership.domain'),
        ),
        migrations.CreateModel(
            name='Edge',
            fields=[
                ('pk', models.CompositePrimaryKey('dst_id', 'src_id', 'kind', 'source_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('kind', models.SmallIntegerField()),
                ('first_seen', models.DateTimeField()),
                ('last_seen', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('stale_since', models.DateTimeField(blank=True, null=True)),
                ('misses', models.SmallIntegerField(db_default=0)),
                ('attrs', models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)),
                ('dst', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='edges_in', to='ownership.asset')),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
                ('src', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='edges_out', to='ownership.asset')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['src', 'dst'], include=('kind',), name='ownership_edge_out')],
                'constraints': [models.CheckConstraint(condition=models.Q(('src', models.F('dst')), _negated=True), name='ownership_edge_no_loop')],
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('ref', models.CharField(max_length=300)),
                ('url', models.CharField(blank=True, db_default='', max_length=1000)),
                ('asset', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='ownership.asset')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['asset', 'at'], name='ownership_evidence_asset')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'ref', 'asset', 'person'), name='ownership_evidence_once')],
            },
        ),
        migrations.CreateModel(
            name='Gap',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=20)),
                ('valid', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('detail', models.JSONField(default=dict)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='gaps', to='ownership.asset')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('valid__upper_inf', True)), fields=['kind', 'asset'], name='ownership_gap_kinds'), django.contrib.postgres.indexes.GistIndex(fields=['valid'], name='ownership_gap_valid_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('valid__upper_inf', True)), fields=('asset', 'kind'), name='ownership_gap_open'), models.CheckConstraint(condition=models.Q(('kind__in', ['no_owner', 'owner_inactive', 'unresolved', 'empty_team', 'not_accepted', 'not_confirmed', 'no_backup', 'no_document', 'split_owner'])), name='ownership_gap_kind'), models.CheckConstraint(condition=models.Q(('valid__isempty', False)), name='ownership_gap_valid')],
            },
        ),
        migrations.CreateModel(
            name='GraphPulse',
            fields=[
                ('pk', models.CompositePrimaryKey('what', 'transaction_number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=5)),
                ('transaction_number', models.BigIntegerField()),
                ('statements', models.IntegerField(default=1)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['edge', 'look'])), name='ownership_graphpulse_what')],
            },
        ),
        migrations.CreateModel(
            name='Handoff',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('note', models.CharField(blank=True, default='', max_length=2000)),
                ('effective_at', models.DateTimeField()),
                ('moved_days', models.PositiveSmallIntegerField(default=0)),
                ('shadow_days', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(default='draft', max_length=10)),
                ('offered_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('from_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('to_person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('to_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'offered')), fields=['to_person'], name='ownership_handoff_to_person'), models.Index(condition=models.Q(('state', 'offered')), fields=['to_team'], name='ownership_handoff_to_team')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('from_person__isnull', False), ('from_team__isnull', True)), models.Q(('from_person__isnull', True), ('from_team__isnull', False)), _connector='OR'), name='ownership_handoff_from'), models.CheckConstraint(condition=models.Q(models.Q(('to_person__isnull', False), ('to_team__isnull', True)), models.Q(('to_person__isnull', True), ('to_team__isnull', False)), _connector='OR'), name='ownership_handoff_to'), models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'offered', 'closed', 'expired', 'withdrawn'))), name='ownership_handoff_state'), models.CheckConstraint(condition=models.Q(('shadow_days__lte', 30)), name='ownership_handoff_shadow_days'), models.CheckConstraint(condition=models.Q(('state', 'draft'), ('state', 'withdrawn'), ('offered_at__isnull', False), _connector='OR'), name='ownership_handoff_offered')],
            },
        ),
        migrations.AddField(
            model_name='crossing',
            name='handoff',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='crossings', to='ownership.handoff'),
        ),
        migrations.CreateModel(
            name='HandoffCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=40)),
                ('label', models.CharField(max_length=200)),
                ('is_required', models.BooleanField(default=True)),
                ('state', models.CharField(default='open', max_length=8)),
                ('at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('asset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handoff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='ownership.handoff')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('handoff', 'asset', 'code'), name='ownership_handoffcheck_once', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('state__in', ('open', 'done', 'waived'))), name='ownership_handoffcheck_state')],
            },
        ),
        migrations.CreateModel(
            name='HandoffItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('duty', models.SmallIntegerField(default=1)),
                ('rank', models.SmallIntegerField(default=1)),
                ('state', models.CharField(default='offered', max_length=10)),
                ('decided_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('in_force_at', models.DateTimeField(blank=True, null=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('handoff', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='ownership.handoff')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('handoff', 'asset', 'duty'), name='ownership_handoffitem_once'), models.UniqueConstraint(condition=models.Q(('state', 'offered')), fields=('asset', 'duty'), name='ownership_handoffitem_one_offer'), models.CheckConstraint(condition=models.Q(('state__in', ('offered', 'accepted', 'declined', 'withdrawn', 'expired'))), name='ownership_handoffitem_state'), models.CheckConstraint(condition=models.Q(('rank__gte', 1), ('rank__lte', 5)), name='ownership_handoffitem_rank'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='ownership_handoffitem_decline_says_why')],
            },
        ),
        migrations.CreateModel(
            name='Ownership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('party_key', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(models.F('person_id'), django.db.models.expressions.CombinedExpression(models.F('team_id'), '*', models.Value(-1))), output_field=models.BigIntegerField())),
                ('duty', models.SmallIntegerField()),
                ('rank', models.SmallIntegerField()),
                ('state', models.CharField(choices=[('proposed', 'proposed'), ('accepted', 'accepted'), ('declined', 'declined'), ('ended', 'ended')], max_length=10)),
                ('valid', django.contrib.postgres.fields.ranges.DateTimeRangeField(blank=True, null=True)),
                ('origin', models.CharField(choices=[('portal', 'portal'), ('handoff', 'handoff'), ('review', 'review'), ('sweep', 'sweep'), ('import', 'import')], max_length=10)),
                ('confidence', models.DecimalField(decimal_places=2, default=1, max_digits=3)),
                ('rank_inferred', models.BooleanField(default=False)),
                ('acting', models.BooleanField(default=False)),
                ('evidence', models.JSONField(default=list)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('recorded_at', models.DateTimeField()),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('asked_at', models.DateTimeField(blank=True, null=True)),
                ('end_reason', models.CharField(blank=True, default='', max_length=20)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ownerships', to='ownership.asset')),
                ('claim', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.claim')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('recorded_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'accepted'), ('valid__upper_inf', True)), fields=['asset', 'duty', 'rank'], name='ownership_ownership_open'), models.Index(condition=models.Q(('valid__upper_inf', True)), fields=['party_key'], name='ownership_ownership_party')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('team__isnull', True)), models.Q(('person__isnull', True), ('team__isnull', False)), _connector='OR'), name='ownership_ownership_one_party'), models.CheckConstraint(condition=models.Q(('duty__in', [1, 2, 3])), name='ownership_ownership_duty'), models.CheckConstraint(condition=models.Q(('rank__gte', 1), ('rank__lte', 5)), name='ownership_ownership_rank'), models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['accepted', 'ended']), ('valid__isempty', False), ('valid__isnull', False)), models.Q(('state__in', ['proposed', 'declined']), ('valid', None)), _connector='OR'), name='ownership_ownership_valid'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'ended'), _negated=True), ('valid__upper_inf', False), _connector='OR'), name='ownership_ownership_ended'), models.UniqueConstraint(condition=models.Q(('state', 'proposed')), fields=('asset', 'duty', 'party_key'), name='ownership_ownership_one_proposal'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ['accepted', 'ended'])), expressions=[('asset', '='), ('duty', '='), ('rank', '='), ('valid', '&&')], name='ownership_ownership_one_holder'), django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('state__in', ['accepted', 'ended'])), expressions=[('asset', '='), ('duty', '='), ('party_key', '='), ('valid', '&&')], name='ownership_ownership_one_rank')],
            },
        ),
        migrations.CreateModel(
            name='Pattern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('is_built_in', models.BooleanField(default=False)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('copied_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.pattern')),
            ],
        ),
        migrations.CreateModel(
            name='DomainPattern',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('valid', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('recorded_at', models.DateTimeField()),
                ('assigned_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('domain', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='patterns', to='ownership.domain')),
                ('pattern', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.pattern')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('valid__isempty', False), ('valid__startswith__isnull', False)), name='ownership_domainpattern_valid'), django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('domain', '='), ('valid', '&&')], name='ownership_domainpattern_one')],
            },
        ),
        migrations.AddField(
            model_name='crossingrule',
            name='pattern',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='ownership.pattern'),
        ),
        migrations.CreateModel(
            name='PatternRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.SmallIntegerField()),
                ('expected', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), size=None)),
                ('allowed', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=2), default=list, size=None)),
                ('pattern', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rows', to='ownership.pattern')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pattern', 'kind'), name='ownership_patternrow_kind')],
            },
        ),
        migrations.CreateModel(
            name='PipelineTrigger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('airflow2', 'airflow2'), ('airflow3', 'airflow3'), ('dbt_cloud', 'dbt_cloud'), ('generic', 'generic')], max_length=9)),
                ('job', models.CharField(blank=True, default='', max_length=250)),
                ('authorization', portal.core.secrets.EncryptedText(blank=True)),
                ('endpoint', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.endpoint')),
                ('pipeline', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='trigger', to='ownership.asset')),
            ],
        ),
        migrations.CreateModel(
            name='PlanTrigger',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.SmallIntegerField()),
                ('after', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('state', models.CharField(choices=[('todo', 'todo'), ('sent', 'sent'), ('running', 'running'), ('done', 'done'), ('failed', 'failed')], default='todo', max_length=7)),
                ('tries', models.SmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='triggers', to='ownership.changeplan')),
            ],
            options={
                'ordering': ['n'],
                'constraints': [models.UniqueConstraint(fields=('plan', 'asset'), name='ownership_plantrigger_once')],
            },
        ),
        migrations.CreateModel(
            name='Reference',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('phase', models.SmallIntegerField(default=1)),
                ('referrer_text', models.CharField(blank=True, default='', max_length=300)),
                ('kind', models.CharField(choices=[('depends_on', 'is built from it'), ('exposure', 'shows it'), ('run_read', 'read it in a run'), ('document', 'describes it'), ('manual', 'named by hand')], max_length=10)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('state', models.CharField(choices=[('open', 'open'), ('moved', 'moved'), ('waived', 'waived'), ('gone', 'gone')], default='open', max_length=6)),
                ('opened_at', models.DateTimeField()),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('last_seen_at', models.DateTimeField()),
                ('moved_in', models.CharField(blank=True, default='', max_length=500)),
                ('waive_reason', models.CharField(blank=True, default='', max_length=500)),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='references', to='ownership.changeplan')),
                ('referrer', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
                ('team', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('waived_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['person'], name='ownership_reference_mine')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('referrer__isnull', False)), fields=('plan', 'phase', 'referrer'), name='ownership_reference_once'), models.UniqueConstraint(condition=models.Q(('referrer', None)), fields=('plan', 'phase', 'referrer_text'), name='ownership_reference_text'), models.CheckConstraint(condition=models.Q(('referrer__isnull', False), models.Q(('referrer_text', ''), _negated=True), _connector='OR'), name='ownership_reference_named'), models.CheckConstraint(condition=models.Q(models.Q(('person__isnull', False), ('team__isnull', True)), models.Q(('person__isnull', True), ('team__isnull', False)), models.Q(('person', None), ('team', None)), _connector='OR'), name='ownership_reference_at_most_one_party'), models.CheckConstraint(condition=models.Q(('phase__in', [1, 2])), name='ownership_reference_phase'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('state', 'open')), models.Q(models.Q(('state', 'open'), _negated=True), ('closed_at__isnull', False)), _connector='OR'), name='ownership_reference_closed'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'waived'), _negated=True), models.Q(('waived_by__isnull', False), models.Q(('waive_reason', ''), _negated=True)), _connector='OR'), name='ownership_reference_waived')],
            },
        ),
        migrations.CreateModel(
            name='ReviewItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(max_length=10)),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('note', models.CharField(blank=True, default='', max_length=500)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('campaign', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='ownership.reviewcampaign')),
                ('ownership', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.ownership')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('campaign', 'ownership'), name='ownership_reviewitem_once'), models.CheckConstraint(condition=models.Q(('state__in', ('auto', 'asked', 'silent', 'mine', 'hand_over', 'not_mine', 'retire'))), name='ownership_reviewitem_state')],
            },
        ),
        migrations.CreateModel(
            name='StagedAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.IntegerField()),
                ('key', models.CharField(max_length=1000)),
                ('system', models.CharField(max_length=20)),
                ('kind', models.SmallIntegerField()),
                ('name', models.CharField(max_length=255)),
                ('slug', models.CharField(max_length=200)),
                ('domain', models.CharField(max_length=120)),
                ('tier', models.SmallIntegerField(null=True)),
                ('lifecycle', models.CharField(max_length=12)),
                ('relation', models.TextField()),
                ('repo', models.TextField()),
                ('file_path', models.TextField()),
                ('description', models.TextField()),
                ('schema_hash', models.CharField(max_length=64)),
                ('definition_hash', models.CharField(max_length=64)),
                ('attrs', models.JSONField()),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ('is_reference', models.BooleanField()),
                ('is_placeholder', models.BooleanField()),
                ('says', models.JSONField(default=dict)),
                ('asset_id', models.BigIntegerField(null=True)),
                ('is_home', models.BooleanField(default=False)),
                ('change', models.CharField(blank=True, max_length=9)),
                ('changed', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), default=list, size=None)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.importrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'key'), name='ownership_stagedasset_key')],
            },
        ),
        migrations.CreateModel(
            name='StagedClaim',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset_key', models.CharField(max_length=1000)),
                ('raw', models.CharField(max_length=300)),
                ('id_system', models.CharField(max_length=20)),
                ('duty', models.SmallIntegerField()),
                ('rank', models.SmallIntegerField()),
                ('rank_inferred', models.BooleanField()),
                ('basis', models.CharField(max_length=10)),
                ('confidence', models.DecimalField(decimal_places=2, max_digits=3)),
                ('evidence', models.JSONField()),
                ('valid_from', models.DateTimeField(null=True)),
                ('valid_to', models.DateTimeField(null=True)),
                ('person_id', models.BigIntegerField(null=True)),
                ('team_id', models.BigIntegerField(null=True)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.importrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'asset_key', 'raw', 'duty', 'valid_from'), name='ownership_stagedclaim_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='StagedColumn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asset_key', models.CharField(max_length=1000)),
                ('n', models.IntegerField()),
                ('name', models.CharField(max_length=255)),
                ('type', models.CharField(max_length=255)),
                ('description', models.TextField()),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.importrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'asset_key', 'name'), name='ownership_stagedcolumn_once')],
            },
        ),
        migrations.CreateModel(
            name='StagedDetail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sort', models.CharField(max_length=12)),
                ('asset_key', models.CharField(blank=True, max_length=1000)),
                ('one', models.CharField(blank=True, max_length=1000)),
                ('two', models.CharField(blank=True, max_length=1000)),
                ('three', models.CharField(blank=True, max_length=1000)),
                ('at', models.DateTimeField(null=True)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.importrun')),
            ],
            options={
                'indexes': [models.Index(fields=['run', 'sort'], name='ownership_stageddetail_sort')],
            },
        ),
        migrations.CreateModel(
            name='StagedEdge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('src_key', models.CharField(max_length=1000)),
                ('dst_key', models.CharField(max_length=1000)),
                ('kind', models.SmallIntegerField()),
                ('seen_at', models.DateTimeField(null=True)),
                ('run', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='core.importrun')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('run', 'dst_key', 'src_key', 'kind'), name='ownership_stagededge_once')],
            },
        ),
        migrations.CreateModel(
            name='StatusEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=40)),
                ('value', models.CharField(max_length=200)),
                ('at', models.DateTimeField()),
                ('asset', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='ownership.asset')),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.importsource')),
            ],
            options={
                'verbose_name_plural': 'status entries',
                'constraints': [models.UniqueConstraint(fields=('asset', 'what', 'at'), name='ownership_statusentry_once')],
            },
        ),
        migrations.CreateModel(
            name='Talk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('note', models.CharField(blank=True, default='', max_length=1000)),
                ('outcome', models.CharField(blank=True, default='', max_length=10)),
                ('outcome_note', models.CharField(blank=True, default='', max_length=1000)),
                ('next_at', models.DateTimeField(blank=True, null=True)),
                ('held_at', models.DateTimeField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('version', models.PositiveIntegerField(default=1)),
                ('attendees', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('doing_team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('domain', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.domain')),
                ('expected_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'indexes': [models.Index(fields=['doing_team', 'expected_team'], name='ownership_talk_pair')],
                'constraints': [models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'handover', 'accept', 'rule', 'plan', 'none'])), name='ownership_talk_outcome'), models.CheckConstraint(condition=models.Q(models.Q(('held_at', None), ('outcome', '')), models.Q(models.Q(('outcome', ''), _negated=True), ('held_at__isnull', False)), _connector='OR'), name='ownership_talk_held'), models.CheckConstraint(condition=models.Q(('doing_team', models.F('expected_team')), _negated=True), name='ownership_talk_two_teams')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='crossingstep',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e3db2e4d8c9c1e99f60c4aa5ef00be0cef85a3ba', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3eb2e', table='ownership_crossingstep', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='asset',
            index=models.Index(condition=models.Q(('retired_at', None)), fields=['kind', 'domain'], name='ownership_asset_kind'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='asset',
            trigger=pgtrigger.compiler.Trigger(name='touch_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.id, portal_now() FROM new_rows AS row  ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n', hash='c2cf1ab03146399d532169806c2da126f575fc99', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_insert_731cb', referencing='REFERENCING NEW TABLE AS new_rows ', table='ownership_asset', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='asset',
            trigger=pgtrigger.compiler.Trigger(name='touch_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.id, portal_now() FROM new_rows AS row JOIN old_rows AS before USING (id) WHERE before.kind IS DISTINCT FROM row.kind OR before.domain_id IS DISTINCT FROM row.domain_id OR before.tier IS DISTINCT FROM row.tier OR before.downstream_count IS DISTINCT FROM row.downstream_count OR before.documents_id IS DISTINCT FROM row.documents_id OR before.retired_at IS DISTINCT FROM row.retired_at OR before.unowned_until IS DISTINCT FROM row.unowned_until ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n', hash='c2644f39a786542fc189b8a0f7097c9f8253c474', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_update_45a3e', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='ownership_asset', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a406748a069128349bba3f1c6a8870a46e64e613', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_e7773', table='ownership_evidence', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='evidence',
            trigger=pgtrigger.compiler.Trigger(name='touch_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.asset_id, portal_now() FROM new_rows AS row  ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n', hash='8d2de1cb9edfd0591a6486afc9db965220893414', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_insert_5464d', referencing='REFERENCING NEW TABLE AS new_rows ', table='ownership_evidence', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='b1b4671e6f0e063058dd5ea3435b48b4eaf6ca2c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_60c67', referencing='REFERENCING NEW TABLE AS new_rows ', table='ownership_ownership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='34f0eac9203f4a25d78f74312923f65d3f42b230', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_2f517', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='ownership_ownership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='9e718bb6eb39d5b61548ce326a547a26d952428f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_d497f', referencing='REFERENCING OLD TABLE AS old_rows ', table='ownership_ownership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='touch_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.asset_id, portal_now() FROM new_rows AS row  ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n', hash='b88b5db6f6e6c5d5d9800d0842e468e64f6ad333', level='STATEMENT', operation='INSERT', pgid='pgtrigger_touch_insert_b97ff', referencing='REFERENCING NEW TABLE AS new_rows ', table='ownership_ownership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='touch_update', sql=pgtrigger.compiler.UpsertTriggerSql(func='\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.asset_id, portal_now() FROM new_rows AS row JOIN old_rows AS before USING (id) WHERE to_jsonb(before) IS DISTINCT FROM to_jsonb(row) ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n', hash='ffb4e18f00c4d53eeb7a93bd9d9de91e93630355', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_touch_update_5d325', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='ownership_ownership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='active_holder_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM new_rows AS row JOIN accounts_person AS person ON person.id = row.person_id\n    WHERE row.state = 'accepted' AND upper_inf(row.valid) AND person.state = 'inactive'\n) THEN\n    RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n", hash='05a425342b433253020a071cb11c728d5cea578b', level='STATEMENT', operation='INSERT', pgid='pgtrigger_active_holder_insert_bbb7b', referencing='REFERENCING NEW TABLE AS new_rows ', table='ownership_ownership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ownership',
            trigger=pgtrigger.compiler.Trigger(name='active_holder_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF EXISTS (\n    SELECT 1 FROM new_rows AS row JOIN accounts_person AS person ON person.id = row.person_id\n    WHERE row.state = 'accepted' AND upper_inf(row.valid) AND person.state = 'inactive'\n) THEN\n    RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n", hash='d05662c2b4a246096e7d2af04b1eae9f8a9624f2', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_active_holder_update_c4b10', referencing='REFERENCING NEW TABLE AS new_rows ', table='ownership_ownership', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='crossingrule',
            constraint=models.UniqueConstraint(fields=('pattern', 'discipline', 'kind'), name='ownership_crossingrule_cell'),
        ),
        migrations.RunSQL(
            sql="""
                ALTER TABLE ownership_stagedasset SET UNLOGGED;
                ALTER TABLE ownership_stagededge SET UNLOGGED;
                ALTER TABLE ownership_stagedclaim SET UNLOGGED;
                ALTER TABLE ownership_stagedcolumn SET UNLOGGED;
            """,
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION ownership_patterns_at(instant timestamptz)
                RETURNS TABLE (domain_id bigint, pattern_id bigint) LANGUAGE sql STABLE PARALLEL SAFE AS $$
                    WITH RECURSIVE chain(leaf, id, parent_id, n) AS (
                        SELECT id, id, parent_id, 0 FROM ownership_domain
                        UNION ALL
                        SELECT chain.leaf, above.id, above.parent_id, chain.n + 1
                        FROM chain JOIN ownership_domain AS above ON above.id = chain.parent_id WHERE chain.n < 20
                    )
                    SELECT DISTINCT ON (chain.leaf) chain.leaf, assigned.pattern_id
                    FROM chain JOIN ownership_domainpattern AS assigned
                        ON assigned.domain_id = chain.id AND assigned.valid @> instant
                    ORDER BY chain.leaf, chain.n
                $$;
            """,
            reverse_sql='DROP FUNCTION ownership_patterns_at(timestamptz);',
        ),
        migrations.RunSQL(
            sql='ALTER TABLE ownership_stageddetail SET UNLOGGED',
            reverse_sql=migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION ownership_pulse() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO ownership_graphpulse AS pulse (what, transaction_number, statements)
                    VALUES (TG_ARGV[0], txid_current(), 1)
                    ON CONFLICT (what, transaction_number) DO UPDATE SET statements = pulse.statements + 1;
                    RETURN NULL;
                END $$;
            """,
            reverse_sql='DROP FUNCTION ownership_pulse()',
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER ownership_pulse AFTER INSERT OR UPDATE OR DELETE ON ownership_edge
                FOR EACH STATEMENT EXECUTE FUNCTION ownership_pulse('edge')
            """,
            reverse_sql='DROP TRIGGER ownership_pulse ON ownership_edge',
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER ownership_pulse AFTER INSERT OR UPDATE OR DELETE ON ownership_asset
                FOR EACH STATEMENT EXECUTE FUNCTION ownership_pulse('look')
            """,
            reverse_sql='DROP TRIGGER ownership_pulse ON ownership_asset',
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER ownership_pulse AFTER INSERT OR UPDATE OR DELETE ON ownership_ownership
                FOR EACH STATEMENT EXECUTE FUNCTION ownership_pulse('look')
            """,
            reverse_sql='DROP TRIGGER ownership_pulse ON ownership_ownership',
        ),
        migrations.RunSQL(
            sql="""
                CREATE TRIGGER ownership_pulse AFTER INSERT OR UPDATE OR DELETE ON ownership_assetstatus
                FOR EACH STATEMENT EXECUTE FUNCTION ownership_pulse('look')
            """,
            reverse_sql='DROP TRIGGER ownership_pulse ON ownership_assetstatus',
        ),
        migrations.RunSQL(
            sql="""
                CREATE FUNCTION ownership_refuse_inactive() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT 1 FROM ownership_ownership AS row
                        WHERE row.party_key = NEW.id AND row.state = 'accepted' AND upper_inf(row.valid)
                    ) THEN
                        RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER ownership_no_inactive_holder AFTER UPDATE OF state ON accounts_person
                FOR EACH ROW WHEN (NEW.state = 'inactive' AND OLD.state <> 'inactive')
                EXECUTE FUNCTION ownership_refuse_inactive();
            """,
            reverse_sql="""
                DROP TRIGGER ownership_no_inactive_holder ON accounts_person;
                DROP FUNCTION ownership_refuse_inactive();
            """,
        ),
    ]
