"""Deliveries change often: room on each page for the next version of a row, and an eager vacuum."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("engine", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql="""
                ALTER TABLE engine_delivery SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
                ALTER TABLE engine_deadline SET (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.01);
                ALTER TABLE engine_event SET (autovacuum_vacuum_scale_factor = 0.01);
            """,
            reverse_sql="""
                ALTER TABLE engine_delivery RESET (fillfactor, autovacuum_vacuum_scale_factor);
                ALTER TABLE engine_deadline RESET (fillfactor, autovacuum_vacuum_scale_factor);
                ALTER TABLE engine_event RESET (autovacuum_vacuum_scale_factor);
            """,
        ),
    ]
