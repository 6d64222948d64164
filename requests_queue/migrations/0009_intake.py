"""Tickets at desks upstream, revisions of messages, and the analyst beside a desk."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('oncall', '0004_calendars_imports'),
        ('requests_queue', '0008_request_indexes'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='requestmessage',
            name='deleted_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='requestmessage',
            name='edited_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='teamdesk',
            name='partner',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='partner_of_desks', to=settings.AUTH_USER_MODEL),
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
        pgtrigger.migrations.AddTrigger(
            model_name='messagerevision',
            trigger=pgtrigger.compiler.Trigger(name='append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='2871ea9f4d2fffaaa315b307007a0c576083a19a', operation='UPDATE OR DELETE', pgid='pgtrigger_append_only_8cdad', table='requests_queue_messagerevision', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='requestupstream',
            constraint=models.UniqueConstraint(fields=('request', 'ticket'), name='requests_upstream_once'),
        ),
    ]
