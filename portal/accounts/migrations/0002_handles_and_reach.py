"""Handles and grants as the database itself keeps them."""

import django.contrib.postgres.constraints
import django.db.models.functions.comparison
import portal.accounts.domain.vocabulary
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('core', '0003_imports'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='grant',
            name='accounts_grant_once',
        ),
        migrations.RemoveConstraint(
            model_name='person',
            name='accounts_person_service',
        ),
        migrations.AddConstraint(
            model_name='grant',
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(condition=models.Q(('revoked_at__isnull', True)), expressions=[('person', '='), (django.db.models.functions.comparison.Coalesce('team', 0, output_field=models.BigIntegerField()), '='), ('name', '='), ('during', '&&')], name='accounts_grant_once'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(('handle__regex', '^[a-z0-9][a-z0-9._-]{1,39}$')), name='accounts_person_handle'),
        ),
        migrations.AddConstraint(
            model_name='person',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', portal.accounts.domain.vocabulary.PersonKind['SERVICE']), _negated=True), models.Q(('email__isnull', True), ('is_admin', False), ('is_auditor', False), ('owner_team__isnull', False), ('password__startswith', '!')), _connector='OR'), name='accounts_person_service'),
        ),
    ]
