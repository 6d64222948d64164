"""Where files come from, what each run found, and what was not understood."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0002_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportSource",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("importer", models.CharField(max_length=40)),
                ("name", models.CharField(max_length=320, unique=True)),
                ("scope", models.CharField(blank=True, max_length=300)),
                ("precedence", models.SmallIntegerField(default=0)),
                ("cadence_hours", models.IntegerField(blank=True, null=True)),
                ("options", models.JSONField(default=dict)),
                ("is_active", models.BooleanField(default=True)),
                ("created_at", models.DateTimeField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("importer", "scope"), name="core_importsource_scope")],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("importer", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("parsing", "Parsing"),
                            ("planned", "Planned"),
                            ("applying", "Applying"),
                            ("applied", "Applied"),
                            ("failed", "Failed"),
                            ("discarded", "Discarded"),
                            ("expired", "Expired"),
                        ],
                        max_length=10,
                    ),
                ),
                ("file_name", models.CharField(blank=True, max_length=255)),
                ("sha256", models.CharField(blank=True, max_length=64)),
                ("bytes", models.BigIntegerField(default=0)),
                ("options", models.JSONField(default=dict)),
                ("counts", models.JSONField(default=dict)),
                ("plan", models.JSONField(default=dict)),
                ("progress", models.JSONField(default=dict)),
                ("created_at", models.DateTimeField()),
                ("planned_at", models.DateTimeField(null=True)),
                ("applied_at", models.DateTimeField(null=True)),
                (
                    "actor",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "base_run",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.importrun"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="core.importsource",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportIssue",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[("fatal", "Fatal"), ("error", "Error"), ("warning", "Warning"), ("info", "Info")],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(max_length=60)),
                ("message", models.CharField(max_length=500)),
                ("line", models.IntegerField(null=True)),
                ("column", models.IntegerField(null=True)),
                ("pointer", models.CharField(blank=True, max_length=1200)),
                ("record", models.CharField(blank=True, max_length=1000)),
                ("sample", models.CharField(blank=True, max_length=200)),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="issues", to="core.importrun"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["run", "id"], name="core_importissue_run")],
            },
        ),
        migrations.AddIndex(
            model_name="importrun",
            index=models.Index(fields=["source", "state", "-id"], name="core_importrun_source"),
        ),
        migrations.AddConstraint(
            model_name="importrun",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "applying")), fields=("source",), name="core_importrun_one_applying"
            ),
        ),
    ]
