"""People, and what does not speak of other tables."""

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import portal.accounts.domain.vocabulary
import portal.core.secrets
import re
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('accounts', '0001_initial'), ('accounts', '0002_handles_and_reach'), ('accounts', '0003_lengths'), ('accounts', '0004_away_and_leaving')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('handle', models.CharField(max_length=40, unique=True, validators=[django.core.validators.RegexValidator(re.compile('^[a-z0-9][a-z0-9._-]{1,39}\\Z'))])),
                ('name', models.CharField(max_length=120)),
                ('email', models.EmailField(max_length=254, null=True)),
                ('kind', models.CharField(default=portal.accounts.domain.vocabulary.PersonKind['PERSON'], max_length=10)),
                ('state', models.CharField(default=portal.accounts.domain.vocabulary.PersonState['ACTIVE'], max_length=10)),
                ('is_admin', models.BooleanField(default=False)),
                ('is_auditor', models.BooleanField(default=False)),
                ('purpose', models.CharField(blank=True, max_length=200)),
                ('zone', models.CharField(default='UTC', max_length=64)),
                ('night_from', models.TimeField(default='22:00')),
                ('night_to', models.TimeField(default='07:00')),
                ('theme', models.CharField(blank=True, max_length=5)),
                ('keys_enabled', models.BooleanField(default=True)),
                ('hold_while_away', models.BooleanField(default=True)),
                ('joined_at', models.DateTimeField()),
                ('deactivated_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='Absence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('first_on', models.DateField(null=True)),
                ('last_on', models.DateField(null=True)),
                ('kind', models.CharField(default=portal.accounts.domain.vocabulary.AbsenceKind['AWAY'], max_length=10)),
                ('source', models.CharField(default='hand', max_length=10)),
                ('external_id', models.CharField(max_length=300, null=True)),
                ('note', portal.core.secrets.EncryptedText(blank=True)),
                ('briefing', models.TextField(blank=True, max_length=2000)),
                ('cancelled_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='AbsenceFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', portal.core.secrets.EncryptedText()),
                ('etag', models.CharField(blank=True, max_length=200)),
                ('connected_at', models.DateTimeField()),
                ('read_at', models.DateTimeField(null=True)),
                ('failed_at', models.DateTimeField(null=True)),
                ('error', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('public_id', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('prefix', models.CharField(max_length=16, unique=True)),
                ('secret_hash', models.CharField(max_length=128)),
                ('scopes', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), size=None)),
                ('networks', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=50), default=list, size=None)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(null=True)),
                ('last_used_from', models.GenericIPAddressField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='ContactMethod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('channel', models.CharField(max_length=20)),
                ('label', models.CharField(blank=True, max_length=60)),
                ('address', portal.core.secrets.EncryptedText()),
                ('address_hash', models.CharField(max_length=64)),
                ('state', models.CharField(default='unverified', max_length=10)),
                ('code_hash', models.CharField(blank=True, max_length=64)),
                ('code_expires_at', models.DateTimeField(null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('verified_at', models.DateTimeField(null=True)),
                ('tested_at', models.DateTimeField(null=True)),
                ('disabled_reason', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='Deactivation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='DeactivationStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=60)),
                ('state', models.CharField(default='todo', max_length=6)),
                ('error', models.CharField(blank=True, max_length=300)),
                ('done_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Deputy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('during', django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ('reason', models.CharField(blank=True, max_length=300)),
                ('ended_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'deputies',
            },
        ),
        migrations.CreateModel(
            name='Endpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('kind', models.CharField(max_length=10)),
                ('address', portal.core.secrets.EncryptedText()),
                ('secrets', portal.core.secrets.EncryptedText(blank=True)),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=80), default=list, size=None)),
                ('is_active', models.BooleanField(default=True)),
                ('first_failed_at', models.DateTimeField(null=True)),
                ('disabled_at', models.DateTimeField(null=True)),
                ('disabled_reason', models.CharField(blank=True, max_length=200)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='FallbackRecipient',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(unique=True)),
            ],
        ),
        migrations.CreateModel(
            name='Follow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('subject_type', models.CharField(max_length=80)),
                ('subject_id', models.BigIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name='Grant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=20)),
                ('during', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('reason', models.CharField(max_length=300)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='IdentityAlias',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('system', models.CharField(max_length=20)),
                ('key', models.CharField(max_length=300)),
                ('shown', models.CharField(max_length=300)),
                ('is_nobody', models.BooleanField(default=False)),
                ('state', models.CharField(default='suggested', max_length=10)),
                ('confidence', models.DecimalField(decimal_places=2, default=1, max_digits=3)),
                ('source', models.CharField(default='hand', max_length=20)),
                ('decided_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'identity aliases',
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(default='invite', max_length=10)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('discipline', models.CharField(blank=True, max_length=2)),
                ('secret_hash', models.CharField(max_length=64, unique=True)),
                ('created_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(null=True)),
                ('revoked_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('during', django.contrib.postgres.fields.ranges.DateRangeField()),
                ('discipline', models.CharField(blank=True, max_length=2)),
                ('role', models.CharField(default=portal.accounts.domain.vocabulary.Role['MEMBER'], max_length=6)),
                ('fte_percent', models.PositiveSmallIntegerField(default=100)),
                ('is_main', models.BooleanField(default=True)),
                ('source', models.CharField(default='hand', max_length=10)),
                ('end_reason', models.CharField(blank=True, max_length=200)),
            ],
        ),
        migrations.CreateModel(
            name='NotificationRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('severity', models.CharField(max_length=6)),
                ('delay_seconds', models.PositiveIntegerField(default=0)),
                ('repeat_every_seconds', models.PositiveIntegerField(null=True)),
                ('repeat_max', models.PositiveSmallIntegerField(default=0)),
                ('window', models.CharField(default='always', max_length=13)),
            ],
        ),
        migrations.CreateModel(
            name='Organization',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(default='Our organization', max_length=120)),
                ('urgency_tokens', models.PositiveSmallIntegerField(default=3)),
            ],
        ),
        migrations.CreateModel(
            name='Team',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=60, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('discipline', models.CharField(blank=True, max_length=2)),
                ('model', models.CharField(default='centralized', max_length=12)),
                ('zone', models.CharField(default='UTC', max_length=64)),
                ('is_system', models.BooleanField(default=False)),
                ('archived_at', models.DateTimeField(null=True)),
                ('version', models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name='TeamProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('discipline', models.CharField(blank=True, max_length=2)),
                ('source', models.CharField(default='self', max_length=10)),
                ('state', models.CharField(default='open', max_length=9)),
                ('made_at', models.DateTimeField()),
                ('decided_at', models.DateTimeField(null=True)),
            ],
        ),
    ]
