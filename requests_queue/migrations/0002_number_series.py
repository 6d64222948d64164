"""Numbers of requests come from a sequence of their own: a gap proves nothing (spec resolutions 1.2)."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("requests_queue", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="CREATE SEQUENCE requests_queue_number START 1",
            reverse_sql="DROP SEQUENCE requests_queue_number",
        )
    ]
