"""Staged rows are found by run and key; an index of the run alone is dropped."""

import django.db.models.deletion
from django.db import migrations, models


def found_by_key(model_name):
    run = models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.DO_NOTHING,
        related_name="+",
        to="core.importrun",
    )
    return migrations.AlterField(model_name=model_name, name="run", field=run)


class Migration(migrations.Migration):
    dependencies = [("core", "0003_imports"), ("ownership", "0008_boundaries")]

    operations = [
        found_by_key("stagedasset"),
        found_by_key("stagedclaim"),
        found_by_key("stagedcolumn"),
        found_by_key("stageddetail"),
        found_by_key("stagededge"),
    ]
