"""Answers: entries, wordings with their postings, versions, events and themes (spec faq 10)."""

import django.contrib.postgres.fields
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import pgvector.django.halfvec
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_lengths'),
        ('ownership', '0008_boundaries'),
        ('requests_queue', '0006_conversation'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # English without a list of stop words: "how many" and "which" carry meaning in questions over data.
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
        ),
        migrations.CreateModel(
            name='FaqPosting',
            fields=[
                ('pk', models.CompositePrimaryKey('phrase_id', 'term', blank=True, editable=False, primary_key=True, serialize=False)),
                ('term', models.CharField(max_length=500)),
                ('tf', models.PositiveSmallIntegerField()),
                ('phrase', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='postings', to='requests_queue.faqphrase')),
            ],
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
        migrations.AddIndex(
            model_name='faqentry',
            index=models.Index(fields=['team', 'state'], name='faq_entry_team'),
        ),
        migrations.AddIndex(
            model_name='faqentry',
            index=models.Index(fields=['-updated_at', '-id'], name='faq_entry_updated'),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.CheckConstraint(condition=models.Q(('tier__gte', 1), ('tier__lte', 3)), name='faq_entry_tier'),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'published', 'archived'])), name='faq_entry_state'),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.CheckConstraint(condition=models.Q(('visibility__in', ['all', 'team', 'members'])), name='faq_entry_visibility'),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), models.Q(('current__isnull', False), ('owner__isnull', False)), _connector='OR'), name='faq_entry_published'),
        ),
        migrations.AddConstraint(
            model_name='faqentry',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(models.Q(('merged_into', models.F('id')), _negated=True), ('merged_into__isnull', False), ('state', 'archived')), _connector='OR'), name='faq_entry_merged'),
        ),
        migrations.AddConstraint(
            model_name='faqanswer',
            constraint=models.UniqueConstraint(fields=('entry', 'n'), name='faq_answer_n'),
        ),
        migrations.AddConstraint(
            model_name='faqanswer',
            constraint=models.CheckConstraint(condition=models.Q(('body', ''), _negated=True), name='faq_answer_body'),
        ),
        migrations.AddConstraint(
            model_name='faqanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('stale_reason', ''), ('stale_since', None)), models.Q(('stale_reason__in', ['schema_changed', 'definition_changed', 'owner_changed', 'owner_left', 'asset_retired', 'restated', 'expired', 'reported']), ('stale_since__isnull', False)), _connector='OR'), name='faq_answer_stale'),
        ),
        migrations.AddConstraint(
            model_name='faqanswer',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('verified_at', None), ('verified_by', None), ('verified_until', None)), models.Q(('verified_at__isnull', False), ('verified_by__isnull', False), ('verified_until__gt', models.F('verified_at'))), _connector='OR'), name='faq_answer_verified'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='faqanswer',
            trigger=pgtrigger.compiler.Trigger(name='text_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."entry_id" IS DISTINCT FROM (NEW."entry_id") OR OLD."n" IS DISTINCT FROM (NEW."n") OR OLD."body" IS DISTINCT FROM (NEW."body") OR OLD."sql" IS DISTINCT FROM (NEW."sql") OR OLD."dialect" IS DISTINCT FROM (NEW."dialect") OR OLD."parameters" IS DISTINCT FROM (NEW."parameters") OR OLD."limits" IS DISTINCT FROM (NEW."limits") OR OLD."author_id" IS DISTINCT FROM (NEW."author_id") OR OLD."created_at" IS DISTINCT FROM (NEW."created_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='b125d55cf46c2f4759fa6131a3735b2ee481ba39', operation='UPDATE', pgid='pgtrigger_text_stays_55c18', table='requests_queue_faqanswer', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='faqphrase',
            index=models.Index(condition=models.Q(('is_public', True)), fields=['is_public'], include=('len',), name='faq_phrase_public'),
        ),
        migrations.AddIndex(
            model_name='faqphrase',
            index=models.Index(condition=models.Q(('embedding', None)), fields=['id'], name='faq_phrase_unembedded'),
        ),
        migrations.AddConstraint(
            model_name='faqphrase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('entry', None), ('request__isnull', False)), models.Q(('entry__isnull', False), ('request', None)), _connector='OR'), name='faq_phrase_of_one'),
        ),
        migrations.AddConstraint(
            model_name='faqphrase',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ('author', 'alias', 'request', 'merge', 'import'))), name='faq_phrase_source'),
        ),
        migrations.AddConstraint(
            model_name='faqphrase',
            constraint=models.UniqueConstraint(condition=models.Q(('is_canonical', True)), fields=('entry',), name='faq_phrase_canonical'),
        ),
        migrations.AddConstraint(
            model_name='faqphrase',
            constraint=models.UniqueConstraint(fields=('request',), name='faq_phrase_request'),
        ),
        migrations.AddConstraint(
            model_name='faqphrase',
            constraint=models.UniqueConstraint(fields=('entry', 'normal'), name='faq_phrase_wording'),
        ),
        migrations.AddIndex(
            model_name='faqposting',
            index=models.Index(fields=['term'], include=('phrase', 'tf'), name='faq_posting_term'),
        ),
        migrations.AddIndex(
            model_name='faqevent',
            index=models.Index(fields=['ask', 'id'], name='faq_event_ask'),
        ),
        migrations.AddIndex(
            model_name='faqevent',
            index=models.Index(fields=['kind', 'at'], name='faq_event_kind'),
        ),
        migrations.AddIndex(
            model_name='faqevent',
            index=models.Index(condition=models.Q(('person__isnull', False)), fields=['person', 'at'], name='faq_event_person'),
        ),
        migrations.AddConstraint(
            model_name='faqevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('shown', 'opened', 'solved', 'not_quite', 'submitted_anyway', 'joined', 'abandoned', 'recontacted', 'implicit', 'helped', 'not_helped'))), name='faq_event_kinds'),
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
