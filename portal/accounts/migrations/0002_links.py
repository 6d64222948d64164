"""Teams, calendars of people, absences, tokens, leaving, and the lengths that hold."""

import django.contrib.postgres.constraints
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
import portal.accounts.domain.vocabulary
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_handles_and_reach'), ('accounts', '0003_lengths'), ('accounts', '0004_away_and_leaving')]

    initial = True

    dependencies = [
        ('accounts', '0001_tables'),
        ('core', '0001_tables'),
    ]

    operations = [
        migrations.AddField(
            model_name='person',
            name='calendar',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.businesscalendar'),
        ),
        migrations.AddField(
            model_name='absence',
            name='cancelled_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absence',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='absences', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='absencefeed',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='absence_feed', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='api_tokens', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='replaced_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='replaces', to='accounts.apitoken'),
        ),
        migrations.AddField(
            model_name='apitoken',
            name='revoked_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='contactmethod',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contact_methods', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='deactivation',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='deactivation',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deactivations', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='deactivationstep',
            name='deactivation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='steps', to='accounts.deactivation'),
        ),
        migrations.AddField(
            model_name='deputy',
            name='absence',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deputies', to='accounts.absence'),
        ),
        migrations.AddField(
            model_name='deputy',
            name='deputy',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deputy_for', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='deputy',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='deputies', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='fallbackrecipient',
            name='endpoint',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.endpoint'),
        ),
        migrations.AddField(
            model_name='fallbackrecipient',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='follow',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='follows', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='grant',
            name='given_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='grant',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='grants', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='identityalias',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='identityalias',
            name='person',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='accepted_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='invited_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='membership',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notificationrule',
            name='contact_method',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rules', to='accounts.contactmethod'),
        ),
        migrations.AddField(
            model_name='notificationrule',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notification_rules', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='organization',
            name='calendar',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.businesscalendar'),
        ),
        migrations.AddField(
            model_name='organization',
            name='head_of_data',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='team',
            name='calendar',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.businesscalendar'),
        ),
        migrations.AddField(
            model_name='team',
            name='host_team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='hosted_teams', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='team',
            name='parent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='children', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='membership',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='identityalias',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='aliases', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='grant',
            name='team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='grants', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='endpoint',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='endpoints', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='person',
            name='owner_team',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='service_persons', to='accounts.team'),
        ),
        migrations.AddField(
            model_name='teamproposal',
            name='decided_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='teamproposal',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='team_proposals', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='teamproposal',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='accounts.team'),
        ),
        migrations.AddIndex(
            model_name='absence',
            index=django.contrib.postgres.indexes.GistIndex(condition=models.Q(('cancelled_at__isnull', True)), fields=['during'], name='accounts_absence_live'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.UniqueConstraint(fields=('person', 'source', 'external_id'), name='accounts_absence_external'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [portal.accounts.domain.vocabulary.AbsenceKind['AWAY'], portal.accounts.domain.vocabulary.AbsenceKind['SICK'], portal.accounts.domain.vocabulary.AbsenceKind['TRAINING'], portal.accounts.domain.vocabulary.AbsenceKind['REST']])), name='accounts_absence_kind'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(('during__isempty', False)), name='accounts_absence_during'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('first_on__isnull', True), ('last_on__isnull', True)), models.Q(('first_on__isnull', False), ('last_on__isnull', False)), _connector='OR'), name='accounts_absence_dates'),
        ),
        migrations.AddConstraint(
            model_name='absence',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('cancelled_at__isnull', True), ('source', 'hand')), expressions=[('person', '='), ('during', '&&')], name='accounts_absence_once'),
        ),
        migrations.AddConstraint(
            model_name='apitoken',
            constraint=models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('created_at'))), name='accounts_apitoken_expires'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='06e72bdb10c7bb0d91abe412a059716293c45e0a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_21180', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_apitoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='9d4fa10b9110f975511c64893fa0a325eb4ae46d', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_d9fd9', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_apitoken', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='apitoken',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='916d6273e9ecf6b5b072bdab99059a16263d815f', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_fe16d', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_apitoken', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='contactmethod',
            constraint=models.UniqueConstraint(fields=('person', 'channel', 'address_hash'), name='accounts_contactmethod_once'),
        ),
        migrations.AddConstraint(
            model_name='contactmethod',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['unverified', 'verified', 'disabled'])), name='accounts_contactmethod_state'),
        ),
        migrations.AddConstraint(
            model_name='deactivation',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at', None)), fields=('person',), name='accounts_deactivation_one'),
        ),
        migrations.AddConstraint(
            model_name='deactivationstep',
            constraint=models.UniqueConstraint(fields=('deactivation', 'key'), name='accounts_deactivationstep_once'),
        ),
        migrations.AddConstraint(
            model_name='deactivationstep',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('done_at__isnull', False), ('state', 'done')), models.Q(('done_at', None), ('state__in', ['todo', 'failed'])), _connector='OR'), name='accounts_deactivationstep_state'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=models.CheckConstraint(condition=models.Q(('person', models.F('deputy')), _negated=True), name='accounts_deputy_other'),
        ),
        migrations.AddConstraint(
            model_name='deputy',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('ended_at__isnull', True)), expressions=[('person', '='), ('during', '&&')], name='accounts_deputy_one'),
        ),
        migrations.AddConstraint(
            model_name='fallbackrecipient',
            constraint=models.CheckConstraint(condition=models.Q(('person__isnull', True), ('endpoint__isnull', True), _connector='XOR'), name='accounts_fallback_exactly_one'),
        ),
        migrations.AddIndex(
            model_name='follow',
            index=models.Index(fields=['subject_type', 'subject_id'], name='accounts_follow_subject'),
        ),
        migrations.AddConstraint(
            model_name='follow',
            constraint=models.UniqueConstraint(fields=('person', 'subject_type', 'subject_id'), name='accounts_follow_once'),
        ),
        migrations.AddConstraint(
            model_name='notificationrule',
            constraint=models.CheckConstraint(condition=models.Q(('severity__in', ['page', 'warn', 'info', 'digest'])), name='accounts_rule_severity'),
        ),
        migrations.AddConstraint(
            model_name='notificationrule',
            constraint=models.CheckConstraint(condition=models.Q(('delay_seconds__lte', 3600)), name='accounts_rule_delay'),
        ),
        migrations.AddConstraint(
            model_name='notificationrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('repeat_every_seconds__isnull', True), ('repeat_max', 0)), models.Q(('repeat_every_seconds__gte', 60), ('repeat_every_seconds__lte', 3600), ('repeat_max__lte', 10)), _connector='OR'), name='accounts_rule_repeat'),
        ),
        migrations.AddConstraint(
            model_name='notificationrule',
            constraint=models.CheckConstraint(condition=models.Q(('window', 'always'), models.Q(('window__in', ['working_hours', 'outside_hours']), models.Q(('severity', 'page'), _negated=True)), _connector='OR'), name='accounts_rule_window'),
        ),
        migrations.AddConstraint(
            model_name='organization',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='accounts_organization_one'),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.CheckConstraint(condition=models.Q(('discipline__in', [portal.accounts.domain.vocabulary.Discipline['SE'], portal.accounts.domain.vocabulary.Discipline['DE'], portal.accounts.domain.vocabulary.Discipline['AE'], portal.accounts.domain.vocabulary.Discipline['DA'], portal.accounts.domain.vocabulary.Discipline['DS'], portal.accounts.domain.vocabulary.Discipline['NONE']])), name='accounts_team_discipline'),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.CheckConstraint(condition=models.Q(('model__in', ['centralized', 'embedded'])), name='accounts_team_model'),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.CheckConstraint(condition=models.Q(('host_team__isnull', True), models.Q(('model', 'embedded'), models.Q(('host_team', models.F('id')), _negated=True)), _connector='OR'), name='accounts_team_host'),
        ),
        migrations.AddConstraint(
            model_name='team',
            constraint=models.CheckConstraint(condition=models.Q(('parent__isnull', True), models.Q(('parent', models.F('id')), _negated=True), _connector='OR'), name='accounts_team_parent'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='team',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='aca109ad6c95ba3a41f8214b3eefedc450170f1e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_5a26d', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='team',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='be2712111dddf45e0017f2d6306f6f9198ca097c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_648f8', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_team', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='team',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='05a568ec51421cebd1bafea53b6b68bb3b16f3d7', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_ffffa', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_team', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='membership',
            index=django.contrib.postgres.indexes.GistIndex(fields=['during'], name='accounts_membership_during'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(expressions=[('person', '='), ('team', '='), ('during', '&&')], name='accounts_membership_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('is_main', True)), expressions=[('person', '='), ('during', '&&')], name='accounts_membership_one_main'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', [portal.accounts.domain.vocabulary.Role['MEMBER'], portal.accounts.domain.vocabulary.Role['LEAD']])), name='accounts_membership_role'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('discipline__in', [portal.accounts.domain.vocabulary.Discipline['SE'], portal.accounts.domain.vocabulary.Discipline['DE'], portal.accounts.domain.vocabulary.Discipline['AE'], portal.accounts.domain.vocabulary.Discipline['DA'], portal.accounts.domain.vocabulary.Discipline['DS'], portal.accounts.domain.vocabulary.Discipline['NONE']])), name='accounts_membership_discipline'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('fte_percent__gte', 1), ('fte_percent__lte', 100)), name='accounts_membership_fte'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('during__isempty', False)), name='accounts_membership_days'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='1ca9a68a86892f79a874aa24751ab154b5a8caa1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_427a9', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='8ed1cb1773289a01ce56e7358db08d09c3c84ba0', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_56d84', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_membership', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='membership',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='cca165eb2bc7da8cd7bf39cf642ad2ad977c7e00', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_b6cf4', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_membership', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='invitation',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['invite', 'setup'])), name='accounts_invitation_kind'),
        ),
        migrations.AddConstraint(
            model_name='identityalias',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'confirmed')), fields=('system', 'key'), name='accounts_identityalias_once'),
        ),
        migrations.AddConstraint(
            model_name='identityalias',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['suggested', 'confirmed', 'rejected'])), name='accounts_identityalias_state'),
        ),
        migrations.AddConstraint(
            model_name='identityalias',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'confirmed'), _negated=True), models.Q(('is_nobody', False), ('person__isnull', False), ('team__isnull', True)), models.Q(('is_nobody', False), ('person__isnull', True), ('team__isnull', False)), models.Q(('is_nobody', True), ('person__isnull', True), ('team__isnull', True)), _connector='OR'), name='accounts_identityalias_one_answer'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', [portal.accounts.domain.vocabulary.GrantName['TRIAGE'], portal.accounts.domain.vocabulary.GrantName['APPROVE_BUDGET'], portal.accounts.domain.vocabulary.GrantName['EXEMPT'], portal.accounts.domain.vocabulary.GrantName['LOCK_PLAN'], portal.accounts.domain.vocabulary.GrantName['EXCUSE_CLOCK'], portal.accounts.domain.vocabulary.GrantName['VOTE']])), name='accounts_grant_name'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=models.CheckConstraint(condition=models.Q(('team__isnull', False), ('name', portal.accounts.domain.vocabulary.GrantName['EXEMPT']), _connector='OR'), name='accounts_grant_reach'),
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('revoked_at__isnull', True)), expressions=[('person', '='), (django.db.models.functions.comparison.Coalesce('team', 0, output_field=models.BigIntegerField()), '='), ('name', '='), ('during', '&&')], name='accounts_grant_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='ea9122fc643b23726a8700510ab46196d7c063cc', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_a5f92', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_grant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='486f8a07454354ec20e86456e2b3abbea1c87975', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_bd694', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_grant', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='grant',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='c1f1b1d45d43d52cdc65551a996a38d307f10e3c', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_660a5', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_grant', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['webhook', 'slack', 'mail'])), name='accounts_endpoint_kind'),
        ),
        migrations.AddConstraint(
            model_name='endpoint',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'webhook'), ('topics', []), _connector='OR'), name='accounts_endpoint_topics'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='accounts_person_email'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', [portal.accounts.domain.vocabulary.PersonKind['PERSON'], portal.accounts.domain.vocabulary.PersonKind['SERVICE']])), name='accounts_person_kind'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', [portal.accounts.domain.vocabulary.PersonState['INVITED'], portal.accounts.domain.vocabulary.PersonState['ACTIVE'], portal.accounts.domain.vocabulary.PersonState['LEAVING'], portal.accounts.domain.vocabulary.PersonState['INACTIVE']])), name='accounts_person_state'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('theme__in', ['', 'light', 'dark'])), name='accounts_person_theme'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('handle__regex', '^[a-z0-9][a-z0-9._-]{1,39}$')), name='accounts_person_handle'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', portal.accounts.domain.vocabulary.PersonKind['SERVICE']), _negated=True), models.Q(('email__isnull', True), ('is_admin', False), ('is_auditor', False), ('owner_team__isnull', False), ('password__startswith', '!')), _connector='OR'), name='accounts_person_service'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('is_admin', True), ('is_auditor', True), _negated=True), name='accounts_person_one_flag'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('deactivated_at__isnull', False), ('state', portal.accounts.domain.vocabulary.PersonState['INACTIVE'])), models.Q(models.Q(('state', portal.accounts.domain.vocabulary.PersonState['INACTIVE']), _negated=True), ('deactivated_at__isnull', True)), _connector='OR'), name='accounts_person_deactivated'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='watched_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM new_rows AS new_row LEFT JOIN new_rows AS old_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='53657f4f6d05cec70e7443c1986a6787132744d7', level='STATEMENT', operation='INSERT', pgid='pgtrigger_watched_insert_f22ae', referencing='REFERENCING NEW TABLE AS new_rows ', table='accounts_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='watched_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row JOIN new_rows AS new_row USING (id), LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='7a186a47773ba3b55230656612ad027c4d89b555', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_watched_update_e55dc', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='accounts_person', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='person',
            trigger=pgtrigger.compiler.Trigger(name='watched_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nINSERT INTO core_rowchange (table_name, row_key, operation, columns)\nSELECT TG_TABLE_NAME, coalesce(to_jsonb(new_row), to_jsonb(old_row)) ->> 'id', TG_OP, changed.columns\nFROM old_rows AS old_row LEFT JOIN old_rows AS new_row ON false, LATERAL (\n    SELECT array_agg(key ORDER BY key) AS columns\n    FROM jsonb_each(coalesce(to_jsonb(new_row), to_jsonb(old_row))) AS field(key, value)\n    WHERE to_jsonb(old_row) -> key IS DISTINCT FROM to_jsonb(new_row) -> key\n) AS changed\nWHERE changed.columns IS NOT NULL;\nRETURN NULL;\n", hash='9b752dd68cf720488d8be396786397244a618be3', level='STATEMENT', operation='DELETE', pgid='pgtrigger_watched_delete_51338', referencing='REFERENCING OLD TABLE AS old_rows ', table='accounts_person', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='teamproposal',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'open')), fields=('person', 'team'), name='accounts_teamproposal_open'),
        ),
        migrations.AddConstraint(
            model_name='teamproposal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('state', 'open')), models.Q(('decided_at__isnull', False), ('state__in', ['accepted', 'declined', 'withdrawn'])), _connector='OR'), name='accounts_teamproposal_state'),
        ),
        migrations.RunSQL(
            sql="ALTER TABLE accounts_person ADD CONSTRAINT accounts_person_night CHECK (night_to - night_from >= interval '6 hours' OR (night_to < night_from AND night_to - night_from + interval '24 hours' >= interval '6 hours'))",
            reverse_sql='ALTER TABLE accounts_person DROP CONSTRAINT accounts_person_night',
        ),
        migrations.RunSQL(
            sql="ALTER TABLE accounts_deputy ADD CONSTRAINT accounts_deputy_length CHECK (upper(during) - lower(during) <= interval '92 days')",
            reverse_sql='ALTER TABLE accounts_deputy DROP CONSTRAINT accounts_deputy_length',
        ),
        migrations.RunSQL(
            sql="ALTER TABLE accounts_absence ADD CONSTRAINT accounts_absence_length CHECK (upper(during) - lower(during) <= interval '400 days')",
            reverse_sql='ALTER TABLE accounts_absence DROP CONSTRAINT accounts_absence_length',
        ),
        migrations.RunSQL(
            sql="ALTER TABLE accounts_apitoken ADD CONSTRAINT accounts_apitoken_life CHECK (expires_at <= created_at + interval '366 days')",
            reverse_sql='ALTER TABLE accounts_apitoken DROP CONSTRAINT accounts_apitoken_life',
        ),
    ]
