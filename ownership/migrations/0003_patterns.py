"""Patterns, their cells, and gaps; which pattern each domain has at an instant."""

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('ownership', '0002_evidence'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
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
                ('pattern', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='ownership.pattern')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('pattern', 'discipline', 'kind'), name='ownership_crossingrule_cell'), models.CheckConstraint(condition=models.Q(('verdict__in', ('ok', 'crossing', 'ask'))), name='ownership_crossingrule_verdict'), models.CheckConstraint(condition=models.Q(('direction__in', ('up', 'down', 'none'))), name='ownership_crossingrule_direction'), models.CheckConstraint(condition=models.Q(('discipline__in', ('SE', 'DE', 'AE', 'DA', 'DS'))), name='ownership_crossingrule_discipline'), models.CheckConstraint(condition=models.Q(models.Q(('base__gte', 1), ('base__lte', 4), ('verdict', 'crossing')), models.Q(models.Q(('verdict', 'crossing'), _negated=True), ('base', 0), ('direction', 'none')), _connector='OR'), name='ownership_crossingrule_base')],
            },
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
        migrations.RunSQL(
            # Of each domain its own pattern at the instant, else that of the nearest domain above.
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
            reverse_sql="DROP FUNCTION ownership_patterns_at(timestamptz);",
        ),
    ]
