"""`manage.py check_schema FILE [--base FILE]`: what a pull request would do to the register."""

from __future__ import annotations

from portal.site.checking import CheckCommand


class Command(CheckCommand):
    """Exit 0, 1 or 2; writes nothing."""

    help = "Say who would lose a column: dbt, ODCS, JSON Schema or Avro."
    check_name = "schema"
