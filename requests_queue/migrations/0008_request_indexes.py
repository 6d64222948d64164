from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    """Lists over all requests by due instant, and words inside titles as `icontains` asks for them."""

    dependencies = [("requests_queue", "0007_answers")]

    operations = [
        migrations.AddIndex(
            model_name="datarequest",
            index=models.Index(fields=["due_at", "id"], name="requests_request_all_due"),
        ),
        migrations.AddIndex(
            model_name="datarequest",
            index=GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="requests_request_title_part"),
        ),
    ]
