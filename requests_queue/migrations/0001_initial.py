"""Requests, their clocks and the policies behind them."""

import django.contrib.postgres.indexes
import django.db.models.constraints
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import requests_queue.domain.states
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0003_lengths'),
        ('core', '0003_imports'),
        ('ownership', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SlaPolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('is_archived', models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name='TeamDesk',
            fields=[
                ('team', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='request_desk', serialize=False, to='accounts.team')),
                ('takes_requests', models.BooleanField(default=True)),
                ('triage_by_grant', models.BooleanField(default=False)),
                ('question_minutes', models.PositiveIntegerField(default=30)),
                ('quick_win_minutes', models.PositiveIntegerField(default=60)),
            ],
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
                ('is_structural', models.BooleanField(default=False)),
                ('estimate_minutes', models.PositiveIntegerField(null=True)),
                ('channel', models.CharField(default='portal', max_length=8)),
                ('filed_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('resolved_at', models.DateTimeField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('reopened_count', models.PositiveIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('assignee', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='assigned_requests', to=settings.AUTH_USER_MODEL)),
                ('backup', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('merged_into', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='merged', to='requests_queue.datarequest')),
                ('requester', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to=settings.AUTH_USER_MODEL)),
                ('requester_team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.team')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='accounts.team')),
            ],
            options={
                'db_table': 'requests_queue_request',
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
        ),
        migrations.CreateModel(
            name='RequestAsset',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(default='about', max_length=8)),
                ('asset', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='request_links', to='ownership.asset')),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='assets', to='requests_queue.datarequest')),
            ],
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
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('request', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='requests_queue.datarequest')),
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
        ),
        migrations.CreateModel(
            name='PolicyMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('rank', models.IntegerField()),
                ('kind', models.CharField(choices=[('question', 'question'), ('extract', 'extract'), ('data_issue', 'data_issue'), ('change', 'change'), ('metric', 'metric'), ('backfill', 'backfill'), ('access', 'access')], max_length=20, null=True)),
                ('urgency', models.CharField(max_length=8, null=True)),
                ('team', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
                ('policy', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='matches', to='requests_queue.slapolicy')),
            ],
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
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(condition=models.Q(('state__in', [requests_queue.domain.states.State['ACCEPTED'], requests_queue.domain.states.State['AWAITING_APPROVAL'], requests_queue.domain.states.State['DEFERRED'], requests_queue.domain.states.State['IN_PROGRESS'], requests_queue.domain.states.State['NEW'], requests_queue.domain.states.State['QUEUED'], requests_queue.domain.states.State['TRIAGE'], requests_queue.domain.states.State['WAITING_ON_REQUESTER'], requests_queue.domain.states.State['WAITING_ON_UPSTREAM']])), fields=['team', 'state', 'filed_at'], name='requests_request_team'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(condition=models.Q(('state__in', [requests_queue.domain.states.State['ACCEPTED'], requests_queue.domain.states.State['AWAITING_APPROVAL'], requests_queue.domain.states.State['DEFERRED'], requests_queue.domain.states.State['IN_PROGRESS'], requests_queue.domain.states.State['NEW'], requests_queue.domain.states.State['QUEUED'], requests_queue.domain.states.State['TRIAGE'], requests_queue.domain.states.State['WAITING_ON_REQUESTER'], requests_queue.domain.states.State['WAITING_ON_UPSTREAM']])), fields=['assignee'], name='requests_request_assignee'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(condition=models.Q(('state__in', [requests_queue.domain.states.State['ACCEPTED'], requests_queue.domain.states.State['AWAITING_APPROVAL'], requests_queue.domain.states.State['DEFERRED'], requests_queue.domain.states.State['IN_PROGRESS'], requests_queue.domain.states.State['NEW'], requests_queue.domain.states.State['QUEUED'], requests_queue.domain.states.State['TRIAGE'], requests_queue.domain.states.State['WAITING_ON_REQUESTER'], requests_queue.domain.states.State['WAITING_ON_UPSTREAM']])), fields=['due_at', 'id'], name='requests_request_due'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(fields=['requester', 'filed_at'], name='requests_request_asker'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(fields=['requester_team', 'filed_at'], name='requests_request_asking'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=models.Index(fields=['filed_at', 'id'], name='requests_request_filed'),
        ),
        migrations.AddIndex(
            model_name='datarequest',
            index=django.contrib.postgres.indexes.GinIndex(fields=['title'], name='requests_request_title_words', opclasses=['gin_trgm_ops']),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('is_private', True), ('series', 'PRV')), models.Q(('is_private', False), ('series', 'REQ')), _connector='OR'), name='requests_request_series'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('number__regex', '^(REQ-[1-9][0-9]*|PRV-[0-9A-Z]{6})$')), name='requests_request_number'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['new', 'triage', 'awaiting_approval', 'queued', 'accepted', 'in_progress', 'waiting_on_requester', 'waiting_on_upstream', 'deferred', 'declined', 'answered', 'resolved', 'closed', 'duplicate', 'withdrawn'])), name='requests_request_state'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['question', 'extract', 'data_issue', 'change', 'metric', 'backfill', 'access'])), name='requests_request_kind'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('lane__in', ['', 'quick_win', 'question', 'complex', 'exempt'])), name='requests_request_lane'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('urgency__in', ['normal', 'urgent'])), name='requests_request_urgency'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), models.Q(('merged_into', models.F('id')), _negated=True), _connector='OR'), name='requests_request_not_itself'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('merged_into', None), ('state', 'duplicate'), _connector='OR'), name='requests_request_merged'),
        ),
        migrations.AddConstraint(
            model_name='datarequest',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='requests_request_title'),
        ),
        migrations.AddConstraint(
            model_name='compartmentmember',
            constraint=models.UniqueConstraint(condition=models.Q(('removed_at', None)), fields=('request', 'person'), name='requests_compartment_once'),
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
        migrations.AddConstraint(
            model_name='requestasset',
            constraint=models.UniqueConstraint(fields=('request', 'asset', 'role'), name='requests_asset_once'),
        ),
        migrations.AddConstraint(
            model_name='requestasset',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['about', 'source', 'wanted'])), name='requests_asset_role'),
        ),
        migrations.AddConstraint(
            model_name='requestevent',
            constraint=models.UniqueConstraint(fields=('request', 'seq'), name='requests_event_seq'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='requestevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='125b0e3f450c636178ec58cd214a2aa761b31b99', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_d2c44', table='requests_queue_requestevent', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='requestmessage',
            index=models.Index(fields=['request', 'id'], name='requests_message_thread'),
        ),
        migrations.AddConstraint(
            model_name='requestmessage',
            constraint=models.CheckConstraint(condition=models.Q(('is_question', False), ('is_public', True), _connector='OR'), name='requests_message_question_is_public'),
        ),
        migrations.AddConstraint(
            model_name='clockevent',
            constraint=models.UniqueConstraint(fields=('clock', 'seq'), name='requests_clockevent_seq'),
        ),
        migrations.AddConstraint(
            model_name='clockevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('start', 'pause', 'resume', 'stop', 'target_changed', 'calendar_changed', 'cancel', 'excuse'))), name='requests_clockevent_kind'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='clockevent',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='327ee6e4c348c1624975a20b4d4f9ff92346c71f', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_811be', table='requests_queue_clockevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='policymatch',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('rank',), name='requests_policymatch_rank'),
        ),
        migrations.AddConstraint(
            model_name='policymatch',
            constraint=models.UniqueConstraint(models.Value(1), condition=models.Q(('kind', None), ('team', None), ('urgency', None)), name='requests_policymatch_one_catch_all'),
        ),
        migrations.AddConstraint(
            model_name='slapolicyversion',
            constraint=models.UniqueConstraint(fields=('policy', 'n'), name='requests_policyversion_n'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slapolicyversion',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='df98a159b4293a1c4fc8e4474757e7b5a7b0b258', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_3d9ad', table='requests_queue_slapolicyversion', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='slaclock',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['due_at'], name='requests_clock_due'),
        ),
        migrations.AddIndex(
            model_name='slaclock',
            index=models.Index(fields=['state', 'stopped_at'], name='requests_clock_stopped'),
        ),
        migrations.AddConstraint(
            model_name='slaclock',
            constraint=models.UniqueConstraint(fields=('request', 'kind', 'cycle'), name='requests_clock_cycle'),
        ),
        migrations.AddConstraint(
            model_name='slaclock',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['running', 'paused'])), fields=('request', 'kind'), name='requests_clock_one_live'),
        ),
        migrations.AddConstraint(
            model_name='slaclock',
            constraint=models.CheckConstraint(condition=models.Q(('target_seconds__gte', 60)), name='requests_clock_target'),
        ),
        migrations.AddConstraint(
            model_name='slaclock',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ('running', 'paused', 'met', 'breached_closed', 'cancelled'))), name='requests_clock_state'),
        ),
        migrations.AddConstraint(
            model_name='slaclock',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ('first_response', 'decision', 'resolution', 'next_update'))), name='requests_clock_kind'),
        ),
        migrations.AddConstraint(
            model_name='slastepfire',
            constraint=models.UniqueConstraint(fields=('clock', 'step'), name='requests_stepfire_once'),
        ),
        migrations.AddConstraint(
            model_name='slastepfire',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ('sent', 'skipped', 'unrouted'))), name='requests_stepfire_status'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='slastepfire',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d990c6788649aef50be4ef2931f0ccc9bb90b1e8', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_6bc4b', table='requests_queue_slastepfire', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='supporter',
            constraint=models.UniqueConstraint(fields=('request', 'person'), name='requests_supporter_once'),
        ),
        migrations.AddConstraint(
            model_name='watcher',
            constraint=models.UniqueConstraint(fields=('request', 'person'), name='requests_watcher_once'),
        ),
    ]
