"""`manage.py check_manifest FILE [--base FILE]`: what a pull request would do to the register."""

from __future__ import annotations

from portal.site.checking import CheckCommand


class Command(CheckCommand):
    """Exit 0, 1 or 2; writes nothing."""

    help = "Check a dbt manifest: owners, references on their way out, contracts."
    check_name = "manifest"
