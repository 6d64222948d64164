from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The list of a domain in the order of names; built beside running writes."""

    atomic = False
    dependencies = [("ownership", "0004_grain")]

    operations = [
        AddIndexConcurrently(
            model_name="asset",
            index=models.Index(
                condition=models.Q(("retired_at", None)), fields=["domain", "name", "id"], name="ownership_asset_by_name"
            ),
        ),
    ]
