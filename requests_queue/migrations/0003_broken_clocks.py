"""The broken promises of a period are found by their instant."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("requests_queue", "0002_attainment_by_day")]

    operations = [
        AddIndexConcurrently(
            model_name="slaclock",
            index=models.Index(
                condition=models.Q(
                    ("breach_at__isnull", False), ("state__in", ["running", "paused", "breached_closed"])
                ),
                fields=["breach_at"],
                name="requests_clock_broken",
            ),
        )
    ]
