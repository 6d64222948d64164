"""Daily seals over the history that is never rewritten."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_imports'),
    ]

    operations = [
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
    ]
