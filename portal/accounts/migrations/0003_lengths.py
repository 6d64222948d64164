"""Limits on lengths of time, which Django's constraints cannot say."""

from django.db import migrations

CHECKS = [
    (
        "accounts_person",
        "accounts_person_night",
        "night_to - night_from >= interval '6 hours'"
        " OR (night_to < night_from AND night_to - night_from + interval '24 hours' >= interval '6 hours')",
    ),
    ("accounts_deputy", "accounts_deputy_length", "upper(during) - lower(during) <= interval '92 days'"),
    ("accounts_absence", "accounts_absence_length", "upper(during) - lower(during) <= interval '400 days'"),
    ("accounts_apitoken", "accounts_apitoken_life", "expires_at <= created_at + interval '366 days'"),
]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_handles_and_reach")]

    operations = [
        migrations.RunSQL(
            f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})",
            f"ALTER TABLE {table} DROP CONSTRAINT {name}",
        )
        for table, name, condition in CHECKS
    ]
