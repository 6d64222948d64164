"""Deadlines, notices, deliveries, attempts, events and jobs, and how their rows are stored."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
import portal.core.secrets
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('engine', '0001_initial'), ('engine', '0002_storage'), ('engine', '0003_lean_indexes')]

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('pk', models.CompositePrimaryKey('component', 'instance', blank=True, editable=False, primary_key=True, serialize=False)),
                ('component', models.CharField(max_length=40)),
                ('instance', models.CharField(max_length=120)),
                ('beat_at', models.DateTimeField()),
                ('started_at', models.DateTimeField()),
                ('version', models.CharField(blank=True, max_length=40)),
                ('epoch', models.IntegerField(default=1)),
                ('detail', models.JSONField(default=dict)),
            ],
        ),
        migrations.CreateModel(
            name='Deadline',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=80)),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.BigIntegerField()),
                ('subject_version', models.IntegerField(default=1)),
                ('step', models.IntegerField(default=0)),
                ('due_at', models.DateTimeField()),
                ('run_at', models.DateTimeField()),
                ('state', models.CharField(default='armed', max_length=12)),
                ('outcome', models.CharField(blank=True, max_length=12)),
                ('outcome_note', models.CharField(blank=True, max_length=500)),
                ('fired_at', models.DateTimeField(null=True)),
                ('fired_by', models.CharField(blank=True, max_length=120)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('cancel_reason', models.CharField(blank=True, max_length=120)),
                ('failures', models.IntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=500)),
                ('payload', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'armed')), fields=['run_at', 'id'], name='engine_deadline_due'), models.Index(fields=['subject_type', 'subject_id'], name='engine_deadline_subject'), models.Index(condition=models.Q(('state', 'fired')), fields=['fired_at'], name='engine_deadline_fired_at')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'armed')), fields=('kind', 'subject_type', 'subject_id', 'step'), name='engine_deadline_armed_once'), models.CheckConstraint(condition=models.Q(('state__in', ('armed', 'fired', 'cancelled'))), name='engine_deadline_state'), models.CheckConstraint(condition=models.Q(('run_at__gte', models.F('due_at'))), name='engine_deadline_never_early'), models.CheckConstraint(condition=models.Q(models.Q(('fired_at__isnull', False), ('outcome__in', ('done', 'skipped', 'expired', 'nothing')), ('state', 'fired')), models.Q(models.Q(('state', 'fired'), _negated=True), ('fired_at__isnull', True), ('outcome', '')), _connector='OR'), name='engine_deadline_fired'), models.CheckConstraint(condition=models.Q(models.Q(('cancelled_at__isnull', False), ('state', 'cancelled')), models.Q(models.Q(('state', 'cancelled'), _negated=True), ('cancel_reason', ''), ('cancelled_at__isnull', True)), _connector='OR'), name='engine_deadline_cancelled')],
            },
        ),
        migrations.CreateModel(
            name='EngineControl',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('is_paused', models.BooleanField(default=False)),
                ('paused_at', models.DateTimeField(null=True)),
                ('pause_reason', models.CharField(blank=True, max_length=200)),
                ('cluster_identifier', models.DecimalField(decimal_places=0, max_digits=20)),
                ('epoch', models.IntegerField(default=1)),
                ('last_tick_at', models.DateTimeField(null=True)),
                ('held_until', models.DateTimeField(null=True)),
                ('paused_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'engine_control',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='engine_control_one_row')],
            },
        ),
        migrations.CreateModel(
            name='EngineEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('topic', models.CharField(max_length=80)),
                ('handler', models.CharField(max_length=80)),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.BigIntegerField()),
                ('payload', models.JSONField(default=dict)),
                ('created_at', models.DateTimeField()),
                ('run_at', models.DateTimeField()),
                ('failures', models.IntegerField(default=0)),
                ('last_error', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'db_table': 'engine_event',
                'indexes': [models.Index(fields=['handler', 'subject_type', 'subject_id', 'id'], name='engine_event_order'), models.Index(fields=['run_at'], name='engine_event_due')],
            },
        ),
        migrations.CreateModel(
            name='EngineInbound',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=80)),
                ('message_id', models.CharField(max_length=200)),
                ('body', models.JSONField(default=dict)),
                ('state', models.CharField(default='new', max_length=8)),
                ('tries', models.SmallIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('received_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'engine_inbound',
                'indexes': [models.Index(condition=models.Q(('state', 'new')), fields=['source', 'id'], name='engine_inbound_new')],
                'constraints': [models.UniqueConstraint(fields=('source', 'message_id'), name='engine_inbound_once'), models.CheckConstraint(condition=models.Q(('state__in', ('new', 'done', 'failed'))), name='engine_inbound_state')],
            },
        ),
        migrations.CreateModel(
            name='Job',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=80)),
                ('args', models.JSONField(default=dict)),
                ('queue', models.CharField(default='default', max_length=20)),
                ('unique_key', models.CharField(blank=True, max_length=200)),
                ('state', models.CharField(default='queued', max_length=12)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('max_attempts', models.SmallIntegerField(default=3)),
                ('run_at', models.DateTimeField()),
                ('hinted_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('lease_token', models.UUIDField(null=True)),
                ('lease_holder', models.CharField(blank=True, max_length=120)),
                ('progress', models.JSONField(default=dict)),
                ('result', models.JSONField(default=dict)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('created_at', models.DateTimeField()),
                ('final_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ('queued', 'running'))), fields=['run_at'], name='engine_job_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('state__in', ('queued', 'running')), models.Q(('unique_key', ''), _negated=True)), fields=('unique_key',), name='engine_job_live_once'), models.CheckConstraint(condition=models.Q(('state__in', ('queued', 'running', 'done', 'failed', 'cancelled'))), name='engine_job_state'), models.CheckConstraint(condition=models.Q(models.Q(('lease_token__isnull', False), ('lease_until__isnull', False), ('state', 'running')), models.Q(models.Q(('state', 'running'), _negated=True), ('lease_token__isnull', True), ('lease_until__isnull', True)), _connector='OR'), name='engine_job_lease')],
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=80)),
                ('dedup_key', models.CharField(max_length=200)),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.BigIntegerField()),
                ('endpoint_ref', models.CharField(blank=True, max_length=80)),
                ('severity', models.CharField(max_length=8)),
                ('is_acknowledgeable', models.BooleanField(default=False)),
                ('is_private', models.BooleanField(default=False)),
                ('is_unrouted', models.BooleanField(default=False)),
                ('context', models.JSONField(default=dict)),
                ('state', models.CharField(default='open', max_length=16)),
                ('expires_at', models.DateTimeField(null=True)),
                ('created_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('acknowledged_at', models.DateTimeField(null=True)),
                ('acknowledged_via', models.CharField(blank=True, max_length=8)),
                ('settled_at', models.DateTimeField(null=True)),
                ('settled_reason', models.CharField(blank=True, max_length=120)),
                ('acknowledged_by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('deadline', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='notices', to='engine.deadline')),
                ('recipient', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['recipient', '-created_at', '-id'], name='engine_notice_inbox'), models.Index(fields=['subject_type', 'subject_id'], name='engine_notice_subject'), models.Index(condition=models.Q(('expires_at__isnull', False), ('state', 'open')), fields=['expires_at'], name='engine_notice_ends'), models.Index(condition=models.Q(('state', 'open')), fields=['created_at'], name='engine_notice_open')],
                'constraints': [models.UniqueConstraint(fields=('dedup_key',), name='engine_notice_told_once'), models.CheckConstraint(condition=models.Q(models.Q(('endpoint_ref', ''), ('recipient__isnull', False)), models.Q(('recipient__isnull', True), models.Q(('endpoint_ref', ''), _negated=True)), _connector='OR'), name='engine_notice_one_recipient'), models.CheckConstraint(condition=models.Q(('state__in', ('open', 'acknowledged', 'settled', 'expired', 'exhausted'))), name='engine_notice_state'), models.CheckConstraint(condition=models.Q(('severity__in', ('page', 'warn', 'info', 'digest'))), name='engine_notice_severity'), models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', False), ('state', 'acknowledged')), models.Q(models.Q(('state', 'acknowledged'), _negated=True), ('acknowledged_at__isnull', True)), _connector='OR'), name='engine_notice_acknowledged')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                ('channel', models.CharField(max_length=40)),
                ('destination_ref', models.CharField(max_length=80)),
                ('address', portal.core.secrets.EncryptedText()),
                ('repeat_no', models.SmallIntegerField(default=0)),
                ('state', models.CharField(default='queued', max_length=12)),
                ('attempts', models.SmallIntegerField(default=0)),
                ('ambiguous', models.SmallIntegerField(default=0)),
                ('batch_id', models.UUIDField(null=True)),
                ('run_at', models.DateTimeField()),
                ('claimed_at', models.DateTimeField(null=True)),
                ('hinted_at', models.DateTimeField(null=True)),
                ('lease_until', models.DateTimeField(null=True)),
                ('lease_token', models.UUIDField(null=True)),
                ('lease_holder', models.CharField(blank=True, max_length=120)),
                ('provider_message_id', models.CharField(blank=True, max_length=200)),
                ('provider_seq', models.BigIntegerField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('delivered_at', models.DateTimeField(null=True)),
                ('final_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('last_error', models.CharField(blank=True, max_length=500)),
                ('notice', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='engine.notice')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'queued')), fields=['run_at'], name='engine_delivery_due'), models.Index(condition=models.Q(('state', 'sending')), fields=['lease_until'], name='engine_delivery_leases'), models.Index(condition=models.Q(('claimed_at__isnull', False)), fields=['channel', 'destination_ref', '-claimed_at'], name='engine_delivery_claimed'), models.Index(condition=models.Q(('provider_message_id', ''), _negated=True), fields=['channel', 'provider_message_id'], name='engine_delivery_provider'), models.Index(condition=models.Q(('batch_id__isnull', False)), fields=['batch_id'], name='engine_delivery_batch')],
                'constraints': [models.UniqueConstraint(fields=('notice', 'channel', 'destination_ref', 'repeat_no'), name='engine_delivery_once'), models.CheckConstraint(condition=models.Q(('state__in', ('queued', 'sending', 'sent', 'delivered', 'cancelled', 'dead'))), name='engine_delivery_state'), models.CheckConstraint(condition=models.Q(models.Q(('lease_token__isnull', False), ('lease_until__isnull', False), ('state', 'sending')), models.Q(models.Q(('state', 'sending'), _negated=True), ('lease_token__isnull', True), ('lease_until__isnull', True)), _connector='OR'), name='engine_delivery_lease')],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.SmallIntegerField()),
                ('phase', models.CharField(choices=[('claimed', 'claimed'), ('result', 'result'), ('receipt', 'receipt')], max_length=8)),
                ('outcome', models.CharField(blank=True, max_length=12)),
                ('status_code', models.SmallIntegerField(null=True)),
                ('error', models.CharField(blank=True, max_length=500)),
                ('duration_ms', models.IntegerField(null=True)),
                ('holder', models.CharField(blank=True, max_length=120)),
                ('lease_token', models.UUIDField(null=True)),
                ('at', models.DateTimeField()),
                ('delivery', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attempt_rows', to='engine.delivery')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('phase', 'claimed')), fields=('delivery', 'number'), name='engine_attempt_claimed_once')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attempt',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='d7c0ec711e7d986649a63a6d32ee2c0228275586', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_b67a4', table='engine_attempt', when='BEFORE')),
        ),
        migrations.RunSQL(
            sql="""
                ALTER TABLE engine_delivery SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
                ALTER TABLE engine_deadline SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
                ALTER TABLE engine_event SET (autovacuum_vacuum_scale_factor = 0.01);
            """,
            reverse_sql="""
                ALTER TABLE engine_delivery RESET (fillfactor, autovacuum_vacuum_scale_factor);
                ALTER TABLE engine_deadline RESET (fillfactor, autovacuum_vacuum_scale_factor);
                ALTER TABLE engine_event RESET (autovacuum_vacuum_scale_factor);
            """,
        ),
    ]
