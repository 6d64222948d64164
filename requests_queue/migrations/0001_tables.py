"""Requests, promises, budgets, quarterly plans and answers."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import pgvector.django.halfvec
import requests_queue.domain.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('requests_queue', '0001_initial'), ('requests_queue', '0002_number_series'), ('requests_queue', '0003_quarterly_plan'), ('requests_queue', '0004_budget'), ('requests_queue', '0005_plans_upkeep'), ('requests_queue', '0006_conversation'), ('requests_queue', '0007_answers'), ('requests_queue', '0008_request_indexes'), ('requests_queue', '0009_intake')]

    initial = True

    dependencies = [
        ('accounts', '0002_links'),
        ('core', '0001_tables'),
        ('oncall', '0001_tables'),
        ('ownership', '0001_tables'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(
            sql='CREATE SEQUENCE requests_queue_number START 1',
            reverse_sql='DROP SEQUENCE requests_queue_number',
        ),
        migrations.RunSQL(
            sql="""
                CREATE TEXT SEARCH DICTIONARY public.english_nostop (TEMPLATE = snowball, Language = english);
                CREATE TEXT SEARCH CONFIGURATION public.en_nostop (COPY = pg_catalog.english);
                ALTER TEXT SEARCH CONFIGURATION public.en_nostop
                    ALTER MAPPING FOR asciiword, asciihword, hword_asciipart, word, hword, hword_part
                    WITH public.english_nostop;
                CREATE FUNCTION public.faq_vector(text) RETURNS tsvector
                LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
                    SELECT to_tsvector('public.en_nostop'::regconfig, lower(public.f_unaccent(normalize($1, NFKC))))
                $$;
            """,
            reverse_sql="""
                DROP FUNCTION public.faq_vector(text);
                DROP TEXT SEARCH CONFIGURATION public.en_nostop;
                DROP TEXT SEARCH DICTIONARY public.english_nostop;
            """,
        ),
        migrations.CreateModel(
            name='SlaPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('is_archived', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='BudgetPeriod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter_start', models.DateField()),
                ('floor_bp', models.PositiveIntegerField(default=500)),
                ('cap_bp', models.PositiveIntegerField(default=1000)),
                ('small_max', models.PositiveIntegerField(default=120)),
                ('medium_max', models.PositiveIntegerField(default=480)),
                ('opening_capacity_minutes', models.PositiveIntegerField(default=0)),
                ('overdraft_minutes', models.PositiveIntegerField(default=0)),
                ('locked_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('last_seq', models.PositiveIntegerField(default=0)),
                ('spent', models.IntegerField(default=0)),
                ('reserved', models.IntegerField(default=0)),
                ('exempt', models.IntegerField(default=0)),
                ('adjusted', models.IntegerField(default=0)),
                ('locked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='budget_periods', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'quarter_start'), name='requests_period_once'), models.CheckConstraint(condition=models.Q(('floor_bp__gt', 0), ('cap_bp__gte', models.F('floor_bp')), ('cap_bp__lte', 3000)), name='requests_period_band'), models.CheckConstraint(condition=models.Q(('small_max__gt', 0), ('small_max__lt', models.F('medium_max'))), name='requests_period_sizes'), models.CheckConstraint(condition=models.Q(('exempt__gte', 0), ('reserved__gte', 0), ('spent__gte', 0)), name='requests_period_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='CapacityLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('fte_percent', models.PositiveSmallIntegerField()),
                ('working_days', models.PositiveSmallIntegerField()),
                ('leave_days', models.PositiveSmallIntegerField()),
                ('minutes', models.PositiveIntegerField()),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='lines', to='requests_queue.budgetperiod')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('period', 'person'), name='requests_capacityline_once')],
            },
        ),
        migrations.CreateModel(
            name='DataRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('series', models.CharField(default='REQ', max_length=3)),
                ('number', models.CharField(max_length=16, unique=True)),
                ('kind', models.CharField(choices=[('question', 'Question'), ('extract', 'One-off extract'), ('data_issue', 'Something is wrong'), ('change', 'New or changed data'), ('metric', 'New or changed metric'), ('backfill', 'Backfill'), ('access', 'Access')], max_length=20)),
                ('title', models.CharField(max_length=200)),
                ('body', models.TextField(blank=True)),
                ('decision_served', models.TextField(blank=True)),
                ('wanted_by', models.DateField(null=True)),
                ('urgency', models.CharField(default='normal', max_length=8)),
                ('is_private', models.BooleanField(default=False)),
                ('state', models.CharField(choices=[('new', 'new'), ('triage', 'triage'), ('awaiting_approval', 'awaiting_approval'), ('queued', 'queued'), ('accepted', 'accepted'), ('in_progress', 'in_progress'), ('waiting_on_requester', 'waiting_on_requester'), ('waiting_on_upstream', 'waiting_on_upstream'), ('deferred', 'deferred'), ('declined', 'declined'), ('answered', 'answered'), ('resolved', 'resolved'), ('closed', 'closed'), ('duplicate', 'duplicate'), ('withdrawn', 'withdrawn')], default='new', max_length=24)),
                ('lane', models.CharField(blank=True, max_length=12)),
                ('size', models.CharField(blank=True, max_length=8)),
                ('is_structural', models.BooleanField(default=False)),
                ('estimate_minutes', models.PositiveIntegerField(null=True)),
                ('channel', models.CharField(default='portal', max_length=8)),
                ('filed_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('first_opened_at', models.DateTimeField(null=True)),
                ('exemption_confirmed_at', models.DateTimeField(null=True)),
                ('exemption_lapses_at', models.DateTimeField(null=True)),
                ('reopened_count', models.PositiveIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_requests', to=settings.AUTH_USER_MODEL)),
                ('backup', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('exemption_confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='requests_queue.datarequest')),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to=settings.AUTH_USER_MODEL)),
                ('requester_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('split_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='split_into', to='requests_queue.datarequest')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='accounts.team')),
            ],
            options={
                'db_table': 'requests_queue_request',
                'indexes': [models.Index(condition=models.Q(('state__in', [requests_queue.domain.states.State['ACCEPTED'], requests_queue.domain.states.State['AWAITING_APPROVAL'], requests_queue.domain.states.State['DEFERRED'], requests_queue.domain.states.State['IN_PROGRESS'], requests_queue.domain.states.State['NEW'], requests_queue.domain.states.State['QUEUED'], requests_queue.domain.states.State['TRIAGE'], requests_queue.domain.states.State['WAITING_ON_REQUESTER'], requests_queue.domain.states.State['WAITING_ON_UPSTREAM']])), fields=['team', 'state', 'filed_at'], name='requests_request_team'), models.Index(condition=models.Q(('state__in', [requests_queue.domain.states.State['ACCEPTED'], requests_queue.domain.states.State['AWAITING_APPROVAL'], requests_queue.domain.states.State['DEFERRED'], requests_queue.domain.states.State['IN_PROGRESS'], requests_queue.domain.states.State['NEW'], requests_queue.domain.states.State['QUEUED'], requests_queue.domain.states.State['TRIAGE'], requests_queue.domain.states.State['WAITING_ON_REQUESTER'], requests_queue.domain.states.State['WAITING_ON_UPSTREAM']])), fields=['assignee'], name='requests_request_assignee'), models.Index(condition=models.Q(('state__in', [requests_queue.domain.states.State['ACCEPTED'], requests_queue.domain.states.State['AWAITING_APPROVAL'], requests_queue.domain.states.State['DEFERRED'], requests_queue.domain.states.State['IN_PROGRESS'], requests_queue.domain.states.State['NEW'], requests_queue.domain.states.State['QUEUED'], requests_queue.domain.states.State['TRIAGE'], requests_queue.domain.states.State['WAITING_ON_REQUESTER'], requests_queue.domain.states.State['WAITING_ON_UPSTREAM']])), fields=['due_at', 'id'], name='requests_request_due'), models.Index(fields=['due_at', 'id'], name='requests_request_all_due'), models.Index(fields=['requester', 'filed_at'], name='requests_request_asker'), models.Index(fields=['requester_team', 'filed_at'], name='requests_request_asking'), models.Index(fields=['filed_at', 'id'], name='requests_request_filed'), django.contrib.postgres.indexes.GinIndex(fields=['title'], name='requests_request_title_words', opclasses=['gin_trgm_ops']), django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), name='gin_trgm_ops'), name='requests_request_title_part')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('is_private', True), ('series', 'PRV')), models.Q(('is_private', False), ('series', 'REQ')), _connector='OR'), name='requests_request_series'), models.CheckConstraint(condition=models.Q(('number__regex', '^(REQ-[1-9][0-9]*|PRV-[0-9A-Z]{6})$')), name='requests_request_number'), models.CheckConstraint(condition=models.Q(('state__in', ['new', 'triage', 'awaiting_approval', 'queued', 'accepted', 'in_progress', 'waiting_on_requester', 'waiting_on_upstream', 'deferred', 'declined', 'answered', 'resolved', 'closed', 'duplicate', 'withdrawn'])), name='requests_request_state'), models.CheckConstraint(condition=models.Q(('kind__in', ['question', 'extract', 'data_issue', 'change', 'metric', 'backfill', 'access'])), name='requests_request_kind'), models.CheckConstraint(condition=models.Q(('lane__in', ['', 'quick_win', 'question', 'complex', 'exempt'])), name='requests_request_lane'), models.CheckConstraint(condition=models.Q(('urgency__in', ['normal', 'urgent'])), name='requests_request_urgency'), models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='requests_request_not_itself'), models.CheckConstraint(condition=models.Q(('merged_into', None), ('state', 'duplicate'), _connector='OR'), name='requests_request_merged'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='requests_request_title'), models.CheckConstraint(condition=models.Q(('size__in', ['', 'small', 'medium', 'complex'])), name='requests_request_size'), models.CheckConstraint(condition=models.Q(('split_from', None), models.Q(('split_from', models.F('id')), _negated=True), _connector='OR'), name='requests_request_not_split_of_itself')],
            },
        ),
        migrations.CreateModel(
            name='CompartmentMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('removed_at', models.DateTimeField(null=True)),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='compartments', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='requests_queue.datarequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('request', 'person'), name='requests_compartment_once')],
            },
        ),
        migrations.CreateModel(
            name='BreakGlass',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number_asked', models.CharField(max_length=16)),
                ('reason', models.CharField(max_length=500)),
                ('asked_at', models.DateTimeField()),
                ('approved_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('approved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='break_glasses', to='requests_queue.datarequest')),
            ],
            options={
                'verbose_name_plural': 'break glasses',
                'constraints': [models.CheckConstraint(condition=models.Q(('approved_by', None), models.Q(('approved_by', models.F('asked_by')), _negated=True), _connector='OR'), name='requests_breakglass_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('approved_at', None), ('approved_by', None), ('ends_at', None)), models.Q(('approved_at__isnull', False), ('approved_by__isnull', False), ('ends_at__isnull', False)), _connector='OR'), name='requests_breakglass_approved')],
            },
        ),
        migrations.CreateModel(
            name='DecisionLetter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(max_length=8)),
                ('rule', models.CharField(max_length=12)),
                ('numbers', models.JSONField()),
                ('body', models.TextField()),
                ('sent_at', models.DateTimeField()),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='requests_queue.datarequest')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('decision__in', ('DEFER', 'QUEUE', 'DECLINE'))), name='requests_letter_decision')],
            },
        ),
        migrations.CreateModel(
            name='ExemptKind',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=40, unique=True)),
                ('name', models.CharField(max_length=80, unique=True)),
                ('is_private', models.BooleanField(default=True)),
                ('is_archived', models.BooleanField(default=False)),
                ('confirmers', models.ManyToManyField(related_name='confirms_exemptions', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddField(
            model_name='datarequest',
            name='exemption',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='requests_queue.exemptkind'),
        ),
        migrations.CreateModel(
            name='FaqAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.PositiveIntegerField()),
                ('body', models.TextField()),
                ('sql', models.TextField(blank=True, default='')),
                ('dialect', models.CharField(blank=True, default='', max_length=20)),
                ('parameters', models.JSONField(default=list)),
                ('limits', models.CharField(blank=True, default='', max_length=500)),
                ('unresolved', models.JSONField(default=list)),
                ('created_at', models.DateTimeField()),
                ('verified_at', models.DateTimeField(null=True)),
                ('verified_until', models.DateTimeField(null=True)),
                ('stale_since', models.DateTimeField(null=True)),
                ('stale_reason', models.CharField(blank=True, default='', max_length=20)),
                ('stale_detail', models.JSONField(default=dict)),
                ('notes', models.JSONField(default=list)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('verified_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='faq_answer_body'), models.CheckConstraint(condition=models.Q(models.Q(('stale_reason', ''), ('stale_since', None)), models.Q(('stale_reason__in', ['schema_changed', 'definition_changed', 'owner_changed', 'owner_left', 'asset_retired', 'restated', 'expired', 'reported']), ('stale_since__isnull', False)), _connector='OR'), name='faq_answer_stale'), models.CheckConstraint(condition=models.Q(models.Q(('verified_at', None), ('verified_by', None), ('verified_until', None)), models.Q(('verified_at__isnull', False), ('verified_by__isnull', False), ('verified_until__gt', models.F('verified_at'))), _connector='OR'), name='faq_answer_verified')],
            },
        ),
        migrations.CreateModel(
            name='FaqDependency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('columns', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), default=list, size=None)),
                ('via', models.CharField(default='link', max_length=4)),
                ('snapshot', models.JSONField(default=dict)),
                ('answer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependencies', to='requests_queue.faqanswer')),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answer_dependencies', to='ownership.asset')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('answer', 'asset'), name='faq_dependency_once'), models.CheckConstraint(condition=models.Q(('via__in', ['sql', 'link'])), name='faq_dependency_via')],
            },
        ),
        migrations.CreateModel(
            name='FaqEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=100, unique=True)),
                ('owner_follows', models.BooleanField(default=True)),
                ('tier', models.PositiveSmallIntegerField(default=2)),
                ('visibility', models.CharField(default='all', max_length=8)),
                ('tags', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=40), default=list, size=None)),
                ('state', models.CharField(default='draft', max_length=10)),
                ('helped', models.PositiveIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('updated_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(null=True)),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('created_from', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answer_entries', to='requests_queue.datarequest')),
                ('current', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.faqanswer')),
                ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='requests_queue.faqentry')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='owned_answers', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='accounts.team')),
                ('verifier', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['team', 'state'], name='faq_entry_team'), models.Index(fields=['-updated_at', '-id'], name='faq_entry_updated')],
                'constraints': [models.CheckConstraint(condition=models.Q(('tier__gte', 1), ('tier__lte', 3)), name='faq_entry_tier'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'published', 'archived'])), name='faq_entry_state'), models.CheckConstraint(condition=models.Q(('visibility__in', ['all', 'team', 'members'])), name='faq_entry_visibility'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('current__isnull', False), ('owner__isnull', False)), _connector='OR'), name='faq_entry_published'), models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(models.Q(('merged_into', models.F('id')), _negated=True), ('merged_into__isnull', False), ('state', 'archived')), _connector='OR'), name='faq_entry_merged')],
            },
        ),
        migrations.AddField(
            model_name='faqanswer',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='answers', to='requests_queue.faqentry'),
        ),
        migrations.CreateModel(
            name='FaqPhrase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=500)),
                ('normal', models.CharField(max_length=500)),
                ('is_canonical', models.BooleanField(default=False)),
                ('source', models.CharField(default='author', max_length=8)),
                ('len', models.PositiveIntegerField(default=0)),
                ('is_public', models.BooleanField(default=False)),
                ('embedding', pgvector.django.halfvec.HalfVectorField(dimensions=384, null=True)),
                ('embedder', models.CharField(blank=True, default='', max_length=40)),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='phrases', to='requests_queue.faqentry')),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='phrases', to='requests_queue.datarequest')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('is_public', True)), fields=['is_public'], include=('len',), name='faq_phrase_public'), models.Index(condition=models.Q(('embedding', None)), fields=['id'], name='faq_phrase_unembedded')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('entry', None), ('request__isnull', False)), models.Q(('entry__isnull', False), ('request', None)), _connector='OR'), name='faq_phrase_of_one'), models.CheckConstraint(condition=models.Q(('source__in', ('author', 'alias', 'request', 'merge', 'import'))), name='faq_phrase_source'), models.UniqueConstraint(condition=models.Q(('is_canonical', True)), fields=('entry',), name='faq_phrase_canonical'), models.UniqueConstraint(fields=('request',), name='faq_phrase_request'), models.UniqueConstraint(fields=('entry', 'normal'), name='faq_phrase_wording')],
            },
        ),
        migrations.CreateModel(
            name='FaqPosting',
            fields=[
                ('pk', models.CompositePrimaryKey('phrase_id', 'term', blank=True, editable=False, primary_key=True, serialize=False)),
                ('term', models.CharField(max_length=500)),
                ('tf', models.PositiveSmallIntegerField()),
                ('phrase', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='postings', to='requests_queue.faqphrase')),
            ],
            options={
                'indexes': [models.Index(fields=['term'], include=('phrase', 'tf'), name='faq_posting_term')],
            },
        ),
        migrations.CreateModel(
            name='FaqTerm',
            fields=[
                ('term', models.CharField(max_length=500, primary_key=True, serialize=False)),
                ('df', models.IntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('df__gte', 0)), name='faq_term_df')],
            },
        ),
        migrations.CreateModel(
            name='PlanCandidate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('source_type', models.CharField(default='member', max_length=16)),
                ('source_id', models.BigIntegerField(null=True)),
                ('estimate_minutes', models.PositiveIntegerField(null=True)),
                ('spread_minutes', models.PositiveIntegerField(default=0)),
                ('cost_of_delay', models.PositiveSmallIntegerField(null=True)),
                ('adds_pipelines', models.JSONField(default=list)),
                ('status', models.CharField(default='open', max_length=10)),
                ('decision_reason', models.CharField(blank=True, max_length=500)),
                ('passed_over', models.PositiveSmallIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('assets', models.ManyToManyField(related_name='plan_candidates', to='ownership.asset')),
                ('invited', models.ManyToManyField(related_name='+', to='accounts.team')),
                ('moved_from', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='moved_to', to='requests_queue.plancandidate')),
                ('requests', models.ManyToManyField(related_name='candidates', to='requests_queue.datarequest')),
                ('sponsor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('sponsor_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('status__in', ('open', 'taken', 'not_taken', 'moved'))), name='requests_candidate_status'), models.CheckConstraint(condition=models.Q(('status', 'open'), models.Q(('decision_reason', ''), _negated=True), _connector='OR'), name='requests_candidate_reason'), models.CheckConstraint(condition=models.Q(('cost_of_delay', None), models.Q(('cost_of_delay__gte', 1), ('cost_of_delay__lte', 5)), _connector='OR'), name='requests_candidate_delay'), models.CheckConstraint(condition=models.Q(('estimate_minutes', None), models.Q(('estimate_minutes__gte', 1), ('estimate_minutes__lte', 1000000)), _connector='OR'), name='requests_candidate_estimate'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='requests_candidate_title')],
            },
        ),
        migrations.CreateModel(
            name='PlanItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.PositiveIntegerField(null=True)),
                ('kind', models.CharField(default='project', max_length=24)),
                ('title', models.CharField(max_length=200)),
                ('minutes', models.PositiveIntegerField()),
                ('spread_minutes', models.PositiveIntegerField(default=0)),
                ('remaining_minutes', models.PositiveIntegerField(null=True)),
                ('is_bumpable', models.BooleanField(default=False)),
                ('adds_pipelines', models.JSONField(default=list)),
                ('suggested_minutes', models.PositiveIntegerField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('state', models.CharField(default='planned', max_length=8)),
                ('expected_month', models.DateField(null=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('candidate', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='item', to='requests_queue.plancandidate')),
                ('carried_from', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='carried_to', to='requests_queue.planitem')),
                ('owner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('retires', models.ManyToManyField(related_name='+', to='ownership.asset')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('project', 'model_from_requests', 'maintenance', 'oncall'))), name='requests_planitem_kind'), models.CheckConstraint(condition=models.Q(('state__in', ('planned', 'started', 'done', 'dropped', 'carried'))), name='requests_planitem_state'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('maintenance', 'oncall')), ('rank', None)), models.Q(models.Q(('kind__in', ('maintenance', 'oncall')), _negated=True), ('rank__isnull', False)), _connector='OR'), name='requests_planitem_ranked'), models.CheckConstraint(condition=models.Q(('minutes__gt', 0), ('kind__in', ('maintenance', 'oncall')), _connector='OR'), name='requests_planitem_minutes')],
            },
        ),
        migrations.CreateModel(
            name='OverrideProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500)),
                ('left_out', models.CharField(blank=True, max_length=1000)),
                ('at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
                ('is_approved', models.BooleanField(null=True)),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proposer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='override_proposals', to='requests_queue.datarequest')),
                ('gives_way', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.planitem')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('request',), name='requests_override_one_open'), models.CheckConstraint(condition=models.Q(('decided_by', None), models.Q(('decided_by', models.F('proposer')), _negated=True), _connector='OR'), name='requests_override_two_people'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by', None), ('is_approved', None)), models.Q(('decided_at__isnull', False), ('decided_by__isnull', False), ('is_approved__isnull', False)), _connector='OR'), name='requests_override_decided')],
            },
        ),
        migrations.CreateModel(
            name='BudgetEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=16)),
                ('work_date', models.DateField(null=True)),
                ('d_spent', models.IntegerField(default=0)),
                ('d_reserved', models.IntegerField(default=0)),
                ('d_exempt', models.IntegerField(default=0)),
                ('d_capacity', models.IntegerField(default=0)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('is_late', models.BooleanField(default=False)),
                ('idem_key', models.UUIDField(unique=True)),
                ('recorded_at', models.DateTimeField()),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('approver', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('reverses', models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='requests_queue.budgetentry')),
                ('period', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='requests_queue.budgetperiod')),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='entries', to='requests_queue.datarequest')),
                ('gives_way', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.planitem')),
            ],
            options={
                'verbose_name_plural': 'budget entries',
                'indexes': [models.Index(fields=['request', 'period'], name='requests_entry_request'), models.Index(fields=['person', 'work_date'], name='requests_entry_day')],
                'constraints': [models.UniqueConstraint(fields=('period', 'seq'), name='requests_entry_seq'), models.CheckConstraint(condition=models.Q(('kind__in', ['RESERVE', 'SPEND', 'RELEASE', 'REVERSE', 'EXEMPT_SPEND', 'ADJUST_CAPACITY', 'OVERRIDE', 'ROLL_OUT', 'ROLL_IN'])), name='requests_entry_kind'), models.CheckConstraint(condition=models.Q(models.Q(('d_capacity', 0), ('d_exempt', 0), ('d_reserved__gt', 0), ('d_spent', 0), ('kind', 'RESERVE')), models.Q(('d_capacity', 0), ('d_exempt', 0), ('d_reserved__gt', 0), ('d_spent', 0), ('kind', 'ROLL_IN')), models.Q(('d_capacity', 0), ('d_exempt', 0), ('d_reserved__lt', 0), ('d_spent', 0), ('kind__in', ['RELEASE', 'ROLL_OUT'])), models.Q(('d_capacity', 0), ('d_exempt', 0), ('d_reserved__gte', django.db.models.expressions.CombinedExpression(models.F('d_spent'), '*', models.Value(-1))), ('d_reserved__lte', 0), ('d_spent__gt', 0), ('kind', 'SPEND')), models.Q(('d_capacity', 0), ('d_exempt__gt', 0), ('d_reserved', 0), ('d_spent', 0), ('kind', 'EXEMPT_SPEND')), models.Q(('d_exempt', 0), ('d_reserved', 0), ('d_spent', 0), ('kind', 'ADJUST_CAPACITY'), models.Q(('d_capacity', 0), _negated=True)), models.Q(('d_capacity', 0), ('d_exempt', 0), ('d_reserved', 0), ('d_spent', 0), ('kind', 'OVERRIDE')), models.Q(('kind', 'REVERSE'), ('reverses__isnull', False)), _connector='OR'), name='requests_entry_signs'), models.CheckConstraint(condition=models.Q(('reverses', None), ('kind', 'REVERSE'), _connector='OR'), name='requests_entry_reverses'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'OVERRIDE'), _negated=True), models.Q(('approver__isnull', False), ('reason__regex', '.{20}')), _connector='OR'), name='requests_entry_override')],
            },
        ),
        migrations.CreateModel(
            name='PlanNeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=300)),
                ('state', models.CharField(default='asked', max_length=8)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('answer', models.CharField(blank=True, max_length=300)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='needs', to='requests_queue.planitem')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'team'), name='requests_need_once'), models.CheckConstraint(condition=models.Q(('state__in', ('asked', 'accepted', 'declined'))), name='requests_need_state'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('answered_at__isnull', False)), _connector='OR'), name='requests_need_answered')],
            },
        ),
        migrations.CreateModel(
            name='PlanVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('points', models.PositiveSmallIntegerField()),
                ('cast_at', models.DateTimeField()),
                ('candidate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='requests_queue.plancandidate')),
                ('cast_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('candidate', 'team'), name='requests_vote_once'), models.CheckConstraint(condition=models.Q(('points__gte', 1), ('points__lte', 10)), name='requests_vote_points')],
            },
        ),
        migrations.CreateModel(
            name='PlanVoter',
            fields=[
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='plan_voter', serialize=False, to='accounts.team')),
                ('named_at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='QuarterPlan',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter_start', models.DateField()),
                ('state', models.CharField(default='draft', max_length=16)),
                ('opens_at', models.DateTimeField()),
                ('input_closes_at', models.DateTimeField()),
                ('lock_due_at', models.DateTimeField()),
                ('floor_bp', models.PositiveSmallIntegerField(default=500)),
                ('cap_bp', models.PositiveSmallIntegerField(default=1000)),
                ('locked_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('snapshot', models.JSONField(default=dict)),
                ('upkeep', models.JSONField(default=dict)),
                ('version', models.PositiveIntegerField(default=1)),
                ('locked_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='plans', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('team', 'quarter_start'), name='requests_plan_once'), models.CheckConstraint(condition=models.Q(('state__in', ('draft', 'open_for_input', 'locked', 'closed'))), name='requests_plan_state'), models.CheckConstraint(condition=models.Q(('cap_bp__lte', 3000), ('floor_bp__gt', 0), ('floor_bp__lte', models.F('cap_bp'))), name='requests_plan_band'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'locked'), _negated=True), ('locked_at__isnull', False), _connector='OR'), name='requests_plan_locked'), models.CheckConstraint(condition=models.Q(('input_closes_at__lte', models.F('lock_due_at')), ('opens_at__lte', models.F('input_closes_at'))), name='requests_plan_dates')],
            },
        ),
        migrations.CreateModel(
            name='PlanScenario',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('changes', models.JSONField(default=list)),
                ('made_at', models.DateTimeField()),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scenarios', to='requests_queue.quarterplan')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'name'), name='requests_scenario_name')],
            },
        ),
        migrations.AddField(
            model_name='planitem',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='items', to='requests_queue.quarterplan'),
        ),
        migrations.CreateModel(
            name='PlanChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('minutes_before', models.PositiveIntegerField(null=True)),
                ('minutes_after', models.PositiveIntegerField(null=True)),
                ('reason', models.CharField(max_length=500)),
                ('at', models.DateTimeField()),
                ('approver', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='requests_queue.planitem')),
                ('plan', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='changes', to='requests_queue.quarterplan')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('plan', 'seq'), name='requests_planchange_seq'), models.CheckConstraint(condition=models.Q(('kind__in', ('add', 'drop', 'resize', 'bump', 'month'))), name='requests_planchange_kind'), models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='requests_planchange_reason')],
            },
        ),
        migrations.AddField(
            model_name='plancandidate',
            name='plan',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='requests_queue.quarterplan'),
        ),
        migrations.CreateModel(
            name='RequestAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(default='about', max_length=8)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='request_links', to='ownership.asset')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assets', to='requests_queue.datarequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'asset', 'role'), name='requests_asset_once'), models.CheckConstraint(condition=models.Q(('role__in', ['about', 'source', 'wanted'])), name='requests_asset_role')],
            },
        ),
        migrations.CreateModel(
            name='RequestBoundaryFinding',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rule', models.PositiveIntegerField()),
                ('sentence', models.CharField(max_length=500)),
                ('expected_team', models.CharField(blank=True, max_length=120)),
                ('overruled_because', models.CharField(blank=True, max_length=500)),
                ('at', models.DateTimeField()),
                ('asset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='boundary_findings', to='requests_queue.datarequest')),
            ],
        ),
        migrations.CreateModel(
            name='RequestCluster',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('state', models.CharField(default='live', max_length=9)),
                ('is_kept', models.BooleanField(default=False)),
                ('decided_at', models.DateTimeField(null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('made_at', models.DateTimeField()),
                ('decided_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='request_clusters', to='accounts.team')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('state__in', ['live', 'proposed', 'shipped', 'rejected', 'gone'])), name='requests_cluster_state')],
            },
        ),
        migrations.AddField(
            model_name='plancandidate',
            name='cluster',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='candidates', to='requests_queue.requestcluster'),
        ),
        migrations.CreateModel(
            name='ModelOutcome',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('proposed_at', models.DateTimeField()),
                ('shipped_at', models.DateTimeField()),
                ('looked_at', models.DateTimeField()),
                ('before', models.PositiveIntegerField()),
                ('before_days', models.PositiveIntegerField()),
                ('after', models.PositiveIntegerField()),
                ('after_days', models.PositiveIntegerField()),
                ('probability', models.FloatField()),
                ('verdict', models.CharField(max_length=10)),
                ('minutes_saved', models.IntegerField()),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='requests_queue.planitem')),
                ('cluster', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='outcomes', to='requests_queue.requestcluster')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('item', 'looked_at'), name='requests_outcome_look'), models.CheckConstraint(condition=models.Q(('verdict__in', ['fell', 'not_shown', 'too_early'])), name='requests_outcome_verdict')],
            },
        ),
        migrations.CreateModel(
            name='ClusterMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_live', models.BooleanField(default=True)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='cluster_memberships', to='requests_queue.datarequest')),
                ('cluster', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='requests_queue.requestcluster')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('cluster', 'request'), name='requests_clustermember_once'), models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('request',), name='requests_clustermember_live')],
            },
        ),
        migrations.CreateModel(
            name='RequestEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=20)),
                ('from_state', models.CharField(blank=True, max_length=24)),
                ('to_state', models.CharField(blank=True, max_length=24)),
                ('at', models.DateTimeField()),
                ('data', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='requests_queue.datarequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'seq'), name='requests_event_seq')],
            },
        ),
        migrations.CreateModel(
            name='RequestLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=12)),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('source', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='requests_queue.datarequest')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='linked_from', to='requests_queue.datarequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('source', 'target', 'kind'), name='requests_link_once'), models.CheckConstraint(condition=models.Q(('kind__in', ('blocks', 'relates_to', 'follow_up_of', 'rework_of', 'part_of'))), name='requests_link_kind'), models.CheckConstraint(condition=models.Q(('source', models.F('target')), _negated=True), name='requests_link_not_itself')],
            },
        ),
        migrations.CreateModel(
            name='RequestMessage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_public', models.BooleanField(default=True)),
                ('is_automatic', models.BooleanField(default=False)),
                ('is_question', models.BooleanField(default=False)),
                ('body', models.TextField()),
                ('channel', models.CharField(default='portal', max_length=8)),
                ('created_at', models.DateTimeField()),
                ('edited_at', models.DateTimeField(null=True)),
                ('deleted_at', models.DateTimeField(null=True)),
                ('asked_of', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='requests_queue.datarequest')),
            ],
            options={
                'indexes': [models.Index(fields=['request', 'id'], name='requests_message_thread')],
                'constraints': [models.CheckConstraint(condition=models.Q(('is_question', False), ('is_public', True), _connector='OR'), name='requests_message_question_is_public')],
            },
        ),
        migrations.CreateModel(
            name='MessageRevision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.PositiveSmallIntegerField()),
                ('body', models.TextField()),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='revisions', to='requests_queue.requestmessage')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('message', 'n'), name='requests_revision_once'), models.CheckConstraint(condition=models.Q(('n__gte', 1)), name='requests_revision_first')],
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.UUIDField(unique=True)),
                ('name', models.CharField(max_length=120)),
                ('size', models.PositiveIntegerField()),
                ('media_type', models.CharField(max_length=60)),
                ('sha256', models.CharField(max_length=64)),
                ('scan_state', models.CharField(default='clean', max_length=8)),
                ('at', models.DateTimeField()),
                ('uploaded_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='requests_queue.datarequest')),
                ('message', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='requests_queue.requestmessage')),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('scan_state__in', ('clean', 'held', 'refused'))), name='requests_attachment_scan'), models.CheckConstraint(condition=models.Q(('size__gt', 0)), name='requests_attachment_size')],
            },
        ),
        migrations.CreateModel(
            name='RequestUpstream',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='upstream', to='requests_queue.datarequest')),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='waiting_requests', to='oncall.upstreamticket')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'ticket'), name='requests_upstream_once')],
            },
        ),
        migrations.CreateModel(
            name='Shortcut',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.CharField(max_length=1000)),
                ('at', models.DateTimeField()),
                ('is_override', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='shortcuts', to='requests_queue.datarequest')),
            ],
        ),
        migrations.CreateModel(
            name='SlaClock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('first_response', 'first_response'), ('decision', 'decision'), ('resolution', 'resolution'), ('next_update', 'next_update')], max_length=16)),
                ('cycle', models.PositiveIntegerField(default=1)),
                ('start_at', models.DateTimeField()),
                ('target_seconds', models.PositiveIntegerField()),
                ('state', models.CharField(default='running', max_length=16)),
                ('elapsed_seconds', models.PositiveIntegerField(default=0)),
                ('allowance_seconds', models.PositiveIntegerField()),
                ('due_at', models.DateTimeField(null=True)),
                ('breach_at', models.DateTimeField(null=True)),
                ('stopped_at', models.DateTimeField(null=True)),
                ('next_step', models.PositiveSmallIntegerField(null=True)),
                ('is_premature', models.BooleanField(default=False)),
                ('is_excused', models.BooleanField(default=False)),
                ('calendar_version', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.calendarversion')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='clocks', to='requests_queue.datarequest')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'running')), fields=['due_at'], name='requests_clock_due'), models.Index(fields=['state', 'stopped_at'], name='requests_clock_stopped')],
                'constraints': [models.UniqueConstraint(fields=('request', 'kind', 'cycle'), name='requests_clock_cycle'), models.UniqueConstraint(condition=models.Q(('state__in', ['running', 'paused'])), fields=('request', 'kind'), name='requests_clock_one_live'), models.CheckConstraint(condition=models.Q(('target_seconds__gte', 60)), name='requests_clock_target'), models.CheckConstraint(condition=models.Q(('state__in', ('running', 'paused', 'met', 'breached_closed', 'cancelled'))), name='requests_clock_state'), models.CheckConstraint(condition=models.Q(('kind__in', ('first_response', 'decision', 'resolution', 'next_update'))), name='requests_clock_kind')],
            },
        ),
        migrations.CreateModel(
            name='ClockEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=20)),
                ('occurred_at', models.DateTimeField()),
                ('recorded_at', models.DateTimeField()),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('data', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='events', to='requests_queue.slaclock')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clock', 'seq'), name='requests_clockevent_seq'), models.CheckConstraint(condition=models.Q(('kind__in', ('start', 'pause', 'resume', 'stop', 'target_changed', 'calendar_changed', 'cancel', 'excuse'))), name='requests_clockevent_kind')],
            },
        ),
        migrations.CreateModel(
            name='PolicyMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.IntegerField()),
                ('kind', models.CharField(choices=[('question', 'question'), ('extract', 'extract'), ('data_issue', 'data_issue'), ('change', 'change'), ('metric', 'metric'), ('backfill', 'backfill'), ('access', 'access')], max_length=20, null=True)),
                ('urgency', models.CharField(max_length=8, null=True)),
                ('size', models.CharField(max_length=8, null=True)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='requests_queue.slapolicy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('rank',), name='requests_policymatch_rank'), models.UniqueConstraint(models.Value(1), condition=models.Q(('kind', None), ('size', None), ('team', None), ('urgency', None)), name='requests_policymatch_one_catch_all')],
            },
        ),
        migrations.CreateModel(
            name='SlaPolicyVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.PositiveIntegerField()),
                ('targets', models.JSONField()),
                ('pause_states', models.JSONField(default=list)),
                ('ladder', models.JSONField()),
                ('grace_seconds', models.PositiveIntegerField(default=3600)),
                ('reopen_factor', models.DecimalField(decimal_places=2, default=0.5, max_digits=3)),
                ('created_at', models.DateTimeField()),
                ('calendar_version', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.calendarversion')),
                ('created_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='versions', to='requests_queue.slapolicy')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('policy', 'n'), name='requests_policyversion_n')],
            },
        ),
        migrations.AddField(
            model_name='slaclock',
            name='policy_version',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.slapolicyversion'),
        ),
        migrations.CreateModel(
            name='SlaStepFire',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.PositiveSmallIntegerField()),
                ('percent', models.PositiveSmallIntegerField()),
                ('planned_at', models.DateTimeField()),
                ('fired_at', models.DateTimeField()),
                ('audience', models.JSONField(default=list)),
                ('status', models.CharField(max_length=8)),
                ('skip_reason', models.CharField(blank=True, max_length=60)),
                ('clock', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='fires', to='requests_queue.slaclock')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('clock', 'step'), name='requests_stepfire_once'), models.CheckConstraint(condition=models.Q(('status__in', ('sent', 'skipped', 'unrouted'))), name='requests_stepfire_status')],
            },
        ),
        migrations.CreateModel(
            name='SuggestionModel',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('n', models.PositiveIntegerField(unique=True)),
                ('coefficients', models.JSONField()),
                ('embedder', models.CharField(blank=True, default='', max_length=40)),
                ('labels', models.PositiveIntegerField(default=0)),
                ('precision_cv', models.FloatField(null=True)),
                ('is_active', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, default='', max_length=200)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('is_active',), name='requests_suggestionmodel_active')],
            },
        ),
        migrations.CreateModel(
            name='FaqEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ask', models.UUIDField()),
                ('kind', models.CharField(max_length=16)),
                ('query', models.CharField(blank=True, max_length=2000)),
                ('rank', models.PositiveSmallIntegerField(null=True)),
                ('p', models.FloatField(null=True)),
                ('band', models.CharField(blank=True, max_length=6)),
                ('features', models.JSONField(default=list)),
                ('is_stale', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('answer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.faqanswer')),
                ('asset', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ownership.asset')),
                ('entry', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='events', to='requests_queue.faqentry')),
                ('person', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.datarequest')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('model', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='requests_queue.suggestionmodel')),
            ],
            options={
                'indexes': [models.Index(fields=['ask', 'id'], name='faq_event_ask'), models.Index(fields=['kind', 'at'], name='faq_event_kind'), models.Index(condition=models.Q(('person__isnull', False)), fields=['person', 'at'], name='faq_event_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ('shown', 'opened', 'solved', 'not_quite', 'submitted_anyway', 'joined', 'abandoned', 'recontacted', 'implicit', 'helped', 'not_helped'))), name='faq_event_kinds')],
            },
        ),
        migrations.CreateModel(
            name='Supporter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('wording', models.CharField(blank=True, max_length=2000)),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='supporters', to='requests_queue.datarequest')),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'person'), name='requests_supporter_once')],
            },
        ),
        migrations.CreateModel(
            name='TeamDesk',
            fields=[
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='request_desk', serialize=False, to='accounts.team')),
                ('takes_requests', models.BooleanField(default=True)),
                ('triage_by_grant', models.BooleanField(default=False)),
                ('question_minutes', models.PositiveIntegerField(default=30)),
                ('quick_win_minutes', models.PositiveIntegerField(default=60)),
                ('floor_bp', models.PositiveIntegerField(default=500)),
                ('cap_bp', models.PositiveIntegerField(default=1000)),
                ('small_max', models.PositiveIntegerField(default=120)),
                ('medium_max', models.PositiveIntegerField(default=480)),
                ('no_reply_days', models.PositiveSmallIntegerField(default=10)),
                ('close_days', models.PositiveSmallIntegerField(default=7)),
                ('partner', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='partner_of_desks', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('floor_bp__gt', 0), ('cap_bp__gte', models.F('floor_bp')), ('cap_bp__lte', 3000)), name='requests_desk_band'), models.CheckConstraint(condition=models.Q(('small_max__gt', 0), ('small_max__lt', models.F('medium_max'))), name='requests_desk_sizes')],
            },
        ),
        migrations.CreateModel(
            name='UrgencyToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('quarter_start', models.DateField()),
                ('slot', models.PositiveSmallIntegerField()),
                ('spent_at', models.DateTimeField()),
                ('returned_at', models.DateTimeField(null=True)),
                ('return_reason', models.CharField(blank=True, max_length=200)),
                ('request', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='token', to='requests_queue.datarequest')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('returned_at', None)), fields=('team', 'quarter_start', 'slot'), name='requests_token_slot'), models.CheckConstraint(condition=models.Q(('slot__gte', 1)), name='requests_token_first_slot')],
            },
        ),
        migrations.CreateModel(
            name='Watcher',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_muted', models.BooleanField(default=False)),
                ('at', models.DateTimeField()),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watchers', to='requests_queue.datarequest')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('request', 'person'), name='requests_watcher_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='compartmentmember',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='5449165096bf1fed523f591f8ba15c0243e2e6a1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_910f1', referencing='REFERENCING NEW TABLE AS new_rows ', table='requests_queue_compartmentmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='compartmentmember',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='0243e825a21e88bd878bafdf4302f1bf3bc60065', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_f7b9d', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='requests_queue_compartmentmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='compartmentmember',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='b24270f2787c244123ff2cbc1907348d7b301d93', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_85004', referencing='REFERENCING OLD TABLE AS old_rows ', table='requests_queue_compartmentmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decisionletter',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1a987d8447f5a9d3ad387f0d9b996a890889bcc0', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5063d', table='requests_queue_decisionletter', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('exemption', None), ('exemption_lapses_at__isnull', False), ('exemption_confirmed_at__isnull', False), _connector='OR'), name='requests_request_exemption'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='datarequest',
            trigger=pgtrigger.compiler.Trigger(name='urgent_has_token', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."urgency" = \'urgent\')', constraint='CONSTRAINT', func="\n        IF NOT EXISTS (SELECT FROM requests_queue_urgencytoken WHERE request_id = NEW.id) THEN\n            RAISE EXCEPTION 'request % is urgent without a token', NEW.id USING ERRCODE = 'check_violation';\n        END IF;\n        RETURN NULL;\n    ", hash='b6e38dbd3dffb8a7b251f9f53ff55f20cb408855', operation='INSERT OR UPDATE OF "urgency"', pgid='pgtrigger_urgent_has_token_547fb', table='requests_queue_request', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='faqanswer',
            constraint=models.UniqueConstraint(fields=('entry', 'n'), name='faq_answer_n'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='faqanswer',
            trigger=pgtrigger.compiler.Trigger(name='text_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."entry_id" IS DISTINCT FROM (NEW."entry_id") OR OLD."n" IS DISTINCT FROM (NEW."n") OR OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."sql" IS DISTINCT FROM (NEW."sql") OR OLD."dialect" IS DISTINCT FROM (NEW."dialect") OR OLD."parameters" IS DISTINCT FROM (NEW."parameters") OR OLD."limits" IS DISTINCT FROM (NEW."limits") OR OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b125d55cf46c2f4759fa6131a3735b2ee481ba39', operation='UPDATE', pgid='pgtrigger_text_stays_55c18', table='requests_queue_faqanswer', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='budgetentry',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='9629ee6336746ca4205e8ce1bfcf0563db5f40ac', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_5d27f', table='requests_queue_budgetentry', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='planitem',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('plan', 'rank'), name='requests_planitem_rank'),
        ),
        migrations.AddConstraint(
            model_name='planitem',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ('maintenance', 'oncall'))), fields=('plan', 'kind'), name='requests_planitem_upkeep'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='planchange',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a8c097f1cf0eddff60be6b89489a5977bdcb12be', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_06031', table='requests_queue_planchange', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='requestboundaryfinding',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='e8d07c967d0796ae1303b4fcac477b06a412ea6d', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_0fcc2', table='requests_queue_requestboundaryfinding', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='plancandidate',
            constraint=models.UniqueConstraint(condition=models.Q(('source_id__isnull', False)), fields=('plan', 'source_type', 'source_id'), name='requests_candidate_source'),
        ),
        migrations.AddConstraint(
            model_name='plancandidate',
            constraint=models.CheckConstraint(condition=models.Q(('source_type__in', ('member', 'request', 'cluster', 'boundary', 'migration', 'incident', 'precheck', 'shortcut', 'runbook_loan'))), name='requests_candidate_sources'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='modeloutcome',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='61c2ce700c8dcba085dc5836f9e5b689e95c8976', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_f1a1f', table='requests_queue_modeloutcome', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='requestevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='125b0e3f450c636178ec58cd214a2aa761b31b99', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d2c44', table='requests_queue_requestevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='messagerevision',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2871ea9f4d2fffaaa315b307007a0c576083a19a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8cdad', table='requests_queue_messagerevision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='shortcut',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='35dd797551062b11dce8652cf599562cf4fcd2a6', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_7c7e3', table='requests_queue_shortcut', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clockevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='327ee6e4c348c1624975a20b4d4f9ff92346c71f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_811be', table='requests_queue_clockevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slapolicyversion',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='df98a159b4293a1c4fc8e4474757e7b5a7b0b258', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3d9ad', table='requests_queue_slapolicyversion', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slastepfire',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d990c6788649aef50be4ef2931f0ccc9bb90b1e8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6bc4b', table='requests_queue_slastepfire', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='faqevent',
            trigger=pgtrigger.compiler.Trigger(name='history_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."ask" IS DISTINCT FROM (NEW."ask") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."team_id" IS DISTINCT FROM (NEW."team_id") OR OLD."query" IS DISTINCT FROM (NEW."query") OR OLD."asset_id" IS DISTINCT FROM (NEW."asset_id") OR OLD."answer_id" IS DISTINCT FROM (NEW."answer_id") OR OLD."request_id" IS DISTINCT FROM (NEW."request_id") OR OLD."rank" IS DISTINCT FROM (NEW."rank") OR OLD."p" IS DISTINCT FROM (NEW."p") OR OLD."band" IS DISTINCT FROM (NEW."band") OR OLD."features" IS DISTINCT FROM (NEW."features") OR OLD."model_id" IS DISTINCT FROM (NEW."model_id") OR OLD."is_stale" IS DISTINCT FROM (NEW."is_stale") OR OLD."at" IS DISTINCT FROM (NEW."at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='ce991deefac5e08a2f89d214e57c0d86c8932c6b', operation='UPDATE', pgid='pgtrigger_history_stays_bbb06', table='requests_queue_faqevent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='faqevent',
            trigger=pgtrigger.compiler.Trigger(name='no_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='af9f99c7dd4c8878dda3c266e67571f703736fbd', operation='DELETE', pgid='pgtrigger_no_delete_d8a78', table='requests_queue_faqevent', when='BEFORE')),
        ),
    ]
