"""Columns of edges, their age, the version of the graph, and closures to download."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


# Every statement that changes edges, or how assets look in a picture, leaves the number of its transaction.
PULSED = {
    "ownership_edge": "edge",
    "ownership_asset": "look",
    "ownership_ownership": "look",
    "ownership_assetstatus": "look",
}
PULSE = """
CREATE FUNCTION ownership_pulse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO ownership_graphpulse AS pulse (what, transaction_number, statements)
    VALUES (TG_ARGV[0], txid_current(), 1)
    ON CONFLICT (what, transaction_number) DO UPDATE SET statements = pulse.statements + 1;
    RETURN NULL;
END $$;
"""


def on(table: str, what: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        sql=f"""
            CREATE TRIGGER ownership_pulse AFTER INSERT OR UPDATE OR DELETE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ownership_pulse('{what}')
        """,
        reverse_sql=f"DROP TRIGGER ownership_pulse ON {table}",
    )


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0003_imports'),
        ('ownership', '0005_imports'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='edge',
            name='stale_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name='GraphPulse',
            fields=[
                ('pk', models.CompositePrimaryKey('what', 'transaction_number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('what', models.CharField(max_length=5)),
                ('statements', models.IntegerField(default=1)),
                ('transaction_number', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('what__in', ['edge', 'look'])), name='ownership_graphpulse_what')],
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
        migrations.RunSQL(sql=PULSE, reverse_sql="DROP FUNCTION ownership_pulse()"),
        *[on(table, what) for table, what in PULSED.items()],
    ]
