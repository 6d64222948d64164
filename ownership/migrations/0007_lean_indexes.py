import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def few(name):
    """An index of the few rows in which the column is set, built beside running writes."""
    return AddIndexConcurrently(
        model_name="asset",
        index=models.Index(
            condition=models.Q((f"{name}__isnull", False)), fields=[name], name=f"ownership_asset_by_{name}"
        ),
    )


def of_asset(name, related_name):
    """The same column without an index of all rows."""
    return migrations.AlterField(
        model_name="asset",
        name=name,
        field=models.ForeignKey(
            blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
            related_name=related_name, to="ownership.asset",
        ),
    )  # fmt: skip


class Migration(migrations.Migration):
    """Indexes that cost each new asset a write and that another one, or one of fewer rows, replaces."""

    atomic = False
    dependencies = [("ownership", "0006_staged_reach")]

    operations = [
        few("documents"),
        few("replaces"),
        few("merged_into"),
        of_asset("documents", "documented_by"),
        of_asset("replaces", "replaced_by"),
        of_asset("merged_into", "merged_from"),
        migrations.AlterField(
            model_name="asset",
            name="domain",
            field=models.ForeignKey(
                blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT,
                related_name="assets", to="ownership.domain",
            ),
        ),
        migrations.AlterField(
            model_name="column",
            name="asset",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="columns",
                to="ownership.asset",
            ),
        ),
    ]  # fmt: skip
