"""The end of the demo workspace."""

from __future__ import annotations

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction

from portal.accounts.models import Person
from portal.core.errors import Conflict, NotAllowed
from portal.core.models import Setting
from portal.core.provisioning import OWNER, seed_all
from portal.site.services.demo import SETTING

KEPT = {"django_content_type", "django_migrations", "auth_permission"}
DEMO_ADDRESS = "@demo.example"


@transaction.atomic
def reset_demo() -> int:
    """Empty every table but those Django itself needs, write the seeds again; returns how many tables.

    Raises `Conflict` when this is no demo or real people are in it, `NotAllowed` without the owner's role.
    """
    if not Setting.objects.filter(pk=SETTING).exists():
        raise Conflict("site.no_demo", "This workspace is not the demo; nothing was removed.")
    if Person.objects.exclude(email__endswith=DEMO_ADDRESS).exists():
        raise Conflict("site.real_people", "Real people are in this workspace; nothing was removed.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [OWNER])
        row = cursor.fetchone()
    if not row or not row[0]:
        raise NotAllowed("site.owner_only", f"Connect as {OWNER}: the application may not empty tables.")
    tables = sorted({model._meta.db_table for model in apps.get_models(include_auto_created=True)} - KEPT)  # noqa: SLF001 (Django's public name for a model's table)
    connection.ops.execute_sql_flush(connection.ops.sql_flush(no_style(), tables, reset_sequences=True))
    seed_all()
    return len(tables)
